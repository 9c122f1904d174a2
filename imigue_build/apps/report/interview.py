"""One interview as its page shows it: its words in turns, its speakers, and what a person should check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Final, NamedTuple

from imigue_build.apps.report.gestures import Gesture
from imigue_build.apps.report.sound import Sound
from imigue_build.core.intervals import subtract, total
from imigue_build.core.records import ROLES, Role, Turn
from imigue_build.corpus.overrides import Override
from imigue_build.release.reader import DroppedSegment, Interview, InterviewError, Phone, Segment, Word
from imigue_build.release.reader.ranking import Item

DOUBTFUL: Final = 0.3
"""Below this confidence of the ASR a word is marked."""
PASSAGES: Final = ("words", "times", "speaker")
"""The kinds of doubts that concern a passage and not the interview."""
_MOMENTS: Final = 8
"""At the most so many moments name a speaker."""
_FLAGS: Final = {
    "repetition": "the ASR repeats itself",
    "compression": "the text is suspiciously regular",
    "low_log_probability": "unlikely to the ASR itself",
    "no_speech": "text where no speech was heard",
    "unaligned": "could not be aligned",
    "too_short": "too little sound for its text",
    "wide_beam": "hard to align",
    "poor_fit": "the sound does not fit the text",
}


class ShownWord(NamedTuple):
    """A word: its number on the page, and why it is doubtful (empty where it is not)."""

    number: int
    word: Word
    doubt: str


class Passage(NamedTuple):
    """A row of the manifest: its words, and notes on it as a whole."""

    segment: Segment
    words: tuple[ShownWord, ...]
    notes: tuple[str, ...]


class ShownSpeaker(NamedTuple):
    """A speaker.

    Attributes:
        speaker: The id, as `SPEAKER_00`.
        name: The name on the page.
        role: None for a speaker without words.
        seconds: Speaking time.
        moments: Seconds at which nobody else speaks, by which a correction names the speaker; the surest first.
    """

    speaker: str
    name: str
    role: Role | None
    seconds: float
    moments: tuple[float, ...]


class Phones(NamedTuple):
    """The phones of each role in time order; `missing` says why there are none."""

    by_role: Mapping[Role, Sequence[Phone]]
    missing: str


class TranscriptTurn(NamedTuple):
    """Consecutive passages of one speaker."""

    speaker: ShownSpeaker
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class InterviewView:
    """An interview of a release as its page shows it.

    Attributes:
        corrections: A person's, so far.
        items: What to check, worst first.
    """

    interview: Interview
    sound: Sound
    gestures: Sequence[Gesture] = ()
    corrections: Override | None = None
    items: Sequence[Item] = ()

    @cached_property
    def speakers(self) -> tuple[ShownSpeaker, ...]:
        """The interviewee first, then the others in the order of their first turns."""
        return tuple(_speakers(self.interview))

    @cached_property
    def turns(self) -> tuple[TranscriptTurn, ...]:
        """The transcript."""
        return tuple(_turns(self.interview, {speaker.speaker: speaker for speaker in self.speakers}))

    def place(self, speaker: ShownSpeaker) -> int:
        """The place of a speaker among `speakers`."""
        return self.speakers.index(speaker)

    @cached_property
    def passages(self) -> list[Passage]:
        return [passage for turn in self.turns for passage in turn.passages]

    @cached_property
    def words(self) -> list[ShownWord]:
        return [word for passage in self.passages for word in passage.words]

    @cached_property
    def doubtful(self) -> list[ShownWord]:
        """The words that may be wrong, or in the wrong place."""
        return [word for word in self.words if word.doubt]

    @cached_property
    def phones(self) -> Phones:
        """The phones; none where the file that holds them cannot be read."""
        try:
            return Phones({role: self.interview.phones(role) for role in ROLES}, "")
        except InterviewError as error:
            return Phones({}, str(error))

    @cached_property
    def check(self) -> list[tuple[int, int]]:
        """The doubtful passages in the order of the transcript: the numbers of their first and last words."""
        found = []
        for item in self.items:
            inside = [
                shown.number
                for passage in self.passages
                if passage.segment.speaker == item.speaker and item.start < passage.segment.end
                for shown in passage.words
                if item.start <= shown.word.start and shown.word.end <= item.end
            ]
            if inside and item.kind in PASSAGES:
                found.append((inside[0], inside[-1]))
        return sorted(set(found))

    @property
    def review(self) -> str:
        """Why a person should check the interview; empty where nothing is doubtful."""
        return "; ".join(self.interview.doubts)

    @property
    def share(self) -> float | None:
        """The interviewee's part of all speaking time, in [0, 1]; None where it is not known who that is."""
        interviewee, interviewer = (self.interview.figures(role).seconds for role in ROLES)
        spoken = interviewee + interviewer
        return interviewee / spoken if self.interview.roles and spoken else None


def doubt(word: Word) -> str:
    """Why a word is doubtful; empty where it is not.

    >>> doubt(Word("Joker", 1.0, 2.0, True, 0.12))
    'confidence 0.12'
    """
    reasons = ["not aligned"] if not word.aligned else []
    if word.confidence is not None and word.confidence < DOUBTFUL:
        reasons.append(f"confidence {word.confidence:.2f}")
    return ", ".join(reasons)


def _speakers(interview: Interview) -> Iterator[ShownSpeaker]:
    roles = interview.roles
    spoken: dict[str, list[Turn]] = {}
    for turn in interview.turns:
        spoken.setdefault(turn.speaker, []).append(turn)
    counts = Counter(roles.values())
    numbers: Counter[Role] = Counter()
    for speaker in sorted(dict.fromkeys([*spoken, *roles]), key=lambda name: roles.get(name) != "interviewee"):
        role = roles.get(speaker)
        name = role.capitalize() if role else speaker
        if role and counts[role] > 1:
            numbers[role] += 1
            name = f"{name} {numbers[role]}"
        turns = spoken.get(speaker, [])
        alone = sorted(subtract(turns, interview.overlap), key=lambda span: -span.duration)
        moments = tuple(round((span.start + span.end) / 2, 2) for span in alone[:_MOMENTS])
        yield ShownSpeaker(speaker, name, role, total(turns), moments)


def _turns(interview: Interview, speakers: Mapping[str, ShownSpeaker]) -> Iterator[TranscriptTurn]:
    number = 0
    for speaker, segments in groupby(interview.segments, key=lambda segment: segment.speaker):
        passages = []
        for segment in segments:
            words = tuple(ShownWord(number + place, word, doubt(word)) for place, word in enumerate(segment.words))
            number += len(words)
            passages.append(Passage(segment, words, tuple(_notes(segment, interview.dropped))))
        yield TranscriptTurn(speakers[speaker], tuple(passages))


def _notes(segment: Segment, dropped: Sequence[DroppedSegment]) -> Iterator[str]:
    yield from (_FLAGS.get(flag, flag) for flag in segment.flags)
    if not segment.clip:
        middle = (segment.start + segment.end) / 2
        reasons = (drop.reason for drop in dropped if drop.start <= middle < drop.end)
        yield f"no clip: {next(reasons, 'overlapped or left out')}"
