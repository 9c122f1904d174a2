"""Which interviews of a release a person should look at first, and why. It reads the release alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from imigue_build.core.errors import ReleaseError, abridged
from imigue_build.core.untrusted.files import shown
from imigue_build.release.reading import REMEDY, check_release, read_rows
from imigue_build.release.schema.layout import MANIFEST, PROVENANCE

DOUBTFUL: Final = 0.75
"""Below this confidence of its roles an interview is to be looked at."""
_UNALIGNED: Final = 0.2


class Item(NamedTuple):
    """An interview to look at; `confidence` is of its roles, in [0, 1]."""

    video_id: str
    reason: str
    confidence: float


class _Word(msgspec.Struct):
    aligned: bool


class _Row(msgspec.Struct):
    video_id: str
    role_confidence: float | None
    words: list[_Word]
    asr_confidence: float | None = None


class _Provenance(msgspec.Struct):
    videos: dict[str, Any] = {}


def review(release: Path) -> list[Item]:
    """The doubtful interviews, worst first: roles, corrections that no longer fit, words without a place.

    Raises:
        UsageError: If it is no release.
        ReleaseError: If its manifest or provenance cannot be read.
    """
    check_release(release)
    rows = list(read_rows(release / MANIFEST, _Row))
    try:
        videos = msgspec.json.decode((release / PROVENANCE).read_bytes(), type=_Provenance).videos
    except (OSError, ValueError, RecursionError) as error:
        raise ReleaseError(f"{shown(release / PROVENANCE)} cannot be read ({abridged(str(error))})", REMEDY) from error
    by_id: dict[str, list[_Row]] = {}
    for row in rows:
        by_id.setdefault(row.video_id, []).append(row)
    items = [_item(video_id, by_id.get(video_id, []), entry) for video_id, entry in sorted(videos.items())]
    found = [item for item in items if item is not None]
    return sorted(found, key=lambda item: (item.confidence, item.video_id))


def _item(video_id: str, rows: list[_Row], entry: Any) -> Item | None:
    entry = entry if isinstance(entry, dict) else {}
    confidence = min((row.role_confidence for row in rows if row.role_confidence is not None), default=0.0)
    doubts = [str(reason) for reason in _list(entry.get("role_doubts"))]
    reasons = doubts or (["the roles are not sure"] if confidence < DOUBTFUL else [])
    lost = _lost(entry.get("overrides"))
    reasons += [f"a correction no longer fits: {text}" for text in lost]
    words = [word for row in rows for word in row.words]
    unaligned = sum(not word.aligned for word in words) / len(words) if words else 1.0
    if unaligned > _UNALIGNED:
        reasons.append(f"{100 * unaligned:.0f} % of its words could not be aligned" if words else "it has no words")
    if not (confidence < DOUBTFUL or lost or unaligned > _UNALIGNED):
        return None
    return Item(video_id, "; ".join(reasons), confidence)


def _lost(overrides: Any) -> list[str]:
    fixes = [fix for kind in overrides.values() for fix in _list(kind)] if isinstance(overrides, dict) else []
    return [str(fix.get("text", "")) for fix in fixes if isinstance(fix, dict) and fix.get("applied") is False]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
