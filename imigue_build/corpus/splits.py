"""A table that puts interviews, or subjects, into splits, such as a published protocol's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import UsageError, abridged
from imigue_build.core.untrusted.bounded_csv import TextFile, plain
from imigue_build.core.untrusted.files import shown
from imigue_build.core.untrusted.formula_cells import restored
from imigue_build.corpus.discovery import padded

_KEYS: Final = ("video_id", "subject_id")


class SplitTable(NamedTuple):
    """A table of splits: `parts` is split by interview or by subject, as `key` says."""

    path: Path
    key: str
    parts: dict[str, str]
    warnings: tuple[str, ...] = ()

    def of(self, subjects: Mapping[str, str]) -> dict[str, str]:
        """Video id -> split, for those interviews (video id -> subject, or empty) that the table names.

        Raises:
            UsageError: If it is by subject and no subject is known.
        """
        if self.key == "subject_id" and not any(subjects.values()):
            raise UsageError(f"{shown(self.path)} is by subject, but no subject is known", "name --subjects too")
        named = {video_id: subject if self.key == "subject_id" else video_id for video_id, subject in subjects.items()}
        return {video_id: self.parts[name] for video_id, name in named.items() if name in self.parts}


def read_split_table(path: Path, split_of: Callable[[str], str | None], remedy: str) -> SplitTable:
    """Reads a CSV with the columns `video_id` and `split`, or `subject_id` and `split`.

    Args:
        path: The file.
        split_of: The split that a cell names; None where it names none.
        remedy: What to do about such a cell.

    Raises:
        UsageError: If it is no such table, or contradicts itself.
    """
    file = TextFile(path)
    parts: dict[str, tuple[str, int]] = {}
    key = ""
    for line, fields in file.table(("split",)):
        key = next((name for name in _KEYS if name in fields), "")
        if not key:
            raise UsageError(
                f"{shown(path)} has neither {' nor '.join(_KEYS)}, only {abridged(shown(', '.join(fields)))}",
                "give it one of these columns",
            )
        name, cell = restored(plain(fields[key])), plain(fields["split"])
        name = padded(name) if key == "video_id" else name
        split = split_of(cell)
        if split is None or not name:
            raise UsageError(f"{shown(path)}, line {line}: {key} {shown(name)!r}, split {shown(cell)!r}", remedy)
        known, at = parts.setdefault(name, (split, line))
        if known != split:
            what = f"{shown(path)}, line {line}: {shown(name)} is in {split}, on line {at} in {known}"
            raise UsageError(what, "keep one")
    if not parts:
        raise UsageError(f"{shown(path)} has a header and no row", "give it a row for each subject or video")
    return SplitTable(path, key, {name: split for name, (split, _) in parts.items()}, file.warnings)
