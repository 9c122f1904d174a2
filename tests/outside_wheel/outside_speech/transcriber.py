"""The ASR itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from imigue_build.backends.base import SAMPLE_RATE, AudioTask
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.intervals import Interval, merge
from imigue_build.core.records import Provenance, Transcript, TranscriptSegment, Word
from imigue_build.models import Wanted, locate

from . import VERSION

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

    from .spec import LoudnessTranscribe

_FRAME = SAMPLE_RATE // 10


class LoudnessTranscriber:
    """Says the words of its list in turn, one in every loud stretch."""

    def __init__(self, section: LoudnessTranscribe, words: Wanted) -> None:
        self._section, self._wanted = section, words

    def provenance(self) -> Provenance:
        """The wheel and the list."""
        return Provenance({"outside-speech": VERSION}, (locate(self._wanted).ref,))

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        """A transcript of each recording."""
        words = locate(self._wanted).path.read_text().split() if batch else []
        return [self._recording(task.audio, words) for task in batch]

    def _recording(self, audio: Samples, words: list[str]) -> Transcript | ImigueError:
        loud = self._loud(audio)
        if not loud:
            return BackendError("no speech was found", "check that its sound is audible")
        heard = [Word(one.start, one.end, word, 1.0) for one, word in zip(loud, cycle(words), strict=False)]
        return Transcript("en", tuple(TranscriptSegment(word.start, word.end, (word,), 1.0) for word in heard))

    def _loud(self, audio: Samples) -> tuple[Interval, ...]:
        """Stretches of frames of 0.1 s that are loud, pauses of up to 0.3 s included; seconds."""
        frames = audio[: len(audio) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
        loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > self._section.threshold)
        return merge([Interval(int(at) / 10, (int(at) + 1) / 10) for at in loud], gap=0.3)
