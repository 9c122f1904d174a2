from __future__ import annotations

import doctest
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from imigue_build.core import intervals
from imigue_build.core.intervals import (
    Interval,
    clip,
    concurrent,
    covering,
    distance,
    gaps,
    intersect,
    merge,
    nearest,
    shared,
    subtract,
    total,
)
from imigue_build.core.records import Span, Turn

# Whole seconds, so that the oracle below can count unit cells exactly.
SECONDS = st.integers(min_value=0, max_value=20).map(float)
ANY = st.lists(st.builds(Interval, SECONDS, SECONDS), max_size=8)


def cells(items: tuple[Interval, ...] | list[Interval]) -> set[int]:
    """Independent oracle: the unit cells [k, k+1) that are covered."""
    return {k for item in items for k in range(int(item.start), int(item.end))}


def is_normal(items: tuple[Interval, ...]) -> bool:
    return all(item.start < item.end for item in items) and all(a.end < b.start for a, b in pairwise(items))


@given(ANY)
def test_merge_is_the_union(items: list[Interval]) -> None:
    assert is_normal(merge(items))
    assert cells(merge(items)) == cells(items)
    assert total(items) == len(cells(items))


@given(ANY, ANY)
def test_intersect_and_subtract_agree_with_sets(first: list[Interval], second: list[Interval]) -> None:
    both, only = intersect(first, second), subtract(first, second)
    assert is_normal(both) and is_normal(only)
    assert cells(both) == cells(first) & cells(second)
    assert cells(only) == cells(first) - cells(second)


@given(ANY, SECONDS, SECONDS)
def test_clip_and_gaps_share_out_the_window(items: list[Interval], start: float, end: float) -> None:
    window = cells([Interval(start, end)])
    assert cells(clip(items, start, end)) == cells(items) & window
    assert cells(gaps(items, start, end)) == window - cells(items)
    assert is_normal(gaps(items, start, end))


@given(ANY)
def test_concurrent_pieces_hold_exactly_their_intervals(items: list[Interval]) -> None:
    pieces = list(concurrent(items))
    assert cells([piece for piece, _ in pieces]) == cells(items)
    for piece, active in pieces:
        middle = (piece.start + piece.end) / 2
        assert active == covering(items, middle) == covering(items, piece.start)


def test_merge_bridges_gaps_up_to_the_limit() -> None:
    items = [Interval(0.0, 1.0), Interval(1.25, 2.0), Interval(3.0, 4.0)]
    assert merge(items, gap=0.25) == (Interval(0.0, 2.0), Interval(3.0, 4.0))
    assert merge(items) == tuple(items)


def test_touching_intervals_become_one() -> None:
    assert merge([Interval(1.0, 2.0), Interval(0.0, 1.0)]) == (Interval(0.0, 2.0),)
    assert intersect([Interval(0.0, 1.0)], [Interval(1.0, 2.0)]) == ()


def test_records_serve_as_intervals_and_come_back_as_themselves() -> None:
    early, late = Turn(start=0.0, end=2.0, speaker="a"), Turn(start=1.5, end=3.0, speaker="b")
    assert covering([early, late], 1.75) == (early, late)
    assert covering([early, late], 2.0) == (late,)
    assert merge([early, late]) == (Interval(0.0, 3.0),)
    assert list(concurrent([late, early]))[1] == (Interval(1.5, 2.0), (late, early))


def test_shared_and_distance() -> None:
    assert shared(Span(0.0, 2.0), Span(1.5, 3.0)) == 0.5
    assert shared(Span(0.0, 1.0), Span(1.5, 3.0)) == 0.0
    assert [distance(Span(1.0, 2.0), time) for time in (0.5, 1.0, 1.5, 2.0, 4.0)] == [0.5, 0, 0, 0, 2.0]


def test_nearest_prefers_the_one_that_holds_the_time() -> None:
    first, second = Span(0.0, 1.0), Span(1.0, 2.0)
    assert nearest([first, second], 1.0) is second
    assert nearest([first, Span(4.0, 5.0)], 2.0) is first
    assert nearest([first, Span(1.5, 2.0)], 1.25) is first
    assert nearest([], 1.0) is None


def test_empty_input() -> None:
    nothing: list[Interval] = []
    assert merge(nothing) == intersect(nothing, nothing) == subtract(nothing, nothing) == ()
    assert list(concurrent(nothing)) == []
    assert gaps(nothing, 1.0, 2.0) == (Interval(1.0, 2.0),)
    assert gaps(nothing, 2.0, 1.0) == ()
    assert total([Interval(2.0, 1.0)]) == 0


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(intervals).failed == 0
