"""What is compared: one interview's words, turns and roles, as a reference or as a release has them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, NamedTuple

import msgspec

from imigue_build.core.records import Phone, Role, Turn
from imigue_build.corpus.annotations.sources import MAX_TIME

Seconds = Annotated[float, msgspec.Meta(ge=0, lt=MAX_TIME)]
"""A time as a file states it."""


class Word(NamedTuple):
    """A written token, in seconds; where it is not `timed`, its times are a guess good for its order alone."""

    text: str
    start: float
    end: float
    speaker: str | None = None
    timed: bool = True
    phones: tuple[Phone, ...] = ()


class Labels(NamedTuple):
    """One interview; None where nothing is known, which is not the same as nothing there."""

    words: tuple[Word, ...] | None = None
    turns: tuple[Turn, ...] | None = None
    roles: Mapping[str, Role] = {}


def with_phones(words: Iterable[Word], phones: Mapping[str | None, Sequence[Phone]]) -> tuple[Word, ...]:
    """The words, each with the phones of its own speaker's tier whose middles lie within it.

    A phone that two words share (as where "and notoriety" has one n) belongs to both.
    """
    ordered = {name: sorted(own, key=lambda phone: phone.middle) for name, own in phones.items()}
    middles = {name: [phone.middle for phone in own] for name, own in ordered.items()}
    found: list[Word] = []
    for word in words:
        name = word.speaker if word.speaker in ordered else None
        first = bisect_left(middles.get(name, []), word.start)
        last = bisect_right(middles.get(name, []), word.end)
        found.append(word._replace(phones=tuple(ordered.get(name, [])[first:last])))
    return tuple(found)
