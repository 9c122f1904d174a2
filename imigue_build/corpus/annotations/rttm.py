"""Reader of RTTM: speaker turns, by their fields.

`SPEAKER file channel start duration <NA> <NA> speaker [confidence [lookahead]]`. File ids and names of speakers may
hold blanks, though the format has none: the fields before them are found from the start, those after from the end.
https://web.archive.org/web/20170119114252/http://www.itl.nist.gov/iad/mig/tests/rt/2009/docs/rt09-meeting-eval-plan-v2.pdf
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import AnnotationError
from imigue_build.core.plurals import counted
from imigue_build.corpus.annotations.sources import (
    LabelledSpan,
    Warn,
    columns_of_lines,
    line_error,
    log_warning,
    seconds,
    select_recording,
)

_NONE: Final = "<NA>"
_FEWEST: Final = 8
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_WITHOUT_TURNS: Final = frozenset({"SPKR-INFO"})
"""Lines that describe what the turns are about."""


class _Row(NamedTuple):
    recording: str
    turn: LabelledSpan
    beside: str | None
    """A whole number at the place of the confidence, which may as well end the speaker's name."""


def rttm(path: Path, video_id: str, warn: Warn = log_warning) -> list[LabelledSpan]:
    """The turns of an interview in an RTTM file, unchanged; those of nobody (`<NA>`) are left out with a warning.

    Raises:
        AnnotationError: If the file cannot be read or describes another recording.
    """
    rows: list[_Row] = []
    others: Counter[str] = Counter()
    for number, columns in columns_of_lines(path, 1):
        if columns[0].upper() == "SPEAKER":
            rows.append(_row(path, number, columns))
        elif columns[0].upper() not in _WITHOUT_TURNS:
            others[columns[0][:40]] += 1
    if others:
        listed = ", ".join(f"{count} of {kind!r}" for kind, count in others.most_common(5))
        warn(f"{path.name}: lines that are no turns are left out: {listed}")
    if not rows:
        return []
    name = select_recording(path, video_id, [row.recording for row in rows], warn)
    own = [row for row in rows if row.recording == name]
    if len({row.beside for row in own} - {None}) > 1:
        what = f"{path}: whole numbers follow the names, as in '{own[0].turn.speaker} 1': confidences, or part of names"
        raise AnnotationError(what, "write names without blanks, and confidences as 1.0")
    turns = [row.turn for row in own if row.turn.speaker != _NONE]
    if len(turns) < len(own):
        warn(f"{path.name}: {len(own) - len(turns)} of {len(own)} turns name no speaker ({_NONE}) and are left out")
    if empty := sum(turn.start == turn.end for turn in turns):
        warn(f"{path.name}: {empty} of {len(own)} turns have no duration and are left out")
    return [turn for turn in turns if turn.start < turn.end]


def _row(path: Path, number: int, columns: list[str]) -> _Row:
    if len(columns) < _FEWEST:
        raise AnnotationError(
            f"{path}, line {number}: {counted(len(columns), 'column')}, expected at least {_FEWEST}",
            "give an RTTM file",
        )
    at = _channel(columns)
    start, duration = (seconds(path, number, time) for time in columns[at + 1 : at + 3])
    name, beside = _speaker(columns[at + 5 :])
    if not name:
        raise line_error(path, number, "it names no speaker in the eighth column")
    return _Row(" ".join(columns[1:at]), LabelledSpan(start, start + duration, "", name), beside)


def _channel(columns: list[str]) -> int:
    """The index of the channel: the third column, or a later one where the file's id holds blanks.

    After it come two times and two empty fields, which a file's id does not look like.
    """
    for at in range(2, len(columns) - 5):
        times, empty = columns[at + 1 : at + 3], columns[at + 3 : at + 5]
        if all(_NUMBER.fullmatch(time) for time in times) and empty == [_NONE, _NONE]:
            return at
    return 2


def _speaker(fields: list[str]) -> tuple[str, str | None]:
    """The name in the fields from it to the line's end, and a whole number after it, which may be a part of it.

    A name ends at the first empty field, whatever follows.
    """
    rest = [*fields[:1], *takewhile(lambda field: field != _NONE, fields[1:])]
    empty = len(list(takewhile(lambda field: field == _NONE, fields[len(rest) :])))
    confidence = ""
    for _ in range(2 - empty):
        if len(rest) > 1 and _NUMBER.fullmatch(rest[-1]):
            confidence = rest.pop()
    name = _NONE if rest[:1] == [_NONE] else " ".join(rest)
    return name, confidence if confidence.isdecimal() else None
