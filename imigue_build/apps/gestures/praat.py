"""The TextGrid of an interview with its gestures: the release's own tiers, and the gestures below them.

An interval tier holds no overlaps: a gesture that begins before another has ended goes to the next of the tiers
`gestures`, `gestures 2`, ... that is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Final

from imigue_build.apps.gestures.clock import Gesture
from imigue_build.core.times import milliseconds
from imigue_build.release.schema.textgrid import Label, TextGrid, Tier, disjoint

TIER: Final = "gestures"


def with_gestures(grid: TextGrid, gestures: Sequence[Gesture]) -> TextGrid:
    """A TextGrid with tiers of gestures, which are sorted by start, added."""
    known = {tier.name for tier in grid.tiers}
    numbered = (TIER if number == 1 else f"{TIER} {number}" for number in count(1))
    free = (name for name in numbered if name not in known)
    tiers = (Tier(name, disjoint(layer, grid.end)) for layer, name in zip(layers(gestures), free, strict=False))
    return grid._replace(tiers=(*grid.tiers, *tiers))


def layers(gestures: Sequence[Gesture]) -> list[list[Label]]:
    """The gestures as labels of one tier or more, none of which overlap within a tier."""
    tiers: list[list[Label]] = [[]]
    for gesture in gestures:
        label = Label(milliseconds(gesture.start), milliseconds(gesture.end), f"{gesture.number} {gesture.name}")
        if label.start >= label.end:
            continue
        tier = next((tier for tier in tiers if not tier or tier[-1].end <= label.start), None)
        if tier is None:
            tiers.append(tier := [])
        tier.append(label)
    return tiers
