"""Whether a text was said in a stretch of sound: on the demo interview, and on real recordings where there are some."""

from __future__ import annotations

import json
import os
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
from imigue_build.backends.pronunciation_fit.fit import (
    LEAST_FIT,
    LEAST_PHONES,
    checked,
    fit,
    judge,
    poor_fit,
    track_fit,
)
from imigue_build.backends.signal.boundaries import Stretch
from imigue_build.core.errors import BackendError
from imigue_build.core.records import AlignedWord, AlignmentQuality, Utterance
from imigue_build.pipeline.demo import DEMO

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples


def heard(video: Path) -> Samples:
    command = [str(find_ffmpeg()), "-v", "error", "-i", str(video), "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le"]
    return np.frombuffer(subprocess.run([*command, "-"], check=True, capture_output=True).stdout, dtype="<i2")


def cut(audio: Samples, start: float, end: float) -> Samples:
    return audio[max(round((start - 0.1) * SAMPLE_RATE), 0) : round((end + 0.1) * SAMPLE_RATE)]


def utterance(tokens: list[str], start: float, end: float, aligned: bool = True) -> Utterance:
    """Words spread evenly over a stretch of time."""
    edges = [float(edge) for edge in np.linspace(start, end, len(tokens) + 1)]
    words = [AlignedWord(a, b, token, aligned=aligned) for token, (a, b) in zip(tokens, pairwise(edges), strict=True)]
    return Utterance(start, end, "SPEAKER_00", tuple(words))


@pytest.fixture(scope="module")
def demo() -> Samples:
    return heard(DEMO / "demo.mp4")


@pytest.fixture(scope="module")
def turns() -> list[dict[str, Any]]:
    """The longer turns of the demo."""
    found = json.loads((DEMO / "demo.json").read_text(encoding="utf-8"))["turns"][:10]
    return [turn for turn in found if len(turn["text"].split()) >= 4]


# --- texts


def test_true_texts_fit_and_others_do_not(demo: Samples, turns: list[dict[str, Any]]) -> None:
    texts = [turn["text"].split() for turn in turns]
    for turn, said, other in zip(turns, texts, texts[1:] + texts[:1], strict=True):
        value, poor = judge(demo, utterance(said, turn["start"], turn["end"]))
        assert value is not None and -2 < value <= 0 and not poor
        value, poor = judge(demo, utterance(other, turn["start"], turn["end"]))
        assert value is not None and value < LEAST_FIT and poor


def test_another_aligners_suspicion_counts_where_the_fit_is_not_good(
    demo: Samples, turns: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = utterance(turns[0]["text"].split(), turns[0]["start"], turns[0]["end"])
    suspect = replace(said, flags=("wide_beam", "poor_fit"), quality=AlignmentQuality(log_likelihood=-60.0))
    task = AlignmentTask("0001", "en", demo, ())
    found = checked(task, suspect)
    assert found.flags == ("wide_beam",)
    assert found.quality is not None and found.quality.log_likelihood == -60.0 and found.quality.fit is not None
    monkeypatch.setattr("imigue_build.backends.pronunciation_fit.fit.judge", lambda *_: (-2.8, False))
    assert checked(task, suspect).flags == ("wide_beam", "poor_fit")
    assert checked(task, said).flags == ()
    unplaced = utterance(["hello"], 0.0, 1.0, aligned=False)
    assert checked(task, unplaced) is unplaced


def test_several_processes_judge_as_one_does(
    demo: Samples, turns: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = AlignmentTask("0001", "en", demo, ())
    said = [utterance(turn["text"].split(), turn["start"], turn["end"]) for turn in turns[:3]]
    given = [*said, utterance(["hello"], 0.0, 1.0, aligned=False), utterance(turns[1]["text"].split(), 0.0, 2.0)]
    monkeypatch.setattr(fit_pool, "_FEW", 1)
    expected = [checked(task, one) for one in given]
    assert [one.quality for one in expected][3] is None and expected[0].quality is not None
    assert fit_pool.FitPool(2).checked([(task, one) for one in given]) == expected


def test_what_was_judged_before_changes_nothing(demo: Samples, turns: list[dict[str, Any]]) -> None:
    some = [(cut(demo, turn["start"], turn["end"]), turn["text"].split()) for turn in turns[:3]]
    some.append((some[0][0], ["Kvitová", "beat", "djokovich", "WTA", "US"]))
    forward = [fit(*each) for each in some]
    assert [fit(*each) for each in reversed(some)] == forward[::-1]


def test_words_that_could_not_be_placed_at_the_edges_are_left_out(demo: Samples, turns: list[dict[str, Any]]) -> None:
    turn = turns[1]
    given = utterance(turn["text"].split(), turn["start"], turn["end"])
    strange = AlignedWord(turn["end"], turn["end"] + 1, "notwithstanding")
    longer = Utterance(given.start, given.end + 1, "SPEAKER_00", (*given.words, strange))
    assert judge(demo, longer) == judge(demo, given)
    unaligned = utterance(turn["text"].split(), turn["start"], turn["end"], aligned=False)
    assert judge(demo, unaligned) == judge(demo, given)


@pytest.mark.parametrize(
    ("tokens", "seconds"),
    [([], 1.0), (["—", "..."], 1.0), (["congratulations"], 0.05), (["hello"] * 100, 2.0), (["hello"], 0.0)],
    ids=["no words", "nothing spoken", "too short", "too many words", "no sound"],
)
def test_some_texts_cannot_be_judged(demo: Samples, tokens: list[str], seconds: float) -> None:
    assert fit(demo[: round(seconds * SAMPLE_RATE)], tokens) is None


def test_utterances_that_cannot_be_judged_are_not_poor(demo: Samples, turns: list[dict[str, Any]]) -> None:
    given = utterance(turns[0]["text"].split(), 1000.0, 1001.0)
    assert judge(demo, given) == (None, False)
    assert judge(demo, Utterance(0.5, 0.5, "SPEAKER_00", ())) == (None, False)
    assert judge(demo, utterance(["ein", "anderes", "wort"], 1.0, 2.0), "de") == (None, False)


@pytest.mark.parametrize("level", [0, 32767], ids=["digital silence", "clipping noise"])
def test_sound_without_speech_is_survived(level: int) -> None:
    sound = np.random.default_rng(0).choice(np.array([-level, level], dtype=np.int16), 3 * SAMPLE_RATE)
    value = fit(sound, ["we", "played", "a", "long", "match", "here"])
    assert value is not None and np.isfinite(value) and value <= 0


# --- numbers


def test_short_texts_are_never_poor() -> None:
    assert poor_fit(LEAST_FIT - 0.01, LEAST_PHONES)
    assert not poor_fit(LEAST_FIT, LEAST_PHONES)
    assert not poor_fit(LEAST_FIT - 9, LEAST_PHONES - 1)
    assert not poor_fit(None, LEAST_PHONES)


def test_the_fit_is_the_mean_over_phones(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array([[0.0, -4.0], [0.0, -4.0], [-1.0, 0.0]], dtype=np.float32)
    monkeypatch.setattr("imigue_build.backends.pronunciation_fit.fit.phones", lambda: ("AA", "B"))
    monkeypatch.setattr("imigue_build.backends.pronunciation_fit.fit.scores", lambda _: table)
    lag = 0.0078
    sound = np.zeros(1, dtype=np.int16)
    track = [Stretch(0, "B", lag, 0.02 + lag), Stretch(0, "B", 0.02 + lag, 0.03 + lag)]
    assert track_fit(sound, track) == pytest.approx((-4 + 0) / 2)
    assert track_fit(sound, [Stretch(0, "", 0.0, 0.03)]) is None
    beyond = [Stretch(0, "AA", 5.0, 6.0)]
    assert track_fit(sound, beyond) == pytest.approx(-1)


def test_phones_are_told_apart(demo: Samples) -> None:
    """By the synthesiser's own times of the demo's phones."""
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


def test_real_speech() -> None:
    root = os.environ.get("IMIGUE_SHARED_DATA")
    if not root:
        pytest.skip("IMIGUE_SHARED_DATA names no folder of recordings")
    audio = heard(Path(root, "interviews", "0006.mp4"))  # voices overlap
    words = json.loads(Path(root, "interviews", "0006.json").read_text())["words"]
    turns = [list(group) for _, group in groupby(sorted(words, key=lambda w: w["turn"]), key=lambda w: w["turn"])]
    texts = [[word["word"] for word in turn] for turn in turns]
    wrong = found = 0
    for turn, said, other in zip(turns, texts, texts[1:] + texts[:1], strict=True):
        wrong += judge(audio, utterance(said, turn[0]["start"], turn[-1]["end"]))[1]
        found += judge(audio, utterance(other, turn[0]["start"], turn[-1]["end"]))[1]
    assert wrong == 0
    assert found >= 0.9 * len(turns)
