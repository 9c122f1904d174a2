"""The TextGrid of an interview with its gestures: the release's own tiers, untouched, and the gestures below them.

An interval tier holds no overlaps: a gesture that begins before another has ended goes to the next of the tiers
`gestures`, `gestures 2`, ... that is free. Every tier covers [0, duration] without holes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from imigue_build.apps.gestures.clock import Gesture
from imigue_build.core.records import milliseconds

TIER: Final = "gestures"
_SIZE: Final = re.compile(r"(tiers\? <exists>[ \t]*\n[ \t]*size = )(\d+)")

Label = tuple[int, int, str]
"""An interval with its label: start and end in milliseconds."""


def with_gestures(textgrid: str, gestures: Sequence[Gesture], duration: float) -> str:
    """A TextGrid in long format with tiers of gestures added.

    Args:
        textgrid: In long format, as `release.rules.textgrid` parses it.
        gestures: By start; within [0, duration].
    """
    tiers = layers(gestures)
    known = _SIZE.search(textgrid)
    count = int(known[2]) if known else 0
    text = _SIZE.sub(lambda found: f"{found[1]}{count + len(tiers)}", textgrid, count=1)
    names = [TIER, *(f"{TIER} {number}" for number in range(2, len(tiers) + 1))]
    end = milliseconds(duration)
    for number, (name, labels) in enumerate(zip(names, tiers, strict=True), count + 1):
        text = text.rstrip("\n") + "\n" + _tier(number, name, labels, end)
    return text


def layers(gestures: Sequence[Gesture]) -> list[list[Label]]:
    """The gestures as labels of one tier or more, none of which overlap within a tier."""
    tiers: list[list[Label]] = [[]]
    for one in gestures:
        label = milliseconds(one.start), milliseconds(one.end), f"{one.number} {one.name}"
        if label[0] >= label[1]:
            continue
        tier = next((tier for tier in tiers if not tier or tier[-1][1] <= label[0]), None)
        if tier is None:
            tiers.append(tier := [])
        tier.append(label)
    return tiers


def _tier(number: int, name: str, labels: Sequence[Label], end: int) -> str:
    intervals: list[Label] = []
    at = 0
    for start, stop, label in [*labels, (end, end, "")]:
        if at < start:
            intervals.append((at, start, ""))
        if start < stop:
            intervals.append((start, stop, label))
        at = stop
    lines = [f"    item [{number}]:", '        class = "IntervalTier" ', f'        name = "{name}" ']
    lines += ["        xmin = 0 ", f"        xmax = {end / 1000} ", f"        intervals: size = {len(intervals)} "]
    for place, (start, stop, label) in enumerate(intervals, 1):
        lines += [f"        intervals [{place}]:", f"            xmin = {start / 1000} "]
        lines += [f"            xmax = {stop / 1000} ", f'            text = "{label}" ']
    return "\n".join(lines) + "\n"
