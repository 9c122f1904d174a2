"""What follows from an interview's rows and turns."""

from __future__ import annotations

from collections.abc import Iterable

from imigue_build.core.intervals import merge
from imigue_build.core.records import Overlap, Turn


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
