"""Who spoke when, in two releases of one recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from imigue_build.apps.diff.result import Turns
from imigue_build.core.intervals import concurrent
from imigue_build.core.records import Turn
from imigue_build.corpus.annotations.mapping import one_to_one, shared_seconds


def speakers(before: Sequence[Turn], after: Sequence[Turn]) -> dict[str, str]:
    """The first side's speaker -> the second's, so that they share most time."""
    return {first: second for second, first in one_to_one(shared_seconds(before, after)).items()}


def compare(before: Sequence[Turn], after: Sequence[Turn], mapping: Mapping[str, str]) -> Turns:
    """Both sides' turns compared under a mapping of their speakers."""
    sides = [
        *(_Turn(turn.start, turn.end, mapping.get(turn.speaker, f"before {turn.speaker}"), 0) for turn in before),
        *(_Turn(turn.start, turn.end, turn.speaker, 1) for turn in after),
    ]
    speech = other = 0.0
    for span, active in concurrent(sides):
        first, second = ({turn.speaker for turn in active if turn.side == side} for side in (0, 1))
        speech += span.duration
        other += span.duration * (first != second)
    return Turns(
        before=len(before),
        after=len(after),
        speakers_before=len({turn.speaker for turn in before}),
        speakers_after=len({turn.speaker for turn in after}),
        other_speaker=round(other / speech, 4) if speech else 0.0,
        mapping=dict(sorted(mapping.items())),
    )


class _Turn(NamedTuple):
    """A turn of one side: 0 before, 1 after."""

    start: float
    end: float
    speaker: str
    side: int
