"""The three formats of iMiGUE's gesture labels, each split into fields.

- long: a CSV with a header, `video_id,label_id,start_time,start_frame,end_time,end_frame,class,subject_id,...`;
  times or frames may be missing, other columns may follow, in any order.
- raw: `<id>.txt`, lines `start<tab>end<tab>class.0`.
- challenge: `<id>_label.csv` without a header, lines `class,start_frame,end_frame`.

The format of a file is detected from its content and, where that is ambiguous, from its name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import UsageError, abridged
from imigue_build.core.untrusted.bounded_csv import Fault, TextFile, column_name, misfit, other_separator, plain
from imigue_build.core.untrusted.csv_rows import Row
from imigue_build.core.untrusted.files import Kind, shown
from imigue_build.core.untrusted.formula_cells import restored
from imigue_build.corpus import padded

SUFFIXES: Final = (".csv", ".txt")
MAX_FILES: Final = 50_000
_LABELS: Final = Kind("labels", UsageError, "name a readable CSV file")
_CHALLENGE: Final = "_label"
_LONG: Final = ("video_id", "class")
_TIMES: Final = ("start_time", "end_time")
_FRAMES: Final = ("start_frame", "end_frame")
_COLUMNS: Final = (*_LONG, "label_id", *_TIMES, *_FRAMES, "subject_id", "win_or_lose")


class Draft(NamedTuple):
    """The fields of a line as written; empty if the format or the line lacks them. `error` says what is wrong."""

    line: int
    video_id: str = ""
    number: str = ""
    label_id: str = ""
    start_time: str = ""
    end_time: str = ""
    start_frame: str = ""
    end_frame: str = ""
    subject_id: str = ""
    win_or_lose: str = ""
    error: str = ""


class Form(NamedTuple):
    """A file's lines, and warnings; `name` is `long`, `raw`, `challenge`, or empty if it has no known format."""

    name: str
    drafts: tuple[Draft, ...]
    warnings: tuple[str, ...] = ()


def files(labels: Path) -> list[Path]:
    """The files that may contain labels: the given file, or all files in a folder, sorted.

    Raises:
        UsageError: If there are none.
    """
    if not os.path.isdir(labels):
        if not os.path.lexists(labels):
            raise UsageError(f"--labels {shown(labels)} does not exist", "name a table or a folder of gesture labels")
        return [labels]
    found: list[Path] = []
    for parent, folders, names in os.walk(labels):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in names if _is_candidate(name)]
        if len(found) > MAX_FILES:
            raise UsageError(
                f"--labels {shown(labels)} holds more than {MAX_FILES} files", "name the folder of the gesture labels"
            )
    if not found:
        raise UsageError(
            f"--labels {shown(labels)} holds no {' or '.join(SUFFIXES)} file", "name the folder of the gesture labels"
        )
    return sorted(found)


def _is_candidate(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(SUFFIXES)


def read(path: Path) -> Form:
    """Reads a file.

    Raises:
        UsageError: If it cannot be read.
    """
    file = TextFile(path, _LABELS)
    warnings = file.warnings
    stem = path.stem
    if path.suffix.lower() == ".txt":
        lines = [(number, line) for number, line in enumerate(file.lines(), 1) if line.strip()]
        if not lines or _are_numbers(lines[0][1].split()):
            return Form("raw", tuple(_raw(padded(stem), lines)), warnings)
        return Form("", (), warnings)
    table = list(file.rows())
    header = [column_name(field) for field in table[0].fields] if table else []
    if set(_LONG) <= set(header):
        return Form("long", tuple(_long(file, header, table)), warnings)
    if table and (plural := other_separator(table[0].fields, _LONG)):
        raise file.faulty([Fault(table[0].line, f"columns are separated by {plural}; save the table with commas")])
    if stem.lower().endswith(_CHALLENGE) or (header and _are_numbers(header)):
        stem = stem[: -len(_CHALLENGE)] if stem.lower().endswith(_CHALLENGE) else stem
        return Form("challenge", tuple(_challenge(padded(stem), table)), warnings)
    return Form("", (), warnings)


def _are_numbers(fields: Sequence[str]) -> bool:
    """Whether these are the three numbers of a line in raw or challenge format."""
    return len(fields) == 3 and all(field.strip().replace(".", "", 1).lstrip("-").isdecimal() for field in fields)


def _long(file: TextFile, header: list[str], table: list[Row]) -> Iterator[Draft]:
    if not (set(_TIMES) <= set(header) or set(_FRAMES) <= set(header)):
        remedy = f"give it {' and '.join(_TIMES)}, or {' and '.join(_FRAMES)}, or both"
        raise UsageError(
            f"{shown(file.path)} has no columns with the times of gestures, only {abridged(shown(', '.join(header)))}",
            remedy,
        )
    if duplicates := sorted({name for name in header if name in _COLUMNS and header.count(name) > 1}):
        raise UsageError(f"{shown(file.path)} has the column {', '.join(duplicates)} twice", "keep one")
    indices = {"number" if name == "class" else name: header.index(name) for name in _COLUMNS if name in header}
    for row in table[1:]:
        if fault := misfit(row, table[0]):
            yield Draft(fault.line, error=fault.what)
        else:
            cells = {name: _cell(row.fields[index]) for name, index in indices.items()}
            yield Draft(row.line, **{**cells, "video_id": padded(cells["video_id"])})


def _cell(field: str) -> str:
    return restored(plain(field)) if "'" in field else plain(field)


def _raw(video_id: str, lines: Sequence[tuple[int, str]]) -> Iterator[Draft]:
    for line, text in lines:
        fields = text.split()
        if len(fields) == 3:
            yield Draft(line, video_id, number=fields[2], start_time=fields[0], end_time=fields[1])
        else:
            yield Draft(line, video_id, error=f"{len(fields)} fields; a line is start, end, class")


def _challenge(video_id: str, table: Sequence[tuple[int, list[str]]]) -> Iterator[Draft]:
    for line, fields in table:
        row = [plain(field) for field in fields]
        if len(row) == 3:
            yield Draft(line, video_id, number=row[0], start_frame=row[1], end_frame=row[2])
        else:
            yield Draft(line, video_id, error=f"{len(row)} fields; a line is class,start_frame,end_frame")
