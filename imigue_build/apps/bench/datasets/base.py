"""What the loaders share: their options, the files of a tree, and what a wrong count leads to."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.apps.bench.utterances import SHOWN, Dataset, listed
from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import open_regular

SUFFIXES: Final = (".wav", ".flac", ".ogg")
PARTIAL: Final = "get the whole corpus, or take what is here with --allow-partial"
NOTHING: Final = ("", "nan", "none", "null")
"""What tables write where there is no label."""
MAX_TEXT: Final = 256 * 2**20
"""Largest table of labels that is read, in bytes."""


@dataclass(frozen=True)
class Options:
    """What a user says beside the root: a file of labels, and whether a part of a corpus will do."""

    labels: Path | None = None
    allow_partial: bool = False


WHOLE: Final = Options()


class Row(NamedTuple):
    """A row of a table: its line, counted from 1, and its fields by column."""

    line: int
    fields: dict[str, str]


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
    """A text file in UTF-8, or else in Latin-1.

    Raises:
        UsageError: If it cannot be read, is too large or binary.
    """
    try:
        with open_regular(path) as file:
            data = file.read(MAX_TEXT + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})", "name a readable file") from error
    if len(data) > MAX_TEXT:
        raise UsageError(f"{path} has more than {MAX_TEXT // 2**20} MiB", "name a table of labels")
    if b"\0" in data:
        raise UsageError(f"{path} is no text", "save it as text in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file that hold something, without their ends, counted from 1."""
    # not by str.splitlines: sentences may hold U+2028 and U+0085, which end no line of a file
    for number, line in enumerate(io.StringIO(text_of(path), newline=None), 1):
        if line.strip():
            yield number, line.rstrip()


def table(path: Path, required: Sequence[str]) -> list[Row]:
    """The rows of a CSV with a header; column names in lower case, fields without spaces around them.

    Raises:
        UsageError: If it is none, or lacks a column.
    """
    reader = csv.reader(io.StringIO(text_of(path), newline=""), strict=True)
    try:
        records = [(reader.line_num, fields) for fields in reader if any(field.strip() for field in fields)]
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: not CSV ({error})", "check the quotation marks") from error
    header = [name.strip().lower() for name in records[0][1]] if records else []
    if lacking := [name for name in required if name not in header]:
        what = f"{path} has no column {', '.join(lacking)}; it has {', '.join(header) or 'none'}"
        raise UsageError(what, "give it a first line with the names of its columns, separated by commas")
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise UsageError(f"{path} has the column {', '.join(twice)} twice", "keep one")
    wrong = [f"line {line}: {len(fields)} fields" for line, fields in records[1:] if len(fields) != len(header)]
    if wrong:
        raise faulty(path, [f"{one} where the header has {len(header)}" for one in wrong])
    return [
        Row(line, {name: field.strip() for name, field in zip(header, fields, strict=True)})
        for line, fields in records[1:]
    ]


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
