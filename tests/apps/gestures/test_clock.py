"""Labels on the recording's clock: what is out of range, frames that are not those of their times, shifts and rates."""

from __future__ import annotations

import math
import random

import pytest

from imigue_build.apps.gestures.clock import place
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
    placed = place(rows(), 400.0)
    assert not placed.problems and not placed.clock and len(placed.gestures) == 60
    assert [one.start for one in placed.gestures] == sorted(one.start for one in placed.gestures)
    rounded = [row(1.0, 2.0, (26, 49))]  # by other tools' rounding
    assert not place(rounded, 400.0).problems


@pytest.mark.parametrize(("rate", "shift"), [(29.97, 0.0), (30.0, 0.0), (25.0, 1.2), (25.0, -0.4), (24.0, 2.0)])
def test_a_planted_rate_or_shift_is_found_and_told_once(rate: float, shift: float) -> None:
    placed = place(rows(rate, shift), 400.0)
    (problem,) = placed.problems
    assert "frames are not floor(time * 25)" in problem.message and problem.row.startswith("labels.csv:")
    assert placed.clock["frame_rate"] == pytest.approx(rate, abs=0.01)
    assert placed.clock["frame_shift"] == pytest.approx(shift, abs=0.04)
    assert len(placed.gestures) == 60


def test_single_wrong_frames_are_told_one_by_one_beside_a_system_too() -> None:
    good = rows()
    wrong = good[7]._replace(end_frame=(good[7].end_frame or 0) + 40)
    (problem,) = place([*good[:7], wrong, *good[8:]], 400.0).problems
    assert problem.row == "labels.csv:9" and "is not that of" in problem.message
    shifted = rows(shift=1.2)
    wrong = shifted[7]._replace(end_frame=(shifted[7].end_frame or 0) + 40)
    told = place([*shifted[:7], wrong, *shifted[8:]], 400.0).problems
    assert [one.row for one in told][1:] == ["labels.csv:9"] and len(told) == 2


def test_frames_alone_run_at_25_a_second() -> None:
    placed = place([row(None, None, (171, 246)), row(None, None, (10, 10))], 60.0)
    assert [(one.start, one.end) for one in placed.gestures] == [(0.4, 0.44), (6.84, 9.84)]


def test_what_is_out_of_range() -> None:
    given = [row(-1.0, 1.0), row(58.0, 61.0, line=3), row(60.5, 61.0, line=4), row(59.0, 60.05, line=5)]
    placed = place(given, 60.0)
    assert [(one.start, one.end) for one in placed.gestures] == [(58.0, 60.0), (59.0, 60.0)]
    messages = {one.row: one.message for one in placed.problems}
    assert messages.keys() == {"labels.csv:2", "labels.csv:3", "labels.csv:4"} and not placed.clock
    assert "it ends at 61.000 s, the recording at 60.000 s; it is cut there" in messages["labels.csv:3"]


def test_labels_of_a_longer_video_are_told_once_with_the_scale() -> None:
    placed = place([row(10.0 * n, 10.0 * n + 2.0, line=n + 2) for n in range(30)], 100.0)
    (problem,) = placed.problems
    assert "20 gestures up to 292.000 s start after the recording's end" in problem.message
    assert placed.clock["beyond"] == {"last_label_end": 292.0, "duration": 100.0, "scale": 0.3425}
    assert len(placed.gestures) == 10


def test_a_raw_file_of_frames_is_known_by_the_recordings_length() -> None:
    raw = [row(float(s), float(s + 25))._replace(raw=True) for s in (50, 500, 1000)]
    placed = place(raw, 60.0)
    assert next((one.start, one.end, one.start_frame) for one in placed.gestures) == (2.0, 3.0, 50)
    assert placed.clock == {"unit": "frames"} and "read as frames" in placed.problems[0].message
    seconds = [row(float(s), float(s + 2))._replace(raw=True) for s in (5, 50)]
    assert [one.start for one in place(seconds, 60.0).gestures] == [5.0, 50.0]
