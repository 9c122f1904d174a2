"""Where the words of a release differ from those of a reference, with some words around each place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from imigue_build.apps.scoring.labels import Word
from imigue_build.apps.scoring.words import SpokenWord, aligned, spoken_words_of

_AROUND: Final = 4
"""Equal words that are shown before and after a place."""


class Piece(NamedTuple):
    """Consecutive words of one side; `changed` where the other side has not the same."""

    text: str
    changed: bool


class Place(NamedTuple):
    """A place where the words differ: both sides, and when it begins in either, in seconds."""

    before_at: float | None
    after_at: float | None
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def differences(reference: Sequence[Word], found: Sequence[Word]) -> list[Place]:
    """The places, as the word error rate counts them: `before` is the reference, `after` the release."""
    sides = spoken_words_of(reference), spoken_words_of(found)
    chunks = aligned(*sides)
    places = []
    for first, last in _runs(chunks):
        spans = [
            [(chunk.ref_start_idx, chunk.ref_end_idx) for chunk in chunks[first:last]],
            [(chunk.hyp_start_idx, chunk.hyp_end_idx) for chunk in chunks[first:last]],
        ]
        pieces = [_pieces(side, own[0][0], own[-1][1]) for side, own in zip(sides, spans, strict=True)]
        starts = [_begins(side, own[0][0]) for side, own in zip(sides, spans, strict=True)]
        places.append(Place(starts[0], starts[1], pieces[0], pieces[1]))
    return places


def _runs(chunks: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The first and past the last of consecutive chunks that are not equal."""
    at = 0
    for equal, group in groupby(chunks, key=lambda chunk: chunk.type == "equal"):
        count = len(list(group))
        if not equal:
            yield at, at + count
        at += count


def _pieces(side: Sequence[SpokenWord], start: int, end: int) -> tuple[Piece, ...]:
    parts = ((max(start - _AROUND, 0), start, False), (start, end, True), (end, end + _AROUND, False))
    texts = ((" ".join(word.text for word in side[left:right]), changed) for left, right, changed in parts)
    return tuple(Piece(text, changed) for text, changed in texts if text)


def _begins(side: Sequence[SpokenWord], at: int) -> float | None:
    return side[at].word.start if at < len(side) and side[at].word.timed else None
