"""The whole diarizer: its record, and with the published weights real voices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imigue_build.backends.base import AudioTask
from imigue_build.backends.diarization.segmentation_onnx import diarizer as diarizer_module
from imigue_build.backends.diarization.segmentation_onnx import local_speakers, segments
from imigue_build.backends.diarization.segmentation_onnx.diarizer import SegmentationDiarizer, diarization_of
from imigue_build.backends.diarization.segmentation_onnx.settings import SegmentationDiarize
from imigue_build.backends.diarization.segmentation_onnx.speech import amplified
from imigue_build.backends.diarization.segmentation_onnx.weights import EMBEDDING, SEGMENTATION, published_file
from imigue_build.backends.media.ffmpeg import decode
from imigue_build.config import Extract
from imigue_build.core.errors import BackendError
from imigue_build.core.intervals import intersect, total
from imigue_build.core.records import NO_BALANCE, ChannelBalance, Diarization, Overlap
from imigue_build.core.wav import read_wav
from imigue_build.pipeline.demo import DEMO
from tests.backends.tasks import tasks

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples
    from imigue_build.backends.diarization.segmentation_onnx.networks import Networks
    from imigue_build.backends.diarization.segmentation_onnx.segments import Embeddings, Segments

real = pytest.mark.skipif(
    published_file(SEGMENTATION) is None or published_file(EMBEDDING) is None, reason="the weights are not installed"
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    folder: Path = tmp_path_factory.mktemp("demo")
    decode(DEMO / "demo.mp4", folder / "44.wav", folder / "16.wav", Extract())
    return read_wav(folder / "16.wav")[: 16_000 * 21]


@pytest.fixture(scope="module")
def diarizer() -> SegmentationDiarizer:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    return SegmentationDiarizer(SegmentationDiarize(backend="segmentation-onnx"))


def diarized(diarizer: SegmentationDiarizer, audio: Samples, speakers: int | None = None) -> Diarization:
    (found,) = diarizer.diarize([AudioTask("0001", audio, None, speakers)])
    assert isinstance(found, Diarization)
    return found


@real
def test_two_voices_are_found_told_apart_and_embedded(demo: Samples, diarizer: SegmentationDiarizer) -> None:
    turns = json.loads((DEMO / "demo.json").read_text())["turns"]
    found = diarized(diarizer, demo)
    names = {"slt": "SPEAKER_00", "rms": "SPEAKER_01"}
    for turn in [turn for turn in turns if turn["end"] < 21]:
        middle = (turn["start"] + turn["end"]) / 2
        assert [own.speaker for own in found.exclusive if own.start <= middle < own.end] == [names[turn["speaker"]]]
    voices = np.array([speaker.embedding for speaker in found.speakers])
    np.testing.assert_allclose(np.linalg.norm(voices, axis=1), 1, atol=1e-4)
    assert float(voices[0] @ voices[1]) < 0.5


def overlaid(demo: Samples, found: Diarization, gain: float) -> tuple[Samples, float, float]:
    """The demo with the second voice's longest turn laid over the first's; and from when to when."""
    first, second = (
        max((t for t in found.turns if t.speaker == s.speaker), key=lambda t: t.duration) for s in found.speakers
    )
    mixed = demo.copy()
    at = round((first.start + first.duration / 2) * 16_000)
    added = demo[round(second.start * 16_000) : round(second.end * 16_000)][: round(first.duration / 2 * 16_000)] * gain
    mixed[at : at + len(added)] = np.clip(mixed[at : at + len(added)] + added, -32768, 32767)
    return mixed, at / 16_000, (at + len(added)) / 16_000


@real
def test_overlap_is_found(demo: Samples, diarizer: SegmentationDiarizer) -> None:
    mixed, start, end = overlaid(demo, diarized(diarizer, demo), 1.0)
    again = diarized(diarizer, mixed)
    inside = sum(o.duration for o in again.overlap if start - 0.3 < o.start and o.end < end + 0.3)
    assert inside > 0.6 * (end - start)
    assert all(overlap.speakers == ("SPEAKER_00", "SPEAKER_01") for overlap in again.overlap)


@real
@pytest.mark.parametrize(("gain", "louder"), [(0.5, "SPEAKER_00"), (2.0, "SPEAKER_01")])
def test_in_overlap_the_louder_voice_has_the_exclusive_turn(
    gain: float, louder: str, demo: Samples, diarizer: SegmentationDiarizer
) -> None:
    mixed, start, end = overlaid(demo, diarized(diarizer, demo), gain)
    found = diarized(diarizer, mixed)
    overlap = [span for span in found.overlap if start - 0.3 < span.start and span.end < end + 0.3]
    own = intersect(overlap, [turn for turn in found.exclusive if turn.speaker == louder])
    assert total(own) > 0.8 * total(overlap) > 0


@real
def test_results_do_not_depend_on_what_came_before(demo: Samples, diarizer: SegmentationDiarizer) -> None:
    part = demo[: 16_000 * 12]
    alone = SegmentationDiarizer(SegmentationDiarize(backend="segmentation-onnx")).diarize(tasks(part))
    assert diarizer.diarize(tasks(demo[16_000:40_000], part))[1:] == alone


@real
def test_a_very_quiet_recording(demo: Samples, diarizer: SegmentationDiarizer) -> None:
    """Voices of at most 30 units of 32768: as loud as their quantization allows, they are told apart."""
    quiet = np.round(demo * (30 / np.abs(demo.astype(np.int32)).max())).astype(np.int16)
    assert len(diarized(diarizer, quiet).speakers) == 2


def test_only_quiet_sound_is_amplified() -> None:
    sound = np.arange(-40, 41, dtype=np.int16)
    assert amplified(sound).min() == -16384 and amplified(sound).max() == 16384
    for kept in (100 * sound, 0 * sound, sound[:0]):
        assert np.array_equal(amplified(kept), kept)


@real
@pytest.mark.parametrize("samples", [0, 1, 399, 400, 1200])
def test_almost_no_sound_is_no_speech(samples: int, demo: Samples, diarizer: SegmentationDiarizer) -> None:
    (found,) = diarizer.diarize(tasks(demo[8000 : 8000 + samples]))
    assert isinstance(found, BackendError)
    assert "no speech was found" in str(found)


@real
@pytest.mark.parametrize("seconds", [0.2, 5.0])
def test_short_recordings(seconds: float, demo: Samples, diarizer: SegmentationDiarizer) -> None:
    found = diarized(diarizer, demo[16_000 : 16_000 + round(seconds * 16_000)])
    assert found.turns
    assert found.turns[-1].end <= seconds


@real
def test_silence_noise_and_tones_are_no_speech(diarizer: SegmentationDiarizer) -> None:
    times, draw = np.arange(16_000 * 12) / 16_000, np.random.default_rng(0)
    notes = np.repeat(220 * 2 ** (draw.integers(0, 12, 24) / 12), 8000)
    music = sum(np.sin(2 * np.pi * k * notes * times) / k for k in range(1, 7))
    for sound in (0 * times, draw.normal(0, 2000, len(times)), 9000 * np.sin(2 * np.pi * 440 * times), 3000 * music):
        (found,) = diarizer.diarize(tasks(np.asarray(sound).astype(np.int16)))
        assert isinstance(found, BackendError)


@real
@pytest.mark.slow
def test_the_number_of_speakers_is_bounded_or_given(demo: Samples, diarizer: SegmentationDiarizer) -> None:
    assert len(diarized(diarizer, demo, 1).speakers) == 1
    assert len(diarized(diarizer, demo, 2).speakers) == 2
    bounded = SegmentationDiarizer(SegmentationDiarize(backend="segmentation-onnx", max_speakers=1))
    assert len(diarized(bounded, demo).speakers) == 1


@real
def test_nothing_but_overlap(demo: Samples, diarizer: SegmentationDiarizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_speakers.LocalSegmentation, "overlap", lambda local: np.ones(local.frames, np.float32))
    assert diarized(diarizer, demo[16_000:64_000]).turns


@real
def test_one_voice_is_embedded_once(
    demo: Samples, diarizer: SegmentationDiarizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows over two others are embedded only where there are two speakers."""
    turn = max(diarized(diarizer, demo).turns, key=lambda turn: turn.duration)
    alone = np.tile(demo[round(turn.start * 16_000) : round(turn.end * 16_000)], 3)
    embedded: list[float] = []
    whole = segments.embed

    def counted(audio: Samples, parts: Segments, networks: Networks) -> Embeddings:
        embedded.extend((parts[:, 1] - parts[:, 0]) * local_speakers.FRAME_SECONDS)
        return whole(audio, parts, networks)

    monkeypatch.setattr(segments, "embed", counted)
    assert len(diarized(diarizer, alone).speakers) == 1
    speech = len(alone) / 16_000
    assert speech < sum(embedded) < 2.1 * speech  # the pieces that are clustered, and the windows, which are the same


def test_the_record_of_frames() -> None:
    """Three voices in columns 2, 0 and 1 by appearance, of which the last never speaks."""
    who = np.zeros((100, 3), bool)
    who[10:40, 2], who[30:60, 0] = True, True
    labels = np.where(who[:, 2], 2, np.where(who[:, 0], 0, -1))
    found = diarization_of(who, labels, np.eye(3, dtype=np.float32), 1.7)
    assert [(t.start, t.end, t.speaker) for t in found.turns] == [
        (0.191, 0.698, "SPEAKER_00"),
        (0.529, 1.035, "SPEAKER_01"),
    ]
    assert found.overlap == (Overlap(0.529, 0.698, ("SPEAKER_00", "SPEAKER_01")),)
    assert [(t.start, t.end) for t in found.exclusive] == [(0.191, 0.698), (0.698, 1.035)]
    assert [s.embedding for s in found.speakers] == [(0.0, 0.0, 1.0), (1.0, 0.0, 0.0)]
    assert [(s.start, s.end) for s in found.speech] == [(0.191, 1.035)]


@real
@pytest.mark.parametrize("microphones", [True, False])
def test_the_balance_counts_where_the_setting_says_so(
    demo: Samples, monkeypatch: pytest.MonkeyPatch, microphones: bool
) -> None:
    given: list[ChannelBalance] = []

    def capture(balance: ChannelBalance, *_: object) -> None:
        given.append(balance)

    monkeypatch.setattr(diarizer_module, "microphone_positions", capture)
    pytest.importorskip("onnxruntime")
    settings = SegmentationDiarize(backend="segmentation-onnx", microphones=microphones)
    balance = ChannelBalance(0.02, b"\x09" * 1050)
    SegmentationDiarizer(settings).diarize([AudioTask("0001", demo[: 16_000 * 8], None, None, balance)])
    assert given == [balance if microphones else NO_BALANCE]
