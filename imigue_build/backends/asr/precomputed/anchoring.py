"""Aligns text without times with the words that an ASR recognised.

Words that text and ASR have in common, in the same order, are anchors. The words between two anchors share the
speech between them; if there is too little speech for them, they were not spoken there and stay unaligned. A
forced alignment of the parts between pauses then refines the times of all words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, NamedTuple

from imigue_build.core.records import Word
from imigue_build.text.normalise import spoken_words_of

_NGRAM: Final = 3
_MIN_LETTERS: Final = 4  # of a word that is an anchor on its own
_SECONDS_PER_LETTER: Final = 0.03
"""At the fastest speech rate: ten words of five letters in 1.5 s."""
_MAX_MISHEARD: Final = 2
"""This many words between two anchors count as spoken but misrecognised; more words need enough time."""


class Anchor(NamedTuple):
    """The indices of a word of the text and of the equal recognised word."""

    text: int
    asr: int


class Gap(NamedTuple):
    """Words [first, last) of the text between two anchors, and the time interval for them."""

    first: int
    last: int
    start: float
    end: float


def anchors(text: Sequence[str], asr: Sequence[str]) -> list[Anchor]:
    """Pairs of equal words, increasing in both.

    Trigrams that are unique on each side are paired first; between them the longest common runs. So long texts
    need no quadratic comparison of all words.

    Args:
        text, asr: Spoken, lower-case words.
    """
    found: list[Anchor] = []
    fixed = [Anchor(-1, -1), *_unique_trigrams(text, asr), Anchor(len(text), len(asr))]
    for before, after in pairwise(fixed):
        if before.text >= 0:
            found.append(before)
        a, b = text[before.text + 1 : after.text], asr[before.asr + 1 : after.asr]
        for match in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
            first = Anchor(before.text + 1 + match.a, before.asr + 1 + match.b)
            found += [Anchor(first.text + i, first.asr + i) for i in range(match.size)]
    return _reliable(found, text)


def _reliable(found: Sequence[Anchor], text: Sequence[str]) -> list[Anchor]:
    """The anchors without isolated short words, which are equal by chance."""
    kept: list[Anchor] = []
    for index, anchor in enumerate(found):
        before = index > 0 and found[index - 1] == Anchor(anchor.text - 1, anchor.asr - 1)
        after = index + 1 < len(found) and found[index + 1] == Anchor(anchor.text + 1, anchor.asr + 1)
        if before or after or len(text[anchor.text]) >= _MIN_LETTERS:
            kept.append(anchor)
    return kept


def _unique_trigrams(text: Sequence[str], asr: Sequence[str]) -> list[Anchor]:
    """The longest increasing chain of trigrams that each side has exactly once, by their first words."""
    text_positions, asr_positions = _positions(text), _positions(asr)
    pairs = sorted(
        (position, asr_positions[trigram]) for trigram, position in text_positions.items() if trigram in asr_positions
    )
    tails: list[int] = []
    best: list[int] = []
    back: list[int] = [-1] * len(pairs)
    for index, (_, position) in enumerate(pairs):
        length = bisect_left(tails, position)
        back[index] = best[length - 1] if length else -1
        tails[length : length + 1] = [position]
        best[length : length + 1] = [index]
    chain: list[Anchor] = []
    index = best[-1] if best else -1
    while index >= 0:
        chain.append(Anchor(*pairs[index]))
        index = back[index]
    return chain[::-1]


def _positions(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    """The positions of the trigrams that occur once."""
    ngrams = [tuple(words[i : i + _NGRAM]) for i in range(len(words) - _NGRAM + 1)]
    counts = Counter(ngrams)
    return {ngram: i for i, ngram in enumerate(ngrams) if counts[ngram] == 1}


def indexed_words(tokens: Sequence[str]) -> tuple[list[str], list[int]]:
    """The spoken words of written tokens, and for each the index of its token."""
    pairs = [(word, index) for index, words in enumerate(spoken_words_of(tokens)) for word in words]
    return [word for word, _ in pairs], [index for _, index in pairs]


def anchored_tokens(tokens: Sequence[str], asr_words: Sequence[Word]) -> dict[int, tuple[float, float]]:
    """Start and end, in seconds, of the tokens that have an anchor, by token index."""
    words, token_of_word = indexed_words(tokens)
    asr_spoken, asr_word_of = indexed_words([word.word for word in asr_words])
    times: dict[int, tuple[float, float]] = {}
    for anchor in anchors(words, asr_spoken):
        token, word = token_of_word[anchor.text], asr_words[asr_word_of[anchor.asr]]
        start, end = times.get(token, (word.start, word.end))
        times[token] = min(start, word.start), max(end, word.end)
    return times


def gaps(count: int, times: dict[int, tuple[float, float]], duration: float) -> list[Gap]:
    """The runs of tokens without times, with the interval between the midpoints of their neighbours.

    An ASR extends correct words over misrecognised neighbours, hence the midpoints; the forced alignment corrects
    the times.
    """
    known = sorted(times)
    edges = [(-1, 0.0), *((index, sum(times[index]) / 2) for index in known), (count, duration)]
    return [
        Gap(before[0] + 1, after[0], before[1], max(after[1], before[1]))
        for before, after in pairwise(edges)
        if after[0] - before[0] > 1
    ]


def can_be_spoken(tokens: Sequence[str], seconds: float) -> bool:
    """Whether tokens can be spoken in this duration of speech; a few tokens always can, if there is any speech."""
    if len(tokens) <= _MAX_MISHEARD:
        return seconds > 0
    return _SECONDS_PER_LETTER * sum(len(word) for words in spoken_words_of(tokens) for word in words) <= seconds
