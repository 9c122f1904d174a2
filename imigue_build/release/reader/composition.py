"""What interviews hold, in figures. The card of a release and its report show these, and both compute them here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from imigue_build.core.intervals import total
from imigue_build.core.records import ROLES, Label, Overlap, Record, Role, Turn
from imigue_build.release.schema.rows import DroppedSegment, Segment

NOT_KNOWN: Final = "not known"
"""The outcome of a match whose outcome the labels do not give."""


class RoleFigures(Record, frozen=True):
    """One role of one or more interviews: its speakers, their speaking time, and their words.

    `seconds` is speaking time, overlap included. `segments` are those with a clip, `clip_seconds` is their time.
    """

    speakers: int
    seconds: float
    segments: int
    clip_seconds: float
    words: int
    words_in_clips: int
    unaligned: int


def role_figures(
    role: Role, segments: Iterable[Segment], turns: Iterable[Turn], roles: Mapping[str, Role]
) -> RoleFigures:
    """The figures of a role in one interview.

    Args:
        role: The role.
        segments: All rows of the manifest.
        turns: All diarized turns.
        roles: By speaker; a speaker who is missing is an interviewer.
    """
    spoken: dict[str, list[Turn]] = {}
    for turn in turns:
        if roles.get(turn.speaker, "interviewer") == role:
            spoken.setdefault(turn.speaker, []).append(turn)
    own = [segment for segment in segments if segment.role == role]
    clips = [segment for segment in own if segment.clip]
    return RoleFigures(
        speakers=len(spoken),
        seconds=round(sum(total(speaker_turns) for speaker_turns in spoken.values()), 3),
        segments=len(clips),
        clip_seconds=round(sum(segment.duration for segment in clips), 3),
        words=sum(len(segment.words) for segment in own),
        words_in_clips=sum(len(segment.words) for segment in clips),
        unaligned=sum(not word.aligned for segment in own for word in segment.words),
    )


def summed(figures: Iterable[RoleFigures]) -> RoleFigures:
    """The figures of one role in several interviews together; a speaker counts once in each."""
    found = list(figures)
    return RoleFigures(
        speakers=sum(role.speakers for role in found),
        seconds=sum(role.seconds for role in found),
        segments=sum(role.segments for role in found),
        clip_seconds=sum(role.clip_seconds for role in found),
        words=sum(role.words for role in found),
        words_in_clips=sum(role.words_in_clips for role in found),
        unaligned=sum(role.unaligned for role in found),
    )


class SegmentFigures:
    """Measures of the segments that have a clip, gathered segment by segment.

    Attributes:
        seconds: Their lengths, by role.
        measures: Values by the name of the field: `asr_confidence`, `snr_db`, `words_per_second`.
        flags: How many segments have each flag.
    """

    def __init__(self) -> None:
        self.seconds: dict[Role, list[float]] = {role: [] for role in ROLES}
        self.measures: dict[str, list[float]] = {"asr_confidence": [], "snr_db": [], "words_per_second": []}
        self.flags: Counter[str] = Counter()

    def add(self, segment: Segment) -> None:
        """Adds a row of the manifest; one without a clip is ignored."""
        if not segment.clip:
            return
        self.seconds[segment.role].append(segment.duration)
        for name, values in self.measures.items():
            value = getattr(segment, name)
            if value is not None:
                values.append(value)
        self.flags.update(segment.flags)


def asr_confidence(segments: Iterable[Segment]) -> float | None:
    """The mean confidence of the words that have one, in [0, 1]; None where no word has."""
    known = [word.confidence for segment in segments for word in segment.words if word.confidence is not None]
    return sum(known) / len(known) if known else None


def overlap_seconds(overlap: Iterable[Overlap]) -> float:
    """The time in which several speakers talk, in seconds to the millisecond."""
    return round(total(overlap), 3)


def outcomes(labels: Iterable[Label]) -> Counter[str]:
    """How many matches were won, were lost, or have no known outcome."""
    return Counter(label.win_or_lose or NOT_KNOWN for label in labels)


def drop_causes(dropped: Iterable[DroppedSegment]) -> Counter[str]:
    """How many segments each measure or flag dropped; a segment with several reasons counts for each.

    >>> drop_causes([DroppedSegment("1", "interviewee", "SPEAKER_00", 0, 1, "so", "snr_db 3 < 10; flag poor_fit")])
    Counter({'snr_db': 1, 'flag poor_fit': 1})
    """
    reasons = (reason for segment in dropped for reason in segment.reason.split("; "))
    return Counter(reason if reason.startswith("flag") else reason.partition(" ")[0] for reason in reasons)
