"""Which of the speakers of overlapped speech is heard best: the one who has the exclusive turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.diarization.dvector.segmentation import best_path
from imigue_build.backends.diarization.segmentation_onnx.local_speakers import FRAME_SECONDS
from imigue_build.backends.diarization.segmentation_onnx.segments import embed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples
    from imigue_build.backends.diarization.segmentation_onnx.networks import Networks
    from imigue_build.backends.diarization.segmentation_onnx.resegmentation import Labels
    from imigue_build.backends.diarization.segmentation_onnx.segments import Embeddings

_LENGTH: Final = round(0.75 / FRAME_SECONDS)
"""Frames of a window: long enough to tell two voices apart, short enough to follow who is louder."""
_HOP: Final = round(0.2 / FRAME_SECONDS)
_CHANGE: Final = 0.15
"""Cost of a change within overlap, in units of the cosine over 0.2 s."""


def dominant_speakers(
    audio: Samples, labels: Labels, active: NDArray[np.bool_], centroids: Embeddings, networks: Networks
) -> Labels:
    """(frames,) the labels, in overlap of the active speaker whose voice the sound around a frame is most like.

    Args:
        audio: Of the recording.
        labels: (frames,) one speaker each, -1 where nobody speaks.
        active: (frames, speakers) who speaks.
        centroids: (speakers, 192) unit rows.
        networks: For the embeddings.
    """
    import numpy as np

    inside = np.flatnonzero(active.sum(axis=1) > 1)
    if not len(inside):
        return labels
    steps, step_of = np.unique(inside // _HOP, return_inverse=True)
    middles = steps * _HOP + _HOP // 2
    windows = np.stack([middles - _LENGTH // 2, middles + _LENGTH // 2], axis=1).clip(0, len(labels))
    cosines = (embed(audio, windows, networks) @ centroids.T).astype(np.float64)
    costs = np.full(len(inside), _CHANGE * _HOP)
    costs[1:][np.diff(inside) > 1] = 0.0
    found = labels.copy()
    found[inside] = best_path(np.where(active[inside], cosines[step_of], -np.inf), costs)
    return found
