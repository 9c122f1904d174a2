"""Utterances that do not match their text: the wrong ones are flagged, and no others."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from imigue_build.backends.alignment.mfa.mismatch import AlignmentStatistics, alignment_statistics, mismatches
from imigue_build.backends.alignment.mfa.results import LabelledInterval, TimedUtterance, TimedWord
from imigue_build.core.records import AlignmentQuality

USUAL = [AlignmentStatistics(-50.0 + index % 3, 30 + index, 2 + index % 4, 12.0) for index in range(8)]


def timed(*lengths: float, likelihood: float | None = -50.0) -> TimedUtterance:
    edges = np.concatenate([[1.0], 1.0 + np.cumsum(lengths)])
    phones = tuple(LabelledInterval(float(a), float(b), "AA") for a, b in pairwise(edges))
    word = TimedWord(0, LabelledInterval(phones[0].start, phones[-1].end, "word"), phones)
    return TimedUtterance(1.0, phones[-1].end, (word,), AlignmentQuality(log_likelihood=likelihood))


def test_statistics_count_phones_of_minimum_duration() -> None:
    found = alignment_statistics(timed(0.03, 0.03, 0.04, 0.1))
    assert found == pytest.approx(AlignmentStatistics(-50.0, 4, 2, 20.0))
    assert alignment_statistics(
        TimedUtterance(1.0, 2.0, (TimedWord(0, LabelledInterval(1.0, 2.0, "word"), ()),), None)
    ) == AlignmentStatistics(None, 0, 0, 0.0)


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (AlignmentStatistics(-50.0, 34, 17, 14.0), True),
        (AlignmentStatistics(-58.0, 34, 11, 14.0), True),
        (AlignmentStatistics(-50.0, 34, 11, 14.0), False),
        (AlignmentStatistics(-70.0, 34, 4, 14.0), False),
        (AlignmentStatistics(None, 34, 11, 14.0), False),
        (AlignmentStatistics(-50.0, 34, 3, 29.0), True),
        (AlignmentStatistics(-80.0, 5, 5, 30.0), False),
        (AlignmentStatistics(-51.0, 20, 4, 15.0), False),
    ],
    ids=[
        *("half of it short", "short and unlikely", "short", "unlikely", "of unknown likelihood"),
        *("too fast", "too little", "as good ones are"),
    ],
)
def test_only_the_outlier_is_flagged(odd: AlignmentStatistics, expected: bool) -> None:
    assert mismatches([*USUAL[:4], odd, *USUAL[4:]]) == [False] * 4 + [expected] + [False] * 4


@pytest.mark.parametrize(("short", "expected"), [((4, 5, 4), True), ((1, 0, 2), False), ((0, 5, 0), False)])
def test_brief_utterances_are_tested_together(short: tuple[int, ...], expected: bool) -> None:
    brief = [AlignmentStatistics(-50.0, 5, number, 14.0) for number in short]
    assert mismatches([*USUAL, *brief]) == [False] * 8 + [expected] * 3
    assert mismatches([*USUAL, AlignmentStatistics(None, 0, 0, 0.0)]) == [False] * 9


def test_too_few_utterances_of_a_speaker_are_not_compared() -> None:
    assert mismatches([*USUAL[:3], AlignmentStatistics(-90.0, 30, 25, 15.0)]) == [False] * 4
    assert mismatches([]) == []


def test_fast_speakers_are_compared_with_themselves() -> None:
    fast = [AlignmentStatistics(-50.0, 30 + index, 12, 18.0) for index in range(8)]
    assert mismatches(fast) == [False] * 8
    assert mismatches([AlignmentStatistics(-50.0, 30, 30, 20.0)] * 8) == [False] * 8


def test_normal_variation_is_not_flagged() -> None:
    """Shares of short phones and likelihoods as measured on correct text: 2,000 utterances of 200 speakers."""
    random = np.random.default_rng(0)
    flagged = 0
    for _ in range(200):
        share = random.uniform(0.05, 0.2)
        sizes = random.integers(6, 80, 10)
        group = [
            AlignmentStatistics(
                random.normal(-50, 3), int(size), int(random.binomial(size, share)), random.normal(12, 1.5)
            )
            for size in sizes
        ]
        flagged += sum(mismatches(group))
    assert flagged <= 10
