"""The settings of faster-whisper, and what they name."""

from __future__ import annotations

from typing import Final, Literal

from imigue_build.backends.asr.whisper.model import WHISPER
from imigue_build.backends.asr.whisper.settings import Guards
from imigue_build.backends.spec import Package
from imigue_build.config import Transcribe
from imigue_build.config.base import Count, Model
from imigue_build.config.sections import Device, Language
from imigue_build.models import Wanted

TOOLS: Final = ("faster-whisper", "ctranslate2")
"""Names of the tools in its provenance."""
PACKAGE: Final = Package("faster-whisper", ">=1.2.1,<2", library="libcublas.so.12")


class FasterWhisperTranscribe(Transcribe):
    """faster-whisper; `model` is a size of Whisper's, a hub's name, or a local folder in CTranslate2 form."""

    backend: Literal["faster-whisper"]
    language: Language = "en"
    model: Model = "base"
    revision: str | None = None
    device: Device = "cpu"
    compute_type: str = "int8"
    beam_size: Count = 5
    initial_prompt: str | None = None
    hotwords: str | None = None
    guards: Guards = Guards()


def model(section: FasterWhisperTranscribe) -> Wanted:
    """The model that a section names."""
    return Wanted(WHISPER, section.model, section.revision)
