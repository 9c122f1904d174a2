"""Spans of milliseconds: merged, subtracted, summed."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

TOLERANCE: Final = 2
"""Milliseconds by which two roundings of a boundary may differ."""


def total(spans: list[tuple[int, int]]) -> int:
    """The milliseconds of spans."""
    return sum(end - start for start, end in spans)


def subtracted(spans: list[tuple[int, int]], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of spans that are in none of others; each list is disjoint and in time order."""
    left = []
    for start, end in spans:
        at = start
        for first, last in taken[bisect_right(taken, start, key=lambda span: span[1]) :]:
            if first >= end:
                break
            if at < first:
                left.append((at, first))
            at = last
        if at < end:
            left.append((at, end))
    return left


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in time order; those that touch are merged."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and start <= found[-1][1] + TOLERANCE:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found
