"""One clock: labels put on a recording's clock, and what speaks against its being the labels' own.

Three things are looked at, and told, never applied:

- frames against times, where a table has both: a video whose frames run at another rate, or from another
  beginning, than 25 a second from 0 is told once, with the rate and the shift (Theil-Sen: medians over pairs of rows);
- labels against the recording's end;
- in `cospeech`, illustrative gestures against the interviewee's speech.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any, Final, NamedTuple

from imigue_build.apps.gestures.classes import CLASSES, FRAME_RATE
from imigue_build.apps.gestures.labels import Problem, Row

_TOLERANCE: Final = 1
"""Frames by which a frame may miss its time: rounding differs between tools."""
_FEWEST: Final = 4
"""Rows of a video that show a system, and not just so many mistakes."""
_WITHIN: Final = 1.5
"""Frames; rows that far from a video's own line lie on it."""
_SLACK: Final = 0.1
"""Seconds by which a label may end after the recording: sound and pictures seldom end together."""
_MOST_TOLD: Final = 5
"""Gestures beyond the end that are told one by one."""
_MOST_PAIRED: Final = 400
"""Rows of a video whose pairs are gone through; of more, as many evenly spread ones."""


class Gesture(NamedTuple):
    """A gesture on the recording's clock: seconds, to the millisecond; frames as labelled, or at 25 a second."""

    video_id: str
    label_id: str | None
    number: int
    start: float
    end: float
    start_frame: int
    end_frame: int
    row: str

    @property
    def name(self) -> str:
        return CLASSES[self.number]

    @property
    def duration(self) -> float:
        return self.end - self.start


class Placed(NamedTuple):
    """A video's gestures by start, end and class; what is wrong with rows; and what its clock shows."""

    gestures: tuple[Gesture, ...]
    problems: tuple[Problem, ...]
    clock: dict[str, Any]


def place(rows: Sequence[Row], duration: float) -> Placed:
    """Puts a video's rows on the clock of its recording, which lasts `duration` seconds."""
    rows, problems, clock = _times(rows, duration)
    gestures, late = [], []
    for row in rows:
        start, end = round(row.start or 0.0, 3), round(row.end or 0.0, 3)
        if start < 0:
            problems.append(row.problem(f"out of range: it starts at {start:.3f} s"))
        elif start >= duration:
            late.append(row)
        elif end <= start:
            problems.append(row.problem(f"empty: shorter than a millisecond, at {start:.3f} s"))
        else:
            if end > duration + _SLACK:
                what = f"out of range: it ends at {end:.3f} s, the recording at {duration:.3f} s; it is cut there"
                problems.append(row.problem(what))
            gestures.append(_gesture(row, start, min(end, duration)))
    problems += _beyond(late, duration)
    last = max((row.end or 0.0 for row in rows), default=0.0)
    if sum((row.end or 0.0) > duration + _SLACK for row in rows) >= _FEWEST:
        clock["beyond"] = {"last_label_end": round(last, 3), "duration": duration, "scale": round(duration / last, 4)}
    gestures.sort(key=lambda one: (one.start, one.end, one.number))
    return Placed(tuple(gestures), tuple(problems), clock)


def _gesture(row: Row, start: float, end: float) -> Gesture:
    first = math.floor(start * FRAME_RATE + 1e-6) if row.start_frame is None else row.start_frame
    last = math.floor(end * FRAME_RATE + 1e-6) if row.end_frame is None else row.end_frame
    place = row.problem("").row
    return Gesture(row.video_id, row.label_id, row.number, start, end, first, last, place)


def _times(rows: Sequence[Row], duration: float) -> tuple[list[Row], list[Problem], dict[str, Any]]:
    """The rows with times on all of them; times stand above frames where a table has both."""
    problems: list[Problem] = []
    clock: dict[str, Any] = {}
    if _are_frames(rows, duration):
        clock["unit"] = "frames"
        what = "its times are whole numbers beyond the recording's end: they are read as frames, 25 a second"
        problems.append(rows[0].problem(what))
        rows = [row._replace(start=None, start_frame=int(row.start or 0), end_frame=int(row.end or 0)) for row in rows]
    both = [row for row in rows if row.start is not None and row.start_frame is not None]
    problems += _frame_problems(both, clock)
    return [row if row.start is not None else _from_frames(row) for row in rows], problems, clock


def _from_frames(row: Row) -> Row:
    """A gesture of frames alone; one that ends with the frame it starts with lasts for that frame."""
    first, last = row.start_frame or 0, row.end_frame or 0
    return row._replace(start=first / FRAME_RATE, end=max(last, first + 1) / FRAME_RATE)


def _are_frames(rows: Sequence[Row], duration: float) -> bool:
    """Whether the times of a raw file can only be frames: whole, too late for seconds, and not too late for frames."""
    if not rows or not all(row.raw for row in rows):
        return False
    times = [time for row in rows for time in (row.start or 0.0, row.end or 0.0)]
    whole = all(time == int(time) for time in times)
    return whole and max(times) > duration + 1 and max(times) / FRAME_RATE <= duration + 1


def _ends(row: Row) -> tuple[tuple[float, int], tuple[float, int]]:
    """(time, frame) of its start and of its end."""
    return (row.start or 0.0, row.start_frame or 0), (row.end or 0.0, row.end_frame or 0)


def _off(row: Row, rate: float, shift: float, within: float) -> bool:
    return any(abs(frame - math.floor((time + shift) * rate + 1e-6)) > within for time, frame in _ends(row))


def _frame_problems(rows: Sequence[Row], clock: dict[str, Any]) -> list[Problem]:
    """The rows whose frames are not those of their times; where a video's all are so by one rule, that, once."""
    off = [row for row in rows if _off(row, FRAME_RATE, 0.0, _TOLERANCE)]
    if len(off) >= _FEWEST and 2 * len(off) > len(rows):
        rate, shift = _line(rows)
        left = [row for row in rows if _off(row, rate, shift, _WITHIN)]
        if 5 * len(left) <= len(rows):
            clock["frame_rate"], clock["frame_shift"] = round(rate, 3), round(shift, 3)
            what = f"frames are not floor(time * {FRAME_RATE}): {rate:.3f} a second, shifted by {shift:+.3f} s"
            told = off[0].problem(f"{what}, on {len(off)} of the video's {len(rows)} rows; their times are used")
            return [told, *map(_frame_problem, left)]
    return [_frame_problem(row) for row in off]


def _frame_problem(row: Row) -> Problem:
    wrong = next(one for one in sorted(_ends(row), key=_miss, reverse=True))
    what = f"frame {wrong[1]} is not that of {wrong[0]:.3f} s ({math.floor(wrong[0] * FRAME_RATE + 1e-6)})"
    return row.problem(f"{what}; the times are used")


def _miss(end: tuple[float, int]) -> float:
    return abs(end[1] - end[0] * FRAME_RATE)


def _line(rows: Sequence[Row]) -> tuple[float, float]:
    """The rate at which frames follow times, in frames a second, and the shift: frame = floor((time + shift) * rate).

    A rate that leaves less than a frame of difference over the video is 25.
    """
    points = [end for row in rows for end in _ends(row)]
    points = points[:: -(-len(points) // _MOST_PAIRED)]
    slopes = [
        (other[1] - one[1]) / (other[0] - one[0])
        for place, one in enumerate(points)
        for other in points[place + 1 :]
        if abs(other[0] - one[0]) > 1.0
    ]
    rate = median(slopes) if slopes else float(FRAME_RATE)
    span = max(time for time, _ in points) - min(time for time, _ in points)
    if rate <= 0 or abs(rate - FRAME_RATE) * span < 1:
        rate = float(FRAME_RATE)
    return rate, median((frame + 0.5) / rate - time for time, frame in points)


def _beyond(late: Sequence[Row], duration: float) -> list[Problem]:
    """The gestures after the recording's end, one by one, or all at once where they are many."""
    if len(late) <= _MOST_TOLD:
        return [
            row.problem(f"out of range: it starts at {row.start:.3f} s, the recording ends at {duration:.3f} s")
            for row in late
        ]
    last = max(row.end or 0.0 for row in late)
    what = f"out of range: {len(late)} gestures up to {last:.3f} s start after the recording's end at {duration:.3f} s"
    return [late[0].problem(f"{what}; are the labels of another video, or at another frame rate?")]
