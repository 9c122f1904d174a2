"""The line between the given times and those of the sound, through the words that both share.

First the line that most shared words are near, of all shifts and all likely rates; then a robust regression through
these. A rate that is no more than the words' own scatter counts as 1, one near a known mistake of frame rates as that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.asr.precomputed.clock import ALIKE, NAMED, Clock
from imigue_build.backends.asr.precomputed.shared_words import Pairs, points

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LOWEST: Final = 0.93
HIGHEST: Final = 1.075
"""Rates that are tried: film against PAL and back, with a margin."""
_BIN: Final = 1.0
"""Seconds; shared words within two such bins are on a line."""
_AS_GOOD: Final = 0.9
"""Share of the words of the best line from which another is as good."""
_NEAR: Final = 1.5
"""Seconds from the line within which words take part in the regression."""
_ROUNDS: Final = 12
_TUKEY: Final = 4.685
_LEAST_SCATTER: Final = 0.5
"""Of the words' own uncertainty; an ASR's times scatter as much."""
_MODEST: Final = 1.5
"""Factor on standard errors: few points, and not all of one kind."""
_MIN_SPAN: Final = 20.0
"""Seconds between the first and the last word from which a rate can be seen."""
_MIN_DRIFT: Final = 0.4
"""Seconds; a rate that changes the times by less from first to last word is 1."""
_OTHER: Final = 3.0
"""Seconds from a line from which words are on another one."""
_MOST_RATES: Final = 2000
_MOST_PAIRS: Final = 20_000


class Line(NamedTuple):
    """A clock, and how sure it is.

    `error` are standard errors of the shift at the first and at the last shared word, in seconds; `lag_of_ends` is by
    how much the sound's segments end after the given ones, more than they start after them; None where that is unknown.
    `exact` is how many words or starts of segments took part; `words` how many shared words are near the line, and
    `shared` how many there are in all, `rival` how many the best other line at this rate has.
    """

    clock: Clock
    error: tuple[float, float]
    lag_of_ends: float | None
    exact: int
    words: int
    shared: int
    rival: int


def best_line(found: Pairs) -> Line | None:
    """The line through the shared words; None if there are too few for a regression."""
    import numpy as np

    if len(found.given) == 0:
        return None
    clock = _most_words(found)
    for _ in range(3):
        near = found.where(abs(found.sound - clock.offset - clock.rate * found.given) <= _NEAR)
        if len(np.unique(near.heard)) < 3:
            return None
        line = _regression(near)
        clock = line.clock
    lags = found.sound - line.clock.offset - line.clock.rate * found.given
    rival = int(_counts(lags[abs(lags) > _OTHER])[1].max(initial=0))
    return line._replace(words=len(np.unique(near.heard)), shared=len(np.unique(found.heard)), rival=rival)


def _counts(lags: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The bins that have pairs, by their numbers, and how many are in each and the next one."""
    import numpy as np

    bins, counts = np.unique(np.floor(lags / _BIN), return_counts=True)
    after = np.where(np.diff(bins, append=np.inf) == 1, np.append(counts[1:], 0), 0)
    return bins, counts + after


def _most_words(found: Pairs) -> Clock:
    """The line that most shared words are near; of those that are as good the one nearest to the given times."""
    import numpy as np

    sparse = -(-len(found.given) // _MOST_PAIRS)
    given, sound = found.given[::sparse], found.sound[::sparse]
    first, last = float(given.min()), float(given.max())
    span = max(last - first, 1.0)
    step = max(_BIN / span, (HIGHEST - LOWEST) / _MOST_RATES)
    tried = range(int((LOWEST - 1) / step), int((HIGHEST - 1) / step) + 1) if span >= _MIN_SPAN else [0]
    lines: list[tuple[int, float, float]] = []
    for rate in [1 + number * step for number in tried]:
        bins, both = _counts(sound - rate * given)
        good = np.flatnonzero(both >= _AS_GOOD * both.max())
        lines += [(int(both[index]), (float(bins[index]) + 1) * _BIN, rate) for index in good.tolist()]
    most = max(number for number, _, _ in lines)
    as_good = [Clock(offset, rate) for number, offset, rate in lines if number >= _AS_GOOD * most]
    return min(as_good, key=lambda clock: (max(abs(clock.lag(first)), abs(clock.lag(last))), clock))


def _regression(near: Pairs) -> Line:
    """The clock of words that are near it."""
    import numpy as np

    chosen = points(near)
    middle = float(np.median(chosen.given))
    given = chosen.given - middle
    span = float(given.max() - given.min())
    exact = int(np.count_nonzero(chosen.place == 0))
    ends = min(int(np.count_nonzero(chosen.place == 1)), exact) >= 3
    columns = [np.ones_like(given)] + ([chosen.place] if ends else [])
    with_rate = span >= _MIN_SPAN and len(given) >= 8
    target = chosen.sound - chosen.given
    if with_rate:
        full, covariance = _robust([*columns, given], target, chosen.error)
        drift, drift_error = full[-1] * span, covariance[-1, -1] ** 0.5 * span
        rate = _simple_rate(1 + float(full[-1]), span, float(drift_error))
        if abs(drift) < max(_MIN_DRIFT, 4 * drift_error):
            rate = 1.0
        target = target - (rate - 1) * given
    else:
        rate, drift_error = 1.0, 0.0
    values, covariance = _robust(columns, target, chosen.error)
    error = float(covariance[0, 0] ** 0.5)
    edges = (error + drift_error / 2, error + drift_error / 2) if rate not in (1.0, *NAMED) else (error, error)
    offset = middle + float(values[0]) - rate * middle
    return Line(Clock(offset, rate), edges, float(values[1]) if ends else None, exact, 0, 0, 0)


def _simple_rate(rate: float, span: float, drift_error: float) -> float:
    """The nearest rate of a known mistake, if the words cannot tell it from theirs."""
    nearest = min(NAMED, key=lambda named: (abs(named - rate), named))
    return nearest if abs(nearest - rate) * span <= max(ALIKE, 3 * drift_error) else rate


def _robust(
    columns: list[NDArray[np.float64]], target: NDArray[np.float64], error: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Regression with Tukey's weights: values, and their covariance.

    Args:
        columns: (points,) each.
        target: (points,) seconds.
        error: (points,) standard deviations to begin with, in seconds; only their ratios count.
    """
    import numpy as np

    design = np.stack(columns, axis=1) / error[:, None]
    scaled = target / error
    weights = np.ones_like(scaled)
    values: NDArray[np.float64] = np.zeros(len(columns))
    scale = 1.0
    for turn in range(_ROUNDS):
        root = np.sqrt(weights)
        values = np.asarray(np.linalg.lstsq(design * root[:, None], scaled * root, rcond=None)[0], np.float64)
        residual = scaled - design @ values
        scale = max(1.4826 * float(np.median(abs(residual))), _LEAST_SCATTER)
        reach = _TUKEY * scale if turn else 3 * _TUKEY * scale
        weights = np.clip(1 - (residual / reach) ** 2, 0, None) ** 2
    information = (design * weights[:, None]).T @ design
    covariance = np.asarray(np.linalg.pinv(information), np.float64) * (scale * _MODEST) ** 2
    return values, covariance
