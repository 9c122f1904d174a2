"""Which words of two long lists are the same, in order."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, NamedTuple

_MOST_COMPARED: Final = 40_000
"""Pairs of words between two anchors that are compared; more, and the words between them count as different."""


class Block(NamedTuple):
    """Words [first, last) of one list and [begin, end) of the other; `same` if they are equal, one by one."""

    first: int
    last: int
    begin: int
    end: int
    same: bool


def blocks(a: Sequence[str], b: Sequence[str]) -> Iterator[Block]:
    """All words of both lists, in order.

    Words that each list has once are paired first, and what lies between them compared: quick for long lists.
    """
    fixed = [(-1, -1), *_unique(a, b), (len(a), len(b))]
    for (a_before, b_before), (a_after, b_after) in pairwise(fixed):
        if a_before >= 0:
            yield Block(a_before, a_before + 1, b_before, b_before + 1, True)
        yield from _between(a, b, Block(a_before + 1, a_after, b_before + 1, b_after, False))


def _between(a: Sequence[str], b: Sequence[str], gap: Block) -> Iterator[Block]:
    first, last, begin, end, _ = gap
    if (last - first) * (end - begin) > _MOST_COMPARED:
        yield gap
        return
    matcher = SequenceMatcher(None, a[first:last], b[begin:end], autojunk=False)
    for tag, start, stop, other_start, other_stop in matcher.get_opcodes():
        yield Block(first + start, first + stop, begin + other_start, begin + other_stop, tag == "equal")


def _unique(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """The longest increasing chain of the words that each list has once: their indices in both."""
    counts, others = Counter(a), Counter(b)
    places = {word: index for index, word in enumerate(b) if word and others[word] == 1}
    pairs = [(index, places[word]) for index, word in enumerate(a) if counts[word] == 1 and word in places]
    tails: list[int] = []
    best: list[int] = []
    back: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        back.append(best[length - 1] if length else -1)
        tails[length : length + 1] = [place]
        best[length : length + 1] = [index]
    chain: list[tuple[int, int]] = []
    index = best[-1] if best else -1
    while index >= 0:
        chain.append(pairs[index])
        index = back[index]
    return chain[::-1]
