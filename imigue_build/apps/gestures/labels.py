"""Reads gesture labels in any of the three formats. Each row is checked; an invalid row does not affect others."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.apps.gestures import forms
from imigue_build.apps.gestures.classes import CLASSES, LOADER_NUMBERS
from imigue_build.apps.gestures.forms import Draft
from imigue_build.core.errors import ImigueError, UsageError, abridged, first_few
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus import is_video_id

_NUMBER: Final = re.compile(r"[+-]?(\d{1,12}\.?\d{0,20}|\.\d{1,20})([eE][+-]?\d{1,2})?", re.ASCII)
_MAX_VALUE: Final = 1e7
"""Seconds or frames; no recording has as many."""
_OUTCOMES: Final = {"win": "Win", "lose": "Lose"}


class Problem(NamedTuple):
    """A problem with a row of the labels, or with a whole file (`line` is 0)."""

    file: str
    line: int
    message: str
    video_id: str = ""

    @property
    def row(self) -> str:
        """Its place as `FILE:LINE`, the file relative to the folder of labels; lines count from 1."""
        return f"{self.file}:{self.line}" if self.line else self.file


class Row(NamedTuple):
    """A labelled gesture: times in seconds, frames, or both, for its start and its end alike.

    `raw` means the raw format, whose times may be frames.
    """

    file: str
    line: int
    video_id: str
    label_id: str | None
    number: int
    start: float | None
    end: float | None
    start_frame: int | None
    end_frame: int | None
    raw: bool = False

    def problem(self, message: str) -> Problem:
        """A problem with this row."""
        return Problem(self.file, self.line, message, self.video_id)


class GestureLabels(NamedTuple):
    """All labels: rows by video, problems with other rows, the videos' subjects and outcomes.

    `total` is the number of rows that were read, including those with problems.
    """

    rows: dict[str, list[Row]]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    subjects: dict[str, str]
    outcomes: dict[str, str]
    total: int


def read_gestures(labels: Path) -> GestureLabels:
    """Reads the gestures of a table, or of all tables in a folder.

    Raises:
        UsageError: If there is no table of gestures.
    """
    reader = _Reader()
    paths = forms.files(labels)
    single = not labels.is_dir()
    for path in paths:
        name = shown(path.name if single else path.relative_to(labels).as_posix())
        try:
            form = forms.read(path)
        except ImigueError as error:
            if single:
                raise
            reader.problems.append(Problem(name, 0, str(error).replace(str(path), name)))
            continue
        if not form.name:
            reader.skipped.append(name)
            continue
        reader.read = True
        reader.warnings += [warning.replace(shown(path), name) for warning in form.warnings]
        reader.add(name, form)
    if not reader.read and not reader.problems:
        remedy = "give iMiGUE's long table, raw <id>.txt files or the challenge's <id>_label.csv files"
        raise UsageError(f"--labels {shown(labels)}: no file with gesture labels", remedy)
    return reader.labels()


class _Reader:
    """Collects rows; reports what concerns several rows once."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.skipped: list[str] = []
        self.read = False
        self._facts: dict[str, dict[str, str]] = {"subject_id": {}, "win_or_lose": {}}
        self._reported: set[tuple[str, str]] = set()
        self._files: dict[str, str] = {}
        self._seen: dict[tuple[object, ...], int] = {}
        self._renumbered: list[str] = []
        self._count = 0

    def add(self, file: str, form: forms.Form) -> None:
        if not form.drafts:
            self.problems.append(Problem(file, 0, "it has no gestures; remove it, or add some"))
        for draft in form.drafts:
            self._count += 1
            found = _row(file, draft, form.name == "raw")
            if isinstance(found, str):
                self.problems.append(Problem(file, draft.line, found, draft.video_id if not draft.error else ""))
            else:
                self._add_row(found, draft)

    def _add_row(self, row: Row, draft: Draft) -> None:
        first = self._files.setdefault(row.video_id, row.file)
        if first != row.file:
            if (row.video_id, row.file) not in self._reported:
                self._reported.add((row.video_id, row.file))
                self.problems.append(row.problem(f"video {row.video_id} has gestures in {first} too: those are used"))
            return
        known = self._seen.setdefault(
            (row.video_id, row.number, row.start, row.end, row.start_frame, row.end_frame), row.line
        )
        if known != row.line:
            self.problems.append(row.problem(f"the same gesture as on line {known}: it counts once"))
            return
        if _whole(draft.number) in LOADER_NUMBERS and row.file not in self._renumbered:
            self._renumbered.append(row.file)
        self._add_fact(row, "subject_id", draft.subject_id)
        self._add_fact(row, "win_or_lose", _OUTCOMES.get(draft.win_or_lose.casefold(), ""))
        self.rows.setdefault(row.video_id, []).append(row)

    def _add_fact(self, row: Row, fact: str, value: str) -> None:
        """Stores a fact that the rows of a video repeat."""
        if not value:
            return
        known = self._facts[fact].setdefault(row.video_id, value)
        if known != value and (row.video_id, fact) not in self._reported:
            self._reported.add((row.video_id, fact))
            message = f"{fact} of video {row.video_id} is {_shown(value)}, on an earlier row {_shown(known)}"
            self.problems.append(row.problem(f"{message}: that is used"))

    def labels(self) -> GestureLabels:
        if self.skipped:
            names = first_few(self.skipped, len(self.skipped), ", ")
            self.warnings.append(f"no gesture labels, skipped: {names}")
        if self._renumbered:
            names = first_few(self._renumbered, len(self._renumbered), ", ")
            self.warnings.append(
                f"class 32 is read as 99 (illustrative), the number of iMiGUE's data loaders, in {names}"
            )
        subjects, outcomes = self._facts["subject_id"], self._facts["win_or_lose"]
        return GestureLabels(self.rows, tuple(self.problems), tuple(self.warnings), subjects, outcomes, self._count)


def _row(file: str, draft: Draft, raw: bool) -> Row | str:
    """The gesture of a line, or its first error."""
    error = next(_errors(draft), None)
    if error:
        return error
    number = _whole(draft.number) or 0
    start, end = (_number(text) if text else None for text in (draft.start_time, draft.end_time))
    first, last = (_whole(text) if text else None for text in (draft.start_frame, draft.end_frame))
    label_id = draft.label_id or None
    return Row(
        file, draft.line, draft.video_id, label_id, LOADER_NUMBERS.get(number, number), start, end, first, last, raw
    )


def _errors(draft: Draft) -> Iterator[str]:
    """The errors of a line, the most important one first."""
    if draft.error:
        yield draft.error
    if not is_video_id(draft.video_id):
        yield f"video_id {_shown(draft.video_id)} is not an id"
    number = _whole(draft.number)
    if number is None:
        yield f"class {_shown(draft.number)} is not a number"
    elif LOADER_NUMBERS.get(number, number) not in CLASSES:
        yield f"unknown class {number}; the classes are 1 to 31, and 99"
    yield from _interval_errors((draft.start_time, draft.end_time), (draft.start_frame, draft.end_frame))


def _interval_errors(times: tuple[str, str], frames: tuple[str, str]) -> Iterator[str]:
    if not (any(times) or any(frames)):
        yield "neither times nor frames"
    if any(times):
        start, end = map(_number, times)
        if start is None or end is None:
            yield f"time {_shown(times[start is not None])} is not a number of seconds"
        elif end <= start:
            yield f"{'reversed' if end < start else 'empty'}: from {start:g} to {end:g} s"
    if any(frames):
        first, last = map(_whole, frames)
        if first is None or last is None:
            yield f"frame {_shown(frames[first is not None])} is not a frame number"
        elif last < first:
            yield f"reversed: from frame {first} to {last}"


@lru_cache(64)  # the fields of a row are parsed several times
def _number(text: str) -> float | None:
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) and abs(value) < _MAX_VALUE else None


def _whole(text: str) -> int | None:
    value = _number(text)
    return int(value) if value is not None and value == int(value) else None


def _shown(value: str) -> str:
    return f"'{abridged(shown(value), 60)}'"
