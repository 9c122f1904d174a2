"""Two people with a microphone each: where in a recording of two channels which one is louder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.diarization.segmentation_onnx.local_speakers import FRAME_SECONDS, frame_times

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.segmentation_onnx.segments import Segments
    from imigue_build.core.records import ChannelBalance

    Positions = NDArray[np.float32]  # from -1, spoken into the one microphone, to 1, into the other

_SMOOTHED: Final = 0.1
"""Seconds over which the balance is averaged."""
_APART: Final = 6.0
"""Decibels by which the balance of two microphones differs at least."""
_RARER: Final = 0.05
"""Share of the speech into each microphone, at least."""
_BETWEEN: Final = 0.1
"""Share of the speech that may be as near to the middle as to either of them."""
_ROUNDS: Final = 10


def microphone_positions(balance: ChannelBalance, frames: int, pieces: Segments) -> Positions | None:
    """(frames,) into which microphone the speech of each frame goes; None where there are not two.

    The balance of a voice in a stereo mix varies about its place; with two microphones, nearly every piece of speech
    is at one of two places.

    Args:
        balance: Of the channels.
        frames: Of the recording.
        pieces: Speech of one speaker each.
    """
    import numpy as np

    decibels = np.frombuffer(balance.decibels, np.int8).astype(np.float32)
    if not len(decibels):
        return None
    count = round(_SMOOTHED / balance.step)
    smooth = np.convolve(decibels, np.full(count, 1 / count, np.float32), "same")
    own = smooth[np.minimum((frame_times(frames) / balance.step).astype(np.int64), len(smooth) - 1)]
    place, seconds = means(own, pieces), (pieces[:, 1] - pieces[:, 0]) * FRAME_SECONDS
    one, other = float(place.min()), float(place.max())
    for _ in range(_ROUNDS):
        nearer = place < (one + other) / 2
        if nearer.all() or not nearer.any():
            return None
        one, other = (float(np.average(place[side], weights=seconds[side])) for side in (nearer, ~nearer))
    share = float(seconds[nearer].sum() / seconds.sum())
    position = (own - (one + other) / 2) * 2 / max(other - one, _APART)
    between = seconds[np.abs(means(position, pieces)) < 1 / 3].sum() / seconds.sum()
    if other - one < _APART or min(share, 1 - share) < _RARER or between > _BETWEEN:
        return None
    return np.asarray(np.clip(position, -1, 1), np.float32)


def means(values: NDArray[np.float32], segments: Segments) -> NDArray[np.float32]:
    """(segments,) the mean over each segment's frames."""
    import numpy as np

    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    lengths = segments[:, 1] - segments[:, 0]
    return np.asarray((sums[segments[:, 1]] - sums[segments[:, 0]]) / lengths, np.float32)
