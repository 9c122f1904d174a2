"""What follows from an interview's rows and turns, and from what is said of how it was made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from imigue_build.core.intervals import merge
from imigue_build.core.records import Overlap, Turn
from imigue_build.release.schema.provenance import Source
from imigue_build.release.schema.rows import Segment

DOUBTFUL: Final = 0.75
"""Below this confidence of its roles an interview is to be checked."""
_UNALIGNED: Final = 0.2
"""Above this share of words that could not be aligned an interview is to be checked."""


def overlap(turns: Iterable[Turn]) -> tuple[Overlap, ...]:
    """The regions in which several speakers talk, by start, each as long as it is the same speakers.

    One speaker's turns that overlap or touch are one turn: nobody overlaps himself.

    >>> overlap([Turn(0.0, 8.0, "SPEAKER_00"), Turn(3.0, 5.0, "SPEAKER_01"), Turn(5.0, 9.0, "SPEAKER_01")])
    (Overlap(start=3.0, end=8.0, speakers=('SPEAKER_00', 'SPEAKER_01')),)
    """
    own: dict[str, list[Turn]] = {}
    for turn in turns:
        own.setdefault(turn.speaker, []).append(turn)
    changes: dict[float, list[tuple[bool, str]]] = {}
    for speaker, spoken in own.items():
        for span in merge(spoken):
            changes.setdefault(span.start, []).append((True, speaker))
            changes.setdefault(span.end, []).append((False, speaker))
    found: list[Overlap] = []
    talking: set[str] = set()
    since = 0.0
    for time in sorted(changes):
        if len(talking) > 1:
            found.append(Overlap(since, time, tuple(sorted(talking))))
        for begins, speaker in changes[time]:
            (talking.add if begins else talking.remove)(speaker)
        since = time
    return tuple(found)


def doubts(confidence: float, source: Source, segments: Iterable[Segment]) -> tuple[str, ...]:
    """Why a person should check an interview: its roles, corrections that no longer fit, words not aligned.

    Args:
        confidence: Of its roles, in [0, 1].
        source: What its provenance says.
        segments: Its rows.
    """
    lost = [fix.text for kind in source.overrides.values() for fix in kind if not fix.applied]
    words = [word for segment in segments for word in segment.words]
    unaligned = sum(not word.aligned for word in words) / len(words) if words else 1.0
    if confidence >= DOUBTFUL and not lost and unaligned <= _UNALIGNED:
        return ()
    reasons = list(source.role_doubts) or (["the roles are not sure"] if confidence < DOUBTFUL else [])
    reasons += [f"a correction no longer fits: {text}" for text in lost]
    if unaligned > _UNALIGNED:
        reasons.append(f"{100 * unaligned:.0f} % of its words could not be aligned" if words else "it has no words")
    return tuple(reasons)
