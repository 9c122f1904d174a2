"""Forced alignment with pocketsphinx: on the demo interview, on noise, and on real recordings if there are some."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from msgspec.structs import replace

from imigue_build.backends.acoustic_model.model import model_provenance
from imigue_build.backends.acoustic_model.text_decoder import TextDecoder
from imigue_build.backends.alignment.pocketsphinx import aligner as pocketsphinx_aligner
from imigue_build.backends.alignment.pocketsphinx.aligner import PocketsphinxAligner
from imigue_build.backends.alignment.pocketsphinx.settings import PocketsphinxAlign
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.media.ffmpeg import find_ffmpeg
from imigue_build.backends.signal.boundaries import PhoneSpan
from imigue_build.core.errors import BackendError
from imigue_build.core.records import AlignedWord, Utterance
from imigue_build.pipeline.demo import DEMO
from imigue_build.text.lexicon import Lexicon
from imigue_build.text.normalise import spoken_words

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples


def aligner(passes: int = 1) -> PocketsphinxAligner:
    return PocketsphinxAligner(PocketsphinxAlign(backend="pocketsphinx", passes=passes))


def utterance(text: str, start: float, end: float) -> Utterance:
    """Words spread evenly over an interval."""
    tokens = text.split()
    edges = np.linspace(start, end, len(tokens) + 1)
    words = [AlignedWord(float(a), float(b), token, 0.5) for token, (a, b) in zip(tokens, pairwise(edges), strict=True)]
    return Utterance(start, end, "SPEAKER_00", tuple(words))


def align(backend: PocketsphinxAligner, audio: Samples, *utterances: Utterance) -> tuple[Utterance, ...]:
    (result,) = backend.align([AlignmentTask("0001", "en", audio, utterances)])
    assert isinstance(result, tuple), result
    return result


def decoded_audio(video: Path) -> Samples:
    command = [
        str(find_ffmpeg()),
        "-v",
        "error",
        "-i",
        str(video),
        "-ac",
        "1",
        "-ar",
        str(SAMPLE_RATE),
        "-f",
        "s16le",
        "-",
    ]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, dtype="<i2")


def noise(seconds: float) -> Samples:
    """Clipping noise at full scale."""
    return np.random.default_rng(0).choice(np.array([-32768, 32767], dtype=np.int16), int(seconds * SAMPLE_RATE))


@pytest.fixture(scope="module")
def demo() -> Samples:
    return decoded_audio(DEMO / "demo.mp4")


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEMO / "demo.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def turns(reference: dict[str, Any]) -> tuple[Utterance, ...]:
    """The first turns of the demo as written, with times that are only roughly right."""
    return tuple(utterance(turn["text"], turn["start"], turn["end"]) for turn in reference["turns"][:8])


@pytest.fixture(scope="module")
def aligned(demo: Samples, turns: tuple[Utterance, ...]) -> tuple[Utterance, ...]:
    return align(aligner(passes=4), demo, *turns)


# --- speech


def test_words_are_where_they_are_spoken(aligned: tuple[Utterance, ...], reference: dict[str, Any]) -> None:
    spoken = iter(reference["words"])
    errors = []
    for word in (word for turn in aligned for word in turn.words):
        true = [next(spoken) for _ in spoken_words(word.word)]
        errors += [abs(word.start - true[0]["start"]), abs(word.end - true[-1]["end"])]
    assert median(errors) < 0.02
    assert sum(error < 0.1 for error in errors) >= 0.97 * len(errors)


def test_a_score_has_the_time_and_the_phones_of_its_words(aligned: tuple[Utterance, ...]) -> None:
    (score,) = [word for turn in aligned for word in turn.words if word.word == "6-4,"]
    assert " ".join(phone.phone for phone in score.phones) == "S IH K S F AO R"
    assert score.end - score.start > 0.4


def test_every_word_comes_back_in_order(turns: tuple[Utterance, ...], aligned: tuple[Utterance, ...]) -> None:
    assert [turn.speaker for turn in aligned] == [turn.speaker for turn in turns]
    for before, after in zip(turns, aligned, strict=True):
        assert [(word.word, word.confidence) for word in after.words] == [(w.word, w.confidence) for w in before.words]
        assert all(word.aligned and word.phones for word in after.words)
        assert (after.start, after.end) == (after.words[0].start, after.words[-1].end)
        assert all(word.end <= following.start for word, following in pairwise(after.words))


def test_phones_fill_their_word(aligned: tuple[Utterance, ...]) -> None:
    for word in (word for turn in aligned for word in turn.words):
        assert (word.phones[0].start, word.phones[-1].end) == (word.start, word.end)
        assert all(phone.end - phone.start > 0.005 for phone in word.phones)
        assert all(phone.end <= following.start for phone, following in pairwise(word.phones))


@pytest.mark.slow
def test_the_order_of_alignment_does_not_matter(demo: Samples, turns: tuple[Utterance, ...]) -> None:
    names = utterance("WTA Kvitová kvitova's US us 6-4", 6.1, 9.5)
    some = [turns[0], names, turns[2], utterance("ouch", 0.0, 0.05), turns[1]]
    backend = aligner()
    forward = [align(backend, demo, item)[0] for item in some]
    backward = [align(backend, demo, item)[0] for item in reversed(some)]
    assert forward == backward[::-1]
    assert align(aligner(), demo, *reversed(some)) == tuple(backward)
    assert backend.align([AlignmentTask("0001", "en", demo, tuple(some)), AlignmentTask("0001", "en", demo, ())]) == [
        tuple(forward),
        (),
    ]


def test_capitals_are_spelled_or_read_as_the_audio_has_it(demo: Samples, turns: tuple[Utterance, ...]) -> None:
    sentence = turns[3]
    assert [word.word for word in sentence.words[:3]] == ["It", "was", "a"]
    text = " ".join(["IT", "WAS", *(word.word for word in sentence.words[2:])])
    (found,) = align(aligner(), demo, utterance(text, sentence.start, sentence.end))
    assert [" ".join(phone.phone for phone in word.phones) for word in found.words[:2]] == ["IH T", "W AH Z"]
    (found,) = align(aligner(), demo, utterance("BBC WTA's NEVERMIND", sentence.start, sentence.end))
    assert [len(word.phones) for word in found.words] == [6, 11, 8]


def test_the_pronunciation_fit_detects_a_wrong_text(
    demo: Samples, turns: tuple[Utterance, ...], aligned: tuple[Utterance, ...]
) -> None:
    for turn in aligned:
        assert turn.flags == ()
        assert turn.quality is not None and turn.quality.fit is not None and -2 < turn.quality.fit <= 0
    spoken, other = turns[3], turns[4]
    given = utterance(" ".join(word.word for word in other.words), spoken.start, spoken.end)
    (found,) = align(aligner(), demo, given)
    assert found.flags == ("poor_fit",)
    assert all(word.aligned for word in found.words)


def test_words_of_other_languages_keep_their_times(demo: Samples, turns: tuple[Utterance, ...]) -> None:
    """The model is English."""
    ((found,),) = cast("list[tuple[Utterance]]", aligner().align([AlignmentTask("0001", "de", demo, turns[:1])]))
    assert (found.quality, found.flags, found.words) == (None, ("unaligned",), turns[0].words)


# --- pruning


class Searches(TextDecoder):
    """Notes the beam of each word pass."""

    def __init__(self) -> None:
        super().__init__()
        self.beams: list[float] = []

    def words(self, sound: Samples, entries: Any, shift: int, beam: float = 0.0) -> list[PhoneSpan]:
        self.beams.append(beam)
        return super().words(sound, entries, shift, beam)


def noting(passes: int = 1) -> tuple[PocketsphinxAligner, Searches]:
    backend, decoder = aligner(passes), Searches()
    backend._decoder = decoder
    return backend, decoder


@pytest.mark.slow
def test_pruning_changes_no_result(
    demo: Samples, turns: tuple[Utterance, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, decoder = noting()
    pruned = align(backend, demo, *turns[:4])
    assert decoder.beams == [pocketsphinx_aligner._BEAM] * 4
    monkeypatch.setattr(pocketsphinx_aligner, "_BEAM", 0.0)
    assert align(aligner(), demo, *turns[:4]) == pruned


@pytest.mark.parametrize("lost", [1, 2], ids=["in the first pass", "in the second pass"])
def test_what_pruning_loses_is_searched_without(
    demo: Samples, turns: tuple[Utterance, ...], monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    expected = align(aligner(passes=2), demo, turns[0])
    backend, decoder = noting(passes=2)
    search, beam = Searches.words, pocketsphinx_aligner._BEAM

    def too_tight(self: Searches, sound: Samples, entries: Any, shift: int, beam: float = 0.0) -> list[PhoneSpan]:
        return search(self, sound, entries, shift, 0.5 if len(self.beams) == lost - 1 else beam)

    monkeypatch.setattr(Searches, "words", too_tight)
    assert align(backend, demo, turns[0]) == expected
    assert decoder.beams == ([0.5, 0.0, beam] if lost == 1 else [beam, 0.5, 0.0])


def test_a_low_fit_is_never_due_to_pruning(
    demo: Samples, turns: tuple[Utterance, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text of another turn: its best path is searched without pruning before it is called poor."""
    spoken, other = turns[3], turns[4]
    given = utterance(" ".join(word.word for word in other.words), spoken.start, spoken.end)
    backend, decoder = noting()
    (found,) = align(backend, demo, given)
    assert found.flags == ("poor_fit",)
    assert decoder.beams == [pocketsphinx_aligner._BEAM, 0.0]
    monkeypatch.setattr(pocketsphinx_aligner, "_BEAM", 0.0)
    assert align(aligner(), demo, given) == (found,)


# --- readings


# years.flac: flite's voice slt says "In nineteen ninety I lost six love. In one thousand nine hundred
# ninety I lost six zero." over faint noise; the times are the synthesiser's.
SPOKEN = (
    [("In", 0.523, 0.652), ("1990", 0.652, 1.605), ("I", 1.605, 1.751), ("lost", 1.751, 2.126), ("6-0.", 2.126, 2.798)],
    [("In", 3.388, 3.524), ("1990", 3.524, 5.181), ("I", 5.181, 5.361), ("lost", 5.361, 5.693), ("6-0.", 5.693, 6.335)],
)


def test_the_spoken_reading_is_chosen() -> None:
    audio = decoded_audio(Path(__file__).parent / "speech" / "years.flac")
    given = [utterance("In 1990 I lost 6-0.", words[0][1], words[-1][2]) for words in SPOKEN]
    found = align(aligner(passes=2), audio, *given)
    for turn, expected in zip(found, SPOKEN, strict=True):
        assert [word.word for word in turn.words] == [word for word, *_ in expected]
        for word, (_, start, end) in zip(turn.words, expected, strict=True):
            assert abs(word.start - start) < 0.06 and abs(word.end - end) < 0.06
    phones = [[" ".join(phone.phone for phone in turn.words[index].phones) for index in (1, 4)] for turn in found]
    assert phones[0] == ["N AY N T IY N N AY N T IY", "S IH K S L AH V"]
    thousand = ("W AH N TH AW Z AH N D", "W AH N TH AW Z AH N")  # both are in the dictionary
    assert phones[1][0].startswith(tuple(f"{spoken} N AY N HH AH N D" for spoken in thousand))
    assert phones[1][1] in ("S IH K S Z IH R OW", "S IH K S Z IY R OW")
    assert align(aligner(passes=2), audio, *reversed(given)) == found[::-1]


DIGITS = {"second": "2nd", "first": "1st", "third": "3rd", "two": "2", "and": "&"}


@pytest.mark.slow
def test_numbers_written_in_digits_are_where_they_are_spoken(demo: Samples, reference: dict[str, Any]) -> None:
    texts = [" ".join(DIGITS.get(token, token) for token in turn["text"].split()) for turn in reference["turns"]]
    given = [utterance(text, turn["start"], turn["end"]) for text, turn in zip(texts, reference["turns"], strict=True)]
    spoken, errors = iter(reference["words"]), []
    for word in (word for turn in align(aligner(passes=2), demo, *given) for word in turn.words):
        true = [next(spoken) for _ in spoken_words(word.word)]
        if not word.word.strip(",.").isalpha():
            errors.append(max(abs(word.start - true[0]["start"]), abs(word.end - true[-1]["end"])))
    assert next(spoken, None) is None
    assert len(errors) > 12 and max(errors) < 0.1


def test_no_matching_reading_is_not_an_error(demo: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TextDecoder, "_best_path", lambda *_: [])
    (found,) = align(aligner(), demo, utterance("you won 6-4, 7-6.", 16.9, 18.9))
    assert all(word.aligned for word in found.words)


def test_annotations_are_not_aligned(demo: Samples) -> None:
    (found,) = align(aligner(), demo, utterance("thank you [laughter] (audience applause) I", 6.1, 8.1))
    assert [word.word for word in found.words if word.aligned] == ["thank", "you", "I"]


def test_the_user_s_lexicon_has_priority(demo: Samples) -> None:
    lexicon = Lexicon({"thank": (("T", "AE1", "NG", "K"),), "6-4": (("S", "IH0", "K", "S"), ("Y", "UW"))})
    given = utterance("Thank 6-4, I am tired", 6.1, 8.1)
    (found,) = cast("Any", aligner().align([AlignmentTask("0001", "en", demo, (given,), lexicon)])[0])
    assert [" ".join(phone.phone for phone in word.phones) for word in found.words[:3]] == ["T AE NG K", "Y UW", "AY"]


# --- words that cannot be aligned


def test_an_unspoken_token_keeps_its_time(demo: Samples) -> None:
    given = utterance("thank — you", 6.1, 7.1)
    (found,) = align(aligner(), demo, given)
    assert [word.aligned for word in found.words] == [True, False, True]
    assert found.words[1] == given.words[1]


@pytest.mark.parametrize(
    ("audio", "given"),
    [
        (noise(0.05), utterance("congratulations", 0.0, 0.05)),
        (noise(0.01), utterance("a", 0.0, 0.01)),
        (noise(2.0), utterance("— ... 😀", 0.5, 1.0)),
        (noise(2.0), utterance("hello " * 100, 0.5, 1.0)),
        (noise(2.0), utterance("ab" * 500, 0.5, 1.0)),
        (noise(2.0), Utterance(0.5, 0.5, "SPEAKER_00", ())),
    ],
    ids=["50 ms", "less than a frame", "nothing spoken", "too many words", "too long a word", "no words"],
)
def test_words_that_do_not_fit_keep_their_times(audio: Samples, given: Utterance) -> None:
    spoken = any(word.word.isascii() and word.word.isalpha() for word in given.words)
    flagged = replace(given, flags=("unaligned",)) if spoken else given
    assert align(aligner(), audio, given) == (flagged,)


@pytest.mark.parametrize(
    "audio", [noise(0.0), noise(1.0), np.zeros(16000, dtype=np.int16)], ids=["none", "loud", "quiet"]
)
def test_words_outside_the_audio_are_clipped_to_it(audio: Samples) -> None:
    duration = len(audio) / SAMPLE_RATE
    outside = [utterance("hello there", 5.0, 6.0), utterance("hello there", -3.0, -2.0), utterance("hello", 0.9, 9.0)]
    for given, found in zip(outside, align(aligner(), audio, *outside), strict=True):
        assert [word.word for word in found.words] == [word.word for word in given.words]
        assert all(0 <= word.start <= word.end <= duration for word in found.words)


@pytest.mark.parametrize(
    "audio", [noise(3.0), np.zeros(48000, dtype=np.int16)], ids=["clipping noise", "digital silence"]
)
def test_audio_without_speech_can_be_aligned(audio: Samples) -> None:
    (found,) = align(aligner(passes=2), audio, utterance("we played 6-4 here", 1.0, 2.0))
    assert all(word.end <= following.start for word, following in pairwise(found.words))
    assert all(word.start >= 0 and word.end - word.start > 0.0099 and word.end <= 3.0 for word in found.words)


def test_if_the_phone_pass_fails_the_word_pass_is_kept(
    demo: Samples, turns: tuple[Utterance, ...], aligned: tuple[Utterance, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TextDecoder, "phones", lambda *_: [])
    (found,) = align(aligner(), demo, turns[0])
    assert all(word.aligned and not word.phones for word in found.words)
    assert (found.quality, found.flags) == (None, ())
    for word, expected in zip(found.words, aligned[0].words, strict=True):
        assert word.start == pytest.approx(expected.start, abs=0.05)
        assert word.end == pytest.approx(expected.end, abs=0.05)


def test_a_failed_phone_pass_loses_only_the_phones(demo: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    decode, calls = TextDecoder._decode, []

    def dying(self: TextDecoder, sound: Samples) -> bool:
        calls.append(len(sound))
        if len(calls) % 2:
            return decode(self, sound)
        self._decoder.reinit()
        return False

    monkeypatch.setattr(TextDecoder, "_decode", dying)
    (found,) = align(aligner(passes=4), demo, utterance("kvitova thanked djokovich", 6.1, 7.5))
    assert all(word.aligned and not word.phones for word in found.words)


def test_a_failed_interview_does_not_stop_the_others(demo: Samples, turns: tuple[Utterance, ...]) -> None:
    task = AlignmentTask("0001", "en", demo, turns[:1])
    first, broken, last = aligner().align([task, AlignmentTask("0001", "en", cast("Samples", None), turns[:1]), task])
    assert isinstance(broken, BackendError)
    assert isinstance(first, tuple)
    assert first == last


# --- tools


def test_provenance_names_the_model() -> None:
    provenance = aligner().provenance()
    assert set(provenance.tools) == {"num2words", "numpy", "pocketsphinx"}
    (model,) = provenance.models
    assert model.name == "pocketsphinx en-us acoustic and dictionary"
    assert model.revision == provenance.tools["pocketsphinx"]
    assert model.sha256 is not None and len(model.sha256) == 64


def test_without_pocketsphinx_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    (result,) = aligner().align([AlignmentTask("0001", "en", noise(1.0), (utterance("hello", 0.0, 1.0),))])
    assert isinstance(result, BackendError)
    assert "the package pocketsphinx is not installed: reinstall it" in str(result)
    model_provenance.cache_clear()
    with pytest.raises(BackendError, match="not installed"):
        aligner().provenance()


# --- real recordings


def test_boundaries_of_real_speech() -> None:
    root = os.environ.get("IMIGUE_SHARED_DATA")
    if not root:
        pytest.skip("IMIGUE_SHARED_DATA names no folder of recordings")
    audio = decoded_audio(Path(root, "interviews", "0003.mp4"))
    words = json.loads(Path(root, "interviews", "0003.json").read_text())["words"]
    turns = [[word for word in words if word["turn"] == turn] for turn in sorted({word["turn"] for word in words})]
    given = [utterance(" ".join(w["word"] for w in turn), turn[0]["start"], turn[-1]["end"]) for turn in turns]
    found = [word for turn in align(aligner(), audio, *given) for word in turn.words]
    true = [word for turn in turns for word in turn]
    errors = [abs(a.start - b["start"]) for a, b in zip(found, true, strict=True)]
    errors += [abs(a.end - b["end"]) for a, b in zip(found, true, strict=True)]
    assert median(errors) < 0.0085  # 9.8 ms without the places between frames
    assert sum(error <= 0.05 for error in errors) > 0.9 * len(errors)
    assert sum(error <= 0.1 for error in errors) > 0.97 * len(errors)
