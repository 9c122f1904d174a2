"""Labels on the recording's clock: what is out of range, frames that are not those of their times, shifts and rates."""

from __future__ import annotations

import math
import random

import pytest

from imigue_build.apps.gestures.clock import time_gestures
from imigue_build.apps.gestures.labels import Row
from tests.apps.gestures.made import row


def rows(rate: float = 25.0, shift: float = 0.0, count: int = 60, seed: int = 0) -> list[Row]:
    """Gestures whose frames run at some rate from some beginning."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        start = round(draw.uniform(0, 300), 4)
        end = round(start + draw.uniform(0.2, 4), 4)
        frames = math.floor((start + shift) * rate), math.floor((end + shift) * rate)
        found.append(row(start, end, frames, number + 2))
    return found


def test_frames_of_their_times_say_nothing() -> None:
    timed = time_gestures(rows(), 400.0)
    assert not timed.problems and not timed.clock and len(timed.gestures) == 60
    assert [gesture.start for gesture in timed.gestures] == sorted(gesture.start for gesture in timed.gestures)
    rounded = [row(1.0, 2.0, (26, 49))]  # by other tools' rounding
    assert not time_gestures(rounded, 400.0).problems


@pytest.mark.parametrize(("rate", "shift"), [(29.97, 0.0), (30.0, 0.0), (25.0, 1.2), (25.0, -0.4), (24.0, 2.0)])
def test_a_planted_rate_or_shift_is_found_and_told_once(rate: float, shift: float) -> None:
    timed = time_gestures(rows(rate, shift), 400.0)
    (problem,) = timed.problems
    assert "frames are not floor(time * 25)" in problem.message and problem.row.startswith("labels.csv:")
    assert timed.clock["frame_rate"] == pytest.approx(rate, abs=0.01)
    assert timed.clock["frame_shift"] == pytest.approx(shift, abs=0.04)
    assert len(timed.gestures) == 60


def test_single_wrong_frames_are_told_one_by_one_beside_a_system_too() -> None:
    good = rows()
    wrong = good[7]._replace(end_frame=(good[7].end_frame or 0) + 40)
    (problem,) = time_gestures([*good[:7], wrong, *good[8:]], 400.0).problems
    assert problem.row == "labels.csv:9" and "is not that of" in problem.message
    shifted = rows(shift=1.2)
    wrong = shifted[7]._replace(end_frame=(shifted[7].end_frame or 0) + 40)
    told = time_gestures([*shifted[:7], wrong, *shifted[8:]], 400.0).problems
    assert [item.row for item in told][1:] == ["labels.csv:9"] and len(told) == 2


def test_frames_alone_run_at_25_a_second() -> None:
    timed = time_gestures([row(None, None, (171, 246)), row(None, None, (10, 10))], 60.0)
    assert [(gesture.start, gesture.end) for gesture in timed.gestures] == [(0.4, 0.44), (6.84, 9.84)]


def test_what_is_out_of_range() -> None:
    given = [row(-1.0, 1.0), row(58.0, 61.0, line=3), row(60.5, 61.0, line=4), row(59.0, 60.05, line=5)]
    timed = time_gestures(given, 60.0)
    assert [(gesture.start, gesture.end) for gesture in timed.gestures] == [(58.0, 60.0), (59.0, 60.0)]
    messages = {problem.row: problem.message for problem in timed.problems}
    assert messages.keys() == {"labels.csv:2", "labels.csv:3", "labels.csv:4"} and not timed.clock
    assert "it ends at 61.000 s, the recording at 60.000 s; it is cut there" in messages["labels.csv:3"]


def test_labels_of_a_longer_video_are_told_once_with_the_scale() -> None:
    timed = time_gestures([row(10.0 * n, 10.0 * n + 2.0, line=n + 2) for n in range(30)], 100.0)
    (problem,) = timed.problems
    assert "20 gestures up to 292.000 s start after the recording's end" in problem.message
    assert timed.clock["beyond"] == {"last_label_end": 292.0, "duration": 100.0, "scale": 0.3425}
    assert len(timed.gestures) == 10


def test_a_raw_file_of_frames_is_known_by_the_recordings_length() -> None:
    raw = [row(float(s), float(s + 25))._replace(raw=True) for s in (50, 500, 1000)]
    timed = time_gestures(raw, 60.0)
    assert next((gesture.start, gesture.end, gesture.start_frame) for gesture in timed.gestures) == (2.0, 3.0, 50)
    assert timed.clock == {"unit": "frames"} and "read as frames" in timed.problems[0].message
    seconds = [row(float(s), float(s + 2))._replace(raw=True) for s in (5, 50)]
    assert [gesture.start for gesture in time_gestures(seconds, 60.0).gestures] == [5.0, 50.0]
