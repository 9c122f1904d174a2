"""pyannote.audio's own pipeline, with segmentation-3.0 and CAM++, on the demo interview."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imigue_build.apps.scoring import turns
from imigue_build.backends.base import AudioTask, Diarizer
from imigue_build.backends.diarization.pyannote.diarizer import PyannoteDiarizer
from imigue_build.backends.diarization.pyannote.settings import PyannoteDiarize
from imigue_build.backends.diarization.segmentation_onnx.features import log_mel
from imigue_build.backends.diarization.segmentation_onnx.networks import Networks
from imigue_build.core.errors import BackendError
from imigue_build.core.records import Diarization, Turn
from imigue_build.pipeline.demo import DEMO
from tests.contract.suites import DiarizerContract
from tests.real_models import making

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

pytestmark = pytest.mark.models

TURNS = json.loads((DEMO / "demo.json").read_text())["turns"]
REFERENCE = [Turn(turn["start"], turn["end"], turn["speaker"]) for turn in TURNS]
EXCERPT = 31.2
"""Seconds of the demo interview that most tests hear: ten turns of two speakers."""


def pyannote(model: Path, **settings: Any) -> PyannoteDiarizer:
    return PyannoteDiarizer(PyannoteDiarize.model_validate({"backend": "pyannote", "model": str(model), **settings}))


def diarization(diarizer: Diarizer, audio: Samples) -> Diarization:
    (found,) = diarizer.diarize([AudioTask("0001", audio)])
    assert isinstance(found, Diarization), found
    return found


@pytest.fixture(scope="module")
def excerpt(demo_audio: Samples) -> Samples:
    return demo_audio[: int(EXCERPT * 16000)]


class TestPyannote(DiarizerContract):
    tolerance = 0.05

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, pipeline: Path) -> Diarizer:
        return pyannote(pipeline)


def error_rate(found: Diarization, until: float, collar: float) -> float:
    """The DER of the demo's first seconds."""
    reference = [turn for turn in REFERENCE if turn.end <= until]
    errors, _ = turns.compare(reference, found.turns, collar)
    return (errors.missed + errors.false_alarm + errors.confusion) / errors.total


def test_two_voices_are_found_and_told_apart(pipeline: Path, excerpt: Samples) -> None:
    found = diarization(pyannote(pipeline), excerpt)
    assert error_rate(found, EXCERPT, collar=0.25) <= 0.01
    assert error_rate(found, EXCERPT, collar=0) <= 0.05
    first, second = (np.array(speaker.embedding) for speaker in found.speakers)
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-4)
    assert float(first @ second) < 0.5
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"


def test_voices_at_once_are_overlap_and_one_at_a_time_in_the_exclusive_view(pipeline: Path, excerpt: Samples) -> None:
    voice = excerpt[int(16.92 * 16000) : int(20.48 * 16000)].astype(np.int32)
    mixed = excerpt.astype(np.int32)
    at = int(26.8 * 16000)
    mixed[at : at + len(voice)] += voice
    found = diarization(pyannote(pipeline), np.clip(mixed, -32768, 32767).astype(np.int16))
    assert all(overlap.speakers == ("SPEAKER_00", "SPEAKER_01") for overlap in found.overlap)
    # the added voice has a pause of .37 s
    edges = [edge for overlap in found.overlap for edge in (overlap.start, overlap.end)]
    assert edges == pytest.approx((26.8, 28.8, 29.17, 30.36), abs=0.3)
    assert sum(turn.duration for turn in found.turns) > sum(turn.duration for turn in found.exclusive) + 3


def test_the_networks_of_segmentation_onnx_compute_the_same(pipeline: Path, excerpt: Samples) -> None:
    """The same weights in torch, by pyannote's and 3D-Speaker's code, and in onnxruntime."""
    import torch

    loaded, networks = pyannote(pipeline)._pipeline(), Networks()
    window = excerpt[: 10 * 16000].astype(np.float32)[None] / np.float32(32768)
    voice = excerpt[16000 : 3 * 16000]
    features = log_mel(voice)
    with torch.inference_mode():
        segmented = loaded._segmentation.model(torch.tensor(window)[:, None]).exp().numpy()
        embedded = loaded._embedding.model_(torch.tensor(voice.astype(np.float32) / 32768)[None, None]).numpy()
    assert np.abs(segmented - networks.segmentation(window)).max() < 1e-3
    assert np.abs(embedded - networks.embeddings((features - features.mean(axis=0))[None])).max() < 1e-2


def test_pyannotes_own_clustering_runs_and_obeys_the_number_of_speakers(tmp_path: Path, excerpt: Samples) -> None:
    model, audio = making.diarization_pipeline(tmp_path / "vbx", "VBxClustering"), excerpt[: int(16.4 * 16000)]
    assert error_rate(diarization(pyannote(model, num_speakers=2), audio), 16.4, collar=0.25) <= 0.01
    assert len(diarization(pyannote(model, num_speakers=1), audio).speakers) == 1
    (known,) = pyannote(model, num_speakers=1).diarize([AudioTask("0001", audio, num_speakers=2)])
    assert isinstance(known, Diarization) and len(known.speakers) == 2
    assert len(diarization(pyannote(model, min_speakers=3), excerpt).speakers) == 3
    assert len(diarization(pyannote(model, max_speakers=1), audio).speakers) == 1


def test_a_full_gpu_halves_both_batches_and_changes_nothing(
    pipeline: Path, excerpt: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    expected = diarization(pyannote(pipeline), excerpt)
    diarizer = pyannote(pipeline, batch_size=32)
    loaded = diarizer._pipeline()
    real, sizes = loaded._embedding.model_.forward, []

    def forward(waveforms: Any, weights: Any = None) -> Any:
        sizes.append(len(waveforms))
        if len(waveforms) > 8:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return real(waveforms, weights)

    monkeypatch.setattr(loaded._embedding.model_, "forward", forward)
    found = diarization(diarizer, excerpt)
    tried = [size for size in sizes if size > 1]  # single ones are how pyannote finds the shortest sound
    assert tried[0] > 16 and tried[1:3] == [16, 8] and max(tried[2:]) == 8
    assert loaded.segmentation_batch_size == loaded.embedding_batch_size == 8
    assert [turn.speaker for turn in found.turns] == [turn.speaker for turn in expected.turns]
    assert found.speech == expected.speech


def test_ones_failure_is_its_own(pipeline: Path, excerpt: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    diarizer = pyannote(pipeline)
    loaded = diarizer._pipeline()
    real, calls = loaded.clustering, []

    def clustering(**arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise IndexError("broken")
        return real(**arguments)

    monkeypatch.setattr(loaded, "clustering", clustering, raising=False)
    part = excerpt[: 16000 * 10]
    found = diarizer.diarize([AudioTask("0001", part), AudioTask("0002", part)])
    assert isinstance(found[0], BackendError) and "pyannote.audio failed (IndexError: broken)" in str(found[0])
    assert isinstance(found[1], Diarization)


@pytest.mark.parametrize("seconds", [0.5, 0.99, 1.0, 1.5, 3.0])
def test_short_audio_is_diarized_or_said_to_hold_no_speech(seconds: float, pipeline: Path, demo_audio: Samples) -> None:
    audio = demo_audio[int(24.0 * 16000) : int((24.0 + seconds) * 16000)]
    (found,) = pyannote(pipeline).diarize([AudioTask("0001", audio)])
    if isinstance(found, Diarization):
        assert seconds >= 1
        assert all(s.embedding is None or np.isfinite(s.embedding).all() for s in found.speakers)
    else:
        assert str(found).startswith(f"no speech was found in {seconds:.1f} s of audio")


def test_a_folder_that_is_no_pipeline_is_said(tmp_path: Path, excerpt: Samples) -> None:
    with pytest.raises(BackendError, match=r"cannot be loaded .*check diarize\.model"):
        pyannote(tmp_path).diarize([AudioTask("0001", excerpt)])
