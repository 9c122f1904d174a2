"""whisperx and faster-whisper themselves, with Whisper tiny.en on the demo interview."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imigue_build.apps.scoring import labels, words
from imigue_build.backends.asr.faster_whisper.settings import FasterWhisperTranscribe
from imigue_build.backends.asr.faster_whisper.transcriber import FasterWhisperTranscriber
from imigue_build.backends.asr.whisper.words import timed_words
from imigue_build.backends.asr.whisperx.settings import WhisperxTranscribe, whisper
from imigue_build.backends.asr.whisperx.transcriber import WhisperxTranscriber
from imigue_build.backends.asr.whisperx.word_times import TranscribedChunk
from imigue_build.backends.base import AudioTask, Transcriber
from imigue_build.core.errors import BackendError
from imigue_build.core.records import Transcript
from imigue_build.models import locate
from imigue_build.pipeline.demo import DEMO
from tests.contract.suites import TranscriberContract

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

pytestmark = pytest.mark.models

MODEL = "tiny.en"
BEGINNING = 6
"""Seconds of the demo interview: its first turn."""
TEXT = "Congratulations, Daniel. How do you feel after such a long match?"
"""What Whisper writes for it."""


def whisperx(model: str = MODEL, **settings: Any) -> WhisperxTranscriber:
    base = {"backend": "whisperx", "model": model, "compute_type": "int8", "word_times": "faster-whisper"}
    return WhisperxTranscriber(WhisperxTranscribe.model_validate({**base, **settings}))


def faster_whisper() -> FasterWhisperTranscriber:
    return FasterWhisperTranscriber(FasterWhisperTranscribe(backend="faster-whisper", model=MODEL))


def transcript(transcriber: Transcriber, audio: Samples) -> Transcript:
    (found,) = transcriber.transcribe([AudioTask("0001", audio)])
    assert isinstance(found, Transcript), found
    return found


def text(found: Transcript) -> str:
    return " ".join(word.word for word in found.words)


@pytest.fixture(scope="module")
def beginning(demo_audio: Samples) -> Samples:
    return demo_audio[: BEGINNING * 16000]


@pytest.fixture(scope="module")
def by_whisperx(demo_audio: Samples) -> Transcript:
    """The whole demo interview."""
    return transcript(whisperx(), demo_audio)


class TestWhisperxWithItsAligner(TranscriberContract):
    tolerance = 0.05

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, wav2vec2: Path) -> Transcriber:
        return whisperx(word_times="whisperx", align_model=str(wav2vec2), batch_size=3)


class TestWhisperxWithFasterWhispersTimes(TranscriberContract):
    tolerance = 0.05

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Transcriber:
        return whisperx(batch_size=3)


class TestFasterWhisper(TranscriberContract):
    tolerance = 0.05

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Transcriber:
        return faster_whisper()


def assert_near_the_reference(found: Transcript) -> None:
    """Few words are wrong, and the correct ones are where the demo's labels have them."""
    reference = json.loads((DEMO / "demo.json").read_text())["words"]
    counts, pairs = words.compare(
        words.spoken_words_of(labels.Word(word["word"], word["start"], word["end"]) for word in reference),
        words.spoken_words_of(labels.Word(word.word, word.start, word.end) for word in found.words),
    )
    assert counts.errors / counts.n <= 0.05  # measured: .03 by either
    errors = words.boundary_errors(pairs)
    assert errors is not None and median(errors) <= 200  # ms; measured: 100 by whisperx


def test_whisperx_reads_the_interview(by_whisperx: Transcript) -> None:
    assert_near_the_reference(by_whisperx)
    assert len(by_whisperx.segments) == 3  # 75 s in chunks of up to 30 s
    for segment in by_whisperx.segments:
        assert segment.end - segment.start <= 30
        assert segment.confidence is not None and 0.7 < segment.confidence <= 1
        assert all(word.confidence is not None and not word.flags for word in segment.words)
        assert all(one.end <= next_.start + 1e-9 for one, next_ in zip(segment.words, segment.words[1:], strict=False))


def test_faster_whisper_reads_the_interview(demo_audio: Samples) -> None:
    assert_near_the_reference(transcript(faster_whisper(), demo_audio))


def test_the_aligner_keeps_the_text_and_its_chunks(
    by_whisperx: Transcript, wav2vec2: Path, demo_audio: Samples
) -> None:
    found = transcript(whisperx(word_times="whisperx", align_model=str(wav2vec2)), demo_audio)
    assert text(found) == text(by_whisperx)
    starts = [segment.start for segment in found.segments]
    assert starts == pytest.approx([0.86, 23.07, 50.88], abs=0.1)  # where somebody begins to speak


@pytest.mark.parametrize("samples", [1, 160, 319, 400, 16000])
def test_chunks_too_short_for_their_text_keep_it(samples: int, wav2vec2: Path, demo_audio: Samples) -> None:
    audio = demo_audio[80000 : 80000 + samples].astype(np.float32) / np.float32(32768)
    chunk, end = TranscribedChunk(f" {TEXT}", 5.0, audio), 5.0 + samples / 16000
    for word_times in ("whisperx", "faster-whisper"):
        _, aligner = whisperx(word_times=word_times, align_model=str(wav2vec2))._models()
        (pieces,) = aligner.align([chunk])
        timed = timed_words(chunk.text, pieces, chunk.start, end)
        assert [word.word for word in timed] == TEXT.split()
        assert timed[0].start >= 5.0 and timed[-1].end <= end


@pytest.mark.parametrize("setting", ["initial_prompt", "hotwords"])
def test_what_the_config_hints_at_reaches_the_model(setting: str, beginning: Samples) -> None:
    assert text(transcript(whisperx(**{setting: "Danyell"}), beginning)) == TEXT.replace("Daniel", "Danyell")


def test_batch_sizes_change_nothing(beginning: Samples, demo_audio: Samples) -> None:
    tasks = [AudioTask("0001", demo_audio[: 16000 * 31]), AudioTask("0002", beginning)]
    results = [whisperx(batch_size=size).transcribe(tasks) for size in (1, 16)]
    assert results[0] == results[1]


def test_text_that_repeats_itself_is_flagged_and_kept(demo_audio: Samples) -> None:
    congratulations = demo_audio[int(0.7 * 16000) : int(2.8 * 16000)]
    found = transcript(whisperx(), np.tile(congratulations, 8))
    assert set(text(found).split()) == {"Congratulations,", "Daniel."} and len(found.words) > 8
    assert all({"repetition", "compression"} == set(word.flags) for word in found.words)


def test_improbable_text_is_flagged_and_kept(beginning: Samples) -> None:
    found = transcript(whisperx(guards={"log_probability": -0.01}), beginning)
    assert text(found).replace(",", "") == TEXT.replace(",", "")  # int8 of another processor may leave the comma out
    assert all(word.flags == ("low_log_probability",) for word in found.words)


def test_ones_failure_within_a_batch_is_its_own(
    beginning: Samples, demo_audio: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    transcriber = whisperx()
    pipeline, _ = transcriber._models()
    real, broken = pipeline.preprocess, demo_audio[16000 * 6 : 16000 * 10]

    def preprocess(chunk: dict[str, Any]) -> Any:
        if len(chunk["inputs"]) < 4 * 16000:
            raise ValueError("broken\nand more")
        return real(chunk)

    monkeypatch.setattr(pipeline, "preprocess", preprocess)
    audio = (beginning, broken, beginning)
    found = transcriber.transcribe([AudioTask(f"000{number}", each) for number, each in enumerate(audio)])
    assert isinstance(found[0], Transcript) and found[0] == found[2]
    assert isinstance(found[1], BackendError)
    assert str(found[1]).startswith("whisperx failed (ValueError: broken): check the settings")


def test_a_full_gpu_halves_the_batch_and_changes_nothing(
    by_whisperx: Transcript, demo_audio: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    transcriber = whisperx(batch_size=16)
    model = transcriber._models()[0].model
    real, sizes = model.encode, []

    def encode(features: Any) -> Any:
        sizes.append(len(features))
        if len(features) > 1:
            raise RuntimeError("CUDA failed with error out of memory")
        return real(features)

    monkeypatch.setattr(model, "encode", encode)
    assert transcript(transcriber, demo_audio) == by_whisperx
    assert max(sizes) > 1 and sizes[-1] == 1
    monkeypatch.setattr(model, "encode", lambda features: encode(np.concatenate([features, features])))
    (found,) = transcriber.transcribe([AudioTask("0001", demo_audio)])
    assert isinstance(found, BackendError) and "transcribe.batch_size was halved down to 1" in str(found)


@pytest.mark.parametrize(
    ("broken", "settings", "said"),
    [
        ("tokenizer.json", {}, "is no Whisper model in CTranslate2 form (it holds no tokenizer.json)"),
        ("model.bin", {}, "is no Whisper model in CTranslate2 form (it holds no model.bin)"),
        ("", {"compute_type": "float16"}, "transcribe.compute_type (int8 or float32 without a GPU)"),
        ("", {"device": "cuda"}, "transcribe.device is cuda, and torch"),
        ("", {"word_times": "whisperx", "align_model": "."}, "cannot be loaded"),
    ],
)
def test_what_cannot_be_loaded_is_said(
    broken: str, settings: dict[str, Any], said: str, tmp_path: Path, beginning: Samples
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    located = locate(whisper(WhisperxTranscribe(backend="whisperx", model=MODEL)))
    model = shutil.copytree(located.path, tmp_path / "model")
    if broken:
        (model / broken).unlink()
    if "align_model" in settings:
        (tmp_path / "empty").mkdir()
        settings = {**settings, "align_model": str(tmp_path / "empty")}
    with pytest.raises(BackendError) as caught:
        whisperx(str(model), **settings).transcribe([AudioTask("0001", beginning)])
    assert said in str(caught.value) and caught.value.remedy
