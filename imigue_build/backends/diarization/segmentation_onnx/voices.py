"""Speech cut into stretches of one voice, and the voice in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.segmentation_onnx.embedding_network import SIZE
from imigue_build.backends.diarization.segmentation_onnx.features import FRAME_SAMPLES, HOP_SAMPLES, log_mel
from imigue_build.backends.diarization.segmentation_onnx.local_speakers import FIRST_MIDDLE, FRAME_SECONDS
from imigue_build.backends.speaker_embedding.embedding import unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples
    from imigue_build.backends.diarization.segmentation_onnx.networks import Networks

    Stretches = NDArray[np.int64]  # (stretches, 2) first frame and past the last, in order
    Voices = NDArray[np.float32]  # (stretches or speakers, 192), unit rows

_GROUP: Final = 8
"""Stretches whose features are computed together."""
_LEAST_SAMPLES: Final = FRAME_SAMPLES + 9 * HOP_SAMPLES


def runs(mask: NDArray[np.bool_]) -> Stretches:
    """The stretches in which a mask is true."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return edges.reshape(-1, 2).astype(np.int64)


def filled(mask: NDArray[np.bool_], gap: int) -> NDArray[np.bool_]:
    """The mask with those gaps filled that last `gap` frames at most."""
    whole = mask.copy()
    for first, last in runs(~mask):
        if last - first <= gap and first > 0 and last < len(mask):
            whole[first:last] = True
    return whole


def cut(stretches: Stretches, at: NDArray[np.int64]) -> Stretches:
    """The stretches cut at the frames `at`."""
    import numpy as np

    parts = []
    for first, last in stretches:
        inside = at[(at > first) & (at < last)]
        edges = np.concatenate([[first], inside, [last]])
        parts.append(np.stack([edges[:-1], edges[1:]], axis=1))
    return np.concatenate(parts) if parts else stretches


def split(stretches: Stretches, most: int) -> Stretches:
    """The stretches split evenly, so that none has more than `most` frames."""
    import numpy as np

    parts = []
    for first, last in stretches:
        count = -(-(last - first) // most)
        edges = first + (last - first) * np.arange(count + 1) // count
        parts.append(np.stack([edges[:-1], edges[1:]], axis=1))
    return np.concatenate(parts) if parts else stretches


def spread(stretches: Stretches, length: int, hop: int) -> tuple[Stretches, NDArray[np.int64]]:
    """Overlapping windows of `length` frames over each stretch, evenly spread, at most `hop` frames apart.

    Returns:
        The windows (a short stretch is one), and for each the index of its stretch.
    """
    import numpy as np

    parts, owners = [], []
    for index, (first, last) in enumerate(stretches):
        room = max(last - first - length, 0)
        steps = -(-room // hop)
        starts = first + (room * np.arange(steps + 1) + steps // 2) // max(steps, 1)
        parts.append(np.stack([starts, np.minimum(starts + length, last)], axis=1))
        owners.append(np.full(len(starts), index, np.int64))
    if not parts:
        return stretches, np.empty(0, np.int64)
    return np.concatenate(parts), np.concatenate(owners)


def embed(audio: Samples, stretches: Stretches, networks: Networks) -> Voices:
    """The voice in each stretch of up to two seconds; a very short one takes some sound around it along."""
    import numpy as np

    samples = np.round(_seconds(stretches) * SAMPLE_RATE / HOP_SAMPLES).astype(np.int64) * HOP_SAMPLES
    short = np.maximum(_LEAST_SAMPLES - (samples[:, 1] - samples[:, 0]), 0) // (2 * HOP_SAMPLES) * HOP_SAMPLES
    start = np.clip(samples[:, 0] - short, 0, max(len(audio) - _LEAST_SAMPLES, 0))
    frames = 1 + (np.maximum(samples[:, 1] + short, start + _LEAST_SAMPLES) - start - FRAME_SAMPLES) // HOP_SAMPLES
    found = np.empty((len(stretches), SIZE), np.float32)
    for at in range(0, len(stretches), _GROUP):
        group = slice(at, at + _GROUP)
        begin = int(start[group].min())
        end = int((start[group] + frames[group] * HOP_SAMPLES).max()) + FRAME_SAMPLES
        sound = audio[begin:end]
        features = log_mel(np.pad(sound, (0, end - begin - len(sound))))
        for row, (first, count) in enumerate(zip((start[group] - begin) // HOP_SAMPLES, frames[group], strict=True)):
            piece = features[first : first + count]
            found[at + row] = networks.voices((piece - piece.mean(axis=0))[None])[0]
    return unit_rows(found)


def _seconds(frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """Where frames begin; a frame reaches half a step to both sides of its middle."""
    import numpy as np

    return np.asarray(np.maximum(frames * FRAME_SECONDS + FIRST_MIDDLE - FRAME_SECONDS / 2, 0.0))
