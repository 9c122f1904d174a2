"""What MFA gets to listen to: a WAV and a TextGrid for each interview, with a tier for each speaker.

A whole interview is one file, in which MFA reads the stretches that the intervals name: what two
speakers say at once stands in two tiers over the same sound. To MFA a tier's name is a speaker of
the whole corpus, to whose voice it adapts, so the names hold the interview's id, and what is in a
corpus besides changes no result. An utterance that has to be tried alone is a small file of its
own, with a speaker of its own: it cannot spoil the adaptation to anybody else.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.alignment.mfa.dictionary import entries
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.core.intervals import Interval, merge
from imigue_build.core.records import Utterance
from imigue_build.text.lexicon import NO_LEXICON, Lexicon

if TYPE_CHECKING:
    from imigue_build.backends.alignment.mfa.dictionary import Entry
    from imigue_build.backends.base import Samples

SHORTEST: Final = 0.1
"""Seconds; MFA drops shorter stretches without a word."""
_LONGEST: Final = 29.5  # seconds; MFA wants segments under 30
_LONGEST_JOINED: Final = 20.0  # seconds; longer ones take MFA much longer
_NO_PAUSE: Final = 0.1  # seconds between two utterances that are one stretch of speech
_BESIDE_OTHERS: Final = 0.05  # seconds of sound around a segment where somebody else talks
_CONTAINED: Final = 0.5  # of an utterance's length; one that overlaps its neighbour more does not fit into its tier

Address = tuple[int, int]
"""Where an utterance is found: the index of its task, and its own in the task."""


class Spoken(NamedTuple):
    """A spoken word: the index of its utterance in the task, of the written word in it, and its dictionary entry."""

    utterance: int
    word: int
    entry: Entry


@dataclass(frozen=True, eq=False)
class Segment:
    """One stretch of a recording, in seconds, that MFA takes for an utterance, and what is spoken in it."""

    task: int
    speaker: str
    start: float
    end: float
    spoken: tuple[Spoken, ...]

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Our utterances in it, in order."""
        return tuple(dict.fromkeys((self.task, spoken.utterance) for spoken in self.spoken))


@dataclass(frozen=True, eq=False)
class CorpusFile:
    """One WAV of a corpus with its segments; its sound begins at second `offset` of the recording.

    The segments of one speaker do not overlap.
    """

    name: str
    audio: Samples
    offset: float
    segments: tuple[Segment, ...]

    @property
    def duration(self) -> float:
        return len(self.audio) / SAMPLE_RATE


def interview(number: int, task: AlignmentTask, pad: float) -> tuple[CorpusFile, list[int]]:
    """An interview's corpus_file, and the utterances that have to be tried alone, as they do not fit into their tier.

    Utterances without a spoken word, and those that are too short for MFA, are in neither. Where
    somebody interrupts a stretch of speech by talking at the same time, its parts are utterances
    of their own to us; MFA gets them as one, as nothing marks where they meet.

    Args:
        number: The task's index.
        pad: Seconds of sound on both sides of a segment.
    """
    duration = len(task.audio) / SAMPLE_RATE
    speakers = list(dict.fromkeys(utterance.speaker for utterance in task.utterances))
    kept: list[Segment] = []
    alone: list[int] = []
    for index, speaker in enumerate(speakers):
        own = [
            Segment(number, f"i{task.video_id}_S{index:02d}", *extent(utterance, duration), spoken)
            for at, utterance in enumerate(task.utterances)
            if utterance.speaker == speaker and (spoken := tuple(spoken_in(at, utterance, task.lexicon)))
        ]
        others = [Interval(*extent(one, duration)) for one in task.utterances if one.words and one.speaker != speaker]
        row, left = _row(sorted(own, key=lambda segment: (segment.start, segment.end)))
        fitting, unfit = _padded(row, pad, duration, merge(others))
        kept += fitting
        alone += [at for segment in (*left, *unfit) for _, at in segment.addresses]
    return CorpusFile(f"i{task.video_id}", task.audio, 0.0, tuple(kept)), sorted(alone)


def single(number: int, task: AlignmentTask, at: int, pad: float) -> CorpusFile:
    """A corpus_file of one utterance alone, with the sound around it."""
    start, end = extent(task.utterances[at], len(task.audio) / SAMPLE_RATE)
    pad = min(pad, max((_LONGEST - (end - start)) / 2, 0.0))
    first = max(round((start - pad) * SAMPLE_RATE), 0)
    audio = task.audio[first : round((end + pad) * SAMPLE_RATE)]
    offset, name = first / SAMPLE_RATE, f"i{task.video_id}_u{at:05d}"
    spoken = tuple(spoken_in(at, task.utterances[at], task.lexicon))
    return CorpusFile(name, audio, offset, (Segment(number, name, offset, offset + len(audio) / SAMPLE_RATE, spoken),))


def spoken_in(at: int, utterance: Utterance, lexicon: Lexicon = NO_LEXICON) -> Iterator[Spoken]:
    """The spoken words of a task's utterance with index `at`, in order."""
    return (
        Spoken(at, index, entry) for index, word in enumerate(utterance.words) for entry in entries(word.word, lexicon)
    )


def extent(utterance: Utterance, duration: float) -> tuple[float, float]:
    """Where an utterance's words lie in a recording, in seconds, by the ASR."""
    start = min(max(min(word.start for word in utterance.words), 0.0), duration)
    return start, min(max(max(word.end for word in utterance.words), start), duration)


def is_too_short(utterance: Utterance, duration: float) -> bool:
    """Whether an utterance has too little sound for MFA."""
    if not utterance.words:
        return False
    start, end = extent(utterance, duration)
    return end - start < SHORTEST


def write(folder: Path, corpus_files: Sequence[CorpusFile]) -> None:
    """Writes the corpus of some corpus_files into a new folder."""
    folder.mkdir()
    for corpus_file in corpus_files:
        _write_wav(folder / f"{corpus_file.name}.wav", corpus_file.audio)
        _write_grid(folder / f"{corpus_file.name}.TextGrid", corpus_file)


def _row(own: Sequence[Segment]) -> tuple[list[Segment], list[Segment]]:
    """The segments of one speaker, joined where no pause divides them; and those that overlap others too much.

    Args:
        own: By their starts.
    """
    row: list[Segment] = []
    alone: list[Segment] = []
    for segment in own:
        last = row[-1] if row else None
        overlap = last.end - segment.start if last else 0.0
        if last and overlap > _CONTAINED * min(segment.end - segment.start, last.end - last.start):
            alone.append(segment)
        elif last and overlap >= -_NO_PAUSE and segment.end - last.start <= _LONGEST_JOINED:
            row[-1] = Segment(
                last.task, last.speaker, last.start, max(last.end, segment.end), last.spoken + segment.spoken
            )
        else:
            row.append(segment)
    long_enough = [segment for segment in row if segment.end - segment.start >= SHORTEST]
    return long_enough, [segment for segment in alone if segment.end - segment.start >= SHORTEST]


def _padded(
    row: Sequence[Segment], pad: float, duration: float, others: Sequence[Interval]
) -> tuple[list[Segment], list[Segment]]:
    """The segments of a row with some sound around, shared where they are near each other; and those left without any.

    Args:
        others: Where other speakers talk; a segment gets little of that.
    """
    limits = [0.0, *((one.end + two.start) / 2 for one, two in pairwise(row)), duration]
    padded: list[Segment] = []
    alone: list[Segment] = []
    for segment, lowest, highest in zip(row, limits, limits[1:], strict=False):
        most = min(pad, max((_LONGEST - (segment.end - segment.start)) / 2, 0.0))
        before = min(most, max(_room(others, segment.start, -1), _BESIDE_OTHERS))
        after = min(most, max(_room(others, segment.end, 1), _BESIDE_OTHERS))
        start = round(max(segment.start - before, lowest), 3)
        end = min(round(min(segment.end + after, highest), 3), duration)
        if end - start < SHORTEST:
            alone.append(segment)
        else:
            padded.append(Segment(segment.task, segment.speaker, start, end, segment.spoken))
    return padded, alone


def _room(others: Sequence[Interval], time: float, direction: int) -> float:
    """Seconds from a time to where others talk, after it (1) or before it (-1)."""
    if direction > 0:
        return min((max(one.start - time, 0.0) for one in others if one.end > time), default=float("inf"))
    return min((max(time - one.end, 0.0) for one in others if one.start < time), default=float("inf"))


def _write_wav(path: Path, audio: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(audio.astype("<i2").tobytes())


def _write_grid(path: Path, corpus_file: CorpusFile) -> None:
    from praatio.textgrid import IntervalTier, Textgrid
    from praatio.utilities.constants import Interval

    length = corpus_file.duration
    grid = Textgrid(0.0, length)
    for speaker in dict.fromkeys(segment.speaker for segment in corpus_file.segments):
        intervals = [
            Interval(
                round(segment.start - corpus_file.offset, 4),
                min(round(segment.end - corpus_file.offset, 4), length),
                " ".join(spoken.entry.key for spoken in segment.spoken),
            )
            for segment in corpus_file.segments
            if segment.speaker == speaker
        ]
        grid.addTier(IntervalTier(speaker, intervals, 0.0, length))
    grid.save(str(path), format="long_textgrid", includeBlankSpaces=True, reportingMode="silence")
