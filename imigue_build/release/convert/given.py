"""Splits that a table gives, such as a published protocol's: by interview, or by subject."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from imigue_build.corpus import csvfile, padded
from imigue_build.errors import UsageError
from imigue_build.release.convert.formats import WHOLE
from imigue_build.userfiles import shown

_USUAL: Final = {"val": "dev", "valid": "dev", "validation": "dev"}
_KEYS: Final = ("video_id", "subject_id")
_NAME: Final = re.compile("[A-Za-z][A-Za-z0-9_]{0,31}")


def read_splits(path: Path, subjects: Mapping[str, str]) -> dict[str, str]:
    """Split by interview, for the interviews (video id -> subject, or empty) that the table names.

    Args:
        path: A CSV with the columns `video_id` and `split`, or `subject_id` and `split`.
        subjects: All interviews.

    Raises:
        UsageError: If it is no such table, contradicts itself, or fits no interview.
    """
    parts: dict[str, tuple[str, int]] = {}
    key = ""
    for line, fields in csvfile.rows(path, ("split",)):
        key = next((name for name in _KEYS if name in fields), "")
        if not key:
            raise UsageError(f"{shown(path)} has neither {' nor '.join(_KEYS)}", "give it one of these columns")
        name, split = fields[key].strip(), fields["split"].strip()
        split = _USUAL.get(split.casefold(), split)
        name = padded(name) if key == "video_id" else name
        if not name or not _NAME.fullmatch(split) or split.casefold() == WHOLE:
            what = f"{shown(path)}, line {line}: {key} {shown(name)!r}, split {shown(split)!r}"
            raise UsageError(what, f"name splits by letters and digits, such as train, and none {WHOLE}")
        known, at = parts.setdefault(name, (split, line))
        if known != split:
            what = f"{shown(path)}, line {line}: {shown(name)} is in {split}, on line {at} in {known}"
            raise UsageError(what, "keep one")
    if key == "subject_id" and not any(subjects.values()):
        raise UsageError(f"{shown(path)} is by subject, but no subject is known", "name --subjects too")
    named = {video_id: subject if key == "subject_id" else video_id for video_id, subject in subjects.items()}
    found = {video_id: parts[name][0] for video_id, name in named.items() if name in parts}
    if not found:
        raise UsageError(f"{shown(path)} names no interview of the release", "check its ids")
    if len(folded := {split.casefold() for split in found.values()}) != len(set(found.values())):
        raise UsageError(
            f"{shown(path)} has splits that differ in case alone", f"name them {', '.join(sorted(folded))}"
        )
    return found


def across(found: Mapping[str, str], subjects: Mapping[str, str]) -> list[str]:
    """The subjects that are in more than one split."""
    splits: dict[str, set[str]] = {}
    for video_id, split in found.items():
        if subjects.get(video_id):
            splits.setdefault(subjects[video_id], set()).add(split)
    return sorted(subject for subject, of in splits.items() if len(of) > 1)
