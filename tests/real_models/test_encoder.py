"""bench's speech encoders, on tiny ones of the real architectures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from imigue_build.apps.bench.features import FeatureSpec, compute, encoder, spec_of
from imigue_build.apps.bench.features.encoder import Encoder
from imigue_build.cli.main import app
from imigue_build.core.errors import BackendError
from tests.apps.bench import trees
from tests.real_models import making

pytestmark = pytest.mark.models


def signals() -> list[Any]:
    random = np.random.default_rng(0)
    return [random.normal(0, 0.1, size).astype(np.float32) for size in (8000, 16_000, 12_345, 16_000, 1600)]


@pytest.mark.parametrize("norm", ["layer", "group"])
@pytest.mark.parametrize("kind", ["wav2vec2", "hubert", "wavlm"])
def test_padding_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, norm: str) -> None:
    folder = making.encoder(tmp_path / "model", kind, norm)
    alone = Encoder(FeatureSpec(str(folder), device="cpu")).extract(signals())
    assert {one.shape for one in alone} == {(3, 32)} and np.isfinite(np.stack(alone)).all()
    batching = Encoder(FeatureSpec(str(folder), device="cpu"))
    monkeypatch.setattr(encoder, "BatchSize", lambda size, setting: making_batches_of(4))
    monkeypatch.setattr(encoder, "_MIN_LENGTH_RATIO", 0.0)
    together = batching.extract(signals())
    assert np.abs(np.stack(together) - np.stack(alone)).max() < 1e-4


class making_batches_of:  # noqa: N801  it reads as what it does
    """A batch size in the place of a GPU's."""

    def __init__(self, size: int) -> None:
        self.size = size

    def fit(self, work: Any) -> Any:
        return work(self.size)


def test_the_mean_over_time_is_transformers_own(tmp_path: Path) -> None:
    import torch
    from transformers import AutoFeatureExtractor, AutoModel

    folder = making.encoder(tmp_path / "model", "hubert")
    signal = signals()[1]
    (found,) = Encoder(FeatureSpec(str(folder), device="cpu")).extract([signal])
    heard = AutoFeatureExtractor.from_pretrained(folder)(signal, sampling_rate=16_000, return_tensors="pt")
    with torch.no_grad():
        states = AutoModel.from_pretrained(folder).eval()(heard.input_values, output_hidden_states=True).hidden_states
    assert found == pytest.approx(torch.cat(states).mean(dim=1).numpy(), abs=1e-5)


def test_features_are_kept_for_every_layer(tmp_path: Path) -> None:
    from imigue_build.apps.bench import datasets

    folder = making.encoder(tmp_path / "model", "wavlm")
    corpus = datasets.load("table", trees.table(tmp_path / "corpus"))
    first = compute(corpus.utterances, spec_of(str(folder), "last", device="cpu"), tmp_path / "cache")
    again = compute(corpus.utterances, spec_of(str(folder), "1", device="cpu"), tmp_path / "cache")
    assert first.values.shape == (12, 3, 32) and again.reused == 12 and (first.values == again.values).all()
    assert first.identity["name"] == "model" and str(tmp_path) not in json.dumps(first.identity)


@pytest.mark.parametrize("layer", ["last", "0", "weighted"])
def test_bench_ser(tmp_path: Path, layer: str) -> None:
    folder = making.encoder(tmp_path / "model")
    table = trees.table(tmp_path / "corpus", takes=3)
    command = ["bench", "ser", "--dataset", "table", "--root", str(table), "--features", str(folder), "--layer", layer]
    command += ["--cache", str(tmp_path / "cache"), "--jobs", "1", "--device", "cpu", "--json"]
    found = CliRunner().invoke(app, command)
    assert found.exit_code == 0, found.stderr
    result = json.loads(found.stdout)
    assert result["uar"] > 0.6 and result["features"]["layer"] == layer and result["features"]["size"] == [3, 32]
    weights = [fold.get("layer_weights") for fold in result["folds"]]
    assert all(sum(one) == pytest.approx(1, abs=1e-4) for one in weights) if layer == "weighted" else not any(weights)
    assert CliRunner().invoke(app, command).stdout == found.stdout


def test_a_layer_that_is_not_there(tmp_path: Path) -> None:
    folder = making.encoder(tmp_path / "model")
    table = trees.table(tmp_path / "corpus")
    command = ["bench", "ser", "--dataset", "table", "--root", str(table), "--features", str(folder), "--layer", "3"]
    found = CliRunner().invoke(app, [*command, "--cache", str(tmp_path / "cache"), "--device", "cpu"])
    assert found.exit_code == 2 and "no layer 3: choose one from 0 to 2" in found.stderr


def test_what_is_no_encoder_is_said(tmp_path: Path, pipeline: Path) -> None:
    with pytest.raises(BackendError, match="is a speech encoder that cannot be loaded"):
        Encoder(FeatureSpec(str(pipeline)))
    folder = making.encoder(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "bert"}))
    with pytest.raises(BackendError, match="of the type bert, which does not encode waveforms"):
        Encoder(FeatureSpec(str(folder))).extract(signals())
    with pytest.raises(BackendError, match="bench fetch"):
        Encoder(FeatureSpec("nobody/has-this-encoder"))
