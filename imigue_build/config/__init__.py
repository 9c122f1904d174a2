"""The settings of every stage: strict models, loading, and what of them a result depends on."""

from __future__ import annotations

from imigue_build.config.base import Section, is_local
from imigue_build.config.corpus import CorpusSection
from imigue_build.config.loading import DEFAULT_RECIPES, SECTIONS, STAGE_OF, Config, Recipe, recipe_digest, recipes
from imigue_build.config.sections import (
    Align,
    Diarize,
    Export,
    Extract,
    Filters,
    RolesRule,
    SpeakerBounds,
    Transcribe,
    Vad,
)
from imigue_build.config.slots import BackendSection, Catalogue, Slot, Task

__all__ = [
    "DEFAULT_RECIPES",
    "SECTIONS",
    "STAGE_OF",
    "Align",
    "BackendSection",
    "Catalogue",
    "Config",
    "CorpusSection",
    "Diarize",
    "Export",
    "Extract",
    "Filters",
    "Recipe",
    "RolesRule",
    "Section",
    "Slot",
    "SpeakerBounds",
    "Task",
    "Transcribe",
    "Vad",
    "is_local",
    "recipe_digest",
    "recipes",
]
