"""A shift between a video's labels and its sound, estimated from illustrative gestures, which go with speech.

For every lag the seconds are counted that the gestures, moved by it, share with the interviewee's speech. The
estimate is the lag with the most (the middle of several). It is told only if

- it is at least `LEAST`: gestures begin some tenths of a second before their words anyhow;
- such a coincidence is rare: gestures put down in another order, with the same pauses between them, reach it in
  fewer than 1 % of `SHUFFLED` trials;
- and it is sure: the 95 % bootstrap interval over gestures is narrower than `WIDEST` and does not come near 0.

Silence of a video proves nothing: one with few illustrative gestures, or whose interviewee speaks all the time, can
have any shift. One constant shift is looked for, no drift. A shift above 0 means that the labels are late.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.gestures.classes import FRAME_RATE, ILLUSTRATIVE
from imigue_build.gestures.clock import Gesture
from imigue_build.intervals import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST: Final = 10
"""Illustrative gestures that an estimate needs."""
FARTHEST: Final = 5.0
"""Seconds of the largest shift that is looked for."""
LEAST: Final = 0.5
"""Seconds from which on a shift is told."""
WIDEST: Final = 1.0
"""Seconds; an interval wider than this says nothing."""
_RARE: Final = 0.01
SHUFFLED: Final = 400
RESAMPLED: Final = 400
_COARSE: Final = 3
"""Frames between the lags that are tried in shuffled gestures, and in those that they are held against."""


class Shift(NamedTuple):
    """By how many seconds labels are late, the 95 % interval of that, and from how many gestures it is told."""

    seconds: float
    low: float
    high: float
    p: float
    gestures: int


def estimate(gestures: Sequence[Gesture], speaking: Sequence[Interval], duration: float, seed: int = 0) -> Shift | None:
    """The shift of a video's labels against its speech; None where none can be shown.

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
    lags = np.arange(-round(FARTHEST * FRAME_RATE), round(FARTHEST * FRAME_RATE) + 1) / FRAME_RATE
    spoken = _Spoken(speaking)
    curves = spoken.shared(starts, ends, lags)  # (gestures, lags)
    total = curves.sum(axis=0)
    best = float(_peaks(total[None], lags)[0])
    if abs(best) < LEAST or total.max() <= 0:
        return None
    random = np.random.default_rng(seed)
    p = _chance(float(total[::_COARSE].max()), starts, ends, duration, lags[::_COARSE], spoken, random)
    if p >= _RARE:
        return None
    weights = random.multinomial(len(own), np.full(len(own), 1 / len(own)), RESAMPLED)
    low, high = (float(one) for one in np.percentile(_peaks(weights @ curves, lags), [2.5, 97.5]))
    if high - low > WIDEST or low * high <= 0 or min(abs(low), abs(high)) < LEAST / 2:
        return None
    return Shift(round(-best, 3), round(-high, 3), round(-low, 3), round(p, 4), len(own))


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
        extreme += spoken.shared(moved, moved + lengths[order], lags).sum(axis=0).max() >= reached - 1e-9
        if extreme >= _RARE * (SHUFFLED + 1):
            break
    return extreme / (SHUFFLED + 1)
