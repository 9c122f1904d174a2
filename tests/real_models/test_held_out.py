"""How the sentences of a test with a real MFA are cut, split and put together; no MFA takes part."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.core.records import Word
from tests.real_models.held_out import (
    MARGIN,
    PAUSE,
    Sentence,
    alternating,
    cut,
    recording,
    recordings,
    sentences,
    split,
)


def made(speaker: str, text: str, level: int = 1) -> Sentence:
    """A sentence of a constant level, whose words of 0.2 s follow one another after 0.1 s."""
    words = [Word(0.1 + 0.2 * at, 0.3 + 0.2 * at, word) for at, word in enumerate(text.split())]
    length = round((words[-1].end + 0.1) * SAMPLE_RATE)
    return Sentence(speaker, text, np.full(length, level, np.int16), tuple(words))


ALL = [made(speaker, f"{text} of {speaker}") for speaker in ("a", "b") for text in "pqrstuvwxy"]
ALL += [made(speaker, "what everybody says") for speaker in ("a", "b", "c")]
ALL += [made("c", f"{text} of c") for text in "pq"]


def test_no_text_is_trained_on_and_tested_with() -> None:
    training, tested = split(ALL, 6)
    assert not {one.text for one in training} & {one.text for one in tested}
    assert sorted(map(id, [*training, *tested])) == sorted(map(id, ALL)), "none is lost, none is there twice"
    assert [one.speaker for one in tested] == ["a"] * 6 + ["b"] * 6, "c has too few to lend any"
    assert {one.speaker for one in training} == {"a", "b", "c"}
    assert sum(one.text == "what everybody says" for one in training) == 3
    assert split(ALL, 6)[1] == tested


def test_sentences_that_are_cut_keep_their_words_and_take_nothing_of_their_neighbours() -> None:
    sound = np.arange(4 * SAMPLE_RATE, dtype=np.int32).astype(np.int16)
    turns = [("a", 0.5, 1.5), ("b", 1.6, 2.5), ("b", 3.0, 3.95)]
    truth = {
        "turns": [
            {"speaker": who, "turn": at, "start": a, "end": b, "text": str(at)} for at, (who, a, b) in enumerate(turns)
        ],
        "words": [{"start": a + 0.1, "end": b, "word": f"w{at}"} for at, (_, a, b) in enumerate(turns)],
    }
    found = cut(truth, sound)
    begins = [0.5 - MARGIN, 1.55, 3.0 - MARGIN]
    ends = [1.55, 2.5 + MARGIN, 3.975]
    for number, (one, begin, end) in enumerate(zip(found, begins, ends, strict=True)):
        assert np.array_equal(one.sound, sound[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)])
        (word,) = one.words
        assert word.word == f"w{number}"
        assert word.start == pytest.approx(turns[number][1] + 0.1 - begin, abs=1e-4)
        assert word.end == pytest.approx(turns[number][2] - begin, abs=1e-4)


def test_a_recording_has_each_sentence_at_the_times_of_its_words() -> None:
    spoken = alternating([made("a", "one two", 101), made("a", "three", 102), made("b", "four five", 103)])
    assert [one.text for one in spoken] == ["one two", "four five", "three"]
    task = recording("0001", spoken)
    assert [(one.speaker, [word.word for word in one.words]) for one in task.utterances] == [
        ("a", ["one", "two"]),
        ("b", ["four", "five"]),
        ("a", ["three"]),
    ]
    for one, level in zip(task.utterances, (101, 103, 102), strict=True):
        first, last = round(one.start * SAMPLE_RATE), round(one.end * SAMPLE_RATE)
        assert set(task.audio[first:last]) == {level}
        silence = round((0.1 + PAUSE / 2) * SAMPLE_RATE)
        assert abs(int(task.audio[first - silence])) <= 3
    assert len(task.audio) == 3 * round(PAUSE * SAMPLE_RATE) + sum(len(one.sound) for one in spoken)


@pytest.mark.skipif(not os.environ.get("IMIGUE_SHARED_DATA"), reason="IMIGUE_SHARED_DATA names no recordings")
def test_the_reference_recordings_lend_six_sentences_of_each_of_four_speakers() -> None:
    found = sentences(Path(os.environ["IMIGUE_SHARED_DATA"]))
    training, tested = split(found, 6)
    assert (len(found), len(training), len(tested)) == (64, 40, 24)
    assert all(" ".join(word.word for word in one.words) == one.text for one in found)
    assert not {one.text for one in training} & {one.text for one in tested}
    assert [len(task.utterances) for task in recordings(tested)] == [12, 12], "an utterance a sentence"
    assert all(one.words[0].start >= 0 and one.words[-1].end <= len(one.sound) / SAMPLE_RATE for one in found)
