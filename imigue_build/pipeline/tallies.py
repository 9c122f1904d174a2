"""A table by stage of what is planned, or done, for any number of interviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from imigue_build.core.errors import abridged

MOST_LISTED: Final = 12
"""Rows of interviews that are listed without being asked for; of more there is a table by stage."""
_MOST_REASONS: Final = 2
_MOST_PARTS: Final = 2
_LONGEST: Final = 120
"""Characters of a reason."""


class Tally(NamedTuple):
    """One stage: how many interviews are in which state, and the most frequent reasons, with how many have each."""

    stage: str
    counts: Counter[str]
    reasons: list[tuple[str, int]]
    others: int

    @property
    def because(self) -> str:
        """The reasons, most frequent first; where all have one, it alone."""
        if len(self.reasons) == 1 and not self.others:
            return self.reasons[0][0]
        texts = [f"{count:,} x {reason}" for reason, count in self.reasons]
        return "; ".join(texts + ([f"{self.others:,} for other reasons"] if self.others else []))


def tallies(found: Iterable[tuple[str, str, str]]) -> list[Tally]:
    """The table of (stage, state, reason), in the order in which the stages come; an empty reason does not count."""
    counts: dict[str, Counter[str]] = {}
    reasons: dict[str, Counter[str]] = {}
    for stage, state, because in found:
        counts.setdefault(stage, Counter())[state] += 1
        reasons.setdefault(stage, Counter()).update([_short(because)] if because else [])
    made = []
    for stage, states in counts.items():
        first = reasons[stage].most_common(_MOST_REASONS)
        others = reasons[stage].total() - sum(count for _, count in first)
        made.append(Tally(stage, states, first, others))
    return made


def _short(because: str) -> str:
    """The first parts of a reason, such as of many settings that changed, and how many more there are."""
    first, rest = (parts := because.split("; "))[:_MOST_PARTS], len(parts) - _MOST_PARTS
    return abridged("; ".join(first), _LONGEST) + (f" and {rest} more" if rest > 0 else "")
