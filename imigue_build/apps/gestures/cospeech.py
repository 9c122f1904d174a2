"""Estimates a shift or drift between a video's labels and its audio from illustrative gestures, which go with speech.

For every lag, the overlap of the lagged gestures with the interviewee's speech is summed; likewise for every pair of
lags at the start and the end of the recording, with lags interpolated between them. The estimate is the lag, or the
pair of lags, with the largest overlap (the mean of several). It is reported only if

- the shift, or the drift from start to end, is at least `MIN_SHIFT`: gestures precede their words by some tenths of a
  second anyway; and a drift is preferred only if its overlap is larger by at least `MIN_GAIN`;
- it is significant: gestures in random order, with the same pauses between them, reach the overlap of the best lag in
  fewer than 1 % of `PERMUTATIONS` trials;
- it is precise: the 95 % bootstrap interval over gestures is narrow (`MAX_WIDTH`, twice that for a drift) and not
  near 0.

The absence of an estimate proves nothing: a video with few illustrative gestures, or whose interviewee speaks all
the time, can have any shift. A positive shift means that the labels are late, a positive drift that they become later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.apps.gestures.classes import FRAME_RATE, ILLUSTRATIVE
from imigue_build.apps.gestures.clock import Gesture
from imigue_build.core.intervals import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MIN_GESTURES: Final = 10
"""Illustrative gestures that an estimate needs."""
MAX_SHIFT: Final = 5.0
"""Seconds of the largest shift in the search, at the start and at the end."""
MIN_SHIFT: Final = 0.5
"""Seconds of the smallest shift or drift that is reported."""
MIN_GAIN: Final = 0.005
MAX_WIDTH: Final = 1.0
"""Seconds of the widest confidence interval of a reported shift."""
PERMUTATIONS: Final = 300
BOOTSTRAP_SAMPLES: Final = 200
_SIGNIFICANCE: Final = 0.01
_MAX_LAG: Final = round(MAX_SHIFT * FRAME_RATE)
"""Frames."""
_COARSE: Final = 5
"""Frames between the lags of drifts and of the permutation test."""


class Shift(NamedTuple):
    """Seconds by which labels are late in the middle of the recording, and by how many more at its end than at its
    start (None if only a shift was estimated); each with its 95 % interval.
    """

    seconds: float
    low: float
    high: float
    drift: float | None
    drift_low: float | None
    drift_high: float | None
    p: float
    gestures: int


def estimate(gestures: Sequence[Gesture], speaking: Sequence[Interval], duration: float, seed: int = 0) -> Shift | None:
    """The shift or drift of a video's labels relative to its speech; None if there is no reliable one.

    Args:
        gestures: Of the video; only the illustrative ones are used.
        speaking: When the interviewee speaks, disjoint and sorted.
        duration: Of the recording, in seconds.
        seed: Of the permutations and the bootstrap.
    """
    import numpy as np

    own = sorted((gesture.start, gesture.end) for gesture in gestures if gesture.number == ILLUSTRATIVE)
    if len(own) < MIN_GESTURES or not speaking:
        return None
    starts, ends = np.array(own, float).T
    speech, lags = _CumulativeSpeech(speaking), np.arange(-_MAX_LAG, _MAX_LAG + 1) / FRAME_RATE
    shift_overlaps = speech.overlap(starts, ends, lags)  # (gestures, lags)
    (middles, drifts), drift_overlaps = _drifts(shift_overlaps, (starts + ends) / 2 / duration)
    shift_total, drift_total = shift_overlaps.sum(axis=0), drift_overlaps.sum(axis=0)
    has_shift = abs(_peaks(shift_total[None], lags)[0]) >= MIN_SHIFT
    has_drift = abs(_peaks(drift_total[None], drifts)[0]) >= MIN_SHIFT
    has_drift = has_drift and drift_total.max() >= (1 + MIN_GAIN) * shift_total.max()
    if not (has_shift or has_drift) or shift_total.max() <= 0:
        return None
    random = np.random.default_rng(seed)
    reached = float(shift_total[::_COARSE].max())
    p = _p_value(reached, starts, ends, duration, lags[::_COARSE], speech, random)
    if p >= _SIGNIFICANCE:
        return None
    weights = random.multinomial(len(own), np.full(len(own), 1 / len(own)), BOOTSTRAP_SAMPLES)
    if has_drift and (drift := _reliable(drift_total, weights @ drift_overlaps, drifts, 2 * MAX_WIDTH)):
        middle = _interval(drift_total, weights @ drift_overlaps, middles)
        return Shift(*middle, *drift, p, len(own))
    shift = _reliable(shift_total, weights @ shift_overlaps, lags, MAX_WIDTH)
    return Shift(*shift, None, None, None, p, len(own)) if shift else None


def _drifts(overlaps: Floats, positions: Floats) -> tuple[tuple[Floats, Floats], Floats]:
    """Lags in the middle and drifts, each of shape (pairs,), and the overlaps, of shape (gestures, pairs).

    Args:
        overlaps: Seconds of overlap, of shape (gestures, lags).
        positions: Of the gestures in the recording, from 0 to 1.
    """
    import numpy as np

    grid = np.arange(-_MAX_LAG, _MAX_LAG + 1, _COARSE)
    first, last = (lags.ravel() for lags in np.meshgrid(grid, grid, indexing="ij"))
    frames = np.rint(np.outer(1 - positions, first) + np.outer(positions, last)).astype(int)
    shared = np.take_along_axis(overlaps, np.clip(frames + _MAX_LAG, 0, 2 * _MAX_LAG), axis=1)
    return ((first + last) / 2 / FRAME_RATE, (last - first) / FRAME_RATE), shared


def _interval(total: Floats, resampled: Floats, lags: Floats) -> tuple[float, float, float]:
    """By how much the labels are late (the best lag negated), and its 95 % interval."""
    import numpy as np

    best = float(_peaks(total[None], lags)[0])
    low, high = (float(value) for value in np.percentile(_peaks(resampled, lags), [2.5, 97.5]))
    return round(0.0 - best, 3), round(0.0 - high, 3), round(0.0 - low, 3)


def _reliable(total: Floats, resampled: Floats, lags: Floats, max_width: float) -> tuple[float, float, float] | None:
    """The same, if it is large enough, and its interval is narrow and not near 0."""
    best, low, high = _interval(total, resampled, lags)
    narrow = high - low <= max_width
    reliable = abs(best) >= MIN_SHIFT and narrow and low * high > 0 and min(abs(low), abs(high)) >= MIN_SHIFT / 2
    return (best, low, high) if reliable else None


class _CumulativeSpeech:
    """The cumulative duration of speech as a function of time."""

    def __init__(self, speaking: Sequence[Interval]) -> None:
        import numpy as np

        edges = np.array([time for span in speaking for time in (span.start, span.end)], float)
        lengths = np.array([span.end - span.start for span in speaking], float)
        self._edges = edges
        self._sums = np.concatenate([[0.0], np.repeat(np.cumsum(lengths), 2)])[: len(edges)]

    def overlap(self, starts: Floats, ends: Floats, lags: Floats) -> Floats:
        """Seconds by which lagged gestures overlap with speech, shape (gestures, lags)."""
        import numpy as np

        return np.asarray(self._at(np.add.outer(ends, lags)) - self._at(np.add.outer(starts, lags)), float)

    def _at(self, times: Floats) -> Floats:
        import numpy as np

        return np.asarray(np.interp(times, self._edges, self._sums), float)


def _peaks(totals: Floats, lags: Floats) -> Floats:
    """The lag with the largest total in each row of (rows, lags); the mean of several."""
    import numpy as np

    is_peak = totals >= totals.max(axis=1, keepdims=True) - 1e-9
    return np.asarray((is_peak @ lags) / is_peak.sum(axis=1), float)


def _p_value(
    reached: float,
    starts: Floats,
    ends: Floats,
    duration: float,
    lags: Floats,
    speech: _CumulativeSpeech,
    random: np.random.Generator,
) -> float:
    """The share of trials, with gestures and pauses in random order, that reach as large an overlap at any lag."""
    import numpy as np

    lengths = ends - starts
    pauses = np.diff(np.concatenate([[0.0], starts])) - np.concatenate([[0.0], lengths[:-1]])
    pauses = np.append(pauses, duration - ends[-1])
    extreme = 1
    for _ in range(PERMUTATIONS):
        permuted_pauses, order = random.permutation(pauses), random.permutation(len(lengths))
        moved = np.cumsum(permuted_pauses[:-1]) + np.concatenate([[0.0], np.cumsum(lengths[order])[:-1]])
        extreme += bool(speech.overlap(moved, moved + lengths[order], lags).sum(axis=0).max() >= reached - 1e-9)
        if extreme >= _SIGNIFICANCE * (PERMUTATIONS + 1):
            break
    return round(extreme / (PERMUTATIONS + 1), 4)
