"""Backends without a model: they pass the same contract as the real ones, in no time, and stand in for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from imigue_build.backends.base import SAMPLE_RATE, AudioTask
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.intervals import Interval, merge
from imigue_build.core.records import Diarization, Provenance, Span, Speaker, Transcript, TranscriptSegment, Turn, Word

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

_FRAME = SAMPLE_RATE // 10
_LOUD = 300  # root mean square; the demo's room is far below, its voices far above


class FakeTranscriber:
    """Hears a word in every stretch of sound, and writes how many milliseconds it lasted."""

    def provenance(self) -> Provenance:
        return Provenance(tools={"fake-asr": "1"})

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        return [self._one(task.audio) for task in batch]

    def _one(self, audio: Samples) -> Transcript | ImigueError:
        heard = _loud(audio)
        if not heard:
            return _silence()
        words = [Word(one.start, one.end, str(round(one.duration * 1000)), 1.0) for one in heard]
        return Transcript("en", tuple(TranscriptSegment(word.start, word.end, (word,), 1.0) for word in words))


class FakeDiarizer:
    """Gives stretches of sound to two speakers in turn."""

    def provenance(self) -> Provenance:
        return Provenance(tools={"fake-diarizer": "1"})

    def diarize(self, batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]:
        return [self._one(task.audio) for task in batch]

    def _one(self, audio: Samples) -> Diarization | ImigueError:
        heard = _loud(audio)
        if not heard:
            return _silence()
        turns = tuple(Turn(one.start, one.end, f"SPEAKER_{at % 2:02d}") for at, one in enumerate(heard))
        speakers = []
        for name in dict.fromkeys(turn.speaker for turn in turns):
            own = [turn for turn in turns if turn.speaker == name]
            speakers.append(Speaker(name, sum(turn.duration for turn in own), len(own)))
        return Diarization(turns, turns, (), tuple(Span(one.start, one.end) for one in heard), tuple(speakers))


def _loud(audio: Samples) -> tuple[Interval, ...]:
    """Stretches of frames of 0.1 s that are loud, pauses of up to 0.3 s included."""
    whole = audio[: len(audio) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    loud = np.flatnonzero(np.sqrt((whole**2).mean(axis=1)) > _LOUD)
    return merge([Interval(int(at) / 10, (int(at) + 1) / 10) for at in loud], gap=0.3)


def _silence() -> BackendError:
    return BackendError("no speech was found", "check that its sound is audible")
