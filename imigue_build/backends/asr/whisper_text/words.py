"""Text conserved: every token of Whisper's text becomes exactly one word with times.

Who places the words may split the text otherwise, drop some of it, or know no time for a digit;
tokens are looked up in what was placed, and those without times get a share of the gap they stand in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from imigue_build.core.records import Word


class Piece(NamedTuple):
    """A stretch of text that was placed: seconds, and a probability or a score, where known."""

    text: str
    start: float | None
    end: float | None
    score: float | None = None


@dataclass
class _Token:
    """A token of the text, with the pieces that overlap it."""

    text: str
    first: int
    last: int
    times: list[tuple[float, float]] = field(default_factory=list)
    scores: list[tuple[float, int]] = field(default_factory=list)


def placed_words(text: str, pieces: Iterable[Piece], start: float, end: float) -> list[Word]:
    """The words of a text that was said within [start, end], in order, one for each of its tokens.

    Args:
        text: What Whisper wrote; tokens are what stands between white space.
        pieces: What was placed, in the text's order; gaps and missing times are allowed.
        start: Where the stretch begins, in seconds. No word begins before it.
        end: Where it ends. No word ends after it.
    """
    tokens = [_Token(found.group(), found.start(), found.end()) for found in re.finditer(r"\S+", text)]
    _attach(text, tokens, pieces)
    known = _in_order([_hull(token.times) for token in tokens], start, end)
    spans = _filled(known, [len(token.text) for token in tokens], start, end)
    return [
        Word(begin, finish, token.text, _confidence(token.scores))
        for token, (begin, finish) in zip(tokens, spans, strict=True)
    ]


def _attach(text: str, tokens: Sequence[_Token], pieces: Iterable[Piece]) -> None:
    """Gives every token the times and scores of the pieces that share characters with it."""
    at, index = 0, 0
    for piece in pieces:
        wanted = piece.text.strip()
        first = text.find(wanted, at) if wanted else -1
        if first < 0:
            continue
        at = first + len(wanted)
        while index < len(tokens) and tokens[index].last <= first:
            index += 1
        for token in tokens[index:]:
            if token.first >= at:
                break
            shared = min(token.last, at) - max(token.first, first)
            if _number(piece.start) and _number(piece.end):
                token.times.append((float(piece.start or 0.0), float(piece.end or 0.0)))
            if _number(piece.score):
                token.scores.append((float(piece.score or 0.0), shared))


def _number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _hull(times: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    return (min(begin for begin, _ in times), max(finish for _, finish in times)) if times else None


def _confidence(scores: Sequence[tuple[float, int]]) -> float | None:
    """The mean of the scores, weighted by the characters they stand for."""
    if not scores:
        return None
    mean = sum(score * weight for score, weight in scores) / sum(weight for _, weight in scores)
    return min(max(mean, 0.0), 1.0)


def _in_order(
    spans: Sequence[tuple[float, float] | None], start: float, end: float
) -> list[tuple[float, float] | None]:
    """The spans within [start, end], none beginning before an earlier one ends."""
    found: list[tuple[float, float] | None] = []
    earliest = start
    for span in spans:
        if span is None:
            found.append(None)
            continue
        begin = min(max(span[0], earliest), end)
        finish = min(max(span[1], begin), end)
        found.append((begin, finish))
        earliest = finish
    return found


def _filled(
    spans: Sequence[tuple[float, float] | None], lengths: Sequence[int], start: float, end: float
) -> list[tuple[float, float]]:
    """Spans for all: those without share the gap that they stand in by their number of characters."""
    filled: list[tuple[float, float]] = []
    index = 0
    while index < len(spans):
        span = spans[index]
        if span is not None:
            filled.append(span)
            index += 1
            continue
        after = next((at for at in range(index, len(spans)) if spans[at] is not None), len(spans))
        following = spans[after] if after < len(spans) else None
        begin, finish = filled[-1][1] if filled else start, following[0] if following else end
        whole, at = sum(lengths[index:after]), begin
        for length in lengths[index:after]:
            until = min(at + (finish - begin) * length / whole, finish)
            filled.append((at, until))
            at = until
        index = after
    return filled
