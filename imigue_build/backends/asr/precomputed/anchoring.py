"""Text without times, placed by the words that ASR heard as well.

Words that text and ASR have in common, in order, are anchors. What lies between two anchors shares
the speech between them; where there is too little of it for so many words, they were not said
there and cannot be placed. A forced alignment of the stretches between pauses then gives every word
its own time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, NamedTuple

from imigue_build.core.records import Word
from imigue_build.text.normalise import spoken_words

_GRAM: Final = 3
_LONG: Final = 4
_FASTEST: Final = 0.03
"""Seconds that a letter takes at the least, in the fastest speech: ten words of five letters in 1.5 s."""
_FEW: Final = 2
"""So many words between two that were heard were said too, and misheard; longer ones need time."""


class Anchor(NamedTuple):
    """A word of the text that ASR heard: their indices."""

    text: int
    heard: int


class Gap(NamedTuple):
    """Words [first, last) of the text that lie between two anchors, and the time there is for them."""

    first: int
    last: int
    start: float
    end: float


def anchors(text: Sequence[str], heard: Sequence[str]) -> list[Anchor]:
    """Pairs of equal words, increasing in both.

    Runs of three words that each side has once are paired first; between these the longest common
    runs. So an hour of text needs no table of all its words.

    Args:
        text, heard: Spoken, lower-case words.
    """
    found: list[Anchor] = []
    fixed = [Anchor(-1, -1), *_unique(text, heard), Anchor(len(text), len(heard))]
    for before, after in pairwise(fixed):
        if before.text >= 0:
            found.append(before)
        a, b = text[before.text + 1 : after.text], heard[before.heard + 1 : after.heard]
        for match in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
            found += [
                Anchor(before.text + 1 + match.a + at, before.heard + 1 + match.b + at) for at in range(match.size)
            ]
    return _solid(found, text)


def _solid(found: Sequence[Anchor], text: Sequence[str]) -> list[Anchor]:
    """Without short words that stand alone, as those are equal by chance."""
    kept: list[Anchor] = []
    for at, one in enumerate(found):
        before = at > 0 and found[at - 1] == Anchor(one.text - 1, one.heard - 1)
        after = at + 1 < len(found) and found[at + 1] == Anchor(one.text + 1, one.heard + 1)
        if before or after or len(text[one.text]) >= _LONG:
            kept.append(one)
    return kept


def _unique(text: Sequence[str], heard: Sequence[str]) -> list[Anchor]:
    """The first words of runs that both sides have exactly once, the longest increasing chain of them."""
    places = [_grams(words) for words in (text, heard)]
    pairs = sorted((at, places[1][gram]) for gram, at in places[0].items() if gram in places[1])
    tails: list[int] = []
    best: list[int] = []
    back: list[int] = [-1] * len(pairs)
    for index, (_, at) in enumerate(pairs):
        place = bisect_left(tails, at)
        back[index] = best[place - 1] if place else -1
        tails[place : place + 1] = [at]
        best[place : place + 1] = [index]
    chain: list[Anchor] = []
    index = best[-1] if best else -1
    while index >= 0:
        chain.append(Anchor(*pairs[index]))
        index = back[index]
    return chain[::-1]


def _grams(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    grams = [tuple(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1)]
    counts = Counter(grams)
    return {gram: at for at, gram in enumerate(grams) if counts[gram] == 1}


def spoken(tokens: Sequence[str]) -> tuple[list[str], list[int]]:
    """The spoken words of written tokens, and for each the index of its token."""
    pairs = [(word, index) for index, token in enumerate(tokens) for word in spoken_words(token)]
    return [word for word, _ in pairs], [index for _, index in pairs]


def placed_tokens(tokens: Sequence[str], heard: Sequence[Word]) -> dict[int, tuple[float, float]]:
    """Times of the tokens of which a spoken word was heard, in seconds, in order: token -> start, end."""
    words, owner = spoken(tokens)
    said, origin = spoken([word.word for word in heard])
    times: dict[int, tuple[float, float]] = {}
    for anchor in anchors(words, said):
        token, word = owner[anchor.text], heard[origin[anchor.heard]]
        start, end = times.get(token, (word.start, word.end))
        times[token] = min(start, word.start), max(end, word.end)
    return times


def gaps(count: int, times: dict[int, tuple[float, float]], duration: float) -> list[Gap]:
    """The runs of tokens that have no time, with what lies between the middles of their neighbours.

    ASR gives what it misheard to the words beside it, hence the middles; the alignment sorts it out.
    """
    known = sorted(times)
    edges = [(-1, 0.0), *((at, sum(times[at]) / 2) for at in known), (count, duration)]
    return [
        Gap(before[0] + 1, after[0], before[1], max(after[1], before[1]))
        for before, after in pairwise(edges)
        if after[0] - before[0] > 1
    ]


def fits(tokens: Sequence[str], seconds: float) -> bool:
    """Whether tokens can be said in so many seconds of speech; a few always can, if there is any."""
    if len(tokens) <= _FEW:
        return seconds > 0
    return _FASTEST * sum(len(word) for token in tokens for word in spoken_words(token)) <= seconds
