"""The ASR, described: what imigue-build reads of it before it is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from imigue_build.backends.base import Transcriber
from imigue_build.backends.check import Check
from imigue_build.backends.spec import BackendSpec, Quality
from imigue_build.config import Transcribe
from imigue_build.config.base import Count, Model
from imigue_build.models import Wanted

from .word_list import WordList


class LoudnessTranscribe(Transcribe):
    """Hears a word of a list in every loud stretch; `threshold` is a root mean square of 16-bit samples."""

    backend: Literal["loudness"]
    words: Model = "numbers"
    threshold: Count = 300


def wanted(section: LoudnessTranscribe) -> Wanted:
    """The list that a section names."""
    return Wanted(WordList(), section.words)


def _make(section: LoudnessTranscribe) -> Transcriber:
    from .transcriber import LoudnessTranscriber

    return LoudnessTranscriber(section, wanted(section))


def _checks(section: LoudnessTranscribe | None) -> Sequence[Check]:
    return (Check("ears", True, "open", needed=section is not None),)


SPEC: Final = BackendSpec(
    name="loudness",
    task="asr",
    section=LoudnessTranscribe,
    factory=_make,
    models=lambda section: (wanted(section),),
    checks=_checks,
    notes=lambda section: ("loudness knows no words but those of its list",),
    quality=Quality("Words, by loudness: made up.", unfit="loudness, which makes its words up."),
    tools=("outside-speech",),
    model_names=("word-list",),
)
