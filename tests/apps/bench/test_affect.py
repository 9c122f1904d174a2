"""Emotion of winners and losers: planted differences are found, and every file that is no probe is refused."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.dom.minidom import parseString

import numpy as np
import pytest
from numpy.typing import NDArray

from imigue_build.apps.bench import affect, corpus, probe_file
from imigue_build.apps.bench.corpus import Corpus
from imigue_build.apps.bench.features import Features, FeatureSpec
from imigue_build.apps.bench.probe import Learner, train
from imigue_build.apps.bench.sentiment import Vader
from imigue_build.apps.bench.speech_head import SpeechHead
from imigue_build.apps.bench.text_tables import of_affect
from imigue_build.core.errors import UsageError
from tests.apps.bench import releases

IDENTITY: dict[str, object] = {"name": "builtin", "revision": "1", "settings": {"rate": 16000}, "tools": {"numpy": "2"}}


@pytest.fixture
def read(tmp_path: Path) -> Corpus:
    """Ten athletes, five of whom won; each says ten things."""
    texts = ["Green courts."] * 10
    said = {f"{n:04d}": (("Win", "Lose")[n % 2], texts) for n in range(10)}
    said["0077"] = ("", texts)
    return corpus.read(releases.write(tmp_path / "r", said))


def features(read: Corpus, shift: float, size: int = 4, layers: int = 0) -> Features:
    """Noise, the first of which is shifted for winners; each athlete has an offset."""
    random = np.random.default_rng(3)
    won = {interview.video_id: interview.outcome == "Win" for interview in read.interviews}
    offsets = {interview.video_id: random.normal(0, 0.3, size) for interview in read.interviews}
    rows = []
    for segment in read.segments:
        row = random.normal(0, 1, size) + offsets[segment.video_id]
        row[0] += shift * won[segment.video_id]
        rows.append(row)
    values = np.array(rows, np.float32)
    if layers:
        values = np.stack([values + layer for layer in range(layers)], axis=1)
    return Features(tuple(segment.name for segment in read.segments), values, {}, IDENTITY, {}, 0)


def head(labels: Sequence[str], dimensional: bool, weights: dict[str, NDArray[np.float64]]) -> SpeechHead:
    arrays = {name: value.astype(np.float32) for name, value in weights.items()}
    return SpeechHead(tuple(labels), dimensional, {"kind": "dimensional"}, arrays)


class TestHead:
    """A pretrained model's head on pooled features, against the same by hand."""

    layers = np.random.default_rng(1).normal(size=(3, 2, 4)).astype(np.float32)
    random = np.random.default_rng(2)

    def test_a_dimensional_head(self) -> None:
        dense, out = self.random.normal(size=(4, 4)), self.random.normal(size=(3, 4))
        biases = self.random.normal(size=4), self.random.normal(size=3)
        found = head(
            ("arousal", "dominance", "valence"),
            True,
            {
                "classifier.dense.weight": dense,
                "classifier.dense.bias": biases[0],
                "classifier.out_proj.weight": out,
                "classifier.out_proj.bias": biases[1],
            },
        ).outputs(self.layers)
        for row, pooled in zip(found, self.layers[:, -1], strict=True):
            assert row == pytest.approx(out @ np.tanh(dense @ pooled + biases[0]) + biases[1], abs=1e-5)

    def test_a_classifiers_head_gives_probabilities(self) -> None:
        projector, classifier = self.random.normal(size=(5, 4)), self.random.normal(size=(2, 5))
        weights = {"projector.weight": projector, "classifier.weight": classifier}
        found = head(("a", "b"), False, weights).outputs(self.layers)
        powers = np.exp([classifier @ (projector @ pooled) for pooled in self.layers[:, -1]])
        assert found == pytest.approx(powers / powers.sum(axis=1, keepdims=True), abs=1e-5)

    def test_layers_are_summed_by_the_learnt_weights(self) -> None:
        weights = {"projector.weight": np.eye(4), "classifier.weight": np.eye(4), "layer_weights": np.array([1.0, 0])}
        found = head("abcd", True, weights).outputs(self.layers)
        share = np.exp(1) / (np.exp(1) + 1)
        assert found == pytest.approx(share * self.layers[:, 0] + (1 - share) * self.layers[:, 1], abs=1e-5)


def test_a_planted_difference_of_a_dimension_is_found_and_no_other(read: Corpus) -> None:
    weights = {"projector.weight": np.eye(4), "classifier.weight": np.eye(4)[:3]}
    model = head(("valence", "arousal", "dominance"), True, weights)
    predicted = affect.by_model(read.segments, features(read, 2.0, layers=2), model)
    found = affect.winners_against_losers(read, predicted)
    valence = found["dimensions"]["valence"]
    assert valence["p"] == pytest.approx(2 / 252) and valence["effect"] > 2 and valence["win"] > valence["lose"] + 1.5
    assert found["dimensions"]["arousal"]["p"] > 0.05 and found["categories"] == {}
    assert valence["groups"]["win"]["sd_within"] == pytest.approx(1, abs=0.2)
    assert found["n"] == 100 and found["speakers"] == 10 and "0077" not in found["interviews"]
    assert found == affect.winners_against_losers(read, predicted)


def test_the_comparison_needs_no_more_than_means_of_speakers(read: Corpus) -> None:
    weights = {"projector.weight": np.eye(4), "classifier.weight": np.eye(4)[:1]}
    values = features(read, 1.0, layers=1)
    predicted = affect.by_model(read.segments, values, head(("valence",), True, weights))
    means: dict[str, list[float]] = {"Win": [], "Lose": []}
    for interview in read.decided:
        rows = [values.values[index, 0, 0] for index, s in enumerate(read.segments) if s.video_id == interview.video_id]
        means[interview.outcome].append(float(np.mean(rows)))
    valence = affect.winners_against_losers(read, predicted)["dimensions"]["valence"]
    assert valence["win"] == pytest.approx(np.mean(means["Win"]), abs=1e-6)
    pooled = np.sqrt((np.var(means["Win"], ddof=1) + np.var(means["Lose"], ddof=1)) / 2)
    assert valence["cohens_d"] == pytest.approx((np.mean(means["Win"]) - np.mean(means["Lose"])) / pooled, abs=1e-5)


def test_a_probe_travels_through_its_file_and_tells_categories(read: Corpus, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    classes = [n % 3 for n in range(120)]
    learnt = random.normal(0, 1, (120, 4)) + np.array([[4.0 * (own == at) for at in range(4)] for own in classes])
    for labels, kept in ((("joy", "anger", "sadness"), 3), (("joy", "anger"), 2)):
        those = [n for n, own in enumerate(classes) if own < kept]
        probe = train(learnt[those], [classes[n] for n in those], None, Learner())
        values = features(read, 4.0)
        path = tmp_path / "probes" / "emotion.npz"
        probe_file.save(path, probe, labels, FeatureSpec(), values, {"dataset": "made up"})
        saved = probe_file.load(path)
        assert saved.spec() == FeatureSpec() and probe_file.require_same(saved, values) == ()
        predicted = affect.by_probe(read.segments, values, saved)
        assert predicted.probabilities == pytest.approx(probe.probabilities(values.values), abs=1e-12)
        found = affect.winners_against_losers(read, predicted)
        joy = found["categories"]["joy"]
        assert joy["win"] > joy["lose"] and joy["odds_ratio"] > 1 and joy["p"] == pytest.approx(2 / 252)
        assert sum(row["win"] for row in found["categories"].values()) == pytest.approx(1)
        assert found["probabilities"]["joy"]["difference"] > 0
        assert found["model"]["trained_on"] == {"dataset": "made up"}


def test_a_probe_of_other_features_is_refused(read: Corpus, tmp_path: Path) -> None:
    values = features(read, 0.0)
    probe = train(values.values, [n % 2 for n in range(len(values.ids))], None, Learner())
    probe_file.save(tmp_path / "p.npz", probe, ("a", "b"), FeatureSpec(), values, {})
    saved = probe_file.load(tmp_path / "p.npz")
    other = Features(values.ids, values.values, {}, {**IDENTITY, "revision": "2"}, {}, 0)
    with pytest.raises(UsageError, match="trained on other features: revision differ"):
        probe_file.require_same(saved, other)
    newer = Features(values.ids, values.values, {}, {**IDENTITY, "tools": {"numpy": "3"}}, {}, 0)
    assert "computed with {'numpy': '2'}, these with {'numpy': '3'}" in probe_file.require_same(saved, newer)[0]


def test_files_that_are_no_probe(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    with pytest.raises(UsageError, match="cannot be read"):
        probe_file.load(path)
    os.mkfifo(path)
    with pytest.raises(UsageError, match="named pipe"):
        probe_file.load(path)
    path.unlink()
    path.write_bytes(b"not a zip")
    with pytest.raises(UsageError, match=r"p.npz is not a probe .*name a file written by `bench ser --save-probe`"):
        probe_file.load(path)
    names = ("mean", "scale", "coefficients", "intercepts", "about")
    pickled = {name: np.array([{"a": 1}], dtype=object) for name in names}
    np.savez(path, **pickled)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="allow_pickle=False"):
        probe_file.load(path)
    np.savez(path, **{name: np.zeros(3) for name in names})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="is not a probe"):
        probe_file.load(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(f"{name}.npy", bytes(60 * 2**20))
    with pytest.raises(UsageError, match="it has other members than a probe"):
        probe_file.load(path)


def test_a_probe_whose_arrays_do_not_fit_is_refused(read: Corpus, tmp_path: Path) -> None:
    values = features(read, 0.0)
    probe = train(values.values, [n % 3 for n in range(len(values.ids))], None, Learner())
    probe_file.save(tmp_path / "p.npz", probe, ("a", "b", "c"), FeatureSpec(), values, {})
    with np.load(tmp_path / "p.npz") as arrays:
        whole = dict(arrays)
    for name, value, message in (
        ("coefficients", np.zeros((3, 5)), "the array coefficients has a wrong shape or type"),
        ("mean", np.full(4, np.nan), "the array mean has a wrong shape or type"),
        ("about", np.frombuffer(b"{}", np.uint8), "is not a probe"),
    ):
        np.savez(tmp_path / "q.npz", **{**whole, name: value})
        with pytest.raises(UsageError, match=message):
            probe_file.load(tmp_path / "q.npz")


@pytest.mark.slow
def test_correlates_are_the_words_and_the_voice(read: Corpus) -> None:
    names = ["pitch_p50", "x", "pitch_std", "loudness_p50", "loudness_std"]
    predicted = affect.by_correlates(read.segments, features(read, 3.0, size=5), names, Vader())
    assert predicted.dimensions["speech rate"][0] == pytest.approx(2.0)  # two words in a second
    found = affect.winners_against_losers(read, predicted)
    assert found["dimensions"]["pitch"]["p"] == pytest.approx(2 / 252)
    assert found["dimensions"]["sentiment"]["effect"] is None  # everybody says the same
    assert found["categories"]["neutral"]["win"] == 1.0 and found["probabilities"] == {}
    assert set(affect.CORRELATES.values()) <= set(affect.builtin_names())


def test_rows_plots_and_tables(read: Corpus) -> None:
    names = ["pitch_p50", "x", "pitch_std", "loudness_p50", "loudness_std"]
    predicted = affect.by_correlates(read.segments, features(read, 3.0, size=5), names, Vader())
    header, rows = affect.rows_of(predicted)
    assert header[:4] == ["video_id", "segment_id", "seconds", "sentiment"] and len(rows) == len(read.segments)
    assert all(len(row) == len(header) for row in rows)
    found = affect.winners_against_losers(read, predicted)
    plots = affect.plots(read, predicted, found)
    assert set(plots) == {"distributions.svg", "shares.svg"} and plots == affect.plots(read, predicted, found)
    drawn = parseString(plots["distributions.svg"])  # noqa: S318  our own
    assert len(drawn.getElementsByTagName("polygon")) == 2 * len(predicted.dimensions)
    bars = parseString(plots["shares.svg"]).getElementsByTagName("rect")  # noqa: S318
    widths = [float(bar.getAttribute("width")) for bar in bars[1:]]
    assert widths == pytest.approx([0, 0, 450, 450, 0, 0])  # all is neutral: the longest bars
    tables = of_affect(found)
    assert [table.rows[0][0] for table in tables] == ["Win", "sentiment", "negative", "sentiment, win"]


def test_several_predictions_for_the_same_segments_are_merged(read: Corpus) -> None:
    eye = np.eye(4)
    weights = {"projector.weight": eye, "classifier.weight": eye[:2]}
    values = features(read, 2.0, layers=1)
    dimensional = affect.by_model(read.segments, values, head(("valence", "arousal"), True, weights))
    categorical = affect.by_model(read.segments, values, head(("joy", "anger"), False, weights))
    kept = read.segments[5:]
    predicted = affect.merged([dimensional, categorical, affect.by_words(kept, Vader())], kept)
    assert list(predicted.dimensions) == ["valence", "arousal", "sentiment"] and predicted.categories == (
        "joy",
        "anger",
    )
    assert predicted.segments == kept and len(predicted.dimensions["sentiment"]) == len(kept)
    assert predicted.dimensions["arousal"].tolist() == dimensional.dimensions["arousal"][5:].tolist()
    assert predicted.probabilities.tolist() == categorical.probabilities[5:].tolist()
    found = affect.winners_against_losers(read, predicted)
    assert found["dimensions"]["valence"]["p"] < 0.05 and found["categories"]["joy"]["p"] < 0.05
    assert [part["kind"] for part in found["model"]["parts"]] == ["dimensional", "dimensional", "words"]
    for parts, message in (
        ([categorical, categorical], "two of the models predict categories"),
        ([dimensional, dimensional], "two of the models predict arousal, valence"),
    ):
        with pytest.raises(UsageError, match=message):
            affect.merged(parts, read.segments)
