"""A shift between labels and sound: planted ones are found, and where there is none, none is told."""

from __future__ import annotations

import random

import pytest

from imigue_build.apps.gestures.cospeech import estimate
from imigue_build.core.intervals import Interval
from tests.apps.gestures.made import gesture

DURATION = 340.0


def turns(seed: int) -> list[Interval]:
    """Answers of 2 to 12 s with questions and pauses between them."""
    draw = random.Random(seed)
    found, at = [], 3.0
    while at < DURATION - 20:
        length = draw.uniform(2, 12)
        found.append(Interval(at, at + length))
        at += length + draw.uniform(1, 8)
    return found


def illustrating(speaking: list[Interval], shift: float, seed: int) -> list[tuple[float, float]]:
    """One gesture or two in every answer, now and then one elsewhere."""
    draw = random.Random(seed)
    found = []
    for span in speaking:
        for _ in range(draw.choice([1, 2])):
            length = min(draw.uniform(0.8, 4.0), 0.9 * span.duration)
            start = draw.uniform(span.start - 0.1, span.end - length)
            found.append((start + shift, start + shift + length))
    for _ in range(3):
        start = draw.uniform(10, DURATION - 10)
        found.append((start, start + 1.0))
    return found


def estimated(shift: float, seed: int, number: int = 99) -> float | None:
    speaking = turns(seed)
    found = estimate([gesture(s, e, number) for s, e in illustrating(speaking, shift, seed)], speaking, DURATION)
    return found.seconds if found else None


@pytest.mark.parametrize("shift", [1.2, -1.2, 3.0])
def test_a_planted_shift_is_found_where_it_is_told_and_mostly_told(shift: float) -> None:
    told = [found for seed in range(10) if (found := estimated(shift, seed)) is not None]
    assert len(told) >= 6
    assert sorted(abs(found - shift) for found in told)[len(told) // 2] < 0.1
    assert all(abs(found - shift) < 0.5 for found in told)


def test_a_planted_drift_is_found_and_a_shift_is_none() -> None:
    told = []
    for seed in range(10):
        speaking = turns(seed)
        late = [(start, end, 2.0 * start / DURATION) for start, end in illustrating(speaking, 0.5, seed)]
        found = estimate([gesture(s + by, e + by, 99) for s, e, by in late], speaking, DURATION)
        told += [found] if found and found.drift is not None else []
    assert len(told) >= 6
    assert all(1.2 <= (found.drift or 0) <= 2.8 and abs(found.seconds - 1.5) < 0.4 for found in told)
    shifted = [(start, end) for start, end in illustrating(turns(0), 1.2, 0)]
    alone = estimate([gesture(start, end, 99) for start, end in shifted], turns(0), DURATION)
    assert alone is not None and alone.drift is None


def test_no_shift_is_told_where_there_is_none() -> None:
    assert [estimated(0.0, seed) for seed in range(10)] == [None] * 10


def test_gestures_that_have_nothing_to_do_with_speech_show_no_shift() -> None:
    told = 0
    for seed in range(30):
        draw = random.Random(seed)
        starts = [draw.uniform(0, DURATION - 4) for _ in range(40)]
        placed = [gesture(start, start + draw.uniform(0.5, 3), 99) for start in starts]
        told += estimate(placed, turns(seed + 100), DURATION) is not None
    assert told <= 1


def test_only_illustrative_gestures_count_and_few_say_nothing() -> None:
    assert estimated(1.2, 0, number=20) is None
    speaking = turns(0)
    few = [gesture(s, e, 99) for s, e in illustrating(speaking, 1.2, 0)[:9]]
    assert estimate(few, speaking, DURATION) is None and estimate([], [], DURATION) is None
