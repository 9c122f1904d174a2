"""MFA's corpus: its segments, their words, and their names."""

from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from praatio.textgrid import openTextgrid

from imigue_build.backends.alignment.mfa import corpus
from imigue_build.backends.alignment.mfa.corpus import CorpusFile
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from tests.backends.alignment.mfa_fake import task, utterance


def spans(corpus_file: CorpusFile) -> list[tuple[list[int], float, float]]:
    return [([index for _, index in segment.addresses], segment.start, segment.end) for segment in corpus_file.segments]


def test_utterances_are_padded_up_to_the_middle_between_them() -> None:
    given_utterances = (
        utterance("a", 1.0, 2.0),
        utterance("b", 2.2, 3.0),
        utterance("c", 4.0, 5.0),
        utterance("d", 5.3, 6.0),
    )
    corpus_file, separate = corpus.interview(0, task(*given_utterances), pad=0.2)
    assert spans(corpus_file) == [([0], 0.8, 2.1), ([1], 2.1, 3.2), ([2], 3.8, 5.15), ([3], 5.15, 6.2)]
    assert separate == []


def test_segments_are_padded_little_where_others_talk() -> None:
    given_utterances = (utterance("a", 1.0, 2.0), utterance("b", 2.1, 3.0, "SPEAKER_01"), utterance("c", 3.0, 4.0))
    corpus_file, _ = corpus.interview(0, task(*given_utterances), pad=0.2)
    assert spans(corpus_file) == [([0], 0.8, 2.1), ([2], 2.95, 4.2), ([1], 2.0, 3.05)]


def test_utterances_without_a_pause_are_one_segment() -> None:
    given_utterances = (
        utterance("a b", 1.0, 2.0),
        utterance("no", 1.8, 2.1, "SPEAKER_01"),
        utterance("c", 2.0, 2.06),
        utterance("d", 2.1, 3.0),
        utterance("e", 2.9, 21.5),
        utterance("f", 21.4, 22.0),
    )
    corpus_file, separate = corpus.interview(0, task(*given_utterances, seconds=30), pad=0.2)
    assert spans(corpus_file) == [([0, 2, 3], 0.8, 2.95), ([4, 5], 2.95, 22.2), ([1], 1.75, 2.15)]
    assert separate == []


def test_overlapping_utterances_are_aligned_separately() -> None:
    given_utterances = (utterance("a", 1.0, 4.0), utterance("b", 2.0, 2.5), utterance("c", 2.0, 2.5, "SPEAKER_01"))
    interview = task(*given_utterances)
    corpus_file, separate = corpus.interview(0, interview, pad=0.2)
    assert spans(corpus_file) == [([0], 0.8, 4.2), ([2], 1.95, 2.55)]
    assert separate == [1]
    single = corpus.single(0, interview, 1, pad=0.2)
    assert spans(single) == [([1], 1.8, 2.7)]
    assert single.name == single.segments[0].speaker == "i0440_u00001"
    assert len(single.audio) == round(0.9 * SAMPLE_RATE)


@pytest.mark.parametrize(
    ("start", "end"), [(1.0, 1.05), (9.95, 20.0), (-5.0, 0.05), (20.0, 30.0)], ids=["short", "end", "start", "outside"]
)
def test_utterances_that_are_too_short_are_not_sent(start: float, end: float) -> None:
    given = utterance("hello", start, end)
    corpus_file, separate = corpus.interview(0, task(given), pad=0.2)
    assert (corpus_file.segments, separate) == ((), [])
    assert corpus.is_too_short(given, 10.0)


def test_long_utterances_get_less_padding() -> None:
    corpus_file, _ = corpus.interview(0, task(utterance("a", 1.0, 30.2), seconds=40), pad=0.5)
    (segment,) = corpus_file.segments
    assert segment.end - segment.start == pytest.approx(29.5)


@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0.1, 3), st.sampled_from("AB")), max_size=8),
    st.floats(0, 1),
)
def test_intervals_of_a_tier_never_overlap(drawn: list[tuple[float, float, str]], pad: float) -> None:
    given_utterances = tuple(utterance("a b", start, start + length, who) for start, length, who in drawn)
    silence = AlignmentTask("0001", "en", np.zeros(10 * SAMPLE_RATE, dtype=np.int16), given_utterances)
    corpus_file, separate = corpus.interview(0, silence, pad)
    for speaker in ("i0001_S00", "i0001_S01"):
        own = [segment for segment in corpus_file.segments if segment.speaker == speaker]
        assert all(first.end <= second.start for first, second in pairwise(own))
    assert all(0 <= segment.start <= segment.end - 0.0999 and segment.end <= 10 for segment in corpus_file.segments)
    sent = sorted([*separate, *(index for segment in corpus_file.segments for _, index in segment.addresses)])
    assert len(sent) == len(set(sent))
    assert {
        index
        for index, given_utterance in enumerate(given_utterances)
        if not corpus.is_too_short(given_utterance, 10.0)
    } <= set(sent)


def test_files_are_what_mfa_reads(tmp_path: Path) -> None:
    interview = task(
        utterance("42 hello", 1.0, 2.0), utterance("us", 9.0, 10.0, "notes"), video_id="a-b_C", seconds=9.9999
    )
    corpus_file, _ = corpus.interview(0, interview, pad=0.2)
    corpus.write(tmp_path / "corpus", [corpus_file])
    assert sorted(path.name for path in (tmp_path / "corpus").iterdir()) == ["ia-b_C.TextGrid", "ia-b_C.wav"]
    with wave.open(str(tmp_path / "corpus" / "ia-b_C.wav"), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
        assert file.readframes(file.getnframes()) == interview.audio.tobytes()
    grid = openTextgrid(str(tmp_path / "corpus" / "ia-b_C.TextGrid"), includeEmptyIntervals=False)
    assert grid.tierNames == ("ia-b_C_S00", "ia-b_C_S01")
    assert [(e.start, e.end) for tier in grid.tiers for e in tier.entries] == [
        (pytest.approx(0.8), pytest.approx(2.2)),
        (pytest.approx(8.8), pytest.approx(9.9999, abs=1e-4)),
    ]
    assert [len(e.label.split()) for tier in grid.tiers for e in tier.entries] == [3, 1]


def test_names_of_different_interviews_differ() -> None:
    names = set()
    for video_id in ("a", "a_S00", "a_u00000", "ia", "A"):
        interview = task(utterance("us", 1.0, 2.0), utterance("us", 3.0, 4.0, "x"), video_id=video_id)
        corpus_file, _ = corpus.interview(0, interview, pad=0.2)
        names |= {corpus_file.name, *(segment.speaker for segment in corpus_file.segments)}
        names |= {corpus.single(0, interview, index, 0.2).name for index in range(2)}
    assert len(names) >= 5 * 4  # a file may have the name of another interview's speaker: MFA does not mind
