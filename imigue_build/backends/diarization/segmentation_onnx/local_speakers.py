"""Local segmentation: the network's output for windows over the recording, and what the windows agree on.

In each window the network names up to three speakers 0, 1, 2, in an order of its own. What does not
depend on the names is averaged over the windows: silence, overlap, and where the speaker changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.segmentation_onnx.segmentation_network import FRAME_STEP, RECEPTIVE_FIELD

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples
    from imigue_build.backends.diarization.segmentation_onnx.networks import Networks

    Frames = NDArray[np.float32]  # (frames,)

FRAME_SECONDS: Final = FRAME_STEP / SAMPLE_RATE
_FIRST_CENTRE: Final = RECEPTIVE_FIELD / 2 / SAMPLE_RATE

WINDOW_FRAMES: Final = 589
"""Of a window of 10 s, which the network was trained on."""
STEP_FRAMES: Final = 148
"""Between two windows: 2.5 s."""
_BATCH: Final = 2
"""Windows per run of the network: more are no quicker, and the last ones are filled up with silence."""
_FULL_SCALE: Final = 32768
_REACH: Final = 12
"""Frames by which windows may disagree on where a speaker changes."""
_AGREED: Final = 0.5
_PAIRS: Final = ((4, 0, 1), (5, 0, 2), (6, 1, 2))
"""Class of two speakers, and who they are."""


def frame_times(frames: int) -> NDArray[np.float64]:
    """(frames,) the centres of a recording's frames, in seconds."""
    import numpy as np

    return np.asarray(np.arange(frames) * FRAME_SECONDS + _FIRST_CENTRE, np.float64)


def frame_starts(frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """Seconds at which frames begin: half a step before their centres, and the recording's start at the earliest."""
    import numpy as np

    return np.asarray(np.maximum(frames * FRAME_SECONDS + _FIRST_CENTRE - FRAME_SECONDS / 2, 0.0), np.float64)


class LocalSegmentation(NamedTuple):
    """The network's output for windows over a recording; `first` is the frame at which a window begins."""

    frames: int
    first: NDArray[np.int64]  # (windows,)
    classes: NDArray[np.float16]  # (windows, frames a window, 7)

    @property
    def length(self) -> int:
        """Frames of a window."""
        return int(self.classes.shape[1])

    def average(self, scores: NDArray[np.float32]) -> Frames:
        """(windows, frames a window) scores averaged over windows with a Hamming weight."""
        import numpy as np

        length, taper = self.length, np.hamming(self.length).astype(np.float32)
        total, weight = np.zeros(self.frames, np.float32), np.zeros(self.frames, np.float32)
        for first, row in zip(self.first, scores, strict=True):
            total[first : first + length] += taper * row
            weight[first : first + length] += taper
        return total / weight

    def speech(self) -> Frames:
        """The probability that anybody speaks."""
        return 1 - self.average(self.classes[:, :, 0].astype("f4"))

    def overlap(self) -> Frames:
        """The probability that two speak."""
        return self.average(self.classes[:, :, 4:].astype("f4").sum(axis=2))

    def activity(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Of each window its first frame, and (frames a window, 3) the probability that a local speaker talks."""
        import numpy as np

        for first, classes in zip(self.first, self.classes, strict=True):
            active = classes[:, 1:4].astype(np.float32)
            for pair, one, other in _PAIRS:
                active[:, one] += classes[:, pair]
                active[:, other] += classes[:, pair]
            yield int(first), active


def segment(audio: Samples, networks: Networks) -> LocalSegmentation:
    """Runs the network over a recording of any length.

    A recording shorter than a window is one window, filled up with zeros.
    """
    import numpy as np

    covered = max(-(-(len(audio) - RECEPTIVE_FIELD) // FRAME_STEP) + 1, 1)  # frames that reach the last sample
    length = WINDOW_FRAMES
    frames = max(covered, length)
    last = frames - length
    first = np.unique(np.append(np.arange(0, last, STEP_FRAMES), last))
    classes = np.empty((len(first), length, 7), np.float16)
    samples = (length - 1) * FRAME_STEP + RECEPTIVE_FIELD
    for at in range(0, len(first), _BATCH):
        batch = np.zeros((_BATCH, samples), np.float32)
        for row, start in enumerate(first[at : at + _BATCH] * FRAME_STEP):
            part = audio[start : start + samples]
            batch[row, : len(part)] = part
        batch /= _FULL_SCALE
        count = min(_BATCH, len(first) - at)
        classes[at : at + count] = networks.segmentation(batch)[:count]
    return LocalSegmentation(frames, first, classes)


def speaker_changes(local: LocalSegmentation, speech: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Frames at which another speaker begins, as at least half of the windows say, in order.

    Args:
        local: The local segmentation.
        speech: (frames,) where anybody speaks; elsewhere who spoke last goes on.
    """
    import numpy as np

    length = local.length
    near = np.zeros((len(local.first), length), np.float32)
    exact = np.zeros((len(local.first), length), np.float32)
    for row, first in enumerate(local.first):
        who = local.classes[row, :, 1:4].argmax(axis=1)
        spoken = np.flatnonzero(speech[first : first + length])
        if not len(spoken):
            continue
        at = spoken[1:][np.diff(who[spoken]) != 0]
        exact[row, at] = 1
        marked = np.zeros(length + 2 * _REACH + 1, np.int64)
        np.add.at(marked, at, 1)
        np.add.at(marked, at + 2 * _REACH + 1, -1)
        near[row] = np.cumsum(marked)[_REACH : _REACH + length] > 0
    agreed, votes = local.average(near), local.average(exact)
    where = np.flatnonzero(agreed >= _AGREED)
    if not len(where):
        return where
    groups = np.split(where, np.flatnonzero(np.diff(where) > 1) + 1)
    return np.array([group[0] + _weighted_middle(votes[group]) for group in groups], np.int64)


def _weighted_middle(votes: Frames) -> int:
    """The index at which half of the votes are reached."""
    import numpy as np

    total = np.cumsum(votes)
    return int(np.searchsorted(total, total[-1] / 2))


def same_speaker(local: LocalSegmentation, segments: NDArray[np.int64]) -> NDArray[np.float32]:
    """What the windows that hold two segments of speech say of their local speakers.

    Args:
        local: The local segmentation.
        segments: (segments, 2) first frame and past the last, in order, without overlap.

    Returns:
        (segments, segments) from 1, surely the same one, to -1, surely another; 0 where no window holds both.
    """
    import numpy as np

    agreement = np.zeros((len(segments), len(segments)), np.float32)
    windows = np.zeros_like(agreement)
    length = local.length
    for classes, first in zip(local.classes, local.first, strict=True):
        begin = int(np.searchsorted(segments[:, 0], first))
        end = int(np.searchsorted(segments[:, 1], first + length, side="right"))
        if end - begin < 2:
            continue
        sums = np.cumsum(np.pad(classes[:, 1:4].astype(np.float32), ((1, 0), (0, 0))), axis=0)
        shares = sums[segments[begin:end, 1] - first] - sums[segments[begin:end, 0] - first]
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-6)
        agreement[begin:end, begin:end] += 2 * (shares @ shares.T) - 1
        windows[begin:end, begin:end] += 1
    agreement /= np.maximum(windows, 1, out=windows)
    return agreement
