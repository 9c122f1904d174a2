"""Cuts the rows of a release into passages that can be checked at one hearing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from imigue_build.release.schema.rows import Segment, Word
from imigue_build.text.sentences import ends_sentence

MOST_WORDS: Final = 12
_PAUSE: Final = 0.3
"""Seconds."""


class Passage(NamedTuple):
    """Consecutive words of one row."""

    segment: Segment
    words: Sequence[Word]

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def end(self) -> float:
        return self.words[-1].end


def passages(segment: Segment) -> Iterator[Passage]:
    """The passages of a row: it is cut at sentence ends and pauses, and what is longer than `MOST_WORDS` in halves."""
    words = segment.words
    first = 0
    for index, word in enumerate(words):
        after = index + 1
        if after == len(words) or ends_sentence(word.word) or words[after].start - word.end >= _PAUSE:
            yield from (Passage(segment, part) for part in _short(words[first:after]))
            first = after


def _short(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    parts = -(-len(words) // MOST_WORDS)
    edges = [len(words) * part // parts for part in range(parts + 1)]
    yield from (words[start:end] for start, end in pairwise(edges))
