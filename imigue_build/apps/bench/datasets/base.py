"""Shared parts of the loaders: options, files, tables, and checks for completeness."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.apps.bench.utterances import SHOWN, Dataset, listed
from imigue_build.core.errors import UsageError
from imigue_build.core.plurals import clause, counted
from imigue_build.core.untrusted.bounded_csv import Record, TextFile
from imigue_build.core.untrusted.files import Kind

SUFFIXES: Final = (".wav", ".flac", ".ogg")
PARTIAL: Final = "get the whole corpus, or use --allow-partial"
NOTHING: Final = ("", "nan", "none", "null")
"""Table values that mean no label."""
_TABLE: Final = Kind("table", UsageError, "name a readable file", 256 * 2**20)


@dataclass(frozen=True)
class Options:
    """Options besides the root: a file of labels, and whether an incomplete corpus is accepted."""

    labels: Path | None = None
    allow_partial: bool = False


DEFAULT_OPTIONS: Final = Options()


class Rows(NamedTuple):
    """The rows of a table, stripped cells, and warnings."""

    rows: list[Record]
    warnings: tuple[str, ...]


def sounds(root: Path, suffixes: Sequence[str] = SUFFIXES) -> list[Path]:
    """The audio files in a folder tree, sorted, without hidden ones.

    Raises:
        UsageError: If it is not a folder or has none.
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
        raise UsageError(f"{root} has no audio file ({', '.join(suffixes)})", "name the corpus's folder as --root")
    return sorted(found)


def require_folder(root: Path) -> None:
    """Checks that the root is a folder.

    Raises:
        UsageError: If it is not.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder", "name the corpus's folder as --root")


def text_of(path: Path) -> str:
    """A text file.

    Raises:
        UsageError: If it cannot be read, is too large or binary.
    """
    return _file(path).text()


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The non-empty lines of a text file without line ends, with their numbers from 1."""
    for number, line in enumerate(_file(path).lines(), 1):
        if line.strip():
            yield number, line.rstrip()


def table(path: Path, required: Sequence[str]) -> Rows:
    """The rows of a CSV with a header.

    Raises:
        UsageError: If it is not CSV, or lacks a column.
    """
    file = _file(path)
    rows = [
        Record(line, {name: field.strip() for name, field in fields.items()}) for line, fields in file.table(required)
    ]
    return Rows(rows, file.warnings)


def _file(path: Path) -> TextFile:
    return TextFile(path, _TABLE, max_lines=sys.maxsize)


def faulty(path: Path, faults: Sequence[str]) -> UsageError:
    """The error of a file with faults; the first ones are listed."""
    more = [f"... and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
    if len(faults) == 1:
        return UsageError(f"{path}, {faults[0]}", "correct it")
    return UsageError(
        f"{path} has {counted(len(faults), 'fault')}:\n  " + "\n  ".join([*faults[:SHOWN], *more]), "correct them"
    )


def unmatched(name: str, silent: Sequence[str]) -> str:
    """A warning about labels without audio; empty if there are none."""
    many = clause(len(silent), "label", "has", "have")
    return f"{name}: {many} no audio file: {listed(sorted(silent))}" if silent else ""


def require_complete(dataset: Dataset, fault: str, unlabelled: Sequence[str], options: Options) -> Dataset:
    """The dataset; if `--allow-partial` was given, its faults become warnings.

    Raises:
        UsageError: If counts are wrong, or files have no label, and `--allow-partial` was not given.
    """
    faults = [fault] if fault else []
    if unlabelled:
        many = clause(len(unlabelled), "audio file", "has", "have")
        faults.append(f"{dataset.name}: {many} no label: {listed(sorted(unlabelled))}")
    if faults and not options.allow_partial:
        raise UsageError("\n  ".join(faults), PARTIAL)
    return dataclasses.replace(dataset, warnings=(*dataset.warnings, *faults))
