"""Gesture labels: rows of any of the three forms, checked one by one. What is wrong with one keeps no other out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.apps.gestures import forms
from imigue_build.apps.gestures.classes import AS_LOADERS_SAY, CLASSES
from imigue_build.apps.gestures.forms import Draft
from imigue_build.core.errors import ImigueError, UsageError, abridged, first_few
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus import is_video_id

_NUMBER: Final = re.compile(r"[+-]?(\d{1,12}\.?\d{0,20}|\.\d{1,20})([eE][+-]?\d{1,2})?", re.ASCII)
_LATEST: Final = 1e7
"""Seconds and frames; no recording has as many."""
_OUTCOMES: Final = {"win": "Win", "lose": "Lose"}


class Problem(NamedTuple):
    """What is wrong with a row of the labels, or with a whole file (`line` is 0)."""

    file: str
    line: int
    message: str
    video_id: str = ""

    @property
    def row(self) -> str:
        """Where it is: `FILE:LINE`, the file relative to the folder of labels; lines count from 1."""
        return f"{self.file}:{self.line}" if self.line else self.file


class Row(NamedTuple):
    """A gesture as it is labelled: times in seconds, frames, or both; which of them are None is the same for both ends.

    `raw` says that it is of the raw form, whose times might be frames.
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
        """Something that is wrong with it."""
        return Problem(self.file, self.line, message, self.video_id)


class Given(NamedTuple):
    """All labels: rows by video, what is wrong with others, the videos' subjects and outcomes.

    `total` is of all rows that were read, those with problems included.
    """

    rows: dict[str, list[Row]]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    subjects: dict[str, str]
    outcomes: dict[str, str]
    total: int


def read_gestures(labels: Path) -> Given:
    """The gestures in a table, or in all tables below a folder.

    Raises:
        UsageError: If there is no table of gestures.
    """
    reader = _Reader()
    paths = forms.files(labels)
    alone = not labels.is_dir()
    for path in paths:
        name = shown(path.name if alone else path.relative_to(labels).as_posix())
        try:
            form = forms.read(path)
        except ImigueError as error:
            if alone:
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
    return reader.given()


class _Reader:
    """Collects rows, and what is said of several of them once."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.skipped: list[str] = []
        self.read = False
        self._facts: dict[str, dict[str, str]] = {"subject_id": {}, "win_or_lose": {}}
        self._blamed: set[tuple[str, str]] = set()
        self._files: dict[str, str] = {}
        self._seen: dict[tuple[object, ...], int] = {}
        self._renumbered: list[str] = []
        self._count = 0

    def add(self, file: str, form: forms.Form) -> None:
        if not form.drafts:
            self.problems.append(Problem(file, 0, "holds no gesture; remove it, or give it some"))
        for draft in form.drafts:
            self._count += 1
            found = _row(file, draft, form.name == "raw")
            if isinstance(found, str):
                self.problems.append(Problem(file, draft.line, found, draft.video_id if not draft.wrong else ""))
            else:
                self._take(found, draft)

    def _take(self, row: Row, draft: Draft) -> None:
        first = self._files.setdefault(row.video_id, row.file)
        if first != row.file:
            if (row.video_id, row.file) not in self._blamed:
                self._blamed.add((row.video_id, row.file))
                self.problems.append(
                    row.problem(f"{first} has the gestures of video {row.video_id} too: those are used")
                )
            return
        known = self._seen.setdefault(
            (row.video_id, row.number, row.start, row.end, row.start_frame, row.end_frame), row.line
        )
        if known != row.line:
            self.problems.append(row.problem(f"the same gesture as on line {known}: it counts once"))
            return
        if _whole(draft.number) in AS_LOADERS_SAY and row.file not in self._renumbered:
            self._renumbered.append(row.file)
        self._learn(row, "subject_id", draft.subject_id)
        self._learn(row, "win_or_lose", _OUTCOMES.get(draft.win_or_lose.casefold(), ""))
        self.rows.setdefault(row.video_id, []).append(row)

    def _learn(self, row: Row, fact: str, value: str) -> None:
        """What the rows of a video repeat of it."""
        if not value:
            return
        known = self._facts[fact].setdefault(row.video_id, value)
        if known != value and (row.video_id, fact) not in self._blamed:
            self._blamed.add((row.video_id, fact))
            what = f"{fact} of video {row.video_id} is {_shown(value)}, on an earlier row {_shown(known)}: that is used"
            self.problems.append(row.problem(what))

    def given(self) -> Given:
        if self.skipped:
            names = first_few(self.skipped, len(self.skipped), ", ")
            self.warnings.append(f"no gesture labels, skipped: {names}")
        if self._renumbered:
            names = first_few(self._renumbered, len(self._renumbered), ", ")
            self.warnings.append(f"class 32 is read as 99 (illustrative), as loaders of iMiGUE number it, in {names}")
        subjects, outcomes = self._facts["subject_id"], self._facts["win_or_lose"]
        return Given(self.rows, tuple(self.problems), tuple(self.warnings), subjects, outcomes, self._count)


def _row(file: str, draft: Draft, raw: bool) -> Row | str:
    """A gesture, or what is wrong with it."""
    wrong = next(_faults(draft), None)
    if wrong:
        return wrong
    number = _whole(draft.number) or 0
    start, end = (_number(text) if text else None for text in (draft.start_time, draft.end_time))
    first, last = (_whole(text) if text else None for text in (draft.start_frame, draft.end_frame))
    label_id = draft.label_id or None
    return Row(
        file, draft.line, draft.video_id, label_id, AS_LOADERS_SAY.get(number, number), start, end, first, last, raw
    )


def _faults(draft: Draft) -> Iterator[str]:
    """What is wrong with a line, the gravest first."""
    if draft.wrong:
        yield draft.wrong
    if not is_video_id(draft.video_id):
        yield f"video_id {_shown(draft.video_id)} is no id"
    number = _whole(draft.number)
    if number is None:
        yield f"class {_shown(draft.number)} is no number"
    elif AS_LOADERS_SAY.get(number, number) not in CLASSES:
        yield f"unknown class {number}; there are 1 to 31, and 99"
    yield from _interval_faults((draft.start_time, draft.end_time), (draft.start_frame, draft.end_frame))


def _interval_faults(times: tuple[str, str], frames: tuple[str, str]) -> Iterator[str]:
    if not (any(times) or any(frames)):
        yield "neither times nor frames"
    if any(times):
        start, end = map(_number, times)
        if start is None or end is None:
            yield f"time {_shown(times[start is not None])} is no number of seconds"
        elif end <= start:
            yield f"{'reversed' if end < start else 'empty'}: from {start:g} to {end:g} s"
    if any(frames):
        first, last = map(_whole, frames)
        if first is None or last is None:
            yield f"frame {_shown(frames[first is not None])} is no frame's number"
        elif last < first:
            yield f"reversed: from frame {first} to {last}"


@lru_cache(64)  # the fields of a row are looked at several times
def _number(text: str) -> float | None:
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) and abs(value) < _LATEST else None


def _whole(text: str) -> int | None:
    value = _number(text)
    return int(value) if value is not None and value == int(value) else None


def _shown(value: str) -> str:
    return f"'{abridged(shown(value), 60)}'"
