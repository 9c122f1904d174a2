"""The stages of the pipeline, one module each, and what they share."""

from __future__ import annotations

from pathlib import Path

from imigue_build.config import Config
from imigue_build.engine.stage import Stage


def build(config: Config, overrides: Path | None = None) -> list[Stage]:
    """All stages of a config, in the pipeline's order.

    Args:
        overrides: The folder of a person's corrections.
    """
    from imigue_build.stages.align import AlignStage
    from imigue_build.stages.diarize import DiarizeStage
    from imigue_build.stages.export import ExportStage
    from imigue_build.stages.extract import ExtractStage
    from imigue_build.stages.speakers import SpeakersStage
    from imigue_build.stages.transcribe import TranscribeStage

    return [
        ExtractStage(config.extract),
        TranscribeStage(config.transcribe),
        DiarizeStage(config.diarize, overrides),
        SpeakersStage(config.roles, overrides),
        AlignStage(config.align, overrides),
        ExportStage(config.export, overrides),
    ]
