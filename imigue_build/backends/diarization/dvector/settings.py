"""The settings of the embedded diarizer."""

from __future__ import annotations

from typing import Final, Literal

from imigue_build.config import SpeakerBounds, Vad
from imigue_build.config.base import Share

_INSTALL: Final = "pip install --no-deps resemblyzer==0.1.4"


class SpeakerVad(Vad):
    """As `Vad`, for turns: faint and far voices count as speech."""

    onset: Share = 0.4
    offset: Share = 0.25


class DvectorDiarize(SpeakerBounds):
    """VAD, a speaker embedding without torch, clustering and resegmentation."""

    backend: Literal["dvector"]
    embedding: Literal["auto", "resemblyzer", "builtin"] = "auto"
    vad: SpeakerVad = SpeakerVad()
