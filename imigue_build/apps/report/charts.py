"""The numbers of distributions, which the template `charts.html` draws as inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

WIDTH: Final = 320
HEIGHT: Final = 120
_BINS: Final = 16
_STEPS: Final = (1, 2, 2.5, 5, 10)


class Bar(NamedTuple):
    """A bar of a histogram, in the drawing's units, its text, and how many values it stands for, as it has room."""

    x: float
    y: float
    width: float
    height: float
    title: str
    above: str


class Histogram(NamedTuple):
    """A distribution: its bars, the value at both ends of its axis, and a summary in words."""

    title: str
    bars: tuple[Bar, ...]
    low: str
    high: str
    middle: float
    summary: str


class Tally(NamedTuple):
    """A category, how often it occurs, and that number as a share of the most frequent category's, in [0, 1]."""

    name: str
    number: int
    share: float


def histogram(
    title: str, values: Sequence[float], unit: str = "", within: tuple[float, float] | None = None
) -> Histogram | None:
    """A distribution of values; None where there are none.

    Args:
        within: The axis; by default round numbers around the values.
    """
    import numpy as np

    if not len(values):
        return None
    known = np.asarray(values, float)
    low, high = within or _round(float(known.min()), float(known.max()))
    counts, edges = np.histogram(np.clip(known, low, high), _BINS, (low, high))
    width, most = WIDTH / _BINS, int(counts.max())
    bars = tuple(
        Bar(
            round(place * width + 0.75, 2),
            round(HEIGHT - max(HEIGHT * count / most, 1.5), 2),
            round(width - 1.5, 2),
            round(max(HEIGHT * count / most, 1.5), 2),
            f"{_number(edges[place])} to {_number(edges[place + 1])}{unit}: {count:,}",
            _short(count),
        )
        for place, count in enumerate(counts.tolist())
        if count
    )
    median = float(np.median(known))
    of = f"{len(known):,} values, " if len(known) > 1 else ""
    summary = f"{of}median {_number(median)}{unit}, {_number(known.min())} to {_number(known.max())}{unit}"
    middle = WIDTH * min(max((median - low) / (high - low), 0), 1)
    return Histogram(title, bars, _number(low) + unit, _number(high) + unit, round(middle, 2), summary)


def tallies(counts: Mapping[str, int]) -> tuple[Tally, ...]:
    """Categories, the most frequent first."""
    most = max(counts.values(), default=0)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Tally(name, count, round(count / most, 4)) for name, count in ordered if count)


def _short(count: int) -> str:
    """A number in the room above a bar: at most four characters.

    >>> _short(950), _short(1234), _short(45_600)
    ('950', '1.2k', '46k')
    """
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 9950 else f"{count / 1000:.0f}k"


def _round(low: float, high: float) -> tuple[float, float]:
    """Round numbers around two values."""
    import math

    span = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    width = next(power * step for step in _STEPS if power * step >= span / 4)
    first, last = math.floor(low / width) * width, math.ceil(high / width) * width
    return first, last if last > first else first + width


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
