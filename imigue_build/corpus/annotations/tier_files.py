"""Files of tiers: Praat's TextGrids and ELAN's annotation documents."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from imigue_build.corpus.annotations.elan import ElanTier, elan
from imigue_build.corpus.annotations.textgrid import textgrid
from imigue_build.corpus.annotations.tier_kinds import Kind, Sorted, sort

SUFFIXES: Final = (".TextGrid", ".textgrid", ".eaf")
_OF_SOMEBODY: Final = (Kind.WORDS, Kind.PHONES, Kind.TEXT, Kind.SOUND)


def sorted_tiers(path: Path) -> list[Sorted]:
    """The tiers of a file with what they hold; in ELAN's files, a tier's participant is its speaker.

    Raises:
        AnnotationError: If the file is not a valid one of its kind.
    """
    if path.suffix.lower() != ".eaf":
        return sort(textgrid(path))
    found = elan(path)
    return [_of(given, item) for given, item in zip(found, sort([given.tier for given in found]), strict=True)]


def _of(given: ElanTier, item: Sorted) -> Sorted:
    kind = Kind.NOTES if given.repeats and item.kind in (Kind.WORDS, Kind.TEXT) else item.kind
    speaker = given.participant if given.participant and item.kind in _OF_SOMEBODY else item.speaker
    return item._replace(kind=kind, speaker=speaker)
