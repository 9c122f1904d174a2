"""Against scikit-learn's own measures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score

from imigue_build.apps.bench import metrics

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_all_measures_are_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = [pair for pair, _ in pairs], [pair for _, pair in pairs]
    counts = metrics.confusion(truth, predicted, 5)
    assert (counts == confusion_matrix(truth, predicted, labels=range(5))).all()
    assert metrics.war(counts) == pytest.approx(accuracy_score(truth, predicted))
    assert metrics.uar(counts) == pytest.approx(balanced_accuracy_score(truth, predicted))
    assert metrics.macro_f1(counts) == pytest.approx(f1_score(truth, predicted, average="macro"))


def test_a_class_that_the_reference_lacks_has_no_recall() -> None:
    found = metrics.recalls(metrics.confusion([0, 0, 2], [0, 1, 2], 3))
    assert found[0] == 0.5 and np.isnan(found[1]) and found[2] == 1.0


def test_intervals_are_of_whole_speakers_and_of_the_seed() -> None:
    truth = [0, 1] * 40
    predicted = [0, 1] * 20 + [1, 0] * 20  # speakers a and b are right throughout, c and d wrong throughout
    groups = [name for name in "abcd" for _ in range(20)]
    clustered, _ = metrics.intervals(truth, predicted, 2, groups, seed=3)
    each, _ = metrics.intervals(truth, predicted, 2, [str(index) for index in range(80)], seed=3)
    assert clustered.low == 0.0 and clustered.high == 1.0
    assert each.low > 0.3 and each.high < 0.7
    assert metrics.intervals(truth, predicted, 2, groups, seed=3)[0] == clustered
