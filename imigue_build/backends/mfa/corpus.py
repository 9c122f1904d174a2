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

from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.mfa.dictionary import entries
from imigue_build.records import Utterance

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples
    from imigue_build.backends.mfa.dictionary import Entry

SHORTEST: Final = 0.1
"""Seconds; MFA drops shorter stretches without a word."""
_LONGEST: Final = 29.5  # seconds; MFA wants segments under 30
_CONTAINED: Final = 0.5  # of an utterance's length; one that overlaps its neighbour more does not fit into its tier


Address = tuple[int, int]
"""Where an utterance is found: the index of its task, and its own in the task."""


class Spoken(NamedTuple):
    """A spoken word of an utterance: the index of the written one, and its entry in the dictionary."""

    word: int
    entry: Entry


@dataclass(frozen=True, eq=False)
class Piece:
    """An utterance as MFA gets it: the stretch of the recording, in seconds, and what is spoken in it."""

    task: int
    utterance: int
    speaker: str
    start: float
    end: float
    spoken: tuple[Spoken, ...]

    @property
    def address(self) -> Address:
        return self.task, self.utterance


@dataclass(frozen=True, eq=False)
class Tape:
    """One WAV of a corpus with its pieces; its sound begins at second `offset` of the recording.

    The pieces of one speaker do not overlap.
    """

    name: str
    audio: Samples
    offset: float
    pieces: tuple[Piece, ...]


def interview(number: int, task: AlignmentTask, pad: float) -> tuple[Tape, list[Piece]]:
    """An interview's tape, and the pieces that have to be tried alone, as they do not fit into their tier.

    Utterances without a spoken word, and those that are too short for MFA, are in neither.

    Args:
        number: The task's index.
        pad: Seconds of sound on both sides of an utterance.
    """
    duration = len(task.audio) / SAMPLE_RATE
    speakers = list(dict.fromkeys(utterance.speaker for utterance in task.utterances))
    kept: list[Piece] = []
    alone: list[Piece] = []
    for index, speaker in enumerate(speakers):
        own = [
            Piece(number, at, f"i{task.video_id}_S{index:02d}", *extent(utterance, duration), spoken)
            for at, utterance in enumerate(task.utterances)
            if utterance.speaker == speaker
            and not is_too_short(utterance, duration)
            and (spoken := tuple(spoken_in(utterance)))
        ]
        fitting, others = _tier(sorted(own, key=lambda piece: (piece.start, piece.end)), pad, duration)
        kept += fitting
        alone += others
    return Tape(f"i{task.video_id}", task.audio, 0.0, tuple(kept)), alone


def single(task: AlignmentTask, piece: Piece, pad: float) -> Tape:
    """A tape of one utterance alone, with the sound around it."""
    start, end = extent(task.utterances[piece.utterance], len(task.audio) / SAMPLE_RATE)
    pad = min(pad, max((_LONGEST - (end - start)) / 2, 0.0))
    first = max(round((start - pad) * SAMPLE_RATE), 0)
    audio = task.audio[first : round((end + pad) * SAMPLE_RATE)]
    offset, name = first / SAMPLE_RATE, f"i{task.video_id}_u{piece.utterance:05d}"
    whole = Piece(piece.task, piece.utterance, name, offset, offset + len(audio) / SAMPLE_RATE, piece.spoken)
    return Tape(name, audio, offset, (whole,))


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


def write(folder: Path, tapes: Sequence[Tape]) -> None:
    """Writes the corpus of some tapes into a new folder."""
    folder.mkdir()
    for tape in tapes:
        _write_wav(folder / f"{tape.name}.wav", tape.audio)
        _write_grid(folder / f"{tape.name}.TextGrid", tape)


def spoken_in(utterance: Utterance) -> Iterator[Spoken]:
    """The spoken words of an utterance in order."""
    return (Spoken(index, entry) for index, word in enumerate(utterance.words) for entry in entries(word.word))


def _tier(own: Sequence[Piece], pad: float, duration: float) -> tuple[list[Piece], list[Piece]]:
    """The pieces of one speaker with some sound around, shared where they are near each other; and those left over.

    Args:
        own: By their starts, with no sound around.
    """
    row: list[Piece] = []
    alone: list[Piece] = []
    for piece in own:
        overlap = row[-1].end - piece.start if row else 0.0
        if row and overlap > _CONTAINED * min(piece.end - piece.start, row[-1].end - row[-1].start):
            alone.append(piece)
        else:
            row.append(piece)
    limits = [0.0, *((one.end + two.start) / 2 for one, two in pairwise(row)), duration]
    padded: list[Piece] = []
    for piece, lowest, highest in zip(row, limits, limits[1:], strict=False):
        room = max((_LONGEST - (piece.end - piece.start)) / 2, 0.0)
        start, end = max(piece.start - min(pad, room), lowest), min(piece.end + min(pad, room), highest)
        start, end = round(start, 3), min(round(end, 3), duration)
        if end - start < SHORTEST:
            alone.append(piece)
        else:
            padded.append(Piece(piece.task, piece.utterance, piece.speaker, start, end, piece.spoken))
    return padded, alone


def _write_wav(path: Path, audio: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(audio.astype("<i2").tobytes())


def _write_grid(path: Path, tape: Tape) -> None:
    from praatio.textgrid import IntervalTier, Textgrid
    from praatio.utilities.constants import Interval

    length = len(tape.audio) / SAMPLE_RATE
    grid = Textgrid(0.0, length)
    for speaker in dict.fromkeys(piece.speaker for piece in tape.pieces):
        intervals = [
            Interval(
                round(piece.start - tape.offset, 4),
                min(round(piece.end - tape.offset, 4), length),
                " ".join(spoken.entry.key for spoken in piece.spoken),
            )
            for piece in tape.pieces
            if piece.speaker == speaker
        ]
        grid.addTier(IntervalTier(speaker, intervals, 0.0, length))
    grid.save(str(path), format="long_textgrid", includeBlankSpaces=True, reportingMode="silence")
