"""Segments of frames: where a mask is true, cut, subdivided, covered with windows; and their speaker embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.segmentation_onnx.embedding_network import SIZE
from imigue_build.backends.diarization.segmentation_onnx.features import FRAME_SAMPLES, HOP_SAMPLES, log_mel
from imigue_build.backends.diarization.segmentation_onnx.local_speakers import frame_starts
from imigue_build.backends.speaker_embedding.embedding import unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples
    from imigue_build.backends.diarization.segmentation_onnx.networks import Networks

    Segments = NDArray[np.int64]  # (segments, 2) the first frame and the one past the last, in time order
    Embeddings = NDArray[np.float32]  # (segments or speakers, 192), unit rows

_GROUP: Final = 8
"""Segments whose features are computed together."""
_SHORTEST: Final = FRAME_SAMPLES + 9 * HOP_SAMPLES
"""Samples that an embedding takes at least: 10 frames of features."""


class Cover(NamedTuple):
    """Windows over segments, in time order.

    `owners` are the indices of their segments; `between` are those that lie over the middle of two others, which
    together cover all.
    """

    segments: Segments
    owners: NDArray[np.int64]  # (windows,)
    between: NDArray[np.bool_]  # (windows,)


def segments_of(mask: NDArray[np.bool_]) -> Segments:
    """The segments in which a mask is true."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return edges.reshape(-1, 2).astype(np.int64)


def fill_gaps(mask: NDArray[np.bool_], longest: int) -> NDArray[np.bool_]:
    """The mask with gaps of up to `longest` frames between two segments closed."""
    filled = mask.copy()
    for first, last in segments_of(~mask):
        if last - first <= longest and first > 0 and last < len(mask):
            filled[first:last] = True
    return filled


def cut(segments: Segments, frames: NDArray[np.int64]) -> Segments:
    """The segments cut at these frames."""
    import numpy as np

    parts = []
    for first, last in segments:
        edges = np.concatenate([[first], frames[(frames > first) & (frames < last)], [last]])
        parts.append(np.stack([edges[:-1], edges[1:]], axis=1))
    return np.concatenate(parts) if parts else segments


def subdivide(segments: Segments, longest: int) -> Segments:
    """The segments divided evenly, so that none has more than `longest` frames."""
    import numpy as np

    parts = []
    for first, last in segments:
        count = -(-(last - first) // longest)
        edges = first + (last - first) * np.arange(count + 1) // count
        parts.append(np.stack([edges[:-1], edges[1:]], axis=1))
    return np.concatenate(parts) if parts else segments


def half_overlapping_windows(segments: Segments, longest: int) -> Cover:
    """The parts into which `subdivide` divides each segment, and between two of them one from middle to middle."""
    import numpy as np

    parts, owners, between = [segments[:0]], [np.empty(0, np.int64)], [np.empty(0, np.bool_)]
    for index, (first, last) in enumerate(segments):
        count = -(-(last - first) // longest)
        edges = first + (last - first) * np.arange(2 * count + 1) // (2 * count)
        parts.append(np.stack([edges[:-2], edges[2:]], axis=1))
        owners.append(np.full(2 * count - 1, index, np.int64))
        between.append(np.arange(2 * count - 1) % 2 == 1)
    return Cover(np.concatenate(parts), np.concatenate(owners), np.concatenate(between))


def embed(audio: Samples, segments: Segments, networks: Networks) -> Embeddings:
    """The speaker embedding of each segment of up to two seconds.

    A segment of less than 0.115 s is extended by the sound around it; one that is given twice is embedded once.
    """
    import numpy as np

    segments, as_given = np.unique(segments, axis=0, return_inverse=True)
    samples = np.round(frame_starts(segments) * SAMPLE_RATE / HOP_SAMPLES).astype(np.int64) * HOP_SAMPLES
    missing = np.maximum(_SHORTEST - (samples[:, 1] - samples[:, 0]), 0) // (2 * HOP_SAMPLES) * HOP_SAMPLES
    start = np.clip(samples[:, 0] - missing, 0, max(len(audio) - _SHORTEST, 0))
    end = np.maximum(samples[:, 1] + missing, start + _SHORTEST)
    rows = 1 + (end - start - FRAME_SAMPLES) // HOP_SAMPLES
    embeddings = np.empty((len(segments), SIZE), np.float32)
    for at in range(0, len(segments), _GROUP):
        group = slice(at, at + _GROUP)
        begin, stop = int(start[group].min()), int(end[group].max()) + FRAME_SAMPLES
        sound = audio[begin:stop]
        features = log_mel(np.pad(sound, (0, stop - begin - len(sound))))
        for index in range(at, min(at + _GROUP, len(segments))):
            first = (start[index] - begin) // HOP_SAMPLES
            own = features[first : first + rows[index]]
            embeddings[index] = networks.embeddings((own - own.mean(axis=0))[None])[0]
    return unit_rows(embeddings)[as_given.reshape(-1)]
