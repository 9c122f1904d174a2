"""Diarization errors, as pyannote.metrics counts them; overlap is scored.

DER (NIST Rich Transcription): the time that is missed, is a false alarm or has the wrong speaker,
per time of the reference's speech. JER (DIHARD II): of each speaker of the reference, the time of
him and his counterpart that is not both's, per time of either; the mean over speakers. A collar
takes the time around every boundary of the reference out of the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from imigue_build.core.intervals import Interval, merge
from imigue_build.core.records import Turn

_TOUCHING = -1e-6  # turns of one speaker that only touch stay two: a collar lies around each of their ends


class TurnErrors(NamedTuple):
    """Seconds of the reference's speech that were missed or confused, and of speech that is not there."""

    missed: float
    false_alarm: float
    confusion: float
    total: float


class Jaccard(NamedTuple):
    """The sum of the speakers' Jaccard errors, and how many speakers the reference has."""

    errors: float
    speakers: float


def compare(reference: Sequence[Turn], found: Sequence[Turn], collar: float) -> tuple[TurnErrors, Jaccard]:
    """The errors of one interview.

    Args:
        collar: Seconds on each side of a boundary (pyannote.metrics counts both sides together).
    """
    from pyannote.core import Segment, Timeline
    from pyannote.metrics import diarization

    metrics: Any = diarization  # partly typed
    truth, other = _annotation(reference), _annotation(found)
    whole = Timeline([Segment(0.0, max(turn.end for turn in [*reference, *found]))])
    rate = metrics.DiarizationErrorRate(collar=2 * collar)(truth, other, uem=whole, detailed=True)
    jaccard = metrics.JaccardErrorRate(collar=2 * collar)(truth, other, uem=whole, detailed=True)
    return (
        TurnErrors(rate["missed detection"], rate["false alarm"], rate["confusion"], rate["total"]),
        Jaccard(jaccard["speaker error"], jaccard["speaker count"]),
    )


def _annotation(turns: Iterable[Turn]) -> Any:
    """The turns, those of one speaker that overlap each other united."""
    from pyannote.core import Annotation, Segment

    voices: dict[str, list[Interval]] = {}
    for turn in turns:
        voices.setdefault(turn.speaker, []).append(Interval(turn.start, turn.end))
    annotation = Annotation()
    for voice, own in sorted(voices.items()):
        for span in merge(own, _TOUCHING):
            annotation[Segment(span.start, span.end), voice] = voice
    return annotation
