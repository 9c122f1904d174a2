"""whisperx, described: Whisper on a GPU, many stretches of speech at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.asr.whisper import gpu_memory
from imigue_build.backends.asr.whisperx.settings import ALIGNER_TOOLS, TOOLS, WhisperxTranscribe, aligner, whisper
from imigue_build.backends.gpu.packages import PYANNOTE_AUDIO, TORCH
from imigue_build.backends.spec import BackendSpec, Needs, Package, Quality
from imigue_build.models import Wanted

if TYPE_CHECKING:
    from imigue_build.backends.base import Transcriber


def _make(section: WhisperxTranscribe) -> Transcriber:
    from imigue_build.backends.asr.whisperx.transcriber import WhisperxTranscriber

    return WhisperxTranscriber(section)


def _models(section: WhisperxTranscribe) -> tuple[Wanted, ...]:
    placed_by_whisperx = section.word_times == "whisperx"
    return (whisper(section), aligner(section)) if placed_by_whisperx else (whisper(section),)


def _needs(section: WhisperxTranscribe) -> Needs:
    memory = gpu_memory.whisper(
        section.model, section.compute_type, section.batch_size, aligner=section.word_times == "whisperx"
    )
    return Needs(gpu_memory.gpu_use(section.device, section.compute_type), memory, interviews=section.interviews)


SPEC: Final = BackendSpec(
    name="whisperx",
    task="asr",
    section=WhisperxTranscribe,
    factory=_make,
    packages=(
        Package("whisperx", ">=3.8.6,<3.9", "gpu"),
        Package("faster-whisper", ">=1.2.1,<2", "gpu", library="libcublas.so.12"),
        PYANNOTE_AUDIO,  # its VAD net
        TORCH,
    ),
    models=_models,
    needs=_needs,
    quality=Quality(
        "Words, by Whisper: not measured here. Whisper may make up text where nobody speaks, or repeat itself; such "
        "segments have the flags `no_speech`, `repetition`, `compression` or `low_log_probability`."
    ),
    tools=(*TOOLS, *ALIGNER_TOOLS),
    model_names=("whisper", "whisperx VAD", "wav2vec2"),
)
