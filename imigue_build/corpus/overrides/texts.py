"""Corrections in words, as they are listed, released and named to be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from imigue_build.corpus.overrides.file import (
    DroppedSpan,
    Override,
    RoleCorrection,
    SpeakerCorrection,
    Voice,
    WordCorrection,
)


class Entry(NamedTuple):
    """One correction of a file: the one at `place`, from 0, of its kind."""

    kind: str
    place: int
    text: str


def entries(override: Override) -> Iterator[Entry]:
    """All corrections of a file, kind by kind."""
    if override.num_speakers is not None:
        yield Entry("num_speakers", 0, number(override.num_speakers))
    found = {
        "merge_speakers": map(merged, override.merge_speakers),
        "speakers": map(spoken, override.speakers),
        "words": map(word, override.words),
        "roles": map(role, override.roles),
        "drop": map(dropped, override.drop),
    }
    for kind, texts in found.items():
        yield from (Entry(kind, place, text) for place, text in enumerate(texts))


def number(speakers: int) -> str:
    return f"there are {speakers} speakers"


def merged(voices: tuple[Voice, ...]) -> str:
    return f"voices {', '.join(map(_shown, voices))} are one"


def spoken(fix: SpeakerCorrection) -> str:
    return f"voice {_shown(fix.voice)} speaks from {fix.start:g} to {fix.end:g} s"


def word(fix: WordCorrection) -> str:
    return f"word {fix.was!r} at {fix.at:g} s is {fix.now!r}"


def role(fix: RoleCorrection) -> str:
    return f"voice {_shown(fix.voice)} is {fix.role}"


def dropped(span: DroppedSpan) -> str:
    return f"{span.start:g}-{span.end:g} s goes into no clip ({span.reason})"


def _shown(voice: Voice) -> str:
    return voice if isinstance(voice, str) else f"at {voice:g} s"
