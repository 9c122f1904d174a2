"""Keeps Whisper's text complete: every token of it becomes exactly one word with times.

Tokens are separated by white space. In scripts written without it (Chinese, Japanese, Thai, ...) a token is what the
aligner times by itself, one or a few characters, with the punctuation after it.

An aligner may split the text otherwise, drop parts of it, or have no time for a digit. Tokens are matched with
the aligner's output, and tokens without times get a share of the gap between their neighbours.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from msgspec.structs import replace

from imigue_build.core.intervals import Timed, merge
from imigue_build.core.records import Word

_UNSPACED: Final = (
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""A character of a script without blanks: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


EARLY: Final = 0.06
"""Seconds by which times from Whisper's cross-attention are early: the median, on read speech and in noise."""


class AlignedText(NamedTuple):
    """A piece of text from an aligner: its times in seconds, and a probability or score, where known."""

    text: str
    start: float | None
    end: float | None
    score: float | None = None


@dataclass
class _Token:
    """A token of the text, with the times and scores of the aligned pieces that overlap it.

    It is the text from character `first` to before `last`.
    """

    text: str
    first: int
    last: int
    times: list[tuple[float, float]] = field(default_factory=list)
    scores: list[tuple[float, int]] = field(default_factory=list)


def timed_words(text: str, pieces: Iterable[AlignedText], start: float, end: float) -> list[Word]:
    """The words of a text that was spoken within [start, end], in order, one for each of its tokens.

    Args:
        text: Whisper's text.
        pieces: The aligner's output, in the text's order; gaps and missing times are allowed.
        start: Start of the interval, in seconds. No word begins before it.
        end: End of the interval. No word ends after it.
    """
    placed = list(_placed(text, pieces))
    tokens = list(_tokens(text, [first for _, first, _ in placed]))
    _attach(tokens, placed)
    known = _in_order([_extent(token.times) for token in tokens], start, end)
    spans = _fill_gaps(known, [len(token.text) for token in tokens], start, end)
    return [
        Word(first, last, token.text, _confidence(token.scores))
        for token, (first, last) in zip(tokens, spans, strict=True)
    ]


def within_speech(words: Iterable[Word], speech: Iterable[Timed]) -> list[Word]:
    """The words without the pauses in their times: of a word, the longest part that is speech, if any is.

    Whisper's times leave no gaps: a word before or after a pause has the pause in it.
    """
    regions = merge(speech)
    starts = [region.start for region in regions]
    trimmed = []
    for word in words:
        near = regions[max(bisect_right(starts, word.start) - 1, 0) : bisect_left(starts, word.end)]
        parts = [(max(word.start, region.start), min(word.end, region.end)) for region in near]
        start, end = max(parts, key=lambda part: part[1] - part[0], default=(word.start, word.end))
        trimmed.append(replace(word, start=start, end=end) if start < end else word)
    return trimmed


def _placed(text: str, pieces: Iterable[AlignedText]) -> Iterator[tuple[AlignedText, int, int]]:
    """The pieces found in the text, each with its first character and the one after its last."""
    position = 0
    for piece in pieces:
        piece_text = piece.text.strip()
        first = text.find(piece_text, position) if piece_text else -1
        if first >= 0:
            position = first + len(piece_text)
            yield piece, first, position


def _tokens(text: str, starts: Iterable[int]) -> Iterator[_Token]:
    """The tokens: what white space separates, cut where a piece begins with a character of a script without blanks."""
    unspaced = re.compile(_UNSPACED)  # here, for that takes longer than a command with nothing to do has for it
    cuts = [start for start in starts if unspaced.match(text, start)]
    for match in re.finditer(r"\S+", text):
        edges = [match.start(), *(cut for cut in cuts if match.start() < cut < match.end()), match.end()]
        yield from (_Token(text[first:last], first, last) for first, last in pairwise(edges))


def _attach(tokens: Sequence[_Token], placed: Iterable[tuple[AlignedText, int, int]]) -> None:
    """Gives every token the times and scores of the pieces that share characters with it."""
    index = 0
    for piece, first, last in placed:
        while index < len(tokens) and tokens[index].last <= first:
            index += 1
        for token in tokens[index:]:
            if token.first >= last:
                break
            shared = min(token.last, last) - max(token.first, first)
            if _is_number(piece.start) and _is_number(piece.end):
                token.times.append((float(piece.start or 0.0), float(piece.end or 0.0)))
            if _is_number(piece.score):
                token.scores.append((float(piece.score or 0.0), shared))


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _extent(times: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    return (min(start for start, _ in times), max(end for _, end in times)) if times else None


def _confidence(scores: Sequence[tuple[float, int]]) -> float | None:
    """The mean of the scores, weighted by their numbers of characters."""
    if not scores:
        return None
    mean = sum(score * weight for score, weight in scores) / sum(weight for _, weight in scores)
    return min(max(mean, 0.0), 1.0)


def _in_order(
    spans: Sequence[tuple[float, float] | None], start: float, end: float
) -> list[tuple[float, float] | None]:
    """The spans within [start, end], none starting before an earlier one ends."""
    ordered: list[tuple[float, float] | None] = []
    earliest = start
    for span in spans:
        if span is None:
            ordered.append(None)
            continue
        first = min(max(span[0], earliest), end)
        earliest = min(max(span[1], first), end)
        ordered.append((first, earliest))
    return ordered


def _fill_gaps(
    spans: Sequence[tuple[float, float] | None], lengths: Sequence[int], start: float, end: float
) -> list[tuple[float, float]]:
    """Spans for all tokens: those without one share the gap between their neighbours by number of characters."""
    filled: list[tuple[float, float]] = []
    index = 0
    while index < len(spans):
        span = spans[index]
        if span is not None:
            filled.append(span)
            index += 1
            continue
        after = next((i for i in range(index, len(spans)) if spans[i] is not None), len(spans))
        following = spans[after] if after < len(spans) else None
        gap_start, gap_end = filled[-1][1] if filled else start, following[0] if following else end
        total, time = sum(lengths[index:after]), gap_start
        for length in lengths[index:after]:
            until = min(time + (gap_end - gap_start) * length / total, gap_end)
            filled.append((time, until))
            time = until
        index = after
    return filled
