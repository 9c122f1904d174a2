"""An interview as gestures meet it: words with their places, turns with their roles, what the interviewee does when."""

from __future__ import annotations

from typing import Final, NamedTuple

from imigue_build.core.intervals import Interval, clip, gaps, subtract
from imigue_build.core.records import ROLES, Overlap, Role
from imigue_build.release import reader
from imigue_build.release.reader import Segment
from imigue_build.release.schema.textgrid import TextGrid

STATES: Final = ("speaking", "listening", "silent")
"""What the interviewee does at any moment: speaks, also while others do; listens to others; or nobody speaks."""


class Word(NamedTuple):
    """A word with its place: the row's number among the interview's manifest rows, and its own in the row, from 0."""

    start: float
    end: float
    text: str
    role: Role
    row: int
    place: int


class RoleTurn(NamedTuple):
    """A diarized turn and the role of its speaker."""

    start: float
    end: float
    speaker: str
    role: Role


class Speech(NamedTuple):
    """One interview; seconds.

    Attributes:
        grid: The segment-level TextGrid of the release.
        rows: Of the manifest.
        words: By role, by start.
        turns: Every diarized turn, by start; they may overlap.
        vad: When anybody speaks, as the detector of speech heard it.
        states: Cover [0, duration] without holes, by start: when the interviewee does what.
    """

    video_id: str
    duration: float
    grid: TextGrid
    rows: tuple[Segment, ...]
    words: dict[Role, list[Word]]
    turns: tuple[RoleTurn, ...]
    overlap: tuple[Overlap, ...]
    vad: tuple[Interval, ...]
    states: tuple[tuple[Interval, str], ...]


def speech(interview: reader.Interview) -> Speech:
    """What is said in an interview of a release.

    Raises:
        InterviewError: If one of its files cannot be read.
    """
    words: dict[Role, list[Word]] = {role: [] for role in ROLES}
    for row, segment in enumerate(interview.segments):
        words[segment.role] += [
            Word(word.start, word.end, word.word, segment.role, row, place) for place, word in enumerate(segment.words)
        ]
    return Speech(
        video_id=interview.video_id,
        duration=interview.duration,
        grid=interview.segment_grid,
        rows=interview.segments,
        words={role: sorted(own) for role, own in words.items()},
        turns=tuple(
            RoleTurn(turn.start, turn.end, turn.speaker, interview.role(turn.speaker)) for turn in interview.turns
        ),
        overlap=interview.overlap,
        vad=interview.speech,
        states=_states(interview),
    )


def _states(interview: reader.Interview) -> tuple[tuple[Interval, str], ...]:
    speaking = clip(interview.speaking("interviewee"), 0.0, interview.duration)
    listening = subtract(clip(interview.speaking("interviewer"), 0.0, interview.duration), speaking)
    silent = gaps(interview.turns, 0.0, interview.duration)
    parts = zip(STATES, (speaking, listening, silent), strict=True)
    return tuple(sorted((span, state) for state, spans in parts for span in spans))
