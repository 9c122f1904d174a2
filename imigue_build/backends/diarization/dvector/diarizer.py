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
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Diarization, Provenance, Span, Speaker, Turn, milliseconds

if TYPE_CHECKING:
    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.backends.diarization.dvector.segmentation import Labels
    from imigue_build.backends.diarization.dvector.windows import Speech
    from imigue_build.backends.speaker_embedding.embedding import SpeakerEmbedding
    from imigue_build.config import DvectorDiarize

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
    """Turns from the labels of frames; speakers are numbered by first appearance."""
    parts = [part for index, span in enumerate(regions) for part in _split(span, speech, index, labels[index])]
    names = {label: f"SPEAKER_{order:02d}" for order, label in enumerate(dict.fromkeys(label for _, label in parts))}
    turns = tuple(Turn(span.start, span.end, names[label]) for span, label in parts)
    return Diarization(
        turns=turns,
        exclusive=turns,
        overlap=(),
        speech=regions,
        speakers=tuple(_speaker(name, turns, speech) for name in names.values()),
    )


def _split(span: Span, speech: Speech, index: int, labels: Labels) -> list[tuple[Span, int]]:
    """A region split where its speaker changes, with the label of each part; the VAD's edges are kept."""
    import numpy as np

    first = int(speech.regions[index, 0])
    changes = [0, *(int(frame) + 1 for frame in np.flatnonzero(np.diff(labels)))]
    times = [_rounded((first + frame) / FRAMES_PER_SECOND) for frame in changes]
    times = [span.start, *(min(max(time, span.start), span.end) for time in times[1:]), span.end]
    parts = [(Span(times[i], times[i + 1]), int(labels[frame])) for i, frame in enumerate(changes)]
    return [(part, label) for part, label in parts if part.start < part.end]


def _speaker(name: str, turns: tuple[Turn, ...], speech: Speech) -> Speaker:
    """Seconds, turns, and the mean embedding of the windows whose centre lies in one of the speaker's turns."""
    import numpy as np

    own = [turn for turn in turns if turn.speaker == name]
    centres = speech.short.centre / FRAMES_PER_SECOND
    inside = np.zeros(len(centres), bool)
    for turn in own:
        inside[np.searchsorted(centres, turn.start) : np.searchsorted(centres, turn.end)] = True
    mean = unit_rows(speech.short.embedding[inside].mean(axis=0)) if inside.any() else None
    embedding = None if mean is None else tuple(round(float(value), 6) for value in mean)
    return Speaker(name, round(sum(turn.duration for turn in own), 3), len(own), embedding)
