"""Speech emotion recognition by linear probing: pooled features, one linear layer, WAR and UAR.

The test set is not used before prediction: scaling, regularisation and weights come from the training set. The
result depends on data, features, seed and tool versions alone, not on the clock, a path or the number of jobs.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from imigue_build import __version__
from imigue_build.apps.bench import metrics
from imigue_build.apps.bench.features.base import FeatureSpec
from imigue_build.apps.bench.features.compute import Features
from imigue_build.apps.bench.folds import Fold, Folds
from imigue_build.apps.bench.probe import DEFAULT_LEARNER, Learner, train
from imigue_build.apps.bench.processes import run_parallel
from imigue_build.apps.bench.utterances import Dataset, Utterance, counts, fingerprint
from imigue_build.core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFINITIONS: Final = {
    "war": "weighted average recall: accuracy over all tested utterances",
    "uar": "unweighted average recall: mean over classes of their recall, over all tested utterances",
    "war_mean, uar_mean, war_std, uar_std": "mean and standard deviation over folds",
    "ci95": f"bootstrap interval, {metrics.RESAMPLES} samples of whole speakers (of utterances if unknown)",
}
_TOOLS: Final = ("numpy", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Prediction:
    """The prediction of a tested utterance."""

    id: str
    fold: str
    label: str
    predicted: str


@dataclass(frozen=True)
class Evaluation:
    """The result record (JSON types only) and all predictions."""

    result: dict[str, Any]
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class _Work:
    """The input of one fold for a process."""

    index: int
    train: NDArray[np.float32]
    truth: tuple[int, ...]
    groups: tuple[str, ...] | None
    validation: tuple[NDArray[np.float32], tuple[int, ...]] | None
    test: NDArray[np.float32]
    learner: Learner


@dataclass(frozen=True)
class _Done:
    """The predictions of a fold, the chosen regularisation, and the learnt layer weights, if any."""

    index: int
    predicted: list[int]
    strength: float
    layer_weights: list[float] | None


def evaluate(
    dataset: Dataset,
    folds: Folds,
    features: Features,
    spec: FeatureSpec,
    learner: Learner = DEFAULT_LEARNER,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Trains and tests a probe in every fold.

    Args:
        dataset: The corpus.
        folds: Its folds.
        features: Of all of its utterances, in their order.
        spec: Which features they are.
        learner: How the probe is trained.
        jobs: The maximum number of processes.
        progress: Called with the numbers of finished and of all folds.

    Raises:
        UsageError: If an utterance has no features.
    """
    if features.ids != tuple(utterance.id for utterance in dataset.utterances):
        raise UsageError("the features are not those of the utterances", "compute features of this dataset")
    index_of = {label: index for index, label in enumerate(dataset.labels)}
    truth = [index_of[utterance.label] for utterance in dataset.utterances]
    values = layer_of(features.values, spec.layer)
    work = [_work(index, fold, dataset.utterances, values, truth, learner) for index, fold in enumerate(folds.folds)]
    report = progress or (lambda done, total: None)
    found: dict[int, _Done] = {}
    for done in run_parallel(_fold, work, jobs):
        found[done.index] = done
        report(len(found), len(work))
    return _evaluation(dataset, folds, features, spec, learner, truth, [found[index] for index in range(len(work))])


def evaluate_layers(
    dataset: Dataset,
    folds: Folds,
    features: Features,
    spec: FeatureSpec,
    learner: Learner = DEFAULT_LEARNER,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Like `evaluate`, of the last layer, with the results of every single layer as `layers`.

    Choosing a layer by these results uses the test sets.

    Raises:
        UsageError: Like `evaluate`.
    """
    found = [
        evaluate(dataset, folds, features, replace(spec, layer=str(number)), learner, jobs, progress)
        for number in range(features.values.shape[1])
    ]
    names = ("war", "uar", "war_std", "uar_std", "ci95")
    layers = [
        {"layer": number, **{name: evaluation.result[name] for name in names}}
        for number, evaluation in enumerate(found)
    ]
    return replace(found[-1], result={**found[-1].result, "layers": layers})


def layer_of(values: NDArray[np.float32], layer: str) -> NDArray[np.float32]:
    """One layer, (utterances, size), of (utterances, layers, size); values without layers are returned as they are.

    Raises:
        UsageError: If the layer does not exist.
    """
    if values.ndim == 2 or layer == "weighted":
        return values
    number = -1 if layer == "last" else int(layer)
    if not -values.shape[1] <= number < values.shape[1]:
        raise UsageError(f"the encoder has no layer {number}", f"choose one from 0 to {values.shape[1] - 1}")
    return values[:, number]


def _work(
    index: int,
    fold: Fold,
    utterances: Sequence[Utterance],
    values: NDArray[np.float32],
    truth: Sequence[int],
    learner: Learner,
) -> _Work:
    speakers = [utterances[index].speaker for index in fold.train]
    known = tuple(name for name in speakers if name is not None)
    validation = (values[list(fold.validation)], tuple(truth[item] for item in fold.validation))
    return _Work(
        index,
        values[list(fold.train)],
        tuple(truth[item] for item in fold.train),
        known if len(known) == len(speakers) else None,
        validation if fold.validation else None,
        values[list(fold.test)],
        learner,
    )


def _fold(work: _Work) -> _Done:
    probe = train(work.train, work.truth, work.groups, work.learner, work.validation)
    return _Done(work.index, [int(item) for item in probe.predict(work.test)], probe.strength, probe.layer_weights)


def _evaluation(
    dataset: Dataset,
    folds: Folds,
    features: Features,
    spec: FeatureSpec,
    learner: Learner,
    truth: Sequence[int],
    found: Sequence[_Done],
) -> Evaluation:
    import numpy as np

    labels, size = dataset.labels, len(dataset.labels)
    rows: list[dict[str, Any]] = []
    predictions: list[Prediction] = []
    tested: list[int] = []
    guesses: list[int] = []
    for fold, done in zip(folds.folds, found, strict=True):
        matrix = metrics.confusion([truth[item] for item in fold.test], done.predicted, size)
        rows.append(
            {
                "name": fold.name,
                "war": rounded(metrics.war(matrix)),
                "uar": rounded(metrics.uar(matrix)),
                "n": len(fold.test),
                "n_train": len(fold.train),
                "n_validation": len(fold.validation),
                "strength": done.strength,
                **_weights(done),
            }
        )
        for item, guess in zip(fold.test, done.predicted, strict=True):
            utterance = dataset.utterances[item]
            predictions.append(Prediction(utterance.id, fold.name, utterance.label, labels[guess]))
        tested += fold.test
        guesses += done.predicted
    matrix = metrics.confusion([truth[item] for item in tested], guesses, size)
    speakers = [dataset.utterances[item].speaker or dataset.utterances[item].id for item in tested]
    war, uar = metrics.intervals([truth[item] for item in tested], guesses, size, speakers, learner.seed)
    result = {
        "dataset": dataset.name,
        "war": rounded(metrics.war(matrix)),
        "uar": rounded(metrics.uar(matrix)),
        "macro_f1": rounded(metrics.macro_f1(matrix)),
        **_over_folds(rows),
        "ci95": {"war": [rounded(war.low), rounded(war.high)], "uar": [rounded(uar.low), rounded(uar.high)]},
        "chance": {"war": rounded(matrix.sum(1).max() / matrix.sum()), "uar": rounded(1 / size)},
        "labels": list(labels),
        "recalls": {
            label: None if np.isnan(value) else rounded(value)
            for label, value in zip(labels, metrics.recalls(matrix), strict=True)
        },
        "confusion": matrix.tolist(),
        "counts": counts(dataset.utterances, labels),
        "folds": rows,
        "protocol": folds.protocol,
        "speakers_apart": folds.speakers_apart,
        "speakers": len({utterance.speaker for utterance in dataset.utterances if utterance.speaker is not None}),
        "data": {"sha256": fingerprint(dataset, features.digests), "utterances": len(dataset.utterances)},
        "features": {**features.identity, "size": list(features.values.shape[1:]), **_layer(features, spec)},
        "probe": {"kind": "multinomial logistic regression", "class_weight": learner.class_weight},
        "seed": learner.seed,
        "tools": tools(),
        "warnings": [*dataset.warnings, *folds.warnings],
        "definitions": DEFINITIONS,
    }
    return Evaluation(result, tuple(predictions))


def _layer(features: Features, spec: FeatureSpec) -> dict[str, str]:
    return {"layer": spec.layer} if features.values.ndim == 3 else {}


def _weights(done: _Done) -> dict[str, list[float]]:
    weights = done.layer_weights
    return {} if weights is None else {"layer_weights": [rounded(weight) for weight in weights]}


def tools() -> dict[str, str]:
    """The versions of the tools that computed a result."""
    versions = {tool: version(tool) for tool in _TOOLS}
    return {"imigue-build": __version__, "python": platform.python_version(), **versions}


def _over_folds(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Mean and population standard deviation of WAR and UAR over folds."""
    import numpy as np

    found: dict[str, float] = {}
    for name in ("war", "uar"):
        values = [row[name] for row in rows]
        found |= {f"{name}_mean": rounded(np.mean(values)), f"{name}_std": rounded(np.std(values))}
    return found


def rounded(value: Any) -> float:
    """Rounds to twelve decimals, to hide differences in the last bits."""
    return round(float(value), 12)
