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
    """Weighted average recall (accuracy); (...,) of (..., classes, classes) counts."""
    import numpy as np

    correct = np.trace(counts, axis1=-2, axis2=-1)
    return np.asarray(correct / np.maximum(counts.sum((-2, -1)), 1))


def recalls(counts: Counts) -> NDArray[np.float64]:
    """(..., classes) recall of each class, NaN for classes that the reference lacks."""
    import numpy as np

    totals = counts.sum(-1)
    correct = np.diagonal(counts, axis1=-2, axis2=-1)
    return np.where(totals > 0, correct / np.maximum(totals, 1), np.nan)


def uar(counts: Counts) -> NDArray[np.float64]:
    """Unweighted average recall over the reference's classes; (...,) of (..., classes, classes) counts."""
    import numpy as np

    return np.asarray(np.nanmean(recalls(counts), axis=-1))


def macro_f1(counts: Counts) -> float:
    """Mean F1 over the classes in reference or prediction, of (classes, classes) counts."""
    import numpy as np

    correct, both = np.diagonal(counts), counts.sum(0) + counts.sum(1)
    present = both > 0
    return float((2 * correct[present] / both[present]).mean())


def intervals(
    truth: Sequence[int],
    predicted: Sequence[int],
    classes: int,
    groups: Sequence[str],
    seed: int,
    resamples: int = RESAMPLES,
) -> tuple[Interval, Interval]:
    """Bootstrap intervals of WAR and UAR; whole groups are resampled with replacement.

    Args:
        truth: (n,) classes of the reference.
        predicted: (n,) classes predicted.
        classes: Their number.
        groups: (n,) the resampled units: speakers, as utterances of one speaker are not independent; or ids.
        seed: Of the resampling.
        resamples: Number of bootstrap samples.
    """
    import numpy as np

    names = sorted(set(groups))
    index_of = {name: index for index, name in enumerate(names)}
    by_group = np.zeros((len(names), classes, classes), np.int64)
    indices = np.array([index_of[name] for name in groups], np.int64)
    np.add.at(by_group, (indices, np.asarray(truth, np.int64), np.asarray(predicted, np.int64)), 1)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), resamples)
    counts = np.tensordot(drawn, by_group, axes=1)
    return _interval(war(counts)), _interval(uar(counts))


def _interval(values: NDArray[np.float64]) -> Interval:
    import numpy as np

    tail = (100 - _LEVEL) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return Interval(float(low), float(high))
