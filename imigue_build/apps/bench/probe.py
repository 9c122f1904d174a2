"""The probe: standardised features and one linear layer, multinomial logistic regression.

Everything that is estimated (scaling, regularisation, weights) comes from the training set. The regularisation is
chosen by UAR on held-out speakers of the training set, or on a validation set if there is one.
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
"""Inverse regularisations (scikit-learn's C) that are compared."""
INNER_FOLDS: Final = 3
_ITERATIONS: Final = 1000
_TOLERANCE: Final = 1e-3
_NOISE: Final = 0.005
"""Differences in UAR up to this are noise."""
_PATIENCE: Final = 2
"""The search stops after this many consecutive values that are worse than the best."""


@dataclass(frozen=True)
class Learner:
    """How a probe is trained."""

    class_weight: ClassWeight = "none"
    seed: int = 0


DEFAULT_LEARNER: Final = Learner()


@dataclass(frozen=True)
class Probe:
    """A trained probe; `classes` are those of its training set, ascending."""

    mean: Matrix
    scale: Matrix
    model: Any
    classes: Classes
    strength: float

    @property
    def layer_weights(self) -> list[float] | None:
        """The learnt weights of layers, which sum to 1; None if there are no layers."""
        found = getattr(self.model, "layer_weights_", None)
        return None if found is None else [float(item) for item in found]

    def probabilities(self, features: NDArray[Any]) -> Matrix:
        """(utterances, classes of the training set) for features like those of the training."""
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
    """Trains a probe.

    Args:
        features: (utterances, size); or (utterances, layers, size), for a learnt weighted sum.
        classes: (utterances,) at least two different ones.
        groups: Their speakers, held out to choose the regularisation; None if unknown.
        learner: Class weights and seed.
        validation: Features and classes of a validation set, used for this choice instead.
    """
    import numpy as np

    kind: Any = np.float64 if features.ndim == 2 else np.float32  # all layers need much memory
    x: Matrix = np.asarray(features, kind)
    y: Classes = np.asarray(classes, np.int64)
    if validation is None:
        parts = list(_held_out(x, y, groups, learner.seed))
    else:
        parts = [(x, y, np.asarray(validation[0], kind), np.asarray(validation[1], np.int64))]
    strength = _best(parts, learner)
    mean, scale = _scale(x)
    model = _fit(_scaled(x, mean, scale), y, strength, learner)
    return Probe(mean, scale, model, np.unique(y), strength)


Part = tuple["Matrix", "Classes", "Matrix", "Classes"]


def _held_out(x: Matrix, y: Classes, groups: Sequence[str] | None, seed: int) -> Iterator[Part]:
    """Inner folds: by speaker if there are several, else stratified; none if there are too few utterances."""
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
    for train_part, held_out in splits:
        if len(np.unique(y[train_part])) > 1:
            yield x[train_part], y[train_part], x[held_out], y[held_out]


def _best(parts: Sequence[Part], learner: Learner) -> float:
    """The strongest regularisation whose mean UAR equals the best one up to noise."""
    import numpy as np

    if not parts:
        return 1e-2
    scaled = []
    for train_x, y, held_out, truth in parts:
        mean, scale = _scale(train_x)
        scaled.append((_scaled(train_x, mean, scale), y, _scaled(held_out, mean, scale), truth))
    models: list[Any] = [None] * len(parts)
    found: dict[float, float] = {}
    worse = 0
    for strength in STRENGTHS:
        scores = []
        for index, (train_x, y, held_out, truth) in enumerate(scaled):
            models[index] = _fit(train_x, y, strength, learner, models[index])
            scores.append(_uar(truth, models[index].predict(held_out)))
        score, best = float(np.mean(scores)), max(found.values(), default=-1.0)
        found[strength] = score
        if score > best:
            worse = 0
        elif (
            score < best and (worse := worse + 1) == _PATIENCE
        ):  # a plateau, as with constant predictions, does not stop it
            break
    return next(item for item, score in found.items() if score >= max(found.values()) - _NOISE)


def _uar(truth: Classes, predicted: Classes) -> float:
    classes = int(max(truth.max(), predicted.max())) + 1
    return float(metrics.uar(metrics.confusion(truth.tolist(), predicted.tolist(), classes)))


def _fit(x: Matrix, y: Classes, strength: float, learner: Learner, begin: Any = None) -> Any:
    """Logistic regression, starting from the weights of `begin` if given (same classes, stronger regularisation)."""
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
        warnings.simplefilter("ignore", ConvergenceWarning)  # with weak regularisation, which is not chosen
        return model.fit(x, y)


def _scale(x: Matrix) -> tuple[Matrix, Matrix]:
    """Mean and standard deviation of each feature; 1 for constant features."""
    import numpy as np

    deviation = x.std(axis=0)
    return x.mean(axis=0), np.where(deviation > 1e-9, deviation, 1.0)


def _scaled(x: NDArray[Any], mean: Matrix, scale: Matrix) -> Matrix:
    """Standardised features, clipped at ten standard deviations."""
    import numpy as np

    return np.asarray(np.clip((np.asarray(x, mean.dtype) - mean) / scale, -10, 10))
