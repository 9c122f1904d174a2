"""The measures as a table has them: their columns, and the text of each cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "WER": ("wer", ""),
    "cpWER": ("cpwer", ""),
    "DER": ("der", ""),
    "DER\n0.25 s\ncollar": ("der_collar_025", ""),
    "JER": ("jer", ""),
    "speak-\ners": ("word_speaker_accuracy", ""),
    "roles": ("role_accuracy", ""),
    "word\nms": ("word_boundary", "median_ms"),
    "phone\nms": ("phone_boundary", "median_ms"),
}
"""By heading the measure, and the part of it that is shown; empty for the measure itself."""


def cell(measures: Mapping[str, Any], key: str, part: str) -> str:
    """A measure's value.

    >>> cell({"wer": 0.12345, "der": None}, "wer", ""), cell({"der": None}, "der", "")
    ('0.123', '-')
    """
    value = (measures[key] or {}).get(part) if part else measures[key]
    if value is None:
        return "-"
    return f"{value:.1f}" if part.endswith("_ms") else f"{value:.3f}"
