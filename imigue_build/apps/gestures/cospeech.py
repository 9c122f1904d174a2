"""A shift or drift between a video's labels and its sound, estimated from illustrative gestures, which go with speech.

For every lag the seconds are counted that the gestures, moved by it, share with the interviewee's speech; and for every
lag at the recording's beginning with every lag at its end, those of gestures moved by what lies between. The estimate
is the lag, or the pair of lags, with the most (the middle of several). It is told only if

- the shift, or the drift from beginning to end, is at least `LEAST`: gestures begin some tenths of a second before
  their words anyhow; and a drift is preferred only if it shares at least `GAIN` more;
- such a coincidence is rare: gestures put down in another order, with the same pauses between them, reach the best
  lag's seconds in fewer than 1 % of `SHUFFLED` trials;
- and it is sure: the 95 % bootstrap interval over gestures is narrow (`WIDEST`, twice that for a drift) and not
  near 0.

Silence of a video proves nothing: one with few illustrative gestures, or whose interviewee speaks all the time, can
have any shift. A shift above 0 means that the labels are late, a drift above 0 that they grow later.
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

FEWEST: Final = 10
"""Illustrative gestures that an estimate needs."""
FARTHEST: Final = 5.0
"""Seconds of the largest shift that is looked for, at the beginning and at the end."""
LEAST: Final = 0.5
"""Seconds from which on a shift or a drift is told."""
GAIN: Final = 0.005
WIDEST: Final = 1.0
"""Seconds; an interval wider than this says nothing."""
SHUFFLED: Final = 300
RESAMPLED: Final = 200
_RARE: Final = 0.01
_STEPS: Final = round(FARTHEST * FRAME_RATE)
"""Frames of the largest lag."""
_COARSE: Final = 5
"""Frames between the lags of drifts, and of shuffled gestures and what they are held against."""


class Shift(NamedTuple):
    """By how many seconds labels are late, in the middle of the recording, and by how many more at its end than at
    its beginning (None where that cannot be told from a shift alone); each with its 95 % interval.
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
    """The shift or drift of a video's labels against its speech; None where none can be shown.

    Args:
        gestures: Of the video; the illustrative ones count.
        speaking: When the interviewee speaks, disjoint and sorted.
        duration: Of the recording, in seconds.
        seed: Of what is drawn at random.
    """
    import numpy as np

    own = sorted((one.start, one.end) for one in gestures if one.number == ILLUSTRATIVE)
    if len(own) < FEWEST or not speaking:
        return None
    starts, ends = np.array(own, float).T
    spoken, lags = _Spoken(speaking), np.arange(-_STEPS, _STEPS + 1) / FRAME_RATE
    curves = spoken.shared(starts, ends, lags)  # (gestures, lags)
    drifts, drifting = _drifting(curves, (starts + ends) / 2 / duration)
    most, most_drifting = curves.sum(axis=0), drifting.sum(axis=0)
    shifted = abs(_peaks(most[None], lags)[0]) >= LEAST
    drifted = abs(_peaks(most_drifting[None], drifts[1])[0]) >= LEAST
    drifted = drifted and most_drifting.max() >= (1 + GAIN) * most.max()
    if not (shifted or drifted) or most.max() <= 0:
        return None
    random = np.random.default_rng(seed)
    p = _chance(float(most[::_COARSE].max()), starts, ends, duration, lags[::_COARSE], spoken, random)
    if p >= _RARE:
        return None
    weights = random.multinomial(len(own), np.full(len(own), 1 / len(own)), RESAMPLED)
    if drifted and (drift := _sure(most_drifting, weights @ drifting, drifts[1], 2 * WIDEST)):
        middle = _interval(most_drifting, weights @ drifting, drifts[0])
        return Shift(*middle, *drift, p, len(own))
    shift = _sure(most, weights @ curves, lags, WIDEST)
    return Shift(*shift, None, None, None, p, len(own)) if shift else None


def _drifting(curves: Floats, places: Floats) -> tuple[tuple[Floats, Floats], Floats]:
    """Lags in the middle and drifts, each of shape (pairs,), and the seconds shared, of shape (gestures, pairs).

    Args:
        curves: Seconds shared, of shape (gestures, lags).
        places: Where the gestures lie in the recording, from 0 to 1.
    """
    import numpy as np

    grid = np.arange(-_STEPS, _STEPS + 1, _COARSE)
    first, last = (one.ravel() for one in np.meshgrid(grid, grid, indexing="ij"))
    frames = np.rint(np.outer(1 - places, first) + np.outer(places, last)).astype(int)
    shared = np.take_along_axis(curves, np.clip(frames + _STEPS, 0, 2 * _STEPS), axis=1)
    return ((first + last) / 2 / FRAME_RATE, (last - first) / FRAME_RATE), shared


def _interval(total: Floats, resampled: Floats, lags: Floats) -> tuple[float, float, float]:
    """By how much labels are late, which is the lag that mends it turned round, and its 95 % interval."""
    import numpy as np

    best = float(_peaks(total[None], lags)[0])
    low, high = (float(one) for one in np.percentile(_peaks(resampled, lags), [2.5, 97.5]))
    return round(0.0 - best, 3), round(0.0 - high, 3), round(0.0 - low, 3)


def _sure(total: Floats, resampled: Floats, lags: Floats, widest: float) -> tuple[float, float, float] | None:
    """The same, if it is large enough, and its interval is narrow and not near 0."""
    best, low, high = _interval(total, resampled, lags)
    sure = abs(best) >= LEAST and high - low <= widest and low * high > 0 and min(abs(low), abs(high)) >= LEAST / 2
    return (best, low, high) if sure else None


class _Spoken:
    """How much is spoken up to a time."""

    def __init__(self, speaking: Sequence[Interval]) -> None:
        import numpy as np

        edges = np.array([time for span in speaking for time in (span.start, span.end)], float)
        lengths = np.array([span.end - span.start for span in speaking], float)
        self._edges = edges
        self._sums = np.concatenate([[0.0], np.repeat(np.cumsum(lengths), 2)])[: len(edges)]

    def shared(self, starts: Floats, ends: Floats, lags: Floats) -> Floats:
        """Seconds that gestures moved by lags share with speech, shape (gestures, lags)."""
        import numpy as np

        return np.asarray(self._until(np.add.outer(ends, lags)) - self._until(np.add.outer(starts, lags)), float)

    def _until(self, times: Floats) -> Floats:
        import numpy as np

        return np.asarray(np.interp(times, self._edges, self._sums), float)


def _peaks(totals: Floats, lags: Floats) -> Floats:
    """The lag with the most seconds in each row of (rows, lags); the middle of those that have as many."""
    import numpy as np

    most = totals >= totals.max(axis=1, keepdims=True) - 1e-9
    return np.asarray((most @ lags) / most.sum(axis=1), float)


def _chance(
    reached: float,
    starts: Floats,
    ends: Floats,
    duration: float,
    lags: Floats,
    spoken: _Spoken,
    random: np.random.Generator,
) -> float:
    """The share of trials, with gestures in another order and pauses exchanged, that reach as many seconds anywhere."""
    import numpy as np

    lengths = ends - starts
    pauses = np.diff(np.concatenate([[0.0], starts])) - np.concatenate([[0.0], lengths[:-1]])
    pauses = np.append(pauses, duration - ends[-1])
    extreme = 1
    for _ in range(SHUFFLED):
        mixed, order = random.permutation(pauses), random.permutation(len(lengths))
        moved = np.cumsum(mixed[:-1]) + np.concatenate([[0.0], np.cumsum(lengths[order])[:-1]])
        extreme += bool(spoken.shared(moved, moved + lengths[order], lags).sum(axis=0).max() >= reached - 1e-9)
        if extreme >= _RARE * (SHUFFLED + 1):
            break
    return round(extreme / (SHUFFLED + 1), 4)
