"""Puts labels on the recording's clock, and checks whether that is the labels' own clock.

Three checks are reported, and never applied:

- frames against times, if a table has both: a video whose frames have another rate or offset than 25 per second
  from 0 is reported once, with the rate and the shift (Theil-Sen estimator: medians over pairs of rows);
- labels against the end of the recording;
- in `cospeech`, illustrative gestures against the interviewee's speech.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any, Final, NamedTuple

from imigue_build.apps.gestures.classes import CLASSES, FRAME_RATE
from imigue_build.apps.gestures.labels import Problem, Row
from imigue_build.core.plurals import counted

_TOLERANCE: Final = 1
"""Frames by which a frame may differ from its time: tools round differently."""
_MIN_ROWS: Final = 4
"""Rows of a video that show a systematic difference rather than single errors."""
_MAX_RESIDUAL: Final = 1.5
"""Frames; rows this close to the fitted line agree with it."""
_END_TOLERANCE: Final = 0.1
"""Seconds by which a label may end after the recording: audio and video seldom end together."""
_MAX_REPORTED: Final = 5
"""Gestures after the recording's end that are reported one by one."""
_MAX_POINTS: Final = 400
"""Points of a video whose pairs are compared; of more, as many evenly spread ones."""


class Gesture(NamedTuple):
    """A gesture on the recording's clock: seconds, to the millisecond; frames as labelled, or at 25 per second."""

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


class TimedGestures(NamedTuple):
    """A video's gestures by start, end and class; the problems of its rows; and findings about its clock."""

    gestures: tuple[Gesture, ...]
    problems: tuple[Problem, ...]
    clock: dict[str, Any]


def time_gestures(rows: Sequence[Row], duration: float) -> TimedGestures:
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
            if end > duration + _END_TOLERANCE:
                message = f"out of range: it ends at {end:.3f} s, the recording at {duration:.3f} s; it is cut there"
                problems.append(row.problem(message))
            gestures.append(_gesture(row, start, min(end, duration)))
    problems += _beyond(late, duration)
    last = max((row.end or 0.0 for row in rows), default=0.0)
    if sum((row.end or 0.0) > duration + _END_TOLERANCE for row in rows) >= _MIN_ROWS:
        clock["beyond"] = {"last_label_end": round(last, 3), "duration": duration, "scale": round(duration / last, 4)}
    gestures.sort(key=lambda gesture: (gesture.start, gesture.end, gesture.number))
    return TimedGestures(tuple(gestures), tuple(problems), clock)


def _gesture(row: Row, start: float, end: float) -> Gesture:
    first = math.floor(start * FRAME_RATE + 1e-6) if row.start_frame is None else row.start_frame
    last = math.floor(end * FRAME_RATE + 1e-6) if row.end_frame is None else row.end_frame
    return Gesture(row.video_id, row.label_id, row.number, start, end, first, last, row.problem("").row)


def _times(rows: Sequence[Row], duration: float) -> tuple[list[Row], list[Problem], dict[str, Any]]:
    """The rows with times for all of them; times have priority over frames if a table has both."""
    problems: list[Problem] = []
    clock: dict[str, Any] = {}
    if _are_frames(rows, duration):
        clock["unit"] = "frames"
        message = "its times are whole numbers beyond the recording's end: they are read as frames, 25 per second"
        problems.append(rows[0].problem(message))
        rows = [row._replace(start=None, start_frame=int(row.start or 0), end_frame=int(row.end or 0)) for row in rows]
    both = [row for row in rows if row.start is not None and row.start_frame is not None]
    problems += _frame_problems(both, clock)
    return [row if row.start is not None else _from_frames(row) for row in rows], problems, clock


def _from_frames(row: Row) -> Row:
    """A row with the times of its frames; a gesture that starts and ends in the same frame lasts one frame."""
    first, last = row.start_frame or 0, row.end_frame or 0
    return row._replace(start=first / FRAME_RATE, end=max(last, first + 1) / FRAME_RATE)


def _are_frames(rows: Sequence[Row], duration: float) -> bool:
    """Whether the times of a raw file can only be frames: whole, too large for seconds, possible for frames."""
    if not rows or not all(row.raw for row in rows):
        return False
    times = [time for row in rows for time in (row.start or 0.0, row.end or 0.0)]
    whole = all(time == int(time) for time in times)
    return whole and max(times) > duration + 1 and max(times) / FRAME_RATE <= duration + 1


def _ends(row: Row) -> tuple[tuple[float, int], tuple[float, int]]:
    """(time, frame) of its start and of its end."""
    return (row.start or 0.0, row.start_frame or 0), (row.end or 0.0, row.end_frame or 0)


def _is_off(row: Row, rate: float, shift: float, max_residual: float) -> bool:
    return any(abs(frame - math.floor((time + shift) * rate + 1e-6)) > max_residual for time, frame in _ends(row))


def _frame_problems(rows: Sequence[Row], clock: dict[str, Any]) -> list[Problem]:
    """The rows whose frames do not match their times; a systematic difference of a video is reported once."""
    off = [row for row in rows if _is_off(row, FRAME_RATE, 0.0, _TOLERANCE)]
    if len(off) >= _MIN_ROWS and 2 * len(off) > len(rows):
        rate, shift = _fit_line(rows)
        outliers = [row for row in rows if _is_off(row, rate, shift, _MAX_RESIDUAL)]
        if 5 * len(outliers) <= len(rows):
            clock["frame_rate"], clock["frame_shift"] = round(rate, 3), round(shift, 3)
            message = f"frames are not floor(time * {FRAME_RATE}): {rate:.3f} per second, shifted by {shift:+.3f} s"
            summary = off[0].problem(f"{message}, on {len(off)} of the video's {len(rows)} rows; their times are used")
            return [summary, *map(_frame_problem, outliers)]
    return [_frame_problem(row) for row in off]


def _frame_problem(row: Row) -> Problem:
    time, frame = max(_ends(row), key=_residual)
    expected = math.floor(time * FRAME_RATE + 1e-6)
    return row.problem(f"frame {frame} is not that of {time:.3f} s ({expected}); the times are used")


def _residual(end: tuple[float, int]) -> float:
    return abs(end[1] - end[0] * FRAME_RATE)


def _fit_line(rows: Sequence[Row]) -> tuple[float, float]:
    """The rate in frames per second and the shift of frame = floor((time + shift) * rate).

    The rate is 25 if the difference over the video is less than a frame.
    """
    points = [end for row in rows for end in _ends(row)]
    points = points[:: -(-len(points) // _MAX_POINTS)]
    slopes = [
        (second[1] - first[1]) / (second[0] - first[0])
        for index, first in enumerate(points)
        for second in points[index + 1 :]
        if abs(second[0] - first[0]) > 1.0
    ]
    rate = median(slopes) if slopes else float(FRAME_RATE)
    span = max(time for time, _ in points) - min(time for time, _ in points)
    if rate <= 0 or abs(rate - FRAME_RATE) * span < 1:
        rate = float(FRAME_RATE)
    return rate, median((frame + 0.5) / rate - time for time, frame in points)


def _beyond(late: Sequence[Row], duration: float) -> list[Problem]:
    """The problems of gestures after the recording's end: one each, or a single one if there are many."""
    if len(late) <= _MAX_REPORTED:
        return [
            row.problem(f"out of range: it starts at {row.start:.3f} s, the recording ends at {duration:.3f} s")
            for row in late
        ]
    last = max(row.end or 0.0 for row in late)
    message = f"out of range: {counted(len(late), 'gesture')} up to {last:.3f} s start after the recording's end"
    return [
        late[0].problem(f"{message} at {duration:.3f} s; are the labels of another video, or at another frame rate?")
    ]
