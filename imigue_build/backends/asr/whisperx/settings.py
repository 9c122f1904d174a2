"""The settings of whisperx, and what they name."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from imigue_build.backends.asr.whisper.model import WHISPER
from imigue_build.backends.asr.whisper.settings import WhisperTranscribe
from imigue_build.config.base import NOT_IN_CACHE_KEY, Count, Model, Section, Share
from imigue_build.config.sections import Device
from imigue_build.models import HubModel, Wanted

TOOLS: Final = ("whisperx", "faster-whisper", "ctranslate2", "torch", "pyannote.audio")
"""Names of the tools in its provenance."""
ALIGNER_TOOLS: Final = ("torchaudio", "transformers")
"""More of them where whisperx's own aligner places the words."""
WAV2VEC2: Final = HubModel(
    kind="wav2vec2",
    files=("*.json", "*.txt", "model.safetensors", "pytorch_model.bin"),
    needed=(
        ("model.safetensors", "pytorch_model.bin"),
        ("config.json",),
        ("preprocessor_config.json", "processor_config.json"),
        ("vocab.json",),
    ),
    unfit=("is a wav2vec 2.0 model that cannot be loaded", "check transcribe.align_model"),
    one_form=True,
)


class WhisperxVad(Section):
    """The VAD net that whisperx ships; stretches of speech are merged into chunks of up to `chunk` seconds."""

    onset: Share = 0.5
    offset: Share = 0.363
    chunk: Annotated[float, Field(gt=0, le=30)] = 30.0


class WhisperxTranscribe(WhisperTranscribe):
    """Whisper through whisperx, `batch_size` chunks at once, of up to `interviews` recordings.

    `word_times` says who places the words: whisperx's own aligner, which needs the wav2vec 2.0
    model `align_model`, or faster-whisper's cross-attention.
    """

    backend: Literal["whisperx"]
    model: Model = "large-v3"
    device: Device = "auto"
    compute_type: str = "float16"
    batch_size: Annotated[Count, NOT_IN_CACHE_KEY] = 16
    interviews: Annotated[Count, NOT_IN_CACHE_KEY] = 8
    vad: WhisperxVad = WhisperxVad()
    word_times: Literal["whisperx", "faster-whisper"] = "whisperx"
    align_model: Model = "facebook/wav2vec2-base-960h"
    align_revision: str | None = None


def whisper(section: WhisperxTranscribe) -> Wanted:
    """The model that hears the words."""
    return Wanted(WHISPER, section.model, section.revision)


def aligner(section: WhisperxTranscribe) -> Wanted:
    """The model of whisperx's own aligner."""
    return Wanted(WAV2VEC2, section.align_model, section.align_revision)
