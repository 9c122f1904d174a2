"""Small SVG plots comparing winners with losers; generated here, so that equal data give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_COLOURS: Final = {"Win": "#0072b2", "Lose": "#d55e00"}  # distinguishable for colour-blind readers (Okabe and Ito)
_NAMES: Final = {"Win": "winners", "Lose": "losers"}
_WIDTH: Final = 640
_LEFT: Final = 120
_RIGHT: Final = 70
_PANEL: Final = 120
_BAR: Final = 13
_POINTS: Final = 101


class Values(NamedTuple):
    """The data of one dimension and outcome: values of all segments, and the speakers' means."""

    segments: Sequence[float]
    speakers: Sequence[float]


def distributions(title: str, dimensions: Mapping[str, Mapping[str, Values]]) -> str:
    """A panel per dimension: the density of segments by outcome, with the speakers' means as ticks below."""
    parts: list[str] = []
    for index, (name, outcomes) in enumerate(dimensions.items()):
        parts += _panel(name, outcomes, 40 + index * _PANEL)
    return _document(title, parts, 50 + _PANEL * len(dimensions))


def shares(title: str, categories: Mapping[str, Mapping[str, float]]) -> str:
    """A pair of bars per category: its share among winners and losers, from 0 to 1."""
    largest = max((share for row in categories.values() for share in row.values()), default=0.0) or 1.0
    bar_width = _WIDTH - _LEFT - _RIGHT
    parts: list[str] = []
    for index, (name, row) in enumerate(categories.items()):
        top = 44 + index * (2 * _BAR + 12)
        parts.append(_text(_LEFT - 8, top + _BAR + 4, name, anchor="end"))
        for half, outcome in enumerate(_COLOURS):
            at, length = top + half * _BAR, bar_width * row[outcome] / largest
            parts.append(
                f'<rect x="{_LEFT}" y="{at}" width="{length:.2f}" height="{_BAR - 1}" fill="{_COLOURS[outcome]}"/>'
            )
            parts.append(_text(_LEFT + length + 5, at + _BAR - 3, f"{100 * row[outcome]:.1f} %", size=10))
    return _document(title, parts, 56 + len(categories) * (2 * _BAR + 12))


def _panel(name: str, outcomes: Mapping[str, Values], top: float) -> Iterable[str]:
    everything = np.concatenate([np.asarray(outcome.segments, float) for outcome in outcomes.values()])
    low, high = float(everything.min()), float(everything.max())
    margin = 0.05 * (high - low) or 0.5
    low, high = low - margin, high + margin
    points = np.linspace(low, high, _POINTS)
    curves = {outcome: _density(np.asarray(item.segments, float), points) for outcome, item in outcomes.items()}
    peak = max(float(curve.max()) for curve in curves.values()) or 1.0
    base, height = top + _PANEL - 42, _PANEL - 50

    def across(value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (value - low) / (high - low)

    yield _text(_LEFT - 8, base - height / 2, name, anchor="end")
    for row, (outcome, curve) in enumerate(curves.items()):
        colour, own = _COLOURS[outcome], outcomes[outcome]
        line = " ".join(f"{across(x):.2f},{base - height * y / peak:.2f}" for x, y in zip(points, curve, strict=True))
        outline = f"{across(low):.2f},{base} {line} {across(high):.2f},{base}"
        yield f'<polygon points="{outline}" fill="{colour}" fill-opacity="0.25" stroke="{colour}"/>'
        mean = across(float(np.mean(own.speakers)))
        yield _line((mean, mean), (base - height, base), colour, 2)
        for value in own.speakers:
            at, under = across(value), base + 3 + 8 * row
            yield _line((at, at), (under, under + 6), colour)
    yield _line((_LEFT, _WIDTH - _RIGHT), (base, base), "#444")
    for value, anchor in ((low + margin, "start"), (high - margin, "end")):
        yield _text(across(value), base + 31, f"{value:.2f}", size=10, anchor=anchor)


def _density(values: Floats, points: Floats) -> Floats:
    """A Gaussian kernel density estimate (Scott's rule), (points,); a narrow peak if all values are equal."""
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    width = max(spread * len(values) ** -0.2, float(points[-1] - points[0]) / 100)
    found = np.zeros(len(points))
    for start in range(0, len(values), 4096):  # in blocks, to limit memory
        steps = (points[:, None] - values[None, start : start + 4096]) / width
        found += np.exp(-0.5 * steps**2).sum(axis=1)
    return np.asarray(found / (len(values) * width * np.sqrt(2 * np.pi)))


def _line(x: tuple[float, float], y: tuple[float, float], colour: str, width: int = 1) -> str:
    ends = f'x1="{x[0]:.2f}" x2="{x[1]:.2f}" y1="{y[0]:.2f}" y2="{y[1]:.2f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, size: int = 12, anchor: str = "start", colour: str = "#222") -> str:
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
    )


def _document(title: str, parts: Iterable[str], height: float) -> str:
    legend = [
        _text(_WIDTH - _RIGHT - 70 * index, 20, _NAMES[outcome], anchor="end", colour=colour)
        for index, (outcome, colour) in enumerate(_COLOURS.items())
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height:.0f}" '
        f'viewBox="0 0 {_WIDTH} {height:.0f}" font-family="sans-serif">'
    )
    body = ['<rect width="100%" height="100%" fill="#fff"/>', _text(16, 20, title, size=14), *legend, *parts]
    return "\n".join([head, f"<title>{escape(title)}</title>", *body, "</svg>"]) + "\n"
