"""The bundled demo interview is what the tests and the first run rely on."""

from __future__ import annotations

import csv
import json
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from imigue_build.pipeline.demo import DEMO
from imigue_build.text.normalise import normalise


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEMO / "demo.json").read_text(encoding="utf-8"))
    return found


def test_the_video_is_small_enough_to_bundle() -> None:
    assert 100_000 < (DEMO / "demo.mp4").stat().st_size < 2_000_000


def test_the_labels_name_the_video() -> None:
    with (DEMO / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["video_id"] for row in rows] == ["demo"]
    assert rows[0]["win_or_lose"] == "Win"


def test_two_voices_take_turns_and_the_interviewee_has_most_of_the_time(reference: dict[str, Any]) -> None:
    assert sorted(reference["roles"].values()) == ["interviewee", "interviewer"]
    assert 60 <= reference["duration"] <= 90
    order = [turn["turn"] for turn in reference["turns"]]
    assert order == sorted(order)
    assert len(set(order)) >= 8
    seconds: Counter[str] = Counter()
    for turn in reference["turns"]:
        assert turn["role"] == reference["roles"][turn["speaker"]]
        seconds[turn["role"]] += turn["end"] - turn["start"]
    assert 0.6 < seconds["interviewee"] / seconds.total() < 0.8


def test_turns_and_words_are_in_order_and_within_each_other(reference: dict[str, Any]) -> None:
    turns = reference["turns"]
    assert all(before["end"] < after["start"] for before, after in pairwise(turns))
    assert turns[-1]["end"] < reference["duration"]
    for turn in turns:
        words = [w for w in reference["words"] if turn["start"] - 1e-3 <= w["start"] and w["end"] <= turn["end"] + 1e-3]
        assert " ".join(word["word"] for word in words) == turn["spoken"]
        assert all(word["speaker"] == turn["speaker"] for word in words)
        assert all(word["start"] < word["end"] for word in words)
    assert " ".join(word["word"] for word in reference["words"]) == reference["spoken"]


def test_the_talk_names_a_score_and_a_person(reference: dict[str, Any]) -> None:
    assert "You won 6-4, 7-6." in reference["text"]
    assert "you won six four seven six" in reference["spoken"]
    assert "Peter Novak" in reference["text"]
    assert reference["text"] == " ".join(turn["text"] for turn in reference["turns"])


def test_what_is_written_is_what_is_said(reference: dict[str, Any]) -> None:
    for turn in reference["turns"]:
        assert normalise(turn["text"]) == turn["spoken"]
