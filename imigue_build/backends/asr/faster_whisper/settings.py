"""The settings of faster-whisper, and what they name."""

from __future__ import annotations

from typing import Final, Literal

from imigue_build.backends.asr.whisper.model import WHISPER
from imigue_build.backends.asr.whisper.settings import WhisperTranscribe
from imigue_build.backends.spec import Package
from imigue_build.config.base import Model
from imigue_build.config.sections import Device
from imigue_build.models import Wanted

TOOLS: Final = ("faster-whisper", "ctranslate2")
"""Names of the tools in its provenance."""
PACKAGE: Final = Package("faster-whisper", ">=1.2.1,<2", library="libcublas.so.12")


class FasterWhisperTranscribe(WhisperTranscribe):
    """Whisper through faster-whisper."""

    backend: Literal["faster-whisper"]
    model: Model = "base"
    device: Device = "cpu"
    compute_type: str = "int8"


def model(section: FasterWhisperTranscribe) -> Wanted:
    """The model that a section names."""
    return Wanted(WHISPER, section.model, section.revision)
