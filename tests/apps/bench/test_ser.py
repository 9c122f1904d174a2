"""The protocol end to end, on features that are given."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from imigue_build.apps.bench.features import Features, FeatureSpec
from imigue_build.apps.bench.folds import make_folds
from imigue_build.apps.bench.ser import evaluate, evaluate_layers, layer_of
from imigue_build.apps.bench.tables import Results, latex, markdown
from imigue_build.apps.bench.utterances import Dataset, Utterance, build_dataset
from imigue_build.core.errors import UsageError

SPEC = FeatureSpec("builtin")


def corpus(leak: bool = False) -> tuple[Dataset, Features]:
    """Four speakers, two classes; with `leak` a feature is the class of the last speaker's utterances alone."""
    random = np.random.default_rng(0)
    utterances = [Utterance(f"{index:02d}", Path("x.wav"), "ab"[index % 2], f"s{index // 12}") for index in range(48)]
    truth = np.array([utterance.label == "b" for utterance in utterances])
    x = random.normal(0, 1, (48, 5))
    if leak:
        x[36:, 0] = 50 * (truth[36:] - 0.5)
    else:
        x[:, 0] += 2 * truth
    ids = tuple(utterance.id for utterance in utterances)
    identity: dict[str, object] = {"name": "made up", "revision": "1"}
    features = Features(ids, x.astype(np.float32), dict.fromkeys(ids, "00"), identity, {}, 0)
    return build_dataset("toy", utterances, ("a", "b"), "speaker"), features


def test_the_record_agrees_with_the_predictions() -> None:
    data, features = corpus()
    found = evaluate(data, make_folds(data), features, SPEC)
    result, pairs = found.result, [(prediction.label, prediction.predicted) for prediction in found.predictions]
    truth, predicted = [pair for pair, _ in pairs], [pair for _, pair in pairs]
    assert result["war"] == pytest.approx(accuracy_score(truth, predicted), rel=1e-11)
    assert result["uar"] == pytest.approx(balanced_accuracy_score(truth, predicted), rel=1e-11)
    assert np.sum(result["confusion"]) == 48 and result["counts"] == {"a": 24, "b": 24}
    assert [fold["n"] for fold in result["folds"]] == [12] * 4
    assert result["war_mean"] == pytest.approx(np.mean([fold["war"] for fold in result["folds"]]))
    assert result["ci95"]["uar"][0] <= result["uar"] <= result["ci95"]["uar"][1]
    assert result["speakers_apart"] is True and result["chance"]["uar"] == 0.5
    assert {"labels", "war_std", "uar_std", "data", "features", "seed", "tools"} <= result.keys()


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes_with_any_number_of_jobs() -> None:
    data, features = corpus()
    runs = [json.dumps(evaluate(data, make_folds(data), features, SPEC, jobs=jobs).result) for jobs in (1, 2, 1)]
    assert len(set(runs)) == 1
    assert "x.wav" not in runs[0]


def test_what_only_the_test_speaker_shows_is_not_used() -> None:
    data, features = corpus(leak=True)
    found = evaluate(data, make_folds(data), features, SPEC)
    last = found.result["folds"][3]
    assert last["name"] == "s3" and last["uar"] < 0.9


def test_changing_the_test_speaker_changes_no_other_prediction() -> None:
    data, features = corpus()
    folds = make_folds(data)
    before = evaluate(data, folds, features, SPEC).predictions
    values = features.values.copy()
    values[36:42] *= -3  # half of the last speaker
    changed = Features(features.ids, values, features.digests, features.identity, {}, 0)
    after = evaluate(data, folds, changed, SPEC).predictions
    assert [item for item in before if item.id >= "42"] == [item for item in after if item.id >= "42"]


def test_layers(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    assert (layer_of(values, "last") == values[:, 2]).all() and (layer_of(values, "0") == values[:, 0]).all()
    assert layer_of(values, "weighted") is values and layer_of(values[:, 0], "7").shape == (2, 2)
    with pytest.raises(UsageError, match="no layer 3: choose one from 0 to 2"):
        layer_of(values, "3")


def test_every_layer_by_itself() -> None:
    data, features = corpus()
    noise = np.random.default_rng(1).normal(0, 1, (48, 5)).astype(np.float32)
    layered = dataclasses.replace(features, values=np.stack([noise, features.values], axis=1))
    found = evaluate_layers(data, make_folds(data), layered, FeatureSpec("org/model", "all"))
    alone = evaluate(data, make_folds(data), features, SPEC)
    assert [row["layer"] for row in found.result["layers"]] == [0, 1]
    assert found.result["uar"] == found.result["layers"][1]["uar"] == alone.result["uar"]
    assert found.result["layers"][0]["uar"] < alone.result["uar"] - 0.1
    assert found.predictions == alone.predictions


def test_features_of_other_utterances_are_refused() -> None:
    data, features = corpus()
    with pytest.raises(UsageError, match="not those of the utterances"):
        evaluate(data.without(["03"], "left out"), make_folds(data), features, SPEC)


def test_tables_for_papers() -> None:
    results = [Results("R&D_1", ("", "UAR"), (("50 %", "0.5"),), "a|b")]
    assert "| 50 % | 0.5 |" in markdown(results)
    assert r"\caption{R\&D\_1. a\textbar{}b}" in latex(results) and r"50 \% & 0.5 \\" in latex(results)
    assert latex(results).startswith("% \\usepackage{booktabs}\n")


def test_no_label_is_markup_in_a_table() -> None:
    results = [Results("t", ("", "p"), (("[sad]", "<0.0001"), ("*x*\n\ny|", "a > b")), "")]
    found = latex(results)
    assert "{}[sad] & \\textless{}0.0001" in found  # a bracket after a line's end is an argument, < is ¡ in OT1
    assert "{}*x* y\\textbar{} & a \\textgreater{} b" in found
    rows = markdown(results).splitlines()
    assert rows[4] == r"| \[sad\] | &lt;0.0001 |" and rows[5] == r"| \*x\* y\| | a > b |"
    assert markdown([Results("R&D &lt;", ("",), ())]).startswith("## R&D &amp;lt;\n")


def test_the_regularisation_is_chosen_without_the_test_speaker() -> None:
    data, features = corpus()
    values = features.values.copy()
    values[36:] = np.random.default_rng(1).normal(0, 100, (12, 5))  # the last speaker is now somebody else
    other = dataclasses.replace(features, values=values)
    found, changed = (evaluate(data, make_folds(data), feature, SPEC) for feature in (features, other))
    assert found.result["folds"][3]["strength"] == changed.result["folds"][3]["strength"]
    relabelled = dataclasses.replace(
        data, utterances=tuple(dataclasses.replace(utterance, label="a" if n % 12 else "b") if n >= 36 else utterance
                               for n, utterance in enumerate(data.utterances))
    )  # fmt: skip
    again = evaluate(relabelled, make_folds(relabelled), features, SPEC)
    assert [prediction.predicted for prediction in again.predictions[36:]] == [
        prediction.predicted for prediction in found.predictions[36:]
    ]
    assert again.result["folds"][3]["strength"] == found.result["folds"][3]["strength"]
