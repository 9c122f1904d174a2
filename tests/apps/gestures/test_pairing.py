"""Gestures and the speech around them: by hand, and against a plain search through everything."""

from __future__ import annotations

import json
import random

import pytest

from imigue_build.apps.gestures.pairing import line, pair
from imigue_build.apps.gestures.speech import Speech
from imigue_build.core.intervals import shared
from imigue_build.core.records import Role
from tests.apps.gestures.made import gesture, speech

TALK: list[tuple[Role, float, list[tuple[float, float, str]]]] = [
    ("interviewer", 0, [(1.0, 1.5, "How"), (1.6, 2.0, "was"), (2.1, 2.5, "it?")]),
    ("interviewee", 0, [(4.0, 4.5, "It"), (4.5, 5.0, "was"), (5.5, 6.0, "hard.")]),
    ("interviewer", 0, [(5.8, 6.6, "Was"), (6.6, 7.0, "it?")]),
    ("interviewee", 0, [(10.0, 10.6, "Very.")]),
]
"""Turns: 0.9-2.6, 3.9-6.1, 5.7-7.1, 9.9-10.7."""


@pytest.fixture
def talk() -> Speech:
    return speech(TALK)


def test_the_states_cover_the_recording(talk: Speech) -> None:
    assert [(round(span.start, 3), round(span.end, 3), state) for span, state in talk.states] == [
        (0.0, 0.9, "silent"),
        (0.9, 2.6, "listening"),
        (2.6, 3.9, "silent"),
        (3.9, 6.1, "speaking"),
        (6.1, 7.1, "listening"),
        (7.1, 9.9, "silent"),
        (9.9, 10.7, "speaking"),
        (10.7, 20.0, "silent"),
    ]
    assert [(item.start, item.end) for item in talk.overlap] == [(5.7, 6.1)]


def test_a_gesture_over_a_change_of_turns(talk: Speech) -> None:
    (one,) = pair([gesture(5.6, 6.8)], talk)
    assert one.state == "speaking" and one.states == {"speaking": 0.5, "listening": 0.7, "silent": 0.0}
    assert one.position == "during"
    assert [(word.text, word.role, word.row, word.place, seconds) for word, seconds in one.words] == [
        ("hard.", "interviewee", 1, 2, 0.4),
        ("Was", "interviewer", 2, 0, 0.8),
        ("it?", "interviewer", 2, 1, 0.2),
    ]
    assert [(place, seconds) for place, _, seconds in one.rows] == [(1, 0.5), (2, 1.1)]
    assert one.turn is not None and (one.turn.role, one.turn.start) == ("interviewer", 5.7)
    nearest = one.nearest["interviewee"]
    assert nearest is not None and (nearest.word.text, nearest.lag) == ("hard.", 0.1)
    assert one.lag == 0.1


@pytest.mark.parametrize(
    ("start", "end", "position", "state", "lag"),
    [
        (0.0, 0.5, "before", "silent", -4.0),
        (3.0, 3.9, "before", "silent", -1.0),
        (3.0, 3.95, "during", "silent", -1.0),
        (6.1, 6.4, "after", "listening", 0.6),
        (7.8, 8.2, "before", "silent", -2.2),  # 1.7 s to the next turn and as much since the last one
        (7.8, 8.1, "after", "silent", -2.2),
        (12.0, 13.0, "after", "silent", 2.0),
    ],
)
def test_before_during_and_after_speech(
    talk: Speech, start: float, end: float, position: str, state: str, lag: float
) -> None:
    (one,) = pair([gesture(start, end)], talk)
    assert (one.position, one.state, one.lag) == (position, state, lag)


def test_an_interview_without_words_or_without_an_interviewee() -> None:
    (one,) = pair([gesture(1.0, 2.0)], speech([]))
    assert one.position is None and one.turn is None and one.nearest == {"interviewee": None, "interviewer": None}
    assert one.states == {"speaking": 0.0, "listening": 0.0, "silent": 1.0}
    (one,) = pair([gesture(1.0, 2.0)], speech(TALK[:1]))
    assert one.position is None and one.state == "listening" and one.lag is None


def test_it_finds_what_a_search_through_everything_finds() -> None:
    draw = random.Random(3)
    said: list[tuple[Role, float, list[tuple[float, float, str]]]] = []
    for number in range(60):
        at = round(draw.uniform(0, 280), 3)
        words = [(round(at + 0.3 * n, 3), round(at + 0.3 * n + 0.25, 3), f"w{number}") for n in range(6)]
        said.append((draw.choice(["interviewee", "interviewer"]), 0, words))
    talk = speech(said, 300.0)
    starts = sorted(round(draw.uniform(0, 290), 3) for _ in range(200))
    gestures = [gesture(start, round(start + draw.uniform(0.1, 9), 3)) for start in starts]
    for item in pair(gestures, talk):
        met = {word for own in talk.words.values() for word in own if shared(word, item.gesture) >= 0.0005}
        assert {word for word, _ in item.words} == met
        turns = [turn for turn in talk.turns if shared(turn, item.gesture) >= 0.0005]
        assert [turn for turn, _ in item.turns] == turns
        assert sum(item.states.values()) == pytest.approx(item.gesture.duration, abs=0.005)
        own = talk.words["interviewee"]
        assert item.lag is not None
        assert abs(item.lag) == pytest.approx(min(abs(item.gesture.start - word.start) for word in own), abs=6e-4)


def test_the_line_of_a_gesture(talk: Speech) -> None:
    (one,) = pair([gesture(4.25, 4.75)], talk)
    text = line(one).decode()
    found = json.loads(text)
    assert text.endswith("}\n") and '"start":4.250,"end":4.750' in text
    assert {"video_id", "label_id", "class", "name", "start_frame", "end_frame", "role", "nearest_word"} <= found.keys()
    assert (found["class"], found["name"], found["label_id"]) == (20, "moving torso", None)
    assert found["words"][0] == {"word": "It", "role": "interviewee", "row": 1, "index": 0, "seconds": 0.25}
    assert found["turn"] == {"speaker": "SPEAKER_01", "role": "interviewee", "start": 3.9, "end": 6.1}
    assert found["nearest_word"]["interviewee"]["lag"] == 0.25  # as near as the next word: the earlier one counts
    assert found["seconds"] == {"speaking": 0.5, "listening": 0.0, "silent": 0.0}
