"""What the loaders share: their options, the files of a tree, and what a wrong count leads to."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.apps.bench.utterances import SHOWN, Dataset, listed
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.bounded_csv import Record, TextFile
from imigue_build.core.untrusted.files import Kind

SUFFIXES: Final = (".wav", ".flac", ".ogg")
PARTIAL: Final = "get the whole corpus, or take what is here with --allow-partial"
NOTHING: Final = ("", "nan", "none", "null")
"""What tables write where there is no label."""
_TABLE: Final = Kind("table", UsageError, "name a readable file", 256 * 2**20)


@dataclass(frozen=True)
class Options:
    """What a user says beside the root: a file of labels, and whether a part of a corpus will do."""

    labels: Path | None = None
    allow_partial: bool = False


WHOLE: Final = Options()


class Rows(NamedTuple):
    """The rows of a table, cells without spaces around them, and what a reader of it should know."""

    rows: list[Record]
    warnings: tuple[str, ...]


def sounds(root: Path, suffixes: Sequence[str] = SUFFIXES) -> list[Path]:
    """The sound files under a folder, sorted; hidden ones are left out.

    Raises:
        UsageError: If it is no folder or holds none.
    """
    require_folder(root)
    found = [
        path
        for path in root.rglob("*")
        if path.suffix.lower() in suffixes
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
        and path.is_file()
    ]
    if not found:
        raise UsageError(f"{root} holds no sound file ({', '.join(suffixes)})", "name the corpus's folder as --root")
    return sorted(found)


def require_folder(root: Path) -> None:
    """Refuses what is no folder.

    Raises:
        UsageError: If it is none.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is no folder", "name the corpus's folder as --root")


def text_of(path: Path) -> str:
    """A text file.

    Raises:
        UsageError: If it cannot be read, is too large or binary.
    """
    return _file(path).text()


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file that hold something, without their ends, counted from 1."""
    for number, line in enumerate(_file(path).lines(), 1):
        if line.strip():
            yield number, line.rstrip()


def table(path: Path, required: Sequence[str]) -> Rows:
    """The rows of a CSV with a header.

    Raises:
        UsageError: If it is none, or lacks a column.
    """
    file = _file(path)
    rows = [
        Record(line, {name: field.strip() for name, field in fields.items()}) for line, fields in file.table(required)
    ]
    return Rows(rows, file.warnings)


def _file(path: Path) -> TextFile:
    return TextFile(path, _TABLE, max_lines=sys.maxsize)


def faulty(path: Path, faults: Sequence[str]) -> UsageError:
    """The error of a file with faults, the first of them listed."""
    more = [f"... and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
    if len(faults) == 1:
        return UsageError(f"{path}, {faults[0]}", "correct it")
    return UsageError(f"{path} has {len(faults)} faults:\n  " + "\n  ".join([*faults[:SHOWN], *more]), "correct them")


def unmatched(name: str, silent: Sequence[str]) -> str:
    """What is said of labels without sound; nothing where there are none."""
    return f"{name}: {len(silent)} labels have no sound file: {listed(sorted(silent))}" if silent else ""


def judged(dataset: Dataset, fault: str, stray: Sequence[str], options: Options) -> Dataset:
    """The dataset, with its faults as warnings where a part will do.

    Raises:
        UsageError: If counts are wrong, or there are files without a label, and `--allow-partial` was not given.
    """
    faults = [fault] if fault else []
    if stray:
        faults.append(f"{dataset.name}: {len(stray)} sound files have no label: {listed(sorted(stray))}")
    if faults and not options.allow_partial:
        raise UsageError("\n  ".join(faults), PARTIAL)
    return dataclasses.replace(dataset, warnings=(*dataset.warnings, *faults))
