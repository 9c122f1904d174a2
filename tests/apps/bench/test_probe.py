"""The probe learns, and knows no utterances of what it is tested on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import check_grad

from imigue_build.apps.bench import weighted
from imigue_build.apps.bench.probe import ClassWeight, Learner, train
from imigue_build.apps.bench.weighted import WeightedSum

Rows = tuple[NDArray[np.float32], list[int], list[str]]


def made(count: int = 120, size: int = 8, seed: int = 0) -> Rows:
    """Three classes apart in two of the features, by six speakers, each with an offset of their own."""
    random = np.random.default_rng(seed)
    classes = [index % 3 for index in range(count)]
    speakers = [f"s{index // 3 % 6}" for index in range(count)]
    x = random.normal(0, 1, (count, size))
    x[:, 0] += 4 * np.array(classes)
    x[:, 1] += 3 * (np.array(classes) == 1)
    x[:, 2] += [10 * int(name[1]) for name in speakers]
    return x.astype(np.float32), classes, speakers


def test_it_learns_classes_and_not_speakers() -> None:
    x, y, speakers = made()
    held = np.array([name == "s5" for name in speakers])
    probe = train(x[~held], np.array(y)[~held].tolist(), np.array(speakers)[~held].tolist())
    assert (probe.predict(x[held]) == np.array(y)[held]).mean() > 0.9
    assert probe.probabilities(x[held]).sum(axis=1) == pytest.approx(1.0)


def test_scale_and_weights_are_of_the_training_part() -> None:
    x, y, speakers = made()
    probe = train(x, y, speakers)
    assert probe.mean == pytest.approx(x.astype(float).mean(axis=0))
    one = probe.predict(x[:1])
    assert (probe.predict(np.concatenate([x[:1], 100 + x[1:40]]))[:1] == one).all()  # company changes nothing


def test_a_constant_feature_and_an_outlier_are_harmless() -> None:
    x, y, speakers = made()
    x[:, 5] = 7.0
    probe = train(x, y, speakers)
    wild = x[:3].copy()
    wild[:, 5] = 1e30
    assert np.isfinite(probe.probabilities(wild)).all()


def test_a_validation_part_chooses_the_regularisation() -> None:
    x, every, speakers = made()
    kept = [index for index, label in enumerate(every) if label != 1 or index % 12 == 1]
    y = [every[index] for index in kept]
    x, speakers = x[kept], [speakers[index] for index in kept]
    assert train(x, y, speakers, validation=(x, y)).strength > 1e-4  # the strongest never says the rare class
    assert train(x, y, speakers, validation=(np.zeros_like(x), y)).strength == 1e-4  # of equals the strongest


def test_one_speaker_or_none_will_do() -> None:
    x, y, _ = made()
    for groups in (None, ["a"] * len(y)):
        assert (train(x, y, groups).predict(x) == y).mean() > 0.9


def test_balanced_weights_help_a_rare_class() -> None:
    x, y, _ = made(300)
    x[:, 0] -= 2.5 * np.array(y)
    x[:, 1] = 0
    kept = np.array([label != 1 or index % 12 == 1 for index, label in enumerate(y)])
    truth = np.array(y)[kept]
    recalls = {}
    weights: tuple[ClassWeight, ...] = ("none", "balanced")
    for weight in weights:
        found = train(x[kept], truth.tolist(), None, Learner(weight)).predict(x[kept])
        recalls[weight] = (found == truth)[truth == 1].mean()
    assert recalls["balanced"] > recalls["none"]


def layered(informative: int) -> tuple[NDArray[np.float32], list[int], list[str]]:
    """Four layers, of which one tells the classes."""
    x, y, speakers = made()
    layers = np.random.default_rng(2).normal(0, 1, (len(y), 4, x.shape[1])).astype(np.float32)
    layers[:, informative] = x
    return layers, y, speakers


@pytest.mark.parametrize("informative", [0, 2])
def test_the_sum_of_layers_finds_the_one_that_tells(informative: int) -> None:
    x, y, speakers = layered(informative)
    probe = train(x, y, speakers)
    assert probe.layer_weights is not None and sum(probe.layer_weights) == pytest.approx(1.0)
    assert int(np.argmax(probe.layer_weights)) == informative
    assert (probe.predict(x) == y).mean() > 0.9


def test_the_gradient_of_the_weighted_sum() -> None:
    x, y, _ = layered(1)
    shape = (4, x.shape[2], 3)
    targets = np.eye(3)[y]
    given: tuple[Any, ...] = (x.astype(np.float64), targets, np.full(len(y), 0.3), shape)
    at = np.random.default_rng(5).normal(0, 0.3, 4 + (x.shape[2] + 1) * 3)
    error = check_grad(lambda p: weighted._objective(p, *given)[0], lambda p: weighted._objective(p, *given)[1], at)
    assert error < 1e-3


def test_the_weighted_sum_of_equal_layers_is_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    x, y, _ = made()
    same = np.repeat(x[:, None], 3, axis=1)
    ours = WeightedSum(0.1).fit(same, np.array(y)).predict_proba(same)
    theirs = LogisticRegression(C=0.1, max_iter=1000, tol=1e-8).fit(x, y).predict_proba(x)
    assert np.abs(ours - theirs).max() < 5e-3
