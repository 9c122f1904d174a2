"""whisperx and faster-whisper themselves, on a tiny Whisper that says one known sentence."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imigue_build.backends.asr.faster_whisper.settings import FasterWhisperTranscribe
from imigue_build.backends.asr.faster_whisper.transcriber import FasterWhisperTranscriber
from imigue_build.backends.asr.whisper.words import timed_words
from imigue_build.backends.asr.whisperx.settings import WhisperxTranscribe
from imigue_build.backends.asr.whisperx.transcriber import WhisperxTranscriber
from imigue_build.backends.asr.whisperx.word_times import TranscribedChunk
from imigue_build.backends.base import AudioTask, Transcriber
from imigue_build.core.errors import BackendError
from imigue_build.core.records import Transcript
from tests.contract.suites import TranscriberContract
from tests.real_models import making

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

pytestmark = pytest.mark.models

TOKENS = making.SENTENCE.split()


def whisperx(model: Path, **settings: Any) -> WhisperxTranscriber:
    base = {"backend": "whisperx", "model": str(model), "compute_type": "int8", "word_times": "faster-whisper"}
    return WhisperxTranscriber(WhisperxTranscribe.model_validate({**base, **settings}))


def transcript(transcriber: Transcriber, audio: Samples) -> Transcript:
    (found,) = transcriber.transcribe([AudioTask("0001", audio)])
    assert isinstance(found, Transcript), found
    return found


class TestWhisperxWithItsAligner(TranscriberContract):
    tolerance = 0.05

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, whisper: Path, wav2vec2: Path) -> Transcriber:
        return whisperx(whisper, word_times="whisperx", align_model=str(wav2vec2), batch_size=3)


class TestWhisperxWithFasterWhispersTimes(TranscriberContract):
    tolerance = 0.05

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, whisper: Path) -> Transcriber:
        return whisperx(whisper, batch_size=3)


class TestFasterWhisper(TranscriberContract):
    tolerance = 0.05

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, whisper: Path) -> Transcriber:
        return FasterWhisperTranscriber(FasterWhisperTranscribe(backend="faster-whisper", model=str(whisper)))


@pytest.mark.parametrize("word_times", ["whisperx", "faster-whisper"])
def test_text_is_conserved_in_every_chunk(word_times: str, whisper: Path, wav2vec2: Path, demo_audio: Samples) -> None:
    found = transcript(whisperx(whisper, word_times=word_times, align_model=str(wav2vec2)), demo_audio)
    assert len(found.segments) == 3  # 75 s in chunks of up to 30 s
    for segment in found.segments:
        assert [word.word for word in segment.words] == TOKENS
        assert segment.end - segment.start <= 30
        assert segment.confidence is not None and 0.9 < segment.confidence <= 1  # int8 sums differ between processors
        assert all(word.confidence is not None for word in segment.words)
        assert all(
            left.end <= right.start + 1e-9 for left, right in zip(segment.words, segment.words[1:], strict=False)
        )


def test_faster_whispers_times_are_those_of_the_attention(whisper: Path, demo_audio: Samples) -> None:
    for segment in transcript(whisperx(whisper), demo_audio).segments:
        starts = np.array([word.start for word in segment.words[1:]])
        steps = np.diff(starts) / making.SECONDS_A_TOKEN
        assert steps == pytest.approx(steps.round(), abs=0.1)
        assert steps.round().min() >= 1 and steps.round().max() <= 6


def test_the_aligners_words_lie_in_their_chunks_speech(whisper: Path, wav2vec2: Path, demo_audio: Samples) -> None:
    found = transcript(whisperx(whisper, word_times="whisperx", align_model=str(wav2vec2)), demo_audio)
    starts = [segment.start for segment in found.segments]
    assert starts == pytest.approx([0.86, 23.07, 50.88], abs=0.1)  # where somebody begins to speak


@pytest.mark.parametrize("samples", [1, 160, 319, 400, 16000])
def test_chunks_too_short_for_their_text_keep_it(
    samples: int, whisper: Path, wav2vec2: Path, demo_audio: Samples
) -> None:
    audio = demo_audio[80000 : 80000 + samples].astype(np.float32) / np.float32(32768)
    chunk, end = TranscribedChunk(making.SENTENCE, 5.0, audio), 5.0 + samples / 16000
    for word_times in ("whisperx", "faster-whisper"):
        _, aligner = whisperx(whisper, word_times=word_times, align_model=str(wav2vec2))._models()
        (pieces,) = aligner.align([chunk])
        words = timed_words(chunk.text, pieces, chunk.start, end)
        assert [word.word for word in words] == TOKENS
        assert words[0].start >= 5.0 and words[-1].end <= end


@pytest.mark.parametrize("setting", ["initial_prompt", "hotwords"])
def test_what_the_config_hints_at_reaches_the_model(setting: str, whisper: Path, demo_audio: Samples) -> None:
    found = transcript(whisperx(whisper, **{setting: "easy"}), demo_audio[: 16000 * 6])
    said = " ".join(word.word for word in found.words)
    assert making.SENTENCE.endswith(said)  # the sentence hangs on positions, which a prompt moves
    assert 0 < len(said) < len(making.SENTENCE.strip())


def test_batch_sizes_change_nothing(whisper: Path, demo_audio: Samples) -> None:
    tasks = [AudioTask("0001", demo_audio), AudioTask("0002", demo_audio[: 16000 * 20])]
    results = [whisperx(whisper, batch_size=size).transcribe(tasks) for size in (1, 16)]
    assert results[0] == results[1]


def test_text_that_repeats_itself_is_flagged_and_kept(tmp_path: Path, demo_audio: Samples) -> None:
    model = making.whisper(tmp_path / "whisper", making.STUTTER)
    (segment,) = transcript(whisperx(model), demo_audio[: 16000 * 6]).segments
    assert [word.word for word in segment.words] == making.STUTTER.split()
    assert all("compression" in word.flags for word in segment.words)
    assert ["repetition" in word.flags for word in segment.words] == [False, *[True] * 48]
    assert not any("low_log_probability" in word.flags for word in segment.words)


def test_improbable_text_is_flagged_and_kept(tmp_path: Path, demo_audio: Samples) -> None:
    model = making.whisper(tmp_path / "whisper", sureness=0.8)
    words = transcript(whisperx(model, beam_size=1), demo_audio[: 16000 * 6]).words
    assert words and all("low_log_probability" in word.flags for word in words)


def test_words_beyond_the_speech_are_flagged(whisper: Path, demo_audio: Samples) -> None:
    spoken, silence = demo_audio[int(0.8 * 16000) : int(2.7 * 16000)], np.zeros(16000 * 6, np.int16)
    audio = np.concatenate([silence, spoken, silence, spoken, silence])
    words = transcript(whisperx(whisper), audio).words
    silent = ["no_speech" in word.flags for word in words]
    middles = [(word.start + word.end) / 2 for word in words]
    assert {flag for flag, at in zip(silent, middles, strict=True) if 8.5 < at < 13.5} == {True}
    assert not silent[0]


def test_ones_failure_within_a_batch_is_its_own(
    whisper: Path, demo_audio: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    transcriber = whisperx(whisper)
    pipeline, _ = transcriber._models()
    real, broken = pipeline.preprocess, demo_audio[16000 * 6 : 16000 * 10]

    def preprocess(chunk: dict[str, Any]) -> Any:
        if len(chunk["inputs"]) < 4 * 16000:
            raise ValueError("broken\nand more")
        return real(chunk)

    monkeypatch.setattr(pipeline, "preprocess", preprocess)
    whole = demo_audio[: 16000 * 6]
    found = transcriber.transcribe([AudioTask(f"000{n}", a) for n, a in enumerate((whole, broken, whole))])
    assert isinstance(found[0], Transcript) and found[0] == found[2]
    assert isinstance(found[1], BackendError)
    assert str(found[1]).startswith("whisperx failed (ValueError: broken): check the settings")


def test_a_full_gpu_halves_the_batch_and_changes_nothing(
    whisper: Path, demo_audio: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = transcript(whisperx(whisper), demo_audio)
    transcriber = whisperx(whisper, batch_size=16)
    model = transcriber._models()[0].model
    real, sizes = model.encode, []

    def encode(features: Any) -> Any:
        sizes.append(len(features))
        if len(features) > 1:
            raise RuntimeError("CUDA failed with error out of memory")
        return real(features)

    monkeypatch.setattr(model, "encode", encode)
    assert transcript(transcriber, demo_audio) == expected
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
    broken: str, settings: dict[str, Any], said: str, whisper: Path, tmp_path: Path, demo_audio: Samples
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    model = shutil.copytree(whisper, tmp_path / "model")
    if broken:
        (model / broken).unlink()
    if "align_model" in settings:
        (tmp_path / "empty").mkdir()
        settings = {**settings, "align_model": str(tmp_path / "empty")}
    with pytest.raises(BackendError) as caught:
        whisperx(model, **settings).transcribe([AudioTask("0001", demo_audio)])
    assert said in str(caught.value) and caught.value.remedy
