"""The embedded diarizer, on the demo interview's two speakers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imigue_build.backends.diarization.dvector.diarizer import DvectorDiarizer
from imigue_build.backends.diarization.dvector.settings import DvectorDiarize
from imigue_build.backends.media.ffmpeg import decode
from imigue_build.backends.speaker_embedding.embedding import EmbeddingKind, Resemblyzer, load_embedding
from imigue_build.config import Extract
from imigue_build.core.errors import BackendError
from imigue_build.core.records import Diarization
from imigue_build.core.wav import read_wav
from imigue_build.pipeline.demo import DEMO
from tests.backends.tasks import tasks

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples
    from imigue_build.backends.speaker_embedding.embedding import Features


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    folder: Path = tmp_path_factory.mktemp("demo")
    decode(DEMO / "demo.mp4", folder / "44.wav", folder / "16.wav", Extract())
    return read_wav(folder / "16.wav")


def diarized(audio: Samples, **settings: object) -> Diarization:
    config = DvectorDiarize.model_validate({"backend": "dvector"} | settings)
    found = DvectorDiarizer(config).diarize(tasks(audio))[0]
    assert isinstance(found, Diarization)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("embedding", ["resemblyzer", "builtin"])
def test_two_speakers_are_found_and_separated(demo: Samples, embedding: EmbeddingKind) -> None:
    turns = json.loads((DEMO / "demo.json").read_text())["turns"]
    found = diarized(demo, embedding=embedding)
    names = {"slt": "SPEAKER_00", "rms": "SPEAKER_01"}
    for turn in turns:
        middle = (turn["start"] + turn["end"]) / 2
        own = [item.speaker for item in found.exclusive if item.start <= middle < item.end]
        assert own == [names[turn["speaker"]]]


@pytest.mark.slow
def test_the_number_of_speakers_is_bounded_or_fixed(demo: Samples) -> None:
    assert len(diarized(demo, max_speakers=1).speakers) == 1
    assert len(diarized(demo, num_speakers=3).speakers) == 3
    assert len(diarized(demo[: 16_000 * 5]).speakers) == 1


@pytest.mark.slow
def test_turns_cover_the_speech_and_never_overlap(demo: Samples) -> None:
    found = diarized(demo)
    assert found.exclusive == found.turns and not found.detects_overlap
    assert all(a.end <= b.start for a, b in zip(found.turns, found.turns[1:], strict=False))
    assert sum(turn.duration for turn in found.turns) == pytest.approx(sum(span.duration for span in found.speech))
    assert sum(speaker.seconds for speaker in found.speakers) == pytest.approx(
        sum(turn.duration for turn in found.turns)
    )
    assert list(dict.fromkeys(turn.speaker for turn in found.turns)) == [speaker.speaker for speaker in found.speakers]


@pytest.mark.slow
def test_the_order_of_recordings_does_not_matter(demo: Samples) -> None:
    first, second = demo[: 16_000 * 20], demo[16_000 * 20 : 16_000 * 45]
    diarizer = DvectorDiarizer(DvectorDiarize(backend="dvector"))
    assert diarizer.diarize(tasks(first, second)) == diarizer.diarize(tasks(second, first))[::-1]


@pytest.mark.parametrize("seconds", [0.0, 0.2, 3.0])
def test_silence_is_an_error_of_its_recording_alone(demo: Samples, seconds: float) -> None:
    silence = demo[: int(16_000 * seconds)] * 0
    diarizer = DvectorDiarizer(DvectorDiarize(backend="dvector"))
    nothing, found = diarizer.diarize(tasks(silence, demo[: 16_000 * 6]))
    assert isinstance(nothing, BackendError) and "no speech" in str(nothing)
    assert isinstance(found, Diarization)


def test_an_embedding_does_not_depend_on_the_number_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few windows are not filled up to a large batch, and have the embeddings that they have among many."""
    found = load_embedding("resemblyzer")
    assert isinstance(found, Resemblyzer)
    features = np.random.default_rng(0).random((400, 40)).astype(np.float32)
    windows = np.arange(130)[:, None] + np.arange(20)
    many, forwarded, forward = found.embed(features, windows), list[int](), found._forward

    def counted(batch: Features) -> Features:
        forwarded.append(len(batch))
        return forward(batch)

    monkeypatch.setattr(found, "_forward", counted)
    np.testing.assert_allclose(found.embed(features, windows[:40]), many[:40], atol=1e-6)
    assert sum(forwarded) < 128
