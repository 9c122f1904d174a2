"""Who spoke when, with overlap: local segmentation, speaker embeddings, clustering, resegmentation.

The network segments windows of ten seconds (`local_speakers`). Speech is cut where it pauses and where the local
speaker changes (`speech`, `segments`), the segments' embeddings are clustered into speakers (`linkage`), and every
frame is assigned to one of them, in overlap to two (`resegmentation`). Where two people have a microphone each, the
balance of the channels counts beside the voices (`microphones`). In overlap the one heard best has the exclusive turn
(`exclusive`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.segmentation_onnx import local_speakers, segments
from imigue_build.backends.diarization.segmentation_onnx.exclusive import dominant_speakers
from imigue_build.backends.diarization.segmentation_onnx.linkage import find_speakers
from imigue_build.backends.diarization.segmentation_onnx.local_speakers import FRAME_SECONDS
from imigue_build.backends.diarization.segmentation_onnx.microphones import means, microphone_positions
from imigue_build.backends.diarization.segmentation_onnx.networks import Networks
from imigue_build.backends.diarization.segmentation_onnx.resegmentation import (
    Windows,
    assign_overlap,
    doubtful,
    resegment,
)
from imigue_build.backends.diarization.segmentation_onnx.speech import amplified, speech_mask
from imigue_build.backends.signal import silero_vad
from imigue_build.core.diarization import from_turns
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import NO_BALANCE, Diarization, Provenance, Turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.backends.diarization.segmentation_onnx.local_speakers import LocalSegmentation
    from imigue_build.backends.diarization.segmentation_onnx.microphones import Positions
    from imigue_build.backends.diarization.segmentation_onnx.resegmentation import Labels
    from imigue_build.backends.diarization.segmentation_onnx.segments import Cover, Embeddings, Segments
    from imigue_build.backends.diarization.segmentation_onnx.settings import SegmentationDiarize

_OVERLAP: Final = 0.5
_PAUSE: Final = round(0.15 / FRAME_SECONDS)
"""Frames of a pause that does not end a segment."""
_LONGEST: Final = int(2.0 / FRAME_SECONDS)
"""Frames of a segment that is embedded for clustering, at most."""
_LOCAL_WEIGHT: Final = 0.1
"""Weight of the local speakers in the similarity of two segments, beside their cosine."""
_MICROPHONE_WEIGHT: Final = 0.22
"""What speaking into two microphones takes from it: less than a voice's similarity to itself."""
_MOST_SEGMENTS: Final = 4000
"""Segments that are clustered, at most, as the similarities of all pairs are in memory."""


class SegmentationDiarizer:
    """The networks are loaded at first use; recordings are independent of each other.

    Args:
        config: Bounds on the number of speakers, the VAD's thresholds, and whether microphones count.
    """

    def __init__(self, config: SegmentationDiarize) -> None:
        self._config = config
        self._networks = Networks()

    def provenance(self) -> Provenance:
        """Tools and models of the VAD and the two networks.

        Raises:
            BackendError: If one of them is missing.
        """
        vad, networks = silero_vad.provenance(), self._networks.provenance()
        return Provenance(vad.tools | networks.tools, vad.models + networks.models)

    def diarize(self, batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]:
        """The diarization of each recording, or its error."""
        return [self._recording(task) for task in batch]

    def _recording(self, task: AudioTask) -> Diarization | ImigueError:
        audio = amplified(task.audio)
        try:
            local = local_speakers.segment(audio, self._networks)
            speech = speech_mask(audio, local, self._config.vad)
            if not speech.any():
                return BackendError(
                    f"no speech was found in {len(audio) / SAMPLE_RATE:.1f} s of audio",
                    "check that somebody speaks in it, or lower diarize.vad.onset",
                )
            return self._diarization(task._replace(audio=audio), local, speech)
        except ImigueError as error:
            return error

    def _diarization(self, task: AudioTask, local: LocalSegmentation, speech: NDArray[np.bool_]) -> Diarization:
        import numpy as np

        overlap = (local.overlap() > _OVERLAP) & speech
        joined = segments.fill_gaps(speech, _PAUSE)
        changes = local_speakers.speaker_changes(local, speech)
        spoken = segments.cut(segments.segments_of(joined), changes)
        alone = segments.cut(segments.segments_of(joined & ~overlap), changes)
        pieces = segments.subdivide(alone if len(alone) else spoken, _LONGEST)
        windows = segments.half_overlapping_windows(spoken, _LONGEST)
        first = np.concatenate([pieces, windows.segments[~windows.between]])
        embeddings = segments.embed(task.audio, first, self._networks)
        balance = task.balance if self._config.microphones else NO_BALANCE
        positions = microphone_positions(balance, local.frames, pieces)
        bounds = self._bounds(task.num_speakers)
        centroids = _centroids(local, pieces, embeddings[: len(pieces)], positions, bounds)
        heard = self._heard(task.audio, spoken, windows, embeddings[len(pieces) :], centroids)
        labels, centroids = resegment(local.frames, heard, centroids, positions)
        labels[~speech] = -1
        active = assign_overlap(local, labels, overlap, len(centroids))
        labels = dominant_speakers(task.audio, labels, active, centroids, self._networks)
        return diarization_of(active, labels, centroids, len(task.audio) / SAMPLE_RATE)

    def _heard(
        self, audio: Samples, spoken: Segments, windows: Cover, embeddings: Embeddings, centroids: Embeddings
    ) -> Windows:
        """The windows with their embeddings: given for those that are between no others, found where there is doubt.

        What lies between two windows of one speaker is that speaker's: most of a recording is embedded once.
        """
        import numpy as np

        every = np.empty((len(windows.between), embeddings.shape[1]), np.float32)
        every[~windows.between] = embeddings
        doubt = doubtful(windows, every, centroids)
        every[doubt] = segments.embed(audio, windows.segments[doubt], self._networks)
        kept = doubt | ~windows.between
        return Windows(spoken, windows.segments[kept], windows.owners[kept], every[kept])

    def _bounds(self, known: int | None) -> tuple[int, int]:
        known = known or self._config.num_speakers
        return (known, known) if known else (self._config.min_speakers, self._config.max_speakers)


def _centroids(
    local: LocalSegmentation,
    pieces: Segments,
    embeddings: Embeddings,
    positions: Positions | None,
    bounds: tuple[int, int],
) -> Embeddings:
    """(speakers, 192) the speakers, from pieces of speech of one each and their embeddings."""
    import numpy as np

    if len(pieces) > _MOST_SEGMENTS:
        sample = np.linspace(0, len(pieces) - 1, _MOST_SEGMENTS).astype(np.int64)
        pieces, embeddings = pieces[sample], embeddings[sample]
    same = local_speakers.same_speaker(local, pieces)
    same *= np.float32(_LOCAL_WEIGHT)
    if positions is not None:
        place = means(positions, pieces)
        same += np.minimum(np.outer(place, place), 0) * np.float32(_MICROPHONE_WEIGHT)
    seconds = np.asarray((pieces[:, 1] - pieces[:, 0]) * FRAME_SECONDS, np.float64)
    return find_speakers(embeddings, seconds, same, bounds)


def diarization_of(active: NDArray[np.bool_], labels: Labels, centroids: Embeddings, duration: float) -> Diarization:
    """The record of a recording of `duration` seconds.

    Args:
        active: (frames, speakers) who speaks.
        labels: (frames,) the one speaker of the exclusive turns, -1 where nobody speaks.
        centroids: (speakers, 192) unit rows.
        duration: Of the recording.
    """
    speakers = range(len(centroids))
    return from_turns(
        [turn for speaker in speakers for turn in _turns(active[:, speaker], str(speaker))],
        [turn for speaker in speakers for turn in _turns(labels == speaker, str(speaker))],
        embeddings={str(speaker): tuple(round(float(x), 6) for x in centroids[speaker]) for speaker in speakers},
        duration=duration,
    )


def _turns(mask: NDArray[np.bool_], speaker: str) -> Iterator[Turn]:
    for start, end in local_speakers.frame_starts(segments.segments_of(mask)).tolist():
        yield Turn(start, end, speaker)
