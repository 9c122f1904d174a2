"""Utterances that do not sound like their text: the few that are meant, and no others."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from imigue_build.backends.alignment.mfa.misfit import Fitness, fitness, misfits
from imigue_build.backends.alignment.mfa.results import Mark, Placed, Sound
from imigue_build.core.records import AlignmentQuality

USUAL = [Fitness(-50.0 + at % 3, 30 + at, 2 + at % 4, 12.0) for at in range(8)]


def placed(*lengths: float, likelihood: float | None = -50.0) -> Placed:
    edges = np.concatenate([[1.0], 1.0 + np.cumsum(lengths)])
    phones = tuple(Mark(float(a), float(b), "AA") for a, b in pairwise(edges))
    word = Sound(0, Mark(phones[0].start, phones[-1].end, "word"), phones)
    return Placed(1.0, phones[-1].end, (word,), AlignmentQuality(speech_log_likelihood=likelihood))


def test_fitness_counts_what_has_the_shortest_length() -> None:
    found = fitness(placed(0.03, 0.03, 0.04, 0.1))
    assert found == pytest.approx(Fitness(-50.0, 4, 2, 20.0))
    assert fitness(Placed(1.0, 2.0, (Sound(0, Mark(1.0, 2.0, "word"), ()),), None)) == Fitness(None, 0, 0, 0.0)


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (Fitness(-50.0, 34, 17, 14.0), True),
        (Fitness(-58.0, 34, 11, 14.0), True),
        (Fitness(-50.0, 34, 11, 14.0), False),
        (Fitness(-70.0, 34, 4, 14.0), False),
        (Fitness(None, 34, 11, 14.0), False),
        (Fitness(-50.0, 34, 3, 29.0), True),
        (Fitness(-80.0, 5, 5, 30.0), False),
        (Fitness(-51.0, 20, 4, 15.0), False),
    ],
    ids=[
        *("half of it squeezed", "squeezed and unlikely", "squeezed", "unlikely", "of unknown likelihood"),
        *("too fast", "too little", "as good ones are"),
    ],
)
def test_one_that_differs_is_flagged_alone(odd: Fitness, expected: bool) -> None:
    assert misfits([*USUAL[:4], odd, *USUAL[4:]]) == [False] * 4 + [expected] + [False] * 4


def test_of_a_voice_heard_too_little_nothing_is_said() -> None:
    assert misfits([*USUAL[:3], Fitness(-90.0, 30, 25, 15.0)]) == [False] * 4
    assert misfits([]) == []


def test_who_speaks_fast_is_compared_with_himself() -> None:
    fast = [Fitness(-50.0, 30 + at, 12, 18.0) for at in range(8)]
    assert misfits(fast) == [False] * 8
    assert misfits([Fitness(-50.0, 30, 30, 20.0)] * 8) == [False] * 8


def test_utterances_that_differ_as_real_ones_do_are_not_flagged() -> None:
    """Shares of shortest phones and likelihoods as measured on true text, 2,000 utterances of 200 voices."""
    random = np.random.default_rng(0)
    flagged = 0
    for _ in range(200):
        share = random.uniform(0.05, 0.2)
        sizes = random.integers(6, 80, 10)
        group = [
            Fitness(random.normal(-50, 3), int(size), int(random.binomial(size, share)), random.normal(12, 1.5))
            for size in sizes
        ]
        flagged += sum(misfits(group))
    assert flagged <= 10
