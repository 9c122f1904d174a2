"""The five stages, and roles between them; each file is one."""

from __future__ import annotations

from pathlib import Path

from imigue_build.config import Config
from imigue_build.engine.stage import Stage


def build(config: Config) -> list[Stage]:
    """All stages of a config, in the pipeline's order."""
    from imigue_build.stages.align import AlignStage
    from imigue_build.stages.diarize import DiarizeStage, RolesStage
    from imigue_build.stages.export import ExportStage
    from imigue_build.stages.extract import ExtractStage
    from imigue_build.stages.transcribe import TranscribeStage

    corrections = Path(config.overrides) if config.overrides else None
    return [
        ExtractStage(config.extract),
        TranscribeStage(config.transcribe),
        DiarizeStage(config.diarize, corrections),
        RolesStage(config.roles, corrections),
        AlignStage(config.align, corrections),
        ExportStage(config.export, corrections),
    ]
