"""Which of the known differences can have caused what changed in an interview.

A difference enters the pipeline at some stages. What changed is theirs if one of them can reach it, and if what
such a stage makes did not come out the same: a recording with the same bytes rules out whatever the extraction was
given, and the same turns what the diarization was.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from imigue_build.apps.diff.result import ASPECTS, UNEXPLAINED, Aspect, Origin

_ALL: Final = frozenset(ASPECTS)
_DERIVED: Final[frozenset[Aspect]] = frozenset({"clips", "drops", "measures"})
_REACH: Final[dict[str, frozenset[Aspect]]] = {
    "extract": _ALL,
    "transcribe": _ALL - {"recording", "turns"},
    "diarize": _ALL - {"recording", "words", "confidence"},
    "speakers": _DERIVED | {"roles"},
    "align": _DERIVED | {"times", "phones", "speakers", "roles"},
    "export": _DERIVED,
}
_BY_ORDER: Final = frozenset({"diarize", "align"})
"""Stages that change no word, but times, and by them the order of words that were said at once."""
_MAKES: Final[dict[str, Aspect]] = {"extract": "recording", "diarize": "turns"}
"""What a stage makes that a release shows whole: where it is the same, so is all that the stage gives on."""
_MERGES: Final = "corrections: merge_speakers"
_CORRECTED: Final[dict[str, frozenset[Aspect]]] = {
    "corrections: words": frozenset({"words", "confidence"}),
    _MERGES: frozenset({"turns", "speakers", "times", "phones"}),
    "corrections: speakers": frozenset({"turns", "speakers", "times", "phones"}),
}
"""What a correction reaches beside what its stage does."""


def because(changed: Sequence[Aspect], origins: Sequence[Origin]) -> dict[str, tuple[str, ...]]:
    """By aspect the names of the differences that can have caused it; `UNEXPLAINED` where there is none."""
    found: dict[str, tuple[str, ...]] = {}
    for aspect in changed:
        names = tuple(origin.name for origin in origins if _reaches(origin, aspect, changed))
        if not names and aspect == "words":
            names = tuple(
                origin.name for origin in origins if origin.name == _MERGES or _BY_ORDER.intersection(origin.stages)
            )
        found[aspect] = names or (UNEXPLAINED,)
    return found


def _reaches(origin: Origin, aspect: Aspect, changed: Collection[Aspect]) -> bool:
    if aspect in _CORRECTED.get(origin.name, ()):
        return True
    return any(
        aspect in _REACH[stage] and _MAKES.get(stage, aspect) in changed for stage in origin.stages if stage in _REACH
    )
