"""The stages of the pipeline, one module each, and what they share."""

from __future__ import annotations

from pathlib import Path

from imigue_build.config import Config, Extract
from imigue_build.corpus.labels import Players
from imigue_build.engine.stage import Stage


def build(config: Config, overrides: Path | None = None, players: Players | None = None) -> list[Stage]:
    """All stages of a config, in the pipeline's order.

    Args:
        overrides: The folder of a person's corrections.
        players: Who is interviewed, where the labels say it.
    """
    from imigue_build.stages.align import AlignStage
    from imigue_build.stages.diarize import DiarizeStage
    from imigue_build.stages.export import ExportStage
    from imigue_build.stages.extract import ExtractStage
    from imigue_build.stages.speakers import SpeakersStage
    from imigue_build.stages.transcribe import TranscribeStage

    return [
        ExtractStage(_in_the_language(config)),
        TranscribeStage(config.transcribe),
        DiarizeStage(config.diarize, overrides),
        SpeakersStage(config.roles, overrides, players),
        AlignStage(config.align, overrides),
        ExportStage(config.export, overrides),
    ]


def _in_the_language(config: Config) -> Extract:
    """The settings of extract; the language is the transcript's where they do not name one."""
    spoken = getattr(config.transcribe, "language", None)
    if spoken is None or "language" in config.extract.model_fields_set:
        return config.extract
    return config.extract.model_copy(update={"language": spoken})
