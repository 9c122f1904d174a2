"""Splits that a table gives, such as those of a published protocol: by interview, or by subject."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from imigue_build.apps.convert.formats import WHOLE
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus.splits import read_split_table

_USUAL: Final = {"val": "dev", "valid": "dev", "validation": "dev"}
_NAME: Final = re.compile("[A-Za-z][A-Za-z0-9_]{0,31}")


def read_splits(path: Path, subjects: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Split by interview, for the interviews (video id -> subject, or empty) that the table names; and warnings.

    Args:
        path: A CSV with the columns `video_id` and `split`, or `subject_id` and `split`.
        subjects: All interviews.

    Raises:
        UsageError: If it is no such table, contradicts itself, or fits no interview.
    """
    remedy = f"name splits by letters and digits, such as train, and none {WHOLE}"
    table = read_split_table(path, _split, remedy)
    found = table.of(subjects)
    if not found:
        raise UsageError(f"{shown(path)} names no interview of the release", "check its ids")
    if len(folded := {split.casefold() for split in found.values()}) != len(set(found.values())):
        raise UsageError(
            f"{shown(path)} has splits that differ in case alone", f"name them {', '.join(sorted(folded))}"
        )
    return found, table.warnings


def _split(cell: str) -> str | None:
    name = _USUAL.get(cell.casefold(), cell)
    return name if _NAME.fullmatch(name) and name.casefold() != WHOLE else None


def across(splits: Mapping[str, str], subjects: Mapping[str, str]) -> list[str]:
    """The subjects that are in more than one split."""
    found: dict[str, set[str]] = {}
    for video_id, split in splits.items():
        if subjects.get(video_id):
            found.setdefault(subjects[video_id], set()).add(split)
    return sorted(subject for subject, own in found.items() if len(own) > 1)
