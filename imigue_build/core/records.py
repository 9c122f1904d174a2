"""The nouns that travel between stages, and their parts.

All are frozen. Times are float seconds on the recording's clock (second 0 is the first frame of the video's own time
line), rounded to the millisecond when written. Sequences are in time order. `record_json` is their one way to and
from JSON.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Role = Literal["interviewee", "interviewer"]
ROLES: Final[tuple[Role, ...]] = ("interviewee", "interviewer")

AsrFlag = Literal["repetition", "compression", "low_log_probability", "no_speech"]
"""Why a word of the ASR is suspect: its text repeats itself, compresses too well or is unlikely; no speech is there."""
AlignFlag = Literal["unaligned", "too_short", "wide_beam", "poor_fit"]
"""Why an alignment is suspect: there is none, or the sound is too short for one; a wide beam found it; it fits ill."""
Flag = AsrFlag | AlignFlag


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all records."""


class Span(Record, frozen=True):
    """A stretch of time, [start, end) in seconds."""

    start: float
    end: float

    @property
    def duration(self) -> float:
        return self.end - self.start

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


class Recording(Record, frozen=True):
    """What extract found and wrote.

    `duration` is of the WAVs, which begin at the video's second 0; `audio_offset` is where the sound itself begins on
    that clock (silence before it is inserted). Audio tracks and channels that were mixed are numbered from 1; channels,
    of the first of them, are negative if inverted. `reasons` say why others were left out.
    """

    duration: float
    sample_rate: int
    channels: int
    codec: str
    container: str
    stream_index: int
    audio_streams: int
    audio_offset: float
    media_duration: float | None
    tracks_used: tuple[int, ...] = ()
    channels_used: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


class ChannelBalance(Record, frozen=True):
    """How much louder the first of two channels is than the second: `decibels` has a signed byte every `step` seconds.

    It is empty where there are not two channels, or both hold the same sound."""

    step: float
    decibels: bytes


NO_BALANCE: Final = ChannelBalance(0.02, b"")


class Word(Span, frozen=True):
    """A written token as the ASR gave it; `confidence` in [0, 1] or None where unknown."""

    word: str
    confidence: float | None = None
    flags: tuple[AsrFlag, ...] = ()


class TranscriptSegment(Span, frozen=True):
    """Consecutive words of one stretch of speech; `speaker` only where a given transcript names one."""

    words: tuple[Word, ...]
    confidence: float | None = None
    speaker: str | None = None


class Transcript(Record, frozen=True):
    """What was said and when; segments may overlap. `language` is an ISO 639-1 code.

    Of a given text, `unplaced` has the parts without a place; `warnings` what else a person should know."""

    language: str
    segments: tuple[TranscriptSegment, ...]
    unplaced: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for segment in self.segments for word in segment.words)


class Turn(Span, frozen=True):
    """A stretch in which one speaker talks."""

    speaker: str


class Overlap(Span, frozen=True):
    """A stretch in which several speakers talk at once; `speakers` is sorted."""

    speakers: tuple[str, ...]


class Speaker(Record, frozen=True):
    """One speaker's statistics: seconds of all turns (overlap included), turns, mean voice.

    `embedding` is a unit vector of the diarizer's own kind, or None where it has none; `name` is what given turns call
    the speaker."""

    speaker: str
    seconds: float
    turns: int
    embedding: tuple[float, ...] | None = None
    name: str | None = None


class Correction(Record, frozen=True):
    """A person's correction, in words; not `applied` where it fits nothing that is there any more.

    `kind` is its key in the file: `num_speakers`, `merge_speakers`, `speakers`, `words`, `roles` or `drop`."""

    kind: str
    text: str
    applied: bool


class Diarization(Record, frozen=True):
    """Who spoke when, by `SPEAKER_00`, ..., numbered by first appearance.

    `turns` may overlap, `exclusive` never (one at a time); `overlap` is where several have turns, `speech` where
    anybody talks. `warnings` are of turns that were given."""

    turns: tuple[Turn, ...]
    exclusive: tuple[Turn, ...]
    overlap: tuple[Overlap, ...]
    speech: tuple[Span, ...]
    speakers: tuple[Speaker, ...]
    corrections: tuple[Correction, ...] = ()
    detects_overlap: bool = True
    warnings: tuple[str, ...] = ()


class Roles(Record, frozen=True):
    """Who is who: speaker -> role, by the rule named, with a confidence in [0, 1].

    `seconds` are speaking times by speaker, `reasons` why a person should look. `by_time` is who talks longest.
    """

    roles: dict[str, Role]
    confidence: float
    rule: str
    seconds: dict[str, float]
    corrections: tuple[Correction, ...] = ()
    reasons: tuple[str, ...] = ()
    by_time: str = ""

    @property
    def by_person(self) -> bool:
        """Whether a person has set them."""
        return any(fix.kind == "roles" and fix.applied for fix in self.corrections)


class Phone(Span, frozen=True):
    """One phone of a word, in the aligner's own phone set."""

    phone: str


class AlignedWord(Word, frozen=True):
    """A word with its final times; not `aligned` where it kept the ASR's times."""

    aligned: bool = False
    phones: tuple[Phone, ...] = ()


class AlignmentQuality(Record, frozen=True):
    """How well an utterance's sound fits its text, as far as the aligner says.

    `log_likelihood` is the mean over all frames, `snr_db` of speech to pauses, `fit` the log-likelihood a frame of
    the text against that of any phones at all (0 is a perfect fit, below it is worse).
    """

    log_likelihood: float | None = None
    snr_db: float | None = None
    fit: float | None = None


class Utterance(Span, frozen=True):
    """Consecutive words of one speaker without a long pause: the unit of forced alignment."""

    speaker: str
    words: tuple[AlignedWord, ...]
    quality: AlignmentQuality | None = None
    flags: tuple[AlignFlag, ...] = ()


class Alignment(Record, frozen=True):
    """Every word of the transcript exactly once, attributed to a speaker."""

    language: str
    utterances: tuple[Utterance, ...]
    corrections: tuple[Correction, ...] = ()


class Label(Record, frozen=True):
    """One row of `labels.csv`; empty where nothing is known."""

    video_id: str
    subject_gender: str = ""
    subject_nationality: str = ""
    win_or_lose: str = ""


class ModelRef(Record, frozen=True):
    """A model that took part: its name, its revision, and the hash of its file where it has one."""

    name: str
    revision: str
    sha256: str | None = None


class Provenance(Record, frozen=True):
    """Which tools (name -> version) and models made an artifact."""

    tools: dict[str, str] = {}
    models: tuple[ModelRef, ...] = ()
