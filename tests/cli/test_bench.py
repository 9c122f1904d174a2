"""bench ser as a user calls it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from imigue_build.apps.bench.features import Features
from imigue_build.apps.bench.utterances import Utterance
from imigue_build.cli.main import app
from tests.apps.bench import trees


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])


def test_figures_files_and_a_second_run_that_is_the_same(tmp_path: Path) -> None:
    table, out = trees.table(tmp_path / "corpus", speakers="abc", takes=3), tmp_path / "out"
    common = ("ser", "--dataset", "table", "--root", table, "--cache", tmp_path / "cache", "--json")
    first = run(*common, "--jobs", 1, "--out", out)
    assert first.exit_code == 0, first.stderr
    found = json.loads(first.stdout)
    keys = {"war", "uar", "war_std", "uar_std", "ci95", "folds", "confusion", "labels", "counts"}
    assert keys <= found.keys() and {"war", "uar", "n"} <= found["folds"][0].keys()
    assert found["uar"] == 1.0 and found["counts"] == {"glad": 9, "sad": 9}
    again = run(*common, "--jobs", 2)
    assert again.stdout == first.stdout
    assert "features: 18 of 18 from the cache" in again.stderr and "from the cache" not in first.stderr
    assert "from the cache" not in run(*common, "--jobs", 1, "--quiet").stderr
    assert json.loads((out / "result.json").read_text()) == found
    assert (out / "predictions.csv").read_text().splitlines()[:2] == [
        "id,fold,label,predicted",
        "a_glad_0.wav,a,glad,glad",
    ]
    assert "| UAR | 1.000 |" in (out / "table.md").read_text()
    assert r"\begin{tabular}{lrrrrr}" in (out / "table.tex").read_text()


def test_what_cannot_be_kept_and_other_sounds_are_told(tmp_path: Path) -> None:
    table = trees.table(tmp_path, speakers="ab", takes=1)
    trees.tone(tmp_path / "a_sad_0.wav", 0.4, 120, rate=8000, channels=2)
    shutil.copy(tmp_path / "a_glad_0.wav", tmp_path / "b_glad_0.wav")
    (tmp_path / "cache").write_text("a file in its place")
    found = run("ser", "--dataset", "table", "--root", table, "--cache", tmp_path / "cache", "--jobs", 1, "--json")
    assert found.exit_code == 0 and "warning: features are not kept: cannot write" in found.stderr
    warnings = json.loads(found.stdout)["warnings"]
    assert any("not at 16000 Hz like most" in warning for warning in warnings)
    assert any("1 of 4 files have several channels (mixed): a_sad_0.wav" in warning for warning in warnings)
    assert "table: 1 audio file occurs twice, under two ids: a_glad_0.wav = b_glad_0.wav" in warnings
    assert not any("cache" in warning for warning in warnings)


def test_a_person_gets_tables(tmp_path: Path) -> None:
    table = trees.table(tmp_path, speakers="ab", takes=1)
    found = run("ser", "--dataset", "table", "--root", table, "--cache", tmp_path / "cache", "--jobs", 1)
    assert found.exit_code == 0 and "UAR" in found.stdout and "glad" in found.stdout


def test_utterances_that_cannot_be_used_are_all_named(tmp_path: Path) -> None:
    table = trees.table(tmp_path, speakers="abc", takes=2)
    (tmp_path / "a_sad_0.wav").write_bytes(b"")
    trees.tone(tmp_path / "b_sad_1.wav", 0.01)
    common = ("ser", "--dataset", "table", "--root", table, "--cache", tmp_path / "cache", "--jobs", 1)
    found = run(*common)
    assert found.exit_code == 1
    assert "2 utterances cannot be used" in found.stderr and "--allow-partial" in found.stderr
    assert "a_sad_0.wav is empty" in found.stderr and "b_sad_1.wav is too short" in found.stderr
    partial = run(*common, "--allow-partial", "--json")
    assert partial.exit_code == 0
    assert json.loads(partial.stdout)["counts"] == {"glad": 6, "sad": 4}
    assert "2 utterances cannot be used" in json.loads(partial.stdout)["warnings"][0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--dataset", "savee"), "there is no dataset 'savee'"),
        (("--dataset", "emodb"), "has no audio file"),
        (("--dataset", "table", "--features", "bulitin"), "there are no features 'bulitin'"),
        (("--dataset", "table", "--features", "whisper", "--layer", 3), "the last layer of a Whisper alone"),
        (("--dataset", "table", "--features", "whisper:bsae"), "there is no whisper model 'bsae'"),
        (
            ("--dataset", "table", "--features", "org/encoder"),
            "make gpu" if find_spec("torch") is None else "bench fetch",
        ),
    ],
)
def test_a_wrong_argument_is_one_line(tmp_path: Path, arguments: tuple[object, ...], said: str) -> None:
    (tmp_path / "empty").mkdir()
    root = trees.table(tmp_path / "corpus") if "table" in arguments else tmp_path / "empty"
    found = run("ser", "--root", root, *arguments, "--cache", tmp_path / "cache", "--jobs", 1)
    assert found.exit_code in (1, 2) and said in found.stderr and "Traceback" not in found.stderr


def test_every_layer_of_an_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fake_encoder(utterances: Sequence[Utterance], *_: object) -> Features:
        random = np.random.default_rng(0)
        told = np.array([[one.label == "sad", one.label == "glad"] for one in utterances], np.float32)
        values = np.stack([random.normal(0, 1, told.shape).astype(np.float32), told], axis=1)
        ids = tuple(one.id for one in utterances)
        return Features(ids, values, dict.fromkeys(ids, "00"), {"name": "org/fake"}, {}, 0)

    monkeypatch.setattr("imigue_build.apps.bench.features.compute", fake_encoder)
    table = trees.table(tmp_path, speakers="abc", takes=2)
    common = ("ser", "--dataset", "table", "--root", table, "--features", "org/fake", "--layer", "all", "--jobs", 1)
    found = run(*common, "--json")
    assert found.exit_code == 0, found.stderr
    layers = json.loads(found.stdout)["layers"]
    assert [row["layer"] for row in layers] == [0, 1] and layers[1]["uar"] == 1.0 > layers[0]["uar"]
    assert "std of UAR" in run(*common).stdout
    assert "a probe of --layer all is not saved" in run(*common, "--save-probe", tmp_path / "p.npz").stderr


def test_what_no_benchmark_wrote_is_not_overwritten(tmp_path: Path) -> None:
    table = trees.table(tmp_path / "corpus", speakers="ab", takes=1)
    common = ("ser", "--dataset", "table", "--root", table, "--cache", tmp_path / "cache", "--jobs", 1)
    theirs, probe = tmp_path / "theirs", tmp_path / "p.npz"
    theirs.mkdir()
    (theirs / "table.md").write_text("mine")
    for out, said in (
        (theirs, "contains table.md, which no benchmark wrote"),
        (theirs / "table.md", "is not a folder"),
    ):
        found = run(*common, "--out", out)
        assert found.exit_code == 2 and said in found.stderr and not (tmp_path / "cache").exists()
    for there in (theirs / "table.md", theirs):
        found = run(*common, "--save-probe", there)
        assert found.exit_code == 2 and "exists and is not a probe" in found.stderr
    assert (theirs / "table.md").read_text() == "mine"
    for _ in range(2):  # what a benchmark wrote may be written again
        assert run(*common, "--out", tmp_path / "out", "--save-probe", probe).exit_code == 0
    for command in ("sentiment", "outcome", "affect"):
        found = run(command, table, "--out", theirs)
        assert found.exit_code == 2 and "which no benchmark wrote" in found.stderr
