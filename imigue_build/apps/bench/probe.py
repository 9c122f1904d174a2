"""The probe: standardised features and one linear layer, multinomial logistic regression.

All that is estimated (scale, regularisation, weights) comes from the training part. The regularisation is the one with
the best UAR on speakers of the training part that were held out in turn, or on a validation part where there is one.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from imigue_build.apps.bench import metrics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.floating[Any]]  # (utterances, size), or (utterances, layers, size)
    Classes = NDArray[np.int64]  # (utterances,)

ClassWeight = Literal["none", "balanced"]

STRENGTHS: Final = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
"""Inverse regularisations (scikit-learn's C) that are tried."""
INNER_FOLDS: Final = 3
_ITERATIONS: Final = 1000
_TOLERANCE: Final = 1e-3
_NOISE: Final = 0.005
"""UARs of a few held-out speakers that differ by no more are equal."""
_PATIENCE: Final = 2
"""A weaker regularisation is not tried after so many in a row that were worse than the best."""


@dataclass(frozen=True)
class Learner:
    """How a probe is trained."""

    class_weight: ClassWeight = "none"
    seed: int = 0


DEFAULT_LEARNER: Final = Learner()


@dataclass(frozen=True)
class Probe:
    """A trained probe; `classes` are those of its training part, ascending."""

    mean: Matrix
    scale: Matrix
    model: Any
    classes: Classes
    strength: float

    @property
    def layer_weights(self) -> list[float] | None:
        """The learnt weights of layers, which sum to 1; None where there are no layers."""
        found = getattr(self.model, "layer_weights_", None)
        return None if found is None else [float(item) for item in found]

    def probabilities(self, features: NDArray[Any]) -> Matrix:
        """(utterances, classes of the training part) of features as it was trained on."""
        found: Matrix = self.model.predict_proba(_scaled(features, self.mean, self.scale))
        return found

    def predict(self, features: NDArray[Any]) -> Classes:
        """(utterances,) most probable classes."""
        found: Classes = self.classes[self.probabilities(features).argmax(axis=1)]
        return found


def train(
    features: NDArray[Any],
    classes: Sequence[int],
    groups: Sequence[str] | None,
    learner: Learner = DEFAULT_LEARNER,
    validation: tuple[NDArray[Any], Sequence[int]] | None = None,
) -> Probe:
    """A probe of a training part.

    Args:
        features: (utterances, size); or (utterances, layers, size), of which a weighted sum is learnt.
        classes: (utterances,) their classes; two or more occur.
        groups: Their speakers, held out in turn to choose the regularisation; None where they are not known.
        learner: Class weights and seed.
        validation: Features and classes of a validation part, which chooses it instead.
    """
    import numpy as np

    kind: Any = np.float64 if features.ndim == 2 else np.float32  # all layers are much
    x: Matrix = np.asarray(features, kind)
    y: Classes = np.asarray(classes, np.int64)
    if validation is None:
        parts = list(_held_out(x, y, groups, learner.seed))
    else:
        parts = [(x, y, np.asarray(validation[0], kind), np.asarray(validation[1], np.int64))]
    strength = _best(parts, learner)
    mean, scale = _scale(x)
    model = _fitted(_scaled(x, mean, scale), y, strength, learner)
    return Probe(mean, scale, model, np.unique(y), strength)


Part = tuple["Matrix", "Classes", "Matrix", "Classes"]


def _held_out(x: Matrix, y: Classes, groups: Sequence[str] | None, seed: int) -> Iterator[Part]:
    """Inner folds: by speaker where there are several, else stratified. None where there is too little to hold out."""
    import numpy as np
    from sklearn.model_selection import GroupKFold, StratifiedKFold

    names = sorted(set(groups)) if groups is not None else []
    if groups is not None and len(names) > 1:
        count = min(INNER_FOLDS, len(names))
        splits = GroupKFold(count).split(x, y, groups)
    else:
        count = min(INNER_FOLDS, int(np.bincount(y)[np.unique(y)].min()))
        if count < 2:
            return
        splits = StratifiedKFold(count, shuffle=True, random_state=seed).split(x, y)
    for learnt, held in splits:
        if len(np.unique(y[learnt])) > 1:
            yield x[learnt], y[learnt], x[held], y[held]


def _best(parts: Sequence[Part], learner: Learner) -> float:
    """The strongest regularisation whose mean UAR is as good as the best one's, but for a difference that is noise."""
    import numpy as np

    if not parts:
        return 1e-2
    scaled = []
    for learnt, y, held, truth in parts:
        mean, scale = _scale(learnt)
        scaled.append((_scaled(learnt, mean, scale), y, _scaled(held, mean, scale), truth))
    models: list[Any] = [None] * len(parts)
    found: dict[float, float] = {}
    worse = 0
    for strength in STRENGTHS:
        scores = []
        for index, (learnt, y, held, truth) in enumerate(scaled):
            models[index] = _fitted(learnt, y, strength, learner, models[index])
            scores.append(_uar(truth, models[index].predict(held)))
        score, best = float(np.mean(scores)), max(found.values(), default=-1.0)
        found[strength] = score
        if score > best:
            worse = 0
        elif score < best and (worse := worse + 1) == _PATIENCE:  # a plateau, as of constant guesses, is no end
            break
    return next(item for item, score in found.items() if score >= max(found.values()) - _NOISE)


def _uar(truth: Classes, predicted: Classes) -> float:
    classes = int(max(truth.max(), predicted.max())) + 1
    return float(metrics.uar(metrics.confusion(truth.tolist(), predicted.tolist(), classes)))


def _fitted(x: Matrix, y: Classes, strength: float, learner: Learner, begin: Any = None) -> Any:
    """Logistic regression, from the weights of `begin` where it is given (same classes, stronger regularisation)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if x.ndim == 3:
        from imigue_build.apps.bench.weighted import WeightedSum

        return WeightedSum(strength, learner.class_weight == "balanced").fit(x, y, begin)
    weight = "balanced" if learner.class_weight == "balanced" else None
    model = LogisticRegression(
        C=strength,
        class_weight=weight,
        max_iter=_ITERATIONS,
        tol=_TOLERANCE,
        random_state=learner.seed,
        warm_start=True,
    )
    if begin is not None:
        model.classes_, model.coef_, model.intercept_ = begin.classes_, begin.coef_.copy(), begin.intercept_.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the weakest regularisations; they are not chosen
        return model.fit(x, y)


def _scale(x: Matrix) -> tuple[Matrix, Matrix]:
    """Mean and deviation of each feature; 1 for one that is constant."""
    import numpy as np

    deviation = x.std(axis=0)
    return x.mean(axis=0), np.where(deviation > 1e-9, deviation, 1.0)


def _scaled(x: NDArray[Any], mean: Matrix, scale: Matrix) -> Matrix:
    """Standardised; an outlier counts as ten deviations at the most."""
    import numpy as np

    return np.asarray(np.clip((np.asarray(x, mean.dtype) - mean) / scale, -10, 10))
