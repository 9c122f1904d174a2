"""What a backend is: one protocol for each job, the same for a real tool and a test double.

A backend takes audio as arrays and knows no disk layout of ours. It is made once a worker (models load
then) and takes batches of interviews; for each it returns a result or the error that stopped that
interview alone. What is batched together changes no result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from imigue_build.core.records import NO_BALANCE, ChannelBalance
from imigue_build.text.lexicon import NO_LEXICON, Lexicon

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.core.errors import ImigueError
    from imigue_build.core.records import Diarization, Provenance, Transcript, Utterance

    Samples = NDArray[np.int16]  # (samples,), 16 kHz mono PCM

SAMPLE_RATE = 16_000
"""Rate of the audio that every backend takes, in Hz."""


class AudioTask(NamedTuple):
    """One interview to transcribe or diarize: its audio, and what a person gave or said of it.

    `given` is a file of labels, `num_speakers` how many speakers there are, which goes before the settings.
    `balance` is that of the two channels that were mixed to the audio; empty where it says nothing.
    """

    video_id: str
    audio: Samples
    given: Path | None = None
    num_speakers: int | None = None
    balance: ChannelBalance = NO_BALANCE


class AlignmentTask(NamedTuple):
    """One interview to align: its audio, its utterances with the ASR's times, and a person's pronunciations."""

    video_id: str
    language: str
    audio: Samples
    utterances: tuple[Utterance, ...]
    lexicon: Lexicon = NO_LEXICON


class Backend(Protocol):
    """Common to all: which tools and models answer, for records and provenance."""

    def provenance(self) -> Provenance: ...


class Transcriber(Backend, Protocol):
    """Audio to words with times."""

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]: ...


class Diarizer(Backend, Protocol):
    """Audio to speakers and their turns."""

    def diarize(self, batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]: ...


class Aligner(Backend, Protocol):
    """Words and audio to exact times and phones.

    Returns the utterances of each task in order, each with the same words in the same order; a
    word that could not be placed comes back as it went in, with `aligned` false.
    """

    def align(self, batch: Sequence[AlignmentTask]) -> list[tuple[Utterance, ...] | ImigueError]: ...
