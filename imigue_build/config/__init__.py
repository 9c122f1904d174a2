"""The settings of every stage: strict models, loading, and what of them a result depends on."""

from __future__ import annotations

from imigue_build.config.base import Section, is_local
from imigue_build.config.loading import DEFAULT_RECIPES, Config, load, parse, recipes
from imigue_build.config.sections import (
    Align,
    Diarize,
    DvectorDiarize,
    Export,
    Extract,
    FasterWhisperTranscribe,
    Filters,
    GivenDiarize,
    GivenTranscribe,
    Guards,
    MfaAlign,
    PocketsphinxAlign,
    PocketsphinxTranscribe,
    PyannoteDiarize,
    RolesRule,
    SpeakerBounds,
    Transcribe,
    Vad,
    WhisperxTranscribe,
    WhisperxVad,
)

__all__ = [
    "DEFAULT_RECIPES",
    "Align",
    "Config",
    "Diarize",
    "DvectorDiarize",
    "Export",
    "Extract",
    "FasterWhisperTranscribe",
    "Filters",
    "GivenDiarize",
    "GivenTranscribe",
    "Guards",
    "MfaAlign",
    "PocketsphinxAlign",
    "PocketsphinxTranscribe",
    "PyannoteDiarize",
    "RolesRule",
    "Section",
    "SpeakerBounds",
    "Transcribe",
    "Vad",
    "WhisperxTranscribe",
    "WhisperxVad",
    "is_local",
    "load",
    "parse",
    "recipes",
]
