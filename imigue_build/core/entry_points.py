"""What other wheels add to the program: objects that their entry points name."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple


class Offer(NamedTuple):
    """An object that a wheel offers.

    Attributes:
        name: Of the entry point.
        origin: The name and version of the wheel.
        loaded: The object; None where it cannot be loaded.
        problem: Why not, in words; empty where it is loaded.
    """

    name: str
    origin: str
    loaded: Any
    problem: str = ""


def offers(group: str) -> list[Offer]:
    """All objects of a group of entry points, ordered by wheel and name."""
    return loaded(entry_points(group=group))


def loaded(points: Iterable[EntryPoint]) -> list[Offer]:
    """The objects of entry points. Whatever another wheel does wrong is said of its offer alone."""
    found = []
    for point in points:
        origin = f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"
        try:
            found.append(Offer(point.name, origin, point.load()))
        except Exception as error:
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            found.append(Offer(point.name, origin, None, f"{point.value} cannot be loaded ({reason})"))
    return sorted(found, key=lambda offer: (offer.origin, offer.name))
