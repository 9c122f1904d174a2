"""Goodness of pronunciation: on the demo interview, and on real recordings if there are some."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from msgspec.structs import replace

from imigue_build.backends.acoustic_model import phone_scores as pocketsphinx_phones
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.media.ffmpeg import find_ffmpeg
from imigue_build.backends.pronunciation_fit import pool as fit_pool
from imigue_build.backends.pronunciation_fit.gop import (
    MIN_PHONES,
    POOR_FIT,
    PronunciationFit,
    ScoringTask,
    is_poor,
    mean_gop,
    score,
    score_utterance,
    with_pronunciation_fit,
)
from imigue_build.backends.signal.boundaries import PhoneSpan
from imigue_build.core.errors import BackendError
from imigue_build.core.records import AlignedWord, AlignmentQuality, Utterance
from imigue_build.pipeline.demo import DEMO

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples


def decoded_audio(video: Path) -> Samples:
    command = [str(find_ffmpeg()), "-v", "error", "-i", str(video), "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le"]
    return np.frombuffer(subprocess.run([*command, "-"], check=True, capture_output=True).stdout, dtype="<i2")


def cut(audio: Samples, start: float, end: float) -> Samples:
    return audio[max(round((start - 0.1) * SAMPLE_RATE), 0) : round((end + 0.1) * SAMPLE_RATE)]


def utterance(tokens: list[str], start: float, end: float, aligned: bool = True) -> Utterance:
    """Words spread evenly over an interval."""
    edges = [float(edge) for edge in np.linspace(start, end, len(tokens) + 1)]
    words = [AlignedWord(a, b, token, aligned=aligned) for token, (a, b) in zip(tokens, pairwise(edges), strict=True)]
    return Utterance(start, end, "SPEAKER_00", tuple(words))


@pytest.fixture(scope="module")
def demo() -> Samples:
    return decoded_audio(DEMO / "demo.mp4")


@pytest.fixture(scope="module")
def turns() -> list[dict[str, Any]]:
    """The longer turns of the demo."""
    found = json.loads((DEMO / "demo.json").read_text(encoding="utf-8"))["turns"][:10]
    return [turn for turn in found if len(turn["text"].split()) >= 4]


# --- texts


def test_correct_texts_fit_and_others_do_not(demo: Samples, turns: list[dict[str, Any]]) -> None:
    texts = [turn["text"].split() for turn in turns]
    for turn, words, other in zip(turns, texts, texts[1:] + texts[:1], strict=True):
        value, poor = score_utterance(demo, utterance(words, turn["start"], turn["end"]))
        assert value is not None and -2 < value <= 0 and not poor
        value, poor = score_utterance(demo, utterance(other, turn["start"], turn["end"]))
        assert value is not None and value < POOR_FIT and poor


def test_the_aligners_flag_stays_if_the_fit_is_not_good(
    demo: Samples, turns: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    correct = utterance(turns[0]["text"].split(), turns[0]["start"], turns[0]["end"])
    suspect = replace(correct, flags=("wide_beam", "poor_fit"), quality=AlignmentQuality(log_likelihood=-60.0))
    task = AlignmentTask("0001", "en", demo, ())
    found = with_pronunciation_fit(task, suspect)
    assert found.flags == ("wide_beam",)
    assert found.quality is not None and found.quality.log_likelihood == -60.0 and found.quality.fit is not None
    monkeypatch.setattr(
        "imigue_build.backends.pronunciation_fit.gop.score_utterance", lambda *_: PronunciationFit(-2.8, poor=False)
    )
    assert with_pronunciation_fit(task, suspect).flags == ("wide_beam", "poor_fit")
    assert with_pronunciation_fit(task, correct).flags == ()
    unplaced = utterance(["hello"], 0.0, 1.0, aligned=False)
    assert with_pronunciation_fit(task, unplaced) is unplaced


@pytest.mark.slow
def test_several_processes_score_like_one(
    demo: Samples, turns: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = AlignmentTask("0001", "en", demo, ())
    correct = [utterance(turn["text"].split(), turn["start"], turn["end"]) for turn in turns[:3]]
    given = [*correct, utterance(["hello"], 0.0, 1.0, aligned=False), utterance(turns[1]["text"].split(), 0.0, 2.0)]
    monkeypatch.setattr(fit_pool, "_MIN_UTTERANCES", 1)
    expected = [with_pronunciation_fit(task, item) for item in given]
    assert expected[3].quality is None and expected[0].quality is not None
    pool = fit_pool.PronunciationFitPool(2)
    assert pool.with_pronunciation_fits([(task, item) for item in given]) == expected
    for scorer in pool._scorers:
        scorer.process.kill()
        scorer.process.join()
    assert pool.with_pronunciation_fits([(task, item) for item in given]) == expected, "then it is done here"
    assert pool._scorers == []


def test_who_is_killed_leaves_no_semaphore() -> None:
    script = (
        "import os, signal\n"
        "from imigue_build.backends.pronunciation_fit.pool import _started\n"
        "if __name__ == '__main__':\n"
        "    scorers = [_started(), _started()]\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")


def test_the_order_of_scoring_does_not_matter(demo: Samples, turns: list[dict[str, Any]]) -> None:
    tasks = [ScoringTask(cut(demo, turn["start"], turn["end"]), tuple(turn["text"].split())) for turn in turns[:3]]
    tasks.append(ScoringTask(tasks[0].sound, ("Kvitová", "beat", "djokovich", "WTA", "US")))
    forward = [score(task) for task in tasks]
    assert [score(task) for task in reversed(tasks)] == forward[::-1]


def test_unaligned_words_at_the_edges_are_ignored(demo: Samples, turns: list[dict[str, Any]]) -> None:
    turn = turns[1]
    given = utterance(turn["text"].split(), turn["start"], turn["end"])
    strange = AlignedWord(turn["end"], turn["end"] + 1, "notwithstanding")
    longer = Utterance(given.start, given.end + 1, "SPEAKER_00", (*given.words, strange))
    assert score_utterance(demo, longer) == score_utterance(demo, given)
    unaligned = utterance(turn["text"].split(), turn["start"], turn["end"], aligned=False)
    assert score_utterance(demo, unaligned) == score_utterance(demo, given)


@pytest.mark.parametrize(
    ("tokens", "seconds"),
    [([], 1.0), (["—", "..."], 1.0), (["congratulations"], 0.05), (["hello"] * 100, 2.0), (["hello"], 0.0)],
    ids=["no words", "nothing spoken", "too short", "too many words", "no sound"],
)
def test_some_texts_cannot_be_scored(demo: Samples, tokens: list[str], seconds: float) -> None:
    assert score(ScoringTask(demo[: round(seconds * SAMPLE_RATE)], tuple(tokens))).value is None


def test_utterances_that_cannot_be_scored_are_not_poor(demo: Samples, turns: list[dict[str, Any]]) -> None:
    given = utterance(turns[0]["text"].split(), 1000.0, 1001.0)
    assert score_utterance(demo, given) == (None, False)
    assert score_utterance(demo, Utterance(0.5, 0.5, "SPEAKER_00", ())) == (None, False)
    assert score_utterance(demo, utterance(["ein", "anderes", "wort"], 1.0, 2.0), "de") == (None, False)


@pytest.mark.parametrize("level", [0, 32767], ids=["digital silence", "clipping noise"])
def test_audio_without_speech_has_a_finite_score(level: int) -> None:
    sound = np.random.default_rng(0).choice(np.array([-level, level], dtype=np.int16), 3 * SAMPLE_RATE)
    value = score(ScoringTask(sound, ("we", "played", "a", "long", "match", "here"))).value
    assert value is not None and np.isfinite(value) and value <= 0


# --- numbers


def test_short_texts_are_never_poor() -> None:
    assert is_poor(POOR_FIT - 0.01, MIN_PHONES)
    assert not is_poor(POOR_FIT, MIN_PHONES)
    assert not is_poor(POOR_FIT - 9, MIN_PHONES - 1)
    assert not is_poor(None, MIN_PHONES)


def test_the_fit_is_the_mean_over_phones(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array([[0.0, -4.0], [0.0, -4.0], [-1.0, 0.0]], dtype=np.float32)
    monkeypatch.setattr("imigue_build.backends.pronunciation_fit.gop.phones", lambda: ("AA", "B"))
    lag = 0.0078
    spans = [PhoneSpan(0, "B", lag, 0.02 + lag), PhoneSpan(0, "B", 0.02 + lag, 0.03 + lag)]
    assert mean_gop(spans, table) == pytest.approx((-4 + 0) / 2)
    assert mean_gop([PhoneSpan(0, "", 0.0, 0.03)], table) is None
    beyond = [PhoneSpan(0, "AA", 5.0, 6.0)]
    assert mean_gop(beyond, table) == pytest.approx(-1)


def test_phones_are_distinguished(demo: Samples) -> None:
    """Against the synthesiser's times of the demo's phones."""
    found = json.loads((DEMO / "demo.json").read_text(encoding="utf-8"))["phones"]
    names, start = pocketsphinx_phones.phones(), found[0]["start"]
    some = [phone for phone in found if phone["end"] < start + 12]
    likelihood = pocketsphinx_phones.scores(demo[round(start * SAMPLE_RATE) : round((start + 12) * SAMPLE_RATE)])
    assert likelihood.shape[1] == len(names) == 39
    hits = 0
    for phone in some:
        middle = round(((phone["start"] + phone["end"]) / 2 - start) * 100)
        hits += phone_name(phone) == names[int(likelihood[middle].argmax())]
    assert hits > 0.3 * len(some)


def phone_name(phone: dict[str, Any]) -> str:
    return str(phone["phone"]).upper().rstrip("012")


def test_without_pocketsphinx_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    pocketsphinx_phones._model.cache_clear()
    with pytest.raises(BackendError, match="the package pocketsphinx is not installed: reinstall it"):
        pocketsphinx_phones.phones()


# --- real recordings


@pytest.mark.slow
def test_real_speech() -> None:
    root = os.environ.get("IMIGUE_SHARED_DATA")
    if not root:
        pytest.skip("IMIGUE_SHARED_DATA names no folder of recordings")
    audio = decoded_audio(Path(root, "interviews", "0006.mp4"))  # voices overlap
    reference = json.loads(Path(root, "interviews", "0006.json").read_text())["words"]
    turns = [list(group) for _, group in groupby(sorted(reference, key=lambda w: w["turn"]), key=lambda w: w["turn"])]
    texts = [[word["word"] for word in turn] for turn in turns]
    wrong = found = 0
    for turn, words, other in zip(turns, texts, texts[1:] + texts[:1], strict=True):
        wrong += score_utterance(audio, utterance(words, turn[0]["start"], turn[-1]["end"]))[1]
        found += score_utterance(audio, utterance(other, turn[0]["start"], turn[-1]["end"]))[1]
    assert wrong == 0
    assert found >= 0.9 * len(turns)
