"""pyannote.audio's speaker diarization pipeline, described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.diarization.pyannote.settings import TOOLS, PyannoteDiarize, model
from imigue_build.backends.gpu.packages import PYANNOTE_AUDIO, TORCH
from imigue_build.backends.spec import BackendSpec, GpuMemory, Needs, Quality

if TYPE_CHECKING:
    from imigue_build.backends.base import Diarizer

_MEMORY: Final = GpuMemory(fixed=2.0, what="pyannote's nets")


def _make(section: PyannoteDiarize) -> Diarizer:
    from imigue_build.backends.diarization.pyannote.diarizer import PyannoteDiarizer

    return PyannoteDiarizer(section)


def _needs(section: PyannoteDiarize) -> Needs:
    if section.device == "cpu":
        return Needs()
    return Needs("yes" if section.device == "cuda" else "auto", _MEMORY)


SPEC: Final = BackendSpec(
    name="pyannote",
    task="diarization",
    section=PyannoteDiarize,
    factory=_make,
    packages=(PYANNOTE_AUDIO, TORCH),
    models=lambda section: (model(section),),
    needs=_needs,
    quality=Quality("Speakers, by pyannote.audio: not measured here."),
    tools=TOOLS,
    model_names=("pyannote",),
)
