"""The segments of a release in numbers, gathered from the manifest's rows while these go by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from imigue_build.core.records import ROLES, Role

LENGTHS: Final = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds at which the table of lengths is cut."""


class _Row(msgspec.Struct):
    role: Role
    start: float
    end: float
    clip: str | None
    asr_confidence: float | None = None
    snr_db: float | None = None
    words_per_second: float | None = None
    flags: tuple[str, ...] = ()


class Segments:
    """What the card says of segments: those with a clip; lengths in seconds, by role."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {role: [] for role in ROLES}
        self.measures: dict[str, list[float]] = {"asr_confidence": [], "snr_db": [], "words_per_second": []}
        self.flags: Counter[str] = Counter()
        self.without_clip = 0

    def add(self, line: bytes) -> None:
        """Takes in one row of the manifest."""
        row = msgspec.json.decode(line, type=_Row)
        if row.clip is None:
            self.without_clip += 1
            return
        self.seconds[row.role].append(row.end - row.start)
        for name, values in self.measures.items():
            value = getattr(row, name)
            if value is not None:
                values.append(value)
        self.flags.update(row.flags)


def at(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the sorted values lie, by the nearest rank.

    >>> at([1.0, 2.0, 3.0, 4.0], 0.5), at([1.0], 0.95)
    (2.0, 1.0)
    """
    return values[min(len(values) - 1, max(0, -int(-share * len(values) // 1) - 1))]


def lengths(values: Sequence[float]) -> list[int]:
    """How many values lie below the first of `LENGTHS`, between it and the next, ..., and above the last."""
    counts = Counter(sum(value >= cut for cut in LENGTHS) for value in values)
    return [counts[number] for number in range(len(LENGTHS) + 1)]
