"""Reading MFA's output, complete or not, and the times of the transcript's words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from praatio.textgrid import IntervalTier, Textgrid
from praatio.utilities.constants import Interval

from imigue_build.backends.alignment.mfa import corpus, results
from imigue_build.backends.alignment.mfa.corpus import CorpusFile
from imigue_build.backends.alignment.mfa.dictionary import Entry
from imigue_build.backends.alignment.mfa.results import LabelledInterval, TimedUtterance, TimedWord
from imigue_build.backends.alignment.mfa.word_times import aligned_words
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.core.records import Utterance
from tests.backends.alignment.mfa_fake import task, utterance

HEADER = "file,begin,end,speaker,overall_log_likelihood,speech_log_likelihood,phone_duration_deviation,snr"
Label = tuple[float, float, str]


def key(word: str) -> str:
    return Entry(word).key


def corpus_file(*utterances: Utterance) -> CorpusFile:
    return corpus.interview(0, task(*utterances), pad=0.2)[0]


def write(folder: Path, name: str, **tiers: list[Label]) -> None:
    """A TextGrid with tiers named as the arguments, `__` for ` - `; words whose phones are not given have one each."""
    for kind in [tier for tier in tiers if tier.endswith("words")]:
        tiers.setdefault(f"{kind[:-5]}phones", [(start, end, "AH1") for start, end, _ in tiers[kind]])
    grid = Textgrid(0.0, 10.0)
    for tier, labels in tiers.items():
        intervals = [Interval(*label) for label in labels]
        grid.addTier(IntervalTier(tier.replace("__", " - "), intervals, 0.0, 10.0))
    grid.save(str(folder / f"{name}.TextGrid"), format="long_textgrid", includeBlankSpaces=True)


def test_words_phones_and_quality(tmp_path: Path) -> None:
    write(
        tmp_path,
        "i0440",
        words=[(1.0, 1.3, key("forty")), (1.3, 1.6, key("two"))],
        phones=[(1.0, 1.2, "S"), (1.2, 1.3, "IH1"), (1.3, 1.6, "spn")],
    )
    (tmp_path / "alignment_analysis.csv").write_text(f"{HEADER}\ni0440,0.8,2.2,i0440_S00,-50.0,-51.0,3.5,nan\n")
    found = results.read(tmp_path, [corpus_file(utterance("42", 1.0, 2.0))], {key("forty")})
    (timed,) = found.values()
    assert list(found) == [(0, 0)]
    assert timed.words == (
        TimedWord(
            0,
            LabelledInterval(1.0, 1.3, key("forty")),
            (LabelledInterval(1.0, 1.2, "S"), LabelledInterval(1.2, 1.3, "IH1")),
        ),
        TimedWord(0, LabelledInterval(1.3, 1.6, key("two")), ()),
    )
    assert timed.quality is not None
    assert timed.quality.log_likelihood == -50.0
    assert timed.quality.snr_db is None


@pytest.mark.parametrize(
    "labels",
    [
        [],
        [(1.0, 1.3, key("forty"))],
        [(1.0, 1.3, key("two")), (1.3, 1.6, key("forty"))],
        [(1.0, 1.3, key("forty")), (1.3, 1.6, key("five"))],
        [(1.0, 1.3, key("forty")), (1.3, 1.6, key("two")), (1.6, 1.7, key("two"))],
        [(1.0, 1.3, key("forty")), (5.3, 5.6, key("two"))],
    ],
    ids=["none", "one", "other order", "another", "one more", "elsewhere"],
)
def test_unexpected_words_are_a_failure(tmp_path: Path, labels: list[Label]) -> None:
    write(tmp_path, "i0440", words=labels)
    assert results.read(tmp_path, [corpus_file(utterance("42", 1.0, 2.0))], ()) == {}


@pytest.mark.parametrize(
    ("phones", "pronounced", "aligned"),
    [
        ([(1.0, 1.3, "F"), (1.3, 1.6, "spn")], ["forty"], True),
        ([(1.0, 1.3, "F"), (1.3, 1.6, "spn")], ["forty", "two"], False),
        ([(1.0, 1.3, "F")], ["forty", "two"], False),
        ([(1.0, 1.3, "spn"), (1.3, 1.6, "spn")], [], False),
    ],
    ids=["unknown word", "known word", "no phones", "only noise"],
)
def test_noise_where_a_known_word_stands_is_a_failure(
    tmp_path: Path, phones: list[Label], pronounced: list[str], aligned: bool
) -> None:
    write(tmp_path, "i0440", words=[(1.0, 1.3, key("forty")), (1.3, 1.6, key("two"))], phones=phones)
    found = results.read(tmp_path, [corpus_file(utterance("42", 1.0, 2.0))], set(map(key, pronounced)))
    assert bool(found) == aligned


@pytest.mark.parametrize("content", [None, b"", b"\xff\x00", b'File type = "ooTextFile"\nnothing else'])
def test_a_textgrid_that_cannot_be_read_is_a_failure(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "i0440.TextGrid").write_bytes(content)
    assert results.read(tmp_path, [corpus_file(utterance("42", 1.0, 2.0))], ()) == {}


def test_a_blank_likelihood_is_a_failure_of_that_segment(tmp_path: Path) -> None:
    write(tmp_path, "i0440", words=[(1.0, 1.3, key("six")), (3.3, 3.6, key("four"))])
    (tmp_path / "alignment_analysis.csv").write_text(
        f"{HEADER}\ni0440,0.8,2.2,i0440_S00,,,,\ni0440,2.8,4.2,i0440_S00,-50.0,-51.0,3.5,9.0\n"
    )
    given = (utterance("six", 1.0, 2.0), utterance("four", 3.0, 4.0))
    assert list(results.read(tmp_path, [corpus_file(*given)], ())) == [(0, 1)]


def test_tiers_of_several_speakers(tmp_path: Path) -> None:
    write(
        tmp_path,
        "i0440",
        i0440_S00__words=[(1.0, 1.3, key("six"))],
        i0440_S01__words=[(1.1, 1.3, key("six"))],
        i0440_S01__phones=[(1.1, 1.3, "S")],
    )
    given = (utterance("six", 1.0, 2.0, "B"), utterance("six", 1.0, 2.0, "A"))
    found = results.read(tmp_path, [corpus_file(*given)], ())
    assert [found[0, at].words[0].word.start for at in (0, 1)] == [1.0, 1.1]
    assert [len(found[0, at].words[0].phones) for at in (0, 1)] == [1, 1]


def test_unnamed_tiers_belong_to_the_speaker_whose_words_they_have(tmp_path: Path) -> None:
    write(tmp_path, "i0440", words=[(1.0, 1.3, key("six")), (3.0, 3.3, key("four"))])
    given = (utterance("six", 1.0, 2.0, "A"), utterance("six", 1.0, 2.0, "B"), utterance("four", 3.0, 4.0, "B"))
    assert list(results.read(tmp_path, [corpus_file(*given)], ())) == [(0, 1), (0, 2)]


def test_utterances_of_a_segment_have_their_own_words(tmp_path: Path) -> None:
    write(tmp_path, "i0440", words=[(1.0, 1.9, key("six")), (2.1, 2.4, key("four")), (2.4, 2.6, key("five"))])
    found = results.read(tmp_path, [corpus_file(utterance("six", 1.0, 2.0), utterance("four five", 2.0, 3.0))], ())
    assert [(item.start, item.end, len(item.words)) for item in found.values()] == [(0.8, 2.0, 1), (2.0, 3.2, 2)]


# --- word times


def timed(start: float, end: float, *words: tuple[int, float, list[tuple[float, str]]]) -> TimedUtterance:
    """Words by index and start, with the ends of their phones and the phones' names; no names: no phones."""
    timed_words = []
    for at, begin, ends in words:
        edges = [begin, *(time for time, _ in ends)]
        phones = tuple(
            LabelledInterval(a, b, name) for (a, b), (_, name) in zip(pairwise(edges), ends, strict=True) if name
        )
        timed_words.append(TimedWord(at, LabelledInterval(begin, edges[-1], "k"), phones))
    return TimedUtterance(start, end, tuple(timed_words), None)


def test_boundaries_within_speech_are_mfas() -> None:
    given = utterance("one — 6-4", 1.0, 2.0)
    loud = np.random.default_rng(0).normal(0, 3000, 3 * SAMPLE_RATE).astype(np.int16)
    found = aligned_words(
        given.words,
        timed(0.8, 2.2, (0, 1.0, [(1.2, "W"), (1.3, "N")]), (2, 1.3, [(1.5, "S")]), (2, 1.5, [(1.9, "F")])),
        loud,
    )
    assert [word.start for word in found] == pytest.approx([1.0, 1.3, 1.3])
    assert [word.end for word in found] == pytest.approx([1.3, 1.3, 1.9])
    assert [[phone.phone for phone in word.phones] for word in found] == [["W", "N"], [], ["S", "F"]]
    assert [word.aligned for word in found] == [True, False, True]
    assert [word.word for word in found] == ["one", "—", "6-4"]


def test_boundaries_next_to_a_pause_follow_the_level() -> None:
    given = utterance("one", 1.0, 2.0)
    one = task(given, seconds=3.0)
    found = aligned_words(given.words, timed(0.8, 2.2, (0, 0.96, [(1.4, "W"), (2.03, "N")])), one.audio)
    assert found[0].start == pytest.approx(1.0, abs=0.008)
    assert found[0].end == pytest.approx(2.0, abs=0.008)
    assert (found[0].phones[0].start, found[0].phones[-1].end) == (found[0].start, found[0].end)


def test_words_at_the_edges_stay_inside_the_recording() -> None:
    given = utterance("one two", 1.0, 3.0)
    one = task(given, seconds=3.0)
    found = aligned_words(
        given.words, timed(0.0, 3.0, (0, 0.0, [(1.4, "")]), (1, 1.4, [(2.0, "T"), (3.0, "UW")])), one.audio
    )
    assert found[0].start >= 0.0 and found[1].end <= 3.0
    assert [word.aligned for word in found] == [False, True]


def test_a_word_that_is_noise_in_part_keeps_its_time() -> None:
    given = utterance("one 42 two", 1.0, 2.5)
    heard = timed(
        0.8, 2.7, (0, 1.0, [(1.4, "W")]), (1, 1.4, [(1.6, "F")]), (1, 1.6, [(2.1, "")]), (2, 2.1, [(2.5, "T")])
    )
    found = aligned_words(given.words, heard, np.full(3 * SAMPLE_RATE, 3000, dtype=np.int16))
    assert [word.aligned for word in found] == [True, False, True]
    assert (found[1].start, found[1].end, found[1].phones) == (given.words[1].start, given.words[1].end, ())
