"""The algebra of intervals: merging, intersecting, subtracting, and asking who covers a time.

An interval is anything with `start` and `end` in seconds (a `Span`, `Turn` or `Word` of the
records, or the `Interval` of this module) and stands for [start, end): it holds its start and not
its end. One without a positive duration holds no time and is ignored by every function. Inputs may
come in any order and may overlap unless a function says otherwise; results are disjoint, sorted,
and do not touch each other.

    >>> merge([Interval(2.0, 3.0), Interval(0.0, 1.0), Interval(0.5, 2.0)])
    (Interval(start=0.0, end=3.0),)
    >>> subtract([Interval(0.0, 3.0)], [Interval(1.0, 2.0)])
    (Interval(start=0.0, end=1.0), Interval(start=2.0, end=3.0))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeVar


class Timed(Protocol):
    """Anything that lasts from `start` to `end`, in seconds."""

    @property
    def start(self) -> float: ...

    @property
    def end(self) -> float: ...


class Interval(NamedTuple):
    """The plain interval that this module's functions return: [start, end) in seconds."""

    start: float
    end: float

    @property
    def duration(self) -> float:
        return self.end - self.start


T = TypeVar("T", bound=Timed)


def merge(intervals: Iterable[Timed], gap: float = 0.0) -> tuple[Interval, ...]:
    """The union; intervals at most `gap` seconds apart become one, the pause between included."""
    ordered = sorted((item.start, item.end) for item in intervals if item.start < item.end)
    merged: list[Interval] = []
    for start, end in ordered:
        if merged and start - merged[-1].end <= gap:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, end))
        else:
            merged.append(Interval(start, end))
    return tuple(merged)


def intersect(first: Iterable[Timed], second: Iterable[Timed]) -> tuple[Interval, ...]:
    """The time that both cover."""
    left, right = merge(first), merge(second)
    shared: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start, right[j].start), min(left[i].end, right[j].end)
        if start < end:
            shared.append(Interval(start, end))
        if left[i].end < right[j].end:
            i += 1
        else:
            j += 1
    return tuple(shared)


def gaps(intervals: Iterable[Timed], start: float, end: float) -> tuple[Interval, ...]:
    """The time of [start, end) that no interval covers."""
    free: list[Interval] = []
    at = start
    for item in clip(intervals, start, end):
        if at < item.start:
            free.append(Interval(at, item.start))
        at = item.end
    if at < end:
        free.append(Interval(at, end))
    return tuple(free)


def subtract(first: Iterable[Timed], second: Iterable[Timed]) -> tuple[Interval, ...]:
    """The time that the first covers and the second does not."""
    kept = merge(first)
    if not kept:
        return ()
    return intersect(kept, gaps(second, kept[0].start, kept[-1].end))


def clip(intervals: Iterable[Timed], start: float, end: float) -> tuple[Interval, ...]:
    """The union within [start, end)."""
    return intersect(intervals, (Interval(start, end),))


def total(intervals: Iterable[Timed]) -> float:
    """Seconds of the union: time that several intervals cover counts once."""
    return sum(item.end - item.start for item in merge(intervals))


def shared(first: Timed, second: Timed) -> float:
    """Seconds that two single intervals have in common."""
    return max(0.0, min(first.end, second.end) - max(first.start, second.start))


def distance(interval: Timed, time: float) -> float:
    """Seconds from `time` to the interval: 0 within it and at both its ends."""
    return max(interval.start - time, time - interval.end, 0.0)


def covering(intervals: Iterable[T], time: float) -> tuple[T, ...]:
    """Those of the intervals that hold `time`, themselves, in the order given."""
    return tuple(item for item in intervals if item.start <= time < item.end)


def nearest(intervals: Iterable[T], time: float) -> T | None:
    """The interval that holds `time`, else the one at the least distance; the first given on a tie.

    Returns None where there is no interval.
    """
    there = [item for item in intervals if item.start < item.end]
    held = covering(there, time)
    return held[0] if held else min(there, key=lambda item: distance(item, time), default=None)


def concurrent(intervals: Iterable[T]) -> Iterator[tuple[Interval, tuple[T, ...]]]:
    """Cuts time where an interval begins or ends; yields each piece that is covered, and by which.

    The pieces are in time order and touch where coverage changes; the intervals of a piece are in
    the order given.
    """
    given = [item for item in intervals if item.start < item.end]
    begins = sorted(range(len(given)), key=lambda index: given[index].start)
    times = sorted({item.start for item in given} | {item.end for item in given})
    active: list[int] = []
    begun = 0
    for start, end in pairwise(times):
        active = [index for index in active if given[index].end > start]
        while begun < len(begins) and given[begins[begun]].start <= start:
            active.append(begins[begun])
            begun += 1
        if active:
            yield Interval(start, end), tuple(given[index] for index in sorted(active))
