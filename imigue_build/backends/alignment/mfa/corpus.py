"""The corpus that MFA aligns: a WAV and a TextGrid for each interview, with a tier for each speaker.

An interview is one file, of which MFA reads the intervals of the tiers; overlapping speech is in two tiers over
the same audio. MFA takes a tier's name for a speaker of the whole corpus and adapts to that speaker, so the names
contain the interview's id: the result does not depend on what else is in the corpus. An utterance that has to be
aligned separately is a small file with a speaker of its own, so that it cannot disturb the adaptation to others.
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
from imigue_build.text.readings import readings_in_context

if TYPE_CHECKING:
    from imigue_build.backends.alignment.mfa.dictionary import Entry
    from imigue_build.backends.base import Samples

MIN_DURATION: Final = 0.1
"""Seconds; MFA silently drops shorter segments."""
_MAX_DURATION: Final = 29.5  # seconds; MFA wants segments under 30
_MAX_JOINED: Final = 20.0  # seconds; longer segments slow MFA down considerably
_MIN_PAUSE: Final = 0.1  # seconds between two utterances; with less they are one segment
_PAD_NEXT_TO_OTHERS: Final = 0.05  # seconds of padding where another speaker talks
_MAX_OVERLAP: Final = 0.5  # of the shorter duration; utterances that overlap more are aligned separately

Address = tuple[int, int]
"""The index of a task, and of an utterance in the task."""


class CorpusWord(NamedTuple):
    """A spoken word: the index of its utterance in the task, of its written word in the utterance, and its entry."""

    utterance: int
    word: int
    entry: Entry


@dataclass(frozen=True, eq=False)
class Segment:
    """A segment of a recording, in seconds, that MFA treats as one utterance, with its spoken words."""

    task: int
    speaker: str
    start: float
    end: float
    words: tuple[CorpusWord, ...]

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The utterances in the segment, in order."""
        return tuple(dict.fromkeys((self.task, word.utterance) for word in self.words))


@dataclass(frozen=True, eq=False)
class CorpusFile:
    """One WAV of a corpus with its segments; its audio starts at second `offset` of the recording.

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
    """An interview's corpus file, and the indices of utterances that have to be aligned separately.

    Those overlap other utterances of the same speaker too much for one tier. Utterances without spoken words and
    those that are too short for MFA are in neither. If someone interrupts a speaker by talking at the same time,
    the parts are separate utterances in the task; MFA gets them as one segment, as no pause divides them.

    Args:
        number: The task's index.
        pad: Seconds of audio added on both sides of a segment.
    """
    duration = len(task.audio) / SAMPLE_RATE
    speakers = list(dict.fromkeys(utterance.speaker for utterance in task.utterances))
    segments: list[Segment] = []
    separate: list[int] = []
    for speaker_index, speaker in enumerate(speakers):
        own = [
            Segment(number, f"i{task.video_id}_S{speaker_index:02d}", *extent(utterance, duration), words)
            for index, utterance in enumerate(task.utterances)
            if utterance.speaker == speaker and (words := tuple(corpus_words(index, utterance, task.lexicon)))
        ]
        others = [
            Interval(*extent(utterance, duration))
            for utterance in task.utterances
            if utterance.words and utterance.speaker != speaker
        ]
        tier, overlapping = _tier(sorted(own, key=lambda segment: (segment.start, segment.end)))
        padded, too_short = _padded(tier, pad, duration, merge(others))
        segments += padded
        separate += [index for segment in (*overlapping, *too_short) for _, index in segment.addresses]
    return CorpusFile(f"i{task.video_id}", task.audio, 0.0, tuple(segments)), sorted(separate)


def single(number: int, task: AlignmentTask, index: int, pad: float) -> CorpusFile:
    """A corpus file of a single utterance, with the audio around it."""
    start, end = extent(task.utterances[index], len(task.audio) / SAMPLE_RATE)
    pad = min(pad, max((_MAX_DURATION - (end - start)) / 2, 0.0))
    first = max(round((start - pad) * SAMPLE_RATE), 0)
    audio = task.audio[first : round((end + pad) * SAMPLE_RATE)]
    offset, name = first / SAMPLE_RATE, f"i{task.video_id}_u{index:05d}"
    words = tuple(corpus_words(index, task.utterances[index], task.lexicon))
    return CorpusFile(name, audio, offset, (Segment(number, name, offset, offset + len(audio) / SAMPLE_RATE, words),))


def corpus_words(index: int, utterance: Utterance, lexicon: Lexicon = NO_LEXICON) -> Iterator[CorpusWord]:
    """The spoken words of the utterance with this index, in order."""
    tokens = [word.word for word in utterance.words]
    return (
        CorpusWord(index, word_index, entry)
        for word_index, (token, readings) in enumerate(zip(tokens, readings_in_context(tokens), strict=True))
        for entry in entries(token, lexicon, readings)
    )


def extent(utterance: Utterance, duration: float) -> tuple[float, float]:
    """Start and end of an utterance's words in the recording, in seconds, by the ASR."""
    start = min(max(min(word.start for word in utterance.words), 0.0), duration)
    return start, min(max(max(word.end for word in utterance.words), start), duration)


def is_too_short(utterance: Utterance, duration: float) -> bool:
    """Whether an utterance is too short for MFA."""
    if not utterance.words:
        return False
    start, end = extent(utterance, duration)
    return end - start < MIN_DURATION


def write(folder: Path, corpus_files: Sequence[CorpusFile]) -> None:
    """Writes a corpus into a new folder."""
    folder.mkdir()
    for corpus_file in corpus_files:
        _write_wav(folder / f"{corpus_file.name}.wav", corpus_file.audio)
        _write_textgrid(folder / f"{corpus_file.name}.TextGrid", corpus_file)


def _tier(own: Sequence[Segment]) -> tuple[list[Segment], list[Segment]]:
    """The segments of one speaker, joined if no pause divides them; and those that overlap others too much.

    Args:
        own: Sorted by start.
    """
    tier: list[Segment] = []
    overlapping: list[Segment] = []
    for segment in own:
        last = tier[-1] if tier else None
        overlap = last.end - segment.start if last else 0.0
        if last and overlap > _MAX_OVERLAP * min(segment.end - segment.start, last.end - last.start):
            overlapping.append(segment)
        elif last and overlap >= -_MIN_PAUSE and segment.end - last.start <= _MAX_JOINED:
            end = max(last.end, segment.end)
            tier[-1] = Segment(last.task, last.speaker, last.start, end, last.words + segment.words)
        else:
            tier.append(segment)
    long_enough = [segment for segment in tier if segment.end - segment.start >= MIN_DURATION]
    return long_enough, [segment for segment in overlapping if segment.end - segment.start >= MIN_DURATION]


def _padded(
    tier: Sequence[Segment], pad: float, duration: float, others: Sequence[Interval]
) -> tuple[list[Segment], list[Segment]]:
    """The segments of a tier with padding, which neighbours share; and those that end up too short.

    Args:
        others: Where other speakers talk; a segment is padded little there.
    """
    limits = [0.0, *((first.end + second.start) / 2 for first, second in pairwise(tier)), duration]
    padded: list[Segment] = []
    too_short: list[Segment] = []
    for segment, lowest, highest in zip(tier, limits, limits[1:], strict=False):
        max_pad = min(pad, max((_MAX_DURATION - (segment.end - segment.start)) / 2, 0.0))
        before = min(max_pad, max(_gap(others, segment.start, -1), _PAD_NEXT_TO_OTHERS))
        after = min(max_pad, max(_gap(others, segment.end, 1), _PAD_NEXT_TO_OTHERS))
        start = round(max(segment.start - before, lowest), 3)
        end = min(round(min(segment.end + after, highest), 3), duration)
        if end - start < MIN_DURATION:
            too_short.append(segment)
        else:
            padded.append(Segment(segment.task, segment.speaker, start, end, segment.words))
    return padded, too_short


def _gap(others: Sequence[Interval], time: float, direction: int) -> float:
    """Seconds from a time to the nearest speech of others, after it (1) or before it (-1)."""
    if direction > 0:
        return min((max(other.start - time, 0.0) for other in others if other.end > time), default=float("inf"))
    return min((max(time - other.end, 0.0) for other in others if other.start < time), default=float("inf"))


def _write_wav(path: Path, audio: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(audio.astype("<i2").tobytes())


def _write_textgrid(path: Path, corpus_file: CorpusFile) -> None:
    from praatio.textgrid import IntervalTier, Textgrid
    from praatio.utilities.constants import Interval

    length = corpus_file.duration
    grid = Textgrid(0.0, length)
    for speaker in dict.fromkeys(segment.speaker for segment in corpus_file.segments):
        intervals = [
            Interval(
                round(segment.start - corpus_file.offset, 4),
                min(round(segment.end - corpus_file.offset, 4), length),
                " ".join(word.entry.key for word in segment.words),
            )
            for segment in corpus_file.segments
            if segment.speaker == speaker
        ]
        grid.addTier(IntervalTier(speaker, intervals, 0.0, length))
    grid.save(str(path), format="long_textgrid", includeBlankSpaces=True, reportingMode="silence")
