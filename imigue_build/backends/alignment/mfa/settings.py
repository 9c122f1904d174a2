"""The settings of the Montreal Forced Aligner, and the models that they name."""

from __future__ import annotations

import shlex
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from imigue_build.backends.alignment.mfa.models import MfaModel
from imigue_build.config import Align
from imigue_build.config.base import MODEL, NOT_IN_CACHE_KEY, Count, Model
from imigue_build.models import Wanted


def _arguments(value: object) -> object:
    return tuple(shlex.split(value)) if isinstance(value, str) else value


Launcher = Annotated[tuple[str, ...], BeforeValidator(_arguments), Field(min_length=1, strict=False), NOT_IN_CACHE_KEY]
"""A program and its first arguments: a list, or a line as a shell reads it."""


class MfaAlign(Align):
    """The Montreal Forced Aligner, run through `launcher` on up to `interviews` recordings at once.

    Models are names that MFA knows, or files. Words that `dictionary` lacks are pronounced by
    `g2p_model`, or by English spelling rules where none is named. What MFA cannot align within `beam`
    and `retry_beam` is tried again alone within the wide ones. `timeout` is seconds for each minute of recording,
    beside ten minutes for the start.
    """

    backend: Literal["mfa"]
    launcher: Launcher = ("mfa",)
    acoustic_model: Model = "english_us_arpa"
    dictionary: Model = "english_us_arpa"
    g2p_model: Annotated[Model | None, MODEL] = None
    beam: Count = 10
    retry_beam: Count = 40
    wide_beam: Count = 100
    wide_retry_beam: Count = 400
    jobs: Annotated[Count, NOT_IN_CACHE_KEY] = 4
    interviews: Annotated[Count, NOT_IN_CACHE_KEY] = 8
    timeout: Annotated[float, Field(gt=0), NOT_IN_CACHE_KEY] = 60.0


def model(section: MfaAlign, kind: str, name: str) -> Wanted:
    """A model of MFA's, fetched through the section's launcher."""
    return Wanted(MfaModel(kind, section.launcher), name)


def models(section: MfaAlign) -> tuple[Wanted, ...]:
    """The models that a section names."""
    named = (("acoustic", section.acoustic_model), ("dictionary", section.dictionary), ("g2p", section.g2p_model))
    return tuple(model(section, kind, name) for kind, name in named if name)
