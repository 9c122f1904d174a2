"""WAR, UAR, macro-F1, confusion, recalls and bootstrap intervals, as the emotion literature has them.

WAR (weighted average recall) is accuracy. UAR (unweighted average recall) is the mean recall of the classes that
occur in the reference: balanced accuracy. Macro-F1 is the mean over classes that reference or prediction have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]  # (..., classes, classes): reference by prediction

RESAMPLES: Final = 1000
_LEVEL: Final = 95.0


class Interval(NamedTuple):
    """A 95 % bootstrap interval."""

    low: float
    high: float


def confusion(truth: Sequence[int], predicted: Sequence[int], classes: int) -> Counts:
    """(classes, classes) counts: rows are the reference, columns the prediction."""
    import numpy as np

    found = np.zeros((classes, classes), np.int64)
    np.add.at(found, (np.asarray(truth, np.int64), np.asarray(predicted, np.int64)), 1)
    return found


def war(counts: Counts) -> NDArray[np.float64]:
    """Share of right ones; (...,) of (..., classes, classes) counts."""
    import numpy as np

    right = np.trace(counts, axis1=-2, axis2=-1)
    return np.asarray(right / np.maximum(counts.sum((-2, -1)), 1))


def recalls(counts: Counts) -> NDArray[np.float64]:
    """(..., classes) recall of each class, NaN where the reference has none of it."""
    import numpy as np

    totals = counts.sum(-1)
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    return np.where(totals > 0, right / np.maximum(totals, 1), np.nan)


def uar(counts: Counts) -> NDArray[np.float64]:
    """Mean recall of the classes that the reference has; (...,) of (..., classes, classes) counts."""
    import numpy as np

    return np.asarray(np.nanmean(recalls(counts), axis=-1))


def macro_f1(counts: Counts) -> float:
    """Mean F1 of the classes that reference or prediction have, of (classes, classes) counts."""
    import numpy as np

    right, both = np.diagonal(counts), counts.sum(0) + counts.sum(1)
    there = both > 0
    return float((2 * right[there] / both[there]).mean())


def intervals(
    truth: Sequence[int],
    predicted: Sequence[int],
    classes: int,
    groups: Sequence[str],
    seed: int,
    resamples: int = RESAMPLES,
) -> tuple[Interval, Interval]:
    """Bootstrap intervals of WAR and UAR; whole groups are drawn with replacement.

    Args:
        truth: (n,) classes of the reference.
        predicted: (n,) classes predicted.
        classes: How many there are.
        groups: (n,) what is drawn: the speakers, as utterances of one speaker are not independent; or the ids.
        seed: Of the random numbers.
        resamples: How often it is drawn.
    """
    import numpy as np

    names = sorted(set(groups))
    place = {name: index for index, name in enumerate(names)}
    each = np.zeros((len(names), classes, classes), np.int64)
    at = np.array([place[name] for name in groups], np.int64)
    np.add.at(each, (at, np.asarray(truth, np.int64), np.asarray(predicted, np.int64)), 1)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), resamples)
    counts = np.tensordot(drawn, each, axes=1)
    return _interval(war(counts)), _interval(uar(counts))


def _interval(values: NDArray[np.float64]) -> Interval:
    import numpy as np

    tail = (100 - _LEVEL) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return Interval(float(low), float(high))
