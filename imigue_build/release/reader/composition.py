"""What interviews hold, in figures. The card of a release and its report show these, and both compute them here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from imigue_build.core.durations import duration_text
from imigue_build.core.intervals import total
from imigue_build.core.plurals import counted
from imigue_build.core.records import ROLES, Label, Overlap, Record, Role, Turn
from imigue_build.release.schema.rows import DroppedSegment, Segment

NOT_LABELLED: Final = "not labelled"
"""In the place of an outcome, gender or nationality that the labels do not give."""
NOT_DETECTED: Final = "not detected"
"""In the place of the time of overlap where the diarizer cannot detect any."""
LABELLED: Final = {"gender": "subject_gender", "nationality": "subject_nationality", "outcome": "win_or_lose"}
"""What labels may say of an interview, with the field of `Label`."""


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


def overlap_text(detected: Sequence[float], interviews: int) -> str:
    """How much overlapped speech there is, and in how many interviews it could not be detected.

    Args:
        detected: Seconds of each interview in which it can be detected.
        interviews: How many interviews there are.

    >>> overlap_text([8.2], 1), overlap_text([8.2], 2), overlap_text([], 2)
    ('8 s', '8 s; not detected in 1 interview', 'not detected')
    """
    if not detected:
        return NOT_DETECTED
    missing = interviews - len(detected)
    return duration_text(sum(detected)) + (f"; {NOT_DETECTED} in {counted(missing, 'interview')}" if missing else "")


def outcomes(labels: Iterable[Label]) -> Counter[str]:
    """How many interviews have each outcome, or are not labelled with one."""
    return Counter(label.win_or_lose or NOT_LABELLED for label in labels)


def unlabelled(labels: Iterable[Label]) -> list[str]:
    """What no interview is labelled with, of `LABELLED`."""
    known = list(labels)
    return [name for name, field in LABELLED.items() if not any(getattr(label, field) for label in known)]


def drop_causes(dropped: Iterable[DroppedSegment]) -> Counter[str]:
    """How many segments each measure or flag dropped; a segment with several reasons counts for each.

    >>> drop_causes([DroppedSegment("1", "interviewee", "SPEAKER_00", 0, 1, "so", "snr_db 3 < 10; flag poor_fit")])
    Counter({'snr_db': 1, 'flag poor_fit': 1})
    """
    reasons = (reason for segment in dropped for reason in segment.reason.split("; "))
    return Counter(reason if reason.startswith("flag") else reason.partition(" ")[0] for reason in reasons)
