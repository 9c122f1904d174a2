"""Diarization errors, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from imigue_build.apps.scoring.labels import Labels
from imigue_build.apps.scoring.measures import compare, pool, rates
from imigue_build.core.records import Turn

Spans = Sequence[tuple[str, float, float]]


def turns(spans: Spans) -> Labels:
    return Labels(turns=tuple(Turn(start, end, speaker) for speaker, start, end in spans))


def measured(reference: Spans, found: Spans) -> dict[str, Any]:
    return rates(compare(turns(reference), turns(found)))


TWO = [("A", 0.0, 10.0), ("B", 10.0, 20.0)]


def test_a_second_of_the_wrong_speaker() -> None:
    measures = measured(TWO, [("X", 0.0, 11.0), ("Y", 11.0, 20.0)])
    assert measures["der"] == pytest.approx(1 / 20)
    assert measures["der_parts"] == {"missed": 0.0, "false_alarm": 0.0, "confusion": 0.05, "total_s": 20.0}
    # Without 0.25 s on each side of 0, 10 and 20 s, 19 s are left, 0.75 s of them wrong.
    assert measures["der_collar_025"] == pytest.approx(0.75 / 19, abs=1e-6)
    assert measures["der_collar_025_parts"]["total_s"] == 19.0
    # A rates 10 s of 11 with X, B 9 s of 10 with Y.
    assert measures["jer"] == pytest.approx((1 / 11 + 1 / 10) / 2, abs=1e-6)


def test_names_do_not_matter() -> None:
    assert measured(TWO, [("B", 0.0, 10.0), ("A", 10.0, 20.0)])["der"] == 0.0


def test_missed_speech_and_false_alarms() -> None:
    measures = measured(TWO, [("X", 0.0, 9.0), ("Y", 10.0, 22.0)])
    assert measures["der_parts"] == {"missed": 0.05, "false_alarm": 0.1, "confusion": 0.0, "total_s": 20.0}
    assert measures["der"] == pytest.approx(3 / 20)


def test_a_boundary_within_the_collar_costs_nothing() -> None:
    measures = measured(TWO, [("X", 0.2, 9.8), ("Y", 9.8, 20.24)])
    assert measures["der"] == pytest.approx((0.2 + 0.2 + 0.24) / 20)
    assert measures["der_collar_025"] == 0.0
    assert measures["jer"] > 0 and measures["jer_collar_025"] == 0.0


def test_overlap_is_scored() -> None:
    # 8 s of speech in 6 s; X is A or B: 2 s of overlap are missed, 2 s alone are confused.
    measures = measured([("A", 0.0, 4.0), ("B", 2.0, 6.0)], [("X", 0.0, 6.0)])
    assert measures["der_parts"] == {"missed": 0.25, "false_alarm": 0.0, "confusion": 0.25, "total_s": 8.0}
    assert measures["jer"] == pytest.approx((2 / 6 + 1) / 2, abs=1e-6)


def test_turns_of_one_speaker_that_overlap_count_once() -> None:
    assert measured([("A", 0.0, 4.0), ("A", 2.0, 6.0)], [("X", 0.0, 6.0)])["der_parts"]["total_s"] == 6.0


def test_no_turn_in_the_release_misses_all() -> None:
    measures = measured(TWO, [])
    assert measures["der"] == measures["jer"] == measures["der_collar_025"] == 1.0


def test_a_reference_all_within_collars_has_no_rate() -> None:
    measures = measured([("A", 1.0, 1.4)], [("X", 1.0, 1.4)])
    assert measures["der"] == 0.0 and measures["der_collar_025"] is None


def test_pooling_weighs_seconds_and_speakers() -> None:
    long = compare(turns([("A", 0.0, 30.0)]), turns([("X", 0.0, 30.0)]))
    short = compare(turns(TWO[:1]), turns([("X", 0.0, 5.0)]))
    both = rates(pool([long, short]))
    assert both["der"] == pytest.approx(5 / 40)
    assert both["jer"] == pytest.approx((0 + 0.5) / 2)
    assert both["wer"] is None
