"""Settings of every Whisper backend."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from imigue_build.config import Transcribe
from imigue_build.config.base import Count, Model, Section
from imigue_build.config.sections import Language

_ENGLISH: Final = "en"


class Guards(Section):
    """What makes a stretch of Whisper's text suspect; it is flagged, never dropped.

    `compression_ratio` is of the text by zlib, `log_probability` the mean of its tokens, and
    `repeats` how often a group of words may follow itself.
    """

    compression_ratio: Annotated[float, Field(gt=0)] = 2.4
    log_probability: Annotated[float, Field(le=0)] = -1.0
    repeats: Count = 3


class WhisperTranscribe(Transcribe):
    """A Whisper; `model` is a size of Whisper's, a hub's name, or a local folder in CTranslate2 form.

    `language` is its code (`en`, `de`, ...); models whose names end in `.en` know English alone.
    """

    language: Language = _ENGLISH
    model: Model
    revision: str | None = None
    beam_size: Count = 5
    initial_prompt: str | None = None
    hotwords: str | None = None
    guards: Guards = Guards()

    @model_validator(mode="after")
    def _knows_the_language(self) -> Self:
        if self.model.endswith(f".{_ENGLISH}") and self.language != _ENGLISH:
            raise ValueError(
                f"the model {self.model} knows English alone, language is {self.language}: "
                f"set model to {self.model.removesuffix(f'.{_ENGLISH}')}"
            )
        return self
