"""Logistic regression on a learnt weighted sum of layers, as in SUPERB (Yang et al. 2021).

One weight per layer (softmax) and one linear layer are trained jointly by L-BFGS from equal weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Layers = NDArray[np.float32]  # (utterances, layers, size)

_ITERATIONS: Final = 300


class WeightedSum:
    """A classifier of (utterances, layers, size); with the interface of scikit-learn.

    Args:
        strength: Inverse regularisation of the linear layer, like scikit-learn's C; layer weights have none.
        balanced: Whether classes are weighted by the inverse of their frequency.
    """

    _parameters: Matrix

    def __init__(self, strength: float, balanced: bool = False) -> None:
        self.strength = strength
        self.balanced = balanced

    def fit(self, x: Layers, y: NDArray[np.int64], begin: WeightedSum | None = None) -> WeightedSum:
        """Trains on utterances and their classes, starting from the weights of `begin` if given."""
        import numpy as np
        from scipy.optimize import minimize

        self.classes_ = np.unique(y)
        _, layers, size = x.shape
        shape = layers, size, len(self.classes_)
        targets = (y[:, None] == self.classes_).astype(np.float64)
        cost = targets @ (len(y) / (len(self.classes_) * targets.sum(axis=0))) if self.balanced else np.ones(len(y))
        start = np.zeros(layers + (size + 1) * len(self.classes_)) if begin is None else begin._parameters
        found = minimize(
            _objective,
            start,
            (x, targets, cost * self.strength, shape),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": _ITERATIONS},
        )
        self._parameters = np.asarray(found.x)
        weights, self.coef_, self.intercept_ = _parts(self._parameters, shape)
        self.layer_weights_ = _softmax(weights)
        return self

    def predict_proba(self, x: Layers) -> Matrix:
        """(utterances, classes)."""
        import numpy as np

        mixed = np.einsum("nld,l->nd", x, self.layer_weights_)
        return _softmax(mixed @ self.coef_ + self.intercept_)

    def predict(self, x: Layers) -> NDArray[np.int64]:
        """(utterances,) most probable classes."""
        found: NDArray[np.int64] = self.classes_[self.predict_proba(x).argmax(axis=1)]
        return found


def _parts(parameters: Matrix, shape: tuple[int, int, int]) -> tuple[Matrix, Matrix, Matrix]:
    """(layers,) weights, (size, classes) matrix, (classes,) bias."""
    layers, size, classes = shape
    return parameters[:layers], parameters[layers:-classes].reshape(size, classes), parameters[-classes:]


def _softmax(values: Matrix) -> Matrix:
    """Over the last axis."""
    import numpy as np

    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _objective(
    parameters: Matrix, x: Layers, targets: Matrix, cost: Matrix, shape: tuple[int, int, int]
) -> tuple[float, Any]:
    """Cross-entropy by `cost` plus half the squared norm of the matrix, and the gradient."""
    import numpy as np

    weights, matrix, bias = _parts(parameters, shape)
    shares = _softmax(weights)
    mixed = np.einsum("nld,l->nd", x, shares)
    likely = _softmax(mixed @ matrix + bias)
    value = -float(cost @ np.log((likely * targets).sum(axis=1) + 1e-300)) + 0.5 * float((matrix**2).sum())
    error = (likely - targets) * cost[:, None]
    by_share = np.einsum("nld,nd->l", x, error @ matrix.T)
    gradient = [shares * (by_share - shares @ by_share), (mixed.T @ error + matrix).ravel(), error.sum(axis=0)]
    return value, np.concatenate(gradient)
