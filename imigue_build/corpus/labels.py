"""The label file: one row a video, from the release's `labels.csv` or iMiGUE's micro-gesture table.

The micro-gesture table has one row a gesture and repeats what is known of the video on each
(`video_id,label_id,start_time,...,subject_gender,subject_nationality,win_or_lose`); one row a
video is derived from it. All faults of a file are reported together, each with its line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import UsageError, abridged, first_few
from imigue_build.core.records import Label
from imigue_build.core.untrusted import csv_tables as tables
from imigue_build.core.untrusted.cells import Fault, cells, decoded, faulty, other_separator, plain
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus.discovery import Corpus, is_video_id, padded

COLUMNS: Final = ("video_id", "subject_gender", "subject_nationality", "win_or_lose")
_FACTS: Final = COLUMNS[1:]
_GESTURE_COLUMNS: Final = frozenset({"label_id", "class", "start_time", "start_frame"})
"""A table with any of these has one row a gesture, so that a video may have many rows."""

_OUTCOMES: Final = {"win": "Win", "lose": "Lose", "": ""}
_MOST_COLUMNS: Final = 1000


class Labels(NamedTuple):
    """What a label file says: video id -> its row, and what a reader of the file should know."""

    labels: dict[str, Label]
    warnings: tuple[str, ...]


class _Row(NamedTuple):
    """A line of the table: its number in the file and its fields by column."""

    line: int
    fields: dict[str, str]


def read_labels(path: Path) -> Labels:
    """The labels in `path`, a CSV table with the columns `COLUMNS` in any order.

    Raises:
        UsageError: If the file cannot be read, is no such table, or has faults; all of them are
            named, each with its line.
    """
    text, warnings = decoded(path)
    table = list(cells(path, text))
    if not table:
        raise UsageError(f"{shown(path)} is empty", f"a label file begins with the line {','.join(COLUMNS)}")
    header, places = _header(path, *table[0])
    faults: list[Fault] = []
    rows = [row for line, fields in table[1:] if (row := _row(line, fields, header, places, faults))]
    labels = _derived(rows, faults) if _GESTURE_COLUMNS & set(header) else _unique(rows, faults)
    if faults:
        raise faulty(path, faults)
    if not labels:
        raise UsageError(f"{shown(path)} has a header and no row", "give it one row a video")
    if undecided := sorted(name for name, label in labels.items() if not label.win_or_lose):
        warnings += (f"{shown(path)} gives no outcome for {_listed('video', undecided)}",)
    return Labels(dict(sorted(labels.items())), warnings)


def match(corpus: Corpus, labels: Labels) -> tuple[str, ...]:
    """Warnings: the videos that have no row, and the rows that have no video."""
    videos = {video.video_id for video in corpus.videos}
    refused = {padded(problem.path.stem) for problem in corpus.problems}
    unlabelled = sorted(videos - labels.labels.keys())
    idle = sorted(labels.labels.keys() - videos - refused)
    warnings = []
    if unlabelled:
        warnings.append(f"no label for {_listed('video', unlabelled)}: the label fields stay empty")
    if idle:
        warnings.append(f"no video for {_listed('label', idle)}: not in the release")
    return tuple(warnings)


def _listed(noun: str, ids: list[str]) -> str:
    return f"{len(ids)} {noun}{'s' if len(ids) > 1 else ''} ({first_few(ids, len(ids), ', ')})"


def _header(path: Path, line: int, fields: list[str]) -> tuple[list[str], dict[str, int]]:
    """The column names, and the place of each that is needed.

    Raises:
        UsageError: If a needed column is missing or there twice.
    """
    if len(fields) > _MOST_COLUMNS:
        raise faulty(path, [Fault(line, f"{len(fields)} columns; a label file has {len(COLUMNS)}, and some more")])
    header = [plain(field).lower() for field in fields]
    missing = [column for column in COLUMNS if column not in header]
    if not missing:
        twice = sorted({column for column in header if column in COLUMNS and header.count(column) > 1})
        if twice:
            raise faulty(path, [Fault(line, f"column {name} is there twice; keep one") for name in twice])
        return header, {column: header.index(column) for column in COLUMNS}
    if plural := other_separator(fields, COLUMNS):
        raise faulty(path, [Fault(line, f"columns are separated by {plural}; save the table with commas")])
    found = shown(",".join(fields))
    expected = f"expected {','.join(COLUMNS)} (more columns and another order are fine)"
    raise faulty(path, [Fault(line, f"no column {', '.join(missing)} in '{found[:120]}'; {expected}")])


def _row(line: int, fields: list[str], header: list[str], places: dict[str, int], faults: list[Fault]) -> _Row | None:
    """One row with its id and outcome in normal form; its faults are added to `faults`."""
    if len(fields) != len(header):
        wrong = f"{len(fields)} fields where the header has {len(header)}; quote fields that hold commas"
        faults.append(Fault(line, wrong))
        return None
    row = {column: tables.restored(plain(fields[place])) for column, place in places.items()}
    identifier = padded(row["video_id"])
    outcome = _OUTCOMES.get(row["win_or_lose"].casefold())
    if not is_video_id(identifier):
        wrong = f"video_id '{_told(identifier)}' is no id; use at most 64 letters, digits, '-' and '_'"
        faults.append(Fault(line, wrong))
    if outcome is None:
        faults.append(Fault(line, f"win_or_lose is '{_told(row['win_or_lose'])}'; write Win or Lose"))
    if outcome is None or not is_video_id(identifier):
        return None
    return _Row(line, {**row, "video_id": identifier, "win_or_lose": outcome})


def _unique(rows: list[_Row], faults: list[Fault]) -> dict[str, Label]:
    """One label a row; a second row of a video is a fault."""
    first: dict[str, _Row] = {}
    for row in rows:
        known = first.setdefault(row.fields["video_id"], row)
        if known is not row:
            wrong = f"video_id {row.fields['video_id']} is on line {known.line} too; keep one"
            faults.append(Fault(row.line, wrong))
    return {name: Label(**row.fields) for name, row in first.items()}


def _derived(rows: list[_Row], faults: list[Fault]) -> dict[str, Label]:
    """One label a video from rows that repeat it; rows that contradict the video's first are faults."""
    first: dict[str, _Row] = {}
    blamed: set[tuple[str, str]] = set()
    for row in rows:
        name = row.fields["video_id"]
        known = first.setdefault(name, row)
        for fact in _FACTS:
            if row.fields[fact] != known.fields[fact] and (name, fact) not in blamed:
                blamed.add((name, fact))
                values = f"'{_told(row.fields[fact])}', on line {known.line} '{_told(known.fields[fact])}'"
                faults.append(Fault(row.line, f"{fact} of video {name} is {values}; make them agree"))
    return {name: Label(**row.fields) for name, row in first.items()}


def _told(value: str) -> str:
    return abridged(shown(abridged(value)))
