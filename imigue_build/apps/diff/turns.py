"""Who spoke when, in two releases of one recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.apps.diff.result import Turns
from imigue_build.core.intervals import concurrent
from imigue_build.core.records import Turn
from imigue_build.corpus.annotations.mapping import one_to_one, shared_seconds
from imigue_build.corpus.annotations.sources import LabelledSpan, bounded, textgrid
from imigue_build.corpus.annotations.turns import rttm

_TIERS: Final = ("diarization", "overlap", "vad")


class Speech(NamedTuple):
    """An interview's turns, and what its TextGrid says of them besides: tier -> intervals."""

    turns: list[Turn]
    tiers: dict[str, tuple[LabelledSpan, ...]]


def read(turns: Path, segments: Path, video_id: str) -> Speech:
    """The speech in an RTTM file and a segment level TextGrid.

    Raises:
        AnnotationError: If one of them cannot be read.
    """
    found = [Turn(one.start, one.end, one.speaker or "") for one in bounded(turns, rttm(turns, video_id))]
    return Speech(found, {tier.name: tier.intervals for tier in textgrid(segments) if tier.name in _TIERS})


def speakers(before: Sequence[Turn], after: Sequence[Turn]) -> dict[str, str]:
    """The first side's speaker -> the second's, so that they share most time."""
    return {first: second for second, first in one_to_one(shared_seconds(before, after)).items()}


def compare(before: Sequence[Turn], after: Sequence[Turn], mapping: Mapping[str, str]) -> Turns:
    """Both sides' turns compared under a mapping of their speakers."""
    sides = [
        *(_Side(one.start, one.end, mapping.get(one.speaker, f"before {one.speaker}"), 0) for one in before),
        *(_Side(one.start, one.end, one.speaker, 1) for one in after),
    ]
    speech = other = 0.0
    for span, active in concurrent(sides):
        first, second = ({one.speaker for one in active if one.side == side} for side in (0, 1))
        speech += span.duration
        other += span.duration * (first != second)
    return Turns(
        before=len(before),
        after=len(after),
        speakers_before=len({one.speaker for one in before}),
        speakers_after=len({one.speaker for one in after}),
        other_speaker=round(other / speech, 4) if speech else 0.0,
        mapping=dict(sorted(mapping.items())),
    )


class _Side(NamedTuple):
    start: float
    end: float
    speaker: str
    side: int
