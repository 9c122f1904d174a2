"""Rates by hand, and winners against losers with an effect that was planted, and without one."""

from __future__ import annotations

import random

import pytest

from imigue_build.apps.gestures.pairing import pair
from imigue_build.apps.gestures.statistics import Video, count_gestures, statistics, table, win_lose
from tests.apps.gestures.made import gesture, speech
from tests.apps.gestures.test_pairing import TALK


def made(subject: int, outcome: str, rate: float, seed: int) -> Video:
    """An interview of five minutes with so many gestures a minute, all while the interviewee speaks."""
    draw = random.Random(seed)
    count = sum(draw.random() < rate * 5 / 1000 for _ in range(1000))
    marks = tuple((20, "during", None, 0.1, 1.0) for _ in range(count))
    return Video(
        f"{seed:04d}", outcome, str(subject), 300.0, (300.0, 0.0, 0.0), {20: [count, 0, 0]}, {20: [1.0, 0, 0]}, marks
    )


def test_rates_are_gestures_that_begin_in_a_state_for_a_minute_of_it() -> None:
    talk = speech(TALK)
    paired = pair([gesture(0.5, 1.5), gesture(4.5, 5.0, 99), gesture(5.0, 6.6), gesture(12.0, 13.0)], talk)
    found = statistics([count_gestures(talk, paired, "Win", "1"), count_gestures(speech([]), [], "Lose", "2")])
    assert found["interviews"] == 1  # the other one is not labelled, and its time counts nowhere
    assert found["exposure_s"] == {"speaking": 3.0, "listening": 2.7, "silent": 14.3, "total": 20.0}
    whole = found["all"]
    assert whole["gestures"] == {"speaking": 2, "listening": 0, "silent": 2, "total": 4}
    assert whole["per_minute"]["speaking"] == 40.0 and whole["per_minute"]["total"] == 12.0
    assert whole["seconds"] == {"speaking": 1.6, "listening": 1.1, "silent": 1.4, "total": 4.1}
    assert whole["positions"] == {"before": 1, "during": 2, "after": 1}
    assert whole["roles"] == {"interviewee": 2, "interviewer": 1, "nobody": 1}
    assert found["classes"]["99"]["gestures"]["total"] == 1 and set(found["classes"]) == {"20", "99"}
    assert found["outcomes"]["Win"]["all"] == whole and found["outcomes"]["Lose"]["interviews"] == 0
    rows = list(table(found))
    assert rows[1][:5] == ("all", "all", "", "speaking", 2) and len({len(row) for row in rows}) == 1


def test_a_planted_ratio_lies_in_its_interval_and_a_null_holds_one() -> None:
    for rate, ratio in ((6.0, 2.0), (3.0, 1.0)):
        videos = [made(n % 20, "Win" if n % 2 else "Lose", rate if n % 2 else 3.0, n) for n in range(120)]
        row = win_lose(videos)["rows"]["20"]["total"]
        assert row["ratio"] == pytest.approx(ratio, rel=0.15)
        assert row["ci95"][0] < ratio < row["ci95"][1] and row["ci95"][1] - row["ci95"][0] < 1
        assert win_lose(videos) == win_lose(videos)


def test_too_few_athletes_have_a_ratio_and_no_interval() -> None:
    videos = [made(n % 4, "Win" if n % 2 else "Lose", 3.0, n) for n in range(40)]
    found = win_lose(videos)
    assert found["subjects"] == {"Win": 2, "Lose": 2}
    assert found["rows"]["all"]["speaking"]["ratio"] and found["rows"]["all"]["speaking"]["ci95"] is None
    assert found["rows"]["all"]["silent"] == {"win": None, "lose": None, "ratio": None, "ci95": None}
    assert win_lose([])["subjects"] == {"Win": 0, "Lose": 0}
