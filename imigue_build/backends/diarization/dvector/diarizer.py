"""Who spoke when, without torch: VAD, speaker embeddings of windows, clustering, resegmentation.

`silero_vad` finds speech, `windows` cuts and embeds it, `clustering` finds how many voices there are, and
`segmentation` says which of them each moment belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.dvector.clustering import Limits, find_voices
from imigue_build.backends.diarization.dvector.segmentation import fine_labels
from imigue_build.backends.diarization.dvector.windows import FRAMES_PER_SECOND, listen
from imigue_build.backends.signal import silero_vad
from imigue_build.backends.speaker_embedding.embedding import load_embedding, unit_rows
from imigue_build.core.diarization import from_turns
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Diarization, Provenance, Span, Turn, milliseconds

if TYPE_CHECKING:
    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.backends.diarization.dvector.segmentation import Labels
    from imigue_build.backends.diarization.dvector.windows import Speech
    from imigue_build.backends.speaker_embedding.embedding import SpeakerEmbedding
    from imigue_build.config import DvectorDiarize

_TOOLS: Final = ("numpy", "scipy")


class DvectorDiarizer:
    """The embedded diarizer; the embedding is loaded at first use, each recording is heard on its own.

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
        """Each recording's speakers and turns, or why it has none."""
        return [self._one(task) for task in batch]

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

    def _one(self, task: AudioTask) -> Diarization | ImigueError:
        audio = task.audio
        try:
            speech = self._speech(audio)
            if not speech:
                return BackendError(
                    f"no speech was found in {len(audio) / SAMPLE_RATE:.1f} s of audio",
                    "check that somebody speaks in it, or lower diarize.vad.onset",
                )
            heard = listen(audio, speech, self._embedding)
            labels = fine_labels(heard, find_voices(heard, self._limits(task.num_speakers)))
            return _diarization(speech, heard, labels)
        except ImigueError as error:
            return error

    def _speech(self, audio: Samples) -> tuple[Span, ...]:
        """The regions of speech, to the millisecond."""
        duration = milliseconds(len(audio) / SAMPLE_RATE) / 1000
        regions = silero_vad.speech_regions(silero_vad.speech_probabilities(audio), duration, self._config.vad)
        spans = (Span(_rounded(region.start), _rounded(region.end)) for region in regions)
        return tuple(span for span in spans if span.start < span.end)

    def _limits(self, known: int | None) -> Limits:
        least, most = self._config.min_speakers, self._config.max_speakers
        known = known or self._config.num_speakers
        if known is not None:
            least = most = known
        return Limits(least, most, self._embedding.alike, self._embedding.typical)


def _rounded(seconds: float) -> float:
    return milliseconds(seconds) / 1000


def _diarization(speech: tuple[Span, ...], heard: Speech, labels: list[Labels]) -> Diarization:
    """Turns from the labels of frames."""
    turns = [turn for index, span in enumerate(speech) for turn in _turns(span, heard, index, labels[index])]
    voices = {
        label: _voice([turn for turn in turns if turn.speaker == label], heard)
        for label in {turn.speaker for turn in turns}
    }
    return from_turns(turns, speech=speech, embeddings=voices)


def _turns(span: Span, heard: Speech, index: int, labels: Labels) -> list[Turn]:
    """One region cut where its speaker changes; its own edges stay where the VAD put them."""
    import numpy as np

    first = int(heard.regions[index, 0])
    changes = [0, *(int(at) + 1 for at in np.flatnonzero(np.diff(labels)))]
    times = [_rounded((first + at) / FRAMES_PER_SECOND) for at in changes]
    times = [span.start, *(min(max(time, span.start), span.end) for time in times[1:]), span.end]
    cut = [Turn(times[i], times[i + 1], str(labels[at])) for i, at in enumerate(changes)]
    return [turn for turn in cut if turn.start < turn.end]


def _voice(turns: Sequence[Turn], heard: Speech) -> tuple[float, ...] | None:
    """The mean voice of the windows whose middle lies in a speaker's turns."""
    import numpy as np

    middle = heard.short.centre / FRAMES_PER_SECOND
    inside = np.zeros(len(middle), bool)
    for turn in turns:
        inside[np.searchsorted(middle, turn.start) : np.searchsorted(middle, turn.end)] = True
    if not inside.any():
        return None
    return tuple(round(float(value), 6) for value in unit_rows(heard.short.voice[inside].mean(axis=0)))
