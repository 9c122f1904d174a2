"""The labels that are compared: words, turns and roles of one interview, of a reference or of a release."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, NamedTuple

import msgspec

from imigue_build.core.records import Phone, Role, Turn
from imigue_build.corpus.annotations.sources import MAX_TIME

Seconds = Annotated[float, msgspec.Meta(ge=0, lt=MAX_TIME)]
"""A time in a file."""


class Word(NamedTuple):
    """A written token, in seconds; unless `timed`, its times are estimates that give its order only."""

    text: str
    start: float
    end: float
    speaker: str | None = None
    timed: bool = True
    phones: tuple[Phone, ...] = ()


class Labels(NamedTuple):
    """The labels of one interview; None means unknown, which differs from empty."""

    words: tuple[Word, ...] | None = None
    turns: tuple[Turn, ...] | None = None
    roles: Mapping[str, Role] = {}
    warnings: tuple[str, ...] = ()
    """What a reader left out of a reference, or took in another way than it is written."""


def with_phones(words: Iterable[Word], phones: Mapping[str | None, Sequence[Phone]]) -> tuple[Word, ...]:
    """The words, each with the phones of its speaker's tier whose midpoints are within the word.

    A phone that two words share (as the n in "and notoriety") belongs to both.
    """
    ordered = {name: sorted(own, key=lambda phone: phone.middle) for name, own in phones.items()}
    middles = {name: [phone.middle for phone in own] for name, own in ordered.items()}
    result: list[Word] = []
    for word in words:
        name = word.speaker if word.speaker in ordered else None
        first = bisect_left(middles.get(name, []), word.start)
        last = bisect_right(middles.get(name, []), word.end)
        result.append(word._replace(phones=tuple(ordered.get(name, [])[first:last])))
    return tuple(result)
