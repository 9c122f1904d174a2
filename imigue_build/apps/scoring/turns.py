"""Diarization errors by pyannote.metrics; overlap is scored.

DER (NIST Rich Transcription): missed speech, false alarms and speaker confusion, relative to the speech of the
reference. JER (DIHARD II): for each speaker of the reference, 1 - intersection / union with the counterpart; the mean
over speakers. A collar excludes the time around every boundary of the reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from imigue_build.core.intervals import Interval, merge
from imigue_build.core.records import Turn

_TOUCHING = -1e-6  # adjacent turns of a speaker stay separate: both have collars


class TurnErrors(NamedTuple):
    """Seconds of the reference's speech that were missed or confused, of false alarms, and of speech in total."""

    missed: float
    false_alarm: float
    confusion: float
    total: float


class Jaccard(NamedTuple):
    """The sum of the speakers' Jaccard errors, and the number of speakers in the reference."""

    errors: float
    speakers: float


def compare(reference: Sequence[Turn], found: Sequence[Turn], collar: float) -> tuple[TurnErrors, Jaccard]:
    """The errors of one interview.

    Args:
        collar: Seconds on each side of a boundary (pyannote.metrics takes the sum of both).
    """
    from pyannote.core import Segment, Timeline
    from pyannote.metrics import diarization

    metrics: Any = diarization  # partly typed
    reference_annotation, found_annotation = _annotation(reference), _annotation(found)
    extent = Timeline([Segment(0.0, max(turn.end for turn in [*reference, *found]))])
    rate = metrics.DiarizationErrorRate(collar=2 * collar)(
        reference_annotation, found_annotation, uem=extent, detailed=True
    )
    jaccard = metrics.JaccardErrorRate(collar=2 * collar)(
        reference_annotation, found_annotation, uem=extent, detailed=True
    )
    return (
        TurnErrors(rate["missed detection"], rate["false alarm"], rate["confusion"], rate["total"]),
        Jaccard(jaccard["speaker error"], jaccard["speaker count"]),
    )


def _annotation(turns: Iterable[Turn]) -> Any:
    """The turns, with overlapping turns of the same speaker merged."""
    from pyannote.core import Annotation, Segment

    by_speaker: dict[str, list[Interval]] = {}
    for turn in turns:
        by_speaker.setdefault(turn.speaker, []).append(Interval(turn.start, turn.end))
    annotation = Annotation()
    for speaker, own in sorted(by_speaker.items()):
        for span in merge(own, _TOUCHING):
            annotation[Segment(span.start, span.end), speaker] = speaker
    return annotation
