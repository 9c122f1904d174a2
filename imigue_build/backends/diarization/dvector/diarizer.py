"""Diarization without torch: VAD, speaker embeddings of windows, clustering, resegmentation.

`silero_vad` finds speech, `windows` cuts and embeds it, `clustering` estimates the number of speakers and their
centroids, and `segmentation` assigns every frame to one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.dvector.clustering import Limits, find_speakers
from imigue_build.backends.diarization.dvector.segmentation import fine_labels
from imigue_build.backends.diarization.dvector.windows import FRAMES_PER_SECOND, embed_speech
from imigue_build.backends.signal import silero_vad
from imigue_build.backends.speaker_embedding.embedding import load_embedding, unit_rows
from imigue_build.core.diarization import from_turns
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Diarization, Provenance, Span, Turn
from imigue_build.core.times import milliseconds

if TYPE_CHECKING:
    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.backends.diarization.dvector.segmentation import Labels
    from imigue_build.backends.diarization.dvector.settings import DvectorDiarize
    from imigue_build.backends.diarization.dvector.windows import Speech
    from imigue_build.backends.speaker_embedding.embedding import SpeakerEmbedding

_TOOLS: Final = ("numpy", "scipy")


class DvectorDiarizer:
    """The embedded diarizer. The embedding is loaded at first use; recordings are independent of each other.

    Args:
        config: Embedding, bounds on the number of speakers, and the VAD's thresholds.
    """

    def __init__(self, config: DvectorDiarize) -> None:
        self._config = config
        self._loaded: SpeakerEmbedding | None = None

    @property
    def _embedding(self) -> SpeakerEmbedding:
        if self._loaded is None:
            self._loaded = load_embedding(self._config.embedding)
        return self._loaded

    def diarize(self, batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]:
        """The diarization of each recording, or its error."""
        return [self._recording(task) for task in batch]

    def provenance(self) -> Provenance:
        """numpy and scipy, the VAD, and the embedding with its weights.

        Raises:
            BackendError: If the VAD or the embedding that the settings ask for is missing or damaged.
        """
        parts = (silero_vad.provenance(), self._embedding.provenance())
        tools = {name: version(name) for name in _TOOLS}
        for part in parts:
            tools |= part.tools
        return Provenance(tools=tools, models=tuple(model for part in parts for model in part.models))

    def _recording(self, task: AudioTask) -> Diarization | ImigueError:
        audio = task.audio
        try:
            regions = self._speech(audio)
            if not regions:
                return BackendError(
                    f"no speech was found in {len(audio) / SAMPLE_RATE:.1f} s of audio",
                    "check that somebody speaks in it, or lower diarize.vad.onset",
                )
            speech = embed_speech(audio, regions, self._embedding)
            labels = fine_labels(speech, find_speakers(speech, self._limits(task.num_speakers)))
            return _diarization(regions, speech, labels)
        except ImigueError as error:
            return error

    def _speech(self, audio: Samples) -> tuple[Span, ...]:
        """The speech regions, to the millisecond."""
        duration = milliseconds(len(audio) / SAMPLE_RATE) / 1000
        regions = silero_vad.speech_regions(silero_vad.speech_probabilities(audio), duration, self._config.vad)
        spans = (Span(_rounded(region.start), _rounded(region.end)) for region in regions)
        return tuple(span for span in spans if span.start < span.end)

    def _limits(self, known: int | None) -> Limits:
        low, high = self._config.min_speakers, self._config.max_speakers
        known = known or self._config.num_speakers
        if known is not None:
            low = high = known
        return Limits(low, high, self._embedding.merge_threshold, self._embedding.typical_similarity)


def _rounded(seconds: float) -> float:
    return milliseconds(seconds) / 1000


def _diarization(regions: tuple[Span, ...], speech: Speech, labels: list[Labels]) -> Diarization:
    """Turns from the labels of frames."""
    turns = [turn for index, span in enumerate(regions) for turn in _split(span, speech, index, labels[index])]
    embeddings = {
        label: _mean_embedding([turn for turn in turns if turn.speaker == label], speech)
        for label in {turn.speaker for turn in turns}
    }
    return from_turns(turns, speech=regions, embeddings=embeddings, detects_overlap=False)


def _split(span: Span, speech: Speech, index: int, labels: Labels) -> list[Turn]:
    """A region split where its speaker changes; the VAD's edges are kept."""
    import numpy as np

    first = int(speech.regions[index, 0])
    changes = [0, *(int(frame) + 1 for frame in np.flatnonzero(np.diff(labels)))]
    times = [_rounded((first + frame) / FRAMES_PER_SECOND) for frame in changes]
    times = [span.start, *(min(max(time, span.start), span.end) for time in times[1:]), span.end]
    parts = [Turn(times[i], times[i + 1], str(labels[frame])) for i, frame in enumerate(changes)]
    return [part for part in parts if part.start < part.end]


def _mean_embedding(turns: Sequence[Turn], speech: Speech) -> tuple[float, ...] | None:
    """The mean embedding of the windows whose centre lies in a speaker's turns."""
    import numpy as np

    centres = speech.short.centre / FRAMES_PER_SECOND
    inside = np.zeros(len(centres), bool)
    for turn in turns:
        inside[np.searchsorted(centres, turn.start) : np.searchsorted(centres, turn.end)] = True
    if not inside.any():
        return None
    return tuple(round(float(value), 6) for value in unit_rows(speech.short.embedding[inside].mean(axis=0)))
