"""bench sentiment, outcome and affect as they are called: JSON on standard output, files, and a line for bad input."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from imigue_build.cli.main import app
from tests.apps.bench import releases

ROWS = [("I love it!", "positive"), ("He is a doctor.", "neutral"), ("I hate it", "negative"), ("", "neutral")]


def bench(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["bench", *map(str, words)])


def first_few(*words: str | Path) -> dict[str, Any]:
    """The JSON of a command, which prints nothing else there."""
    done = bench(*words, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(*words: str | Path) -> str:
    done = bench(*words)
    assert done.exit_code == 2 and done.stderr.startswith("error: ") and not done.stdout, done.output
    return done.stderr


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("said", "tone"), *ROWS])
    return path


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight interviews; winners are glad, and their voice is twice as high and ten times as loud."""
    root = tmp_path_factory.mktemp("bench") / "release"
    glad, sad = ["I love it", "A great day."], ["I hate it", "An awful day."]
    said = {n: [one + "!" * (n // 2 % 3) for one in (glad if n % 2 else sad)] for n in range(1, 9)}
    releases.write(root, {f"{n:04d}": ("Win" if n % 2 else "Lose", texts) for n, texts in said.items()})
    random = np.random.default_rng(0)
    for n in range(1, 9):
        for number in (1, 2):
            time = np.arange(releases.RATE // 2) / releases.RATE
            hertz, level = (240, 0.5) if n % 2 else (120, 0.05)
            voice = sum(np.sin(2 * np.pi * (hertz + n) * k * time) / k for k in range(1, 12)) / 3
            rhythm = 0.6 + 0.4 * np.sin(2 * np.pi * 5 * time)
            releases.write_clip(root, f"{n:04d}", number, level * voice * rhythm + random.normal(0, 1e-3, len(time)))
    return root


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "bench-features"


class TestSentiment:
    """bench sentiment"""

    def test_a_table(self, table: Path, tmp_path: Path) -> None:
        words: list[str | Path] = ["sentiment", table, "--text-column", "said", "--label-column", "tone"]
        found = first_few(*words, "--out", tmp_path / "out")
        assert (found["accuracy"], found["macro_f1"], found["uar"], found["n"]) == (1.0, 1.0, 1.0, 3)
        assert found["left_out"] == {"empty text": 1}
        assert json.loads((tmp_path / "out" / "result.json").read_text()) == found
        assert (tmp_path / "out" / "predictions.csv").read_text().splitlines()[1].startswith("2,positive,positive,0.")
        assert "macro-F1" in (tmp_path / "out" / "table.md").read_text()
        assert r"\toprule" in (tmp_path / "out" / "table.tex").read_text()
        done = bench(*words)
        assert "warning: 1 left out: empty text" in done.stderr and "macro-F1" in done.stdout

    def test_the_encoding_is_told_by_the_bytes(self, tmp_path: Path) -> None:
        text = "text,label\nIt\u2019s great! I\u2019m happy!,Positive\nIt\u2019s awful.,NEGATIVE\n"
        figures = []
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
            path = tmp_path / f"{encoding}.csv"
            path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
            figures.append({name: first_few("sentiment", path)[name] for name in ("accuracy", "macro_f1", "uar", "n")})
        assert figures == [{"accuracy": 1.0, "macro_f1": 1.0, "uar": 1.0, "n": 2}] * 4
        assert (
            "is not in UTF-8 (byte 0x92 in line 2): read as Windows-1252; --encoding names another"
            in bench("sentiment", tmp_path / "cp1252.csv").stderr
        )
        assert "is not in ASCII" in refused("sentiment", tmp_path / "cp1252.csv", "--encoding", "ascii")

    def test_the_same_run_twice_gives_identical_json(self, table: Path) -> None:
        words: list[str | Path] = ["sentiment", table, "--text-column", "said", "--label-column", "tone", "--json"]
        assert bench(*words).stdout == bench(*words).stdout

    def test_a_release(self, release: Path, tmp_path: Path) -> None:
        found = first_few("sentiment", release, "--out", tmp_path)
        assert found["comparison"]["dimensions"]["sentiment"]["p"] == pytest.approx(2 / 70)
        assert len((tmp_path / "segments.csv").read_text().splitlines()) == 17
        assert "Winners against losers" in (tmp_path / "table.md").read_text()

    def test_bad_input(self, table: Path, release: Path, tmp_path: Path) -> None:
        assert "line 1: no column text, label in 'said,tone'" in refused("sentiment", table)
        columns = ["--text-column", "said", "--label-column", "tone"]
        assert "is no NAME=VALUE" in refused("sentiment", table, *columns, "--label-map", "joy")
        twice = ["--label-map", "joy=positive,joy=negative"]
        assert "gives joy two values" in refused("sentiment", table, *columns, *twice)
        assert "does not exist" in refused("sentiment", tmp_path / "none.csv")
        assert "there is no encoding 'klingon'" in refused("sentiment", table, *columns, "--encoding", "klingon")
        assert "is of classifiers" in refused("sentiment", table, *columns, "--model-labels", "a=b")
        assert "is of classifiers" in refused("sentiment", table, *columns, "--revision", "abc")
        assert "is no release" in refused("sentiment", tmp_path)
        done = bench("sentiment", table, *columns, "--model", "some/model")
        assert done.exit_code == 1 and "bench fetch" in done.stderr


class TestOutcome:
    """bench outcome"""

    def test_speech_text_and_both(self, release: Path, cache: Path, tmp_path: Path) -> None:
        words: list[str | Path] = ["outcome", release, "--cache", cache, "--jobs", "1"]
        found = first_few(*words, "--out", tmp_path)
        assert set(found["systems"]) == {"speech", "text", "both"} and found["system"] == "both"
        assert {"accuracy", "uar", "majority", "folds"} <= found.keys() and found["n"] == 8
        assert found["accuracy"] == 1.0 and found["baselines"]["chance"]["accuracy"] == pytest.approx(0.5, abs=0.1)
        assert found["views"]["speech"]["name"] == "builtin" and found["views"]["text"]["terms"] == 2000
        assert first_few(*words) == found
        assert "| chance |" in (tmp_path / "table.md").read_text()
        alone = first_few(*words, "--from", "text")
        assert set(alone["systems"]) == {"text"} and alone["accuracy"] == found["systems"]["text"]["accuracy"]
        done = bench(*words, "--from", "text")
        assert "8 interviews: too few to conclude anything" in done.stderr and "majority" in done.stdout

    def test_the_revision_of_a_text_model_reaches_it(self, release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[tuple[str, str | None]] = []

        class FakeModel:
            def __init__(self, name: str, head: str, device: str, revision: str | None = None) -> None:
                asked.append((name, revision))
                self.about: dict[str, Any] = {"name": name, "revision": revision}
                self.truncated = 0

            def run(self, texts: list[str], read: object) -> list[list[float]]:
                return [[float("love" in text or "great" in text), len(text)] for text in texts]

        monkeypatch.setattr("imigue_build.apps.bench.views.TextModel", FakeModel)
        found = first_few("outcome", release, "--from", "text", "--text", "org/model", "--text-revision", "abc")
        assert asked == [("org/model", "abc")] and found["views"]["text"]["revision"] == "abc"

    def test_a_missing_clip_is_told_and_no_clip_is_an_error(self, release: Path, tmp_path: Path) -> None:
        copy = releases.write(tmp_path / "r", {f"{n:04d}": ("Win" if n % 2 else "Lose", ["Yes."]) for n in range(6)})
        done = bench("outcome", copy, "--cache", tmp_path / "c")
        assert done.exit_code == 1 and "no clip of" in done.stderr and "can be used" in done.stderr

    def test_bad_input(self, release: Path, tmp_path: Path) -> None:
        said = {"0001": ("Win", ["Yes."]), "0002": ("Lose", ["No."])}
        few = releases.write(tmp_path / "few", said)
        assert "3 of each are needed" in refused("outcome", few)
        assert "there are no features 'mfcc'" in refused("outcome", release, "--features", "mfcc")
        assert "--layer applies to encoders" in refused("outcome", release, "--layer", "weighted")
        assert "is of bench ser alone" in refused("outcome", release, "--layer", "weighted", "--features", "org/model")
        assert "--revision applies to encoders" in refused("outcome", release, "--revision", "abc")
        assert "--text-revision is of models, not of tfidf" in refused("outcome", release, "--text-revision", "abc")
        assert "cannot be read" in refused("outcome", release, "--split", tmp_path / "none.csv")
        assert "is no release" in refused("outcome", tmp_path)


class TestAffect:
    """bench affect"""

    def test_correlates_without_a_model(self, release: Path, cache: Path, tmp_path: Path) -> None:
        words: list[str | Path] = ["affect", release, "--cache", cache, "--jobs", "1"]
        found = first_few(*words, "--out", tmp_path)
        for name in ("sentiment", "pitch", "loudness"):
            row = found["dimensions"][name]
            assert {"win", "lose", "effect", "p"} <= row.keys()
            assert row["win"] > row["lose"] and row["effect"] > 1 and row["p"] == pytest.approx(2 / 70)
        assert found["dimensions"]["pitch"]["difference"] == pytest.approx(12, abs=1.5)  # an octave
        assert found["categories"]["positive"]["win"] == 1.0
        assert {"result.json", "table.md", "table.tex", "segments.csv", "distributions.svg", "shares.svg"} == {
            path.name for path in tmp_path.iterdir()
        }
        assert first_few(*words) == found
        assert "correlates of emotion are compared, not emotion" in bench(*words).stderr

    def test_a_probe_that_bench_ser_saved(self, release: Path, cache: Path, tmp_path: Path) -> None:
        lines = ["segment,label,speaker"]
        for n in range(1, 9):
            lines += [f"{n:04d}/interviewee/segment_{k:03d},{'loud' if n % 2 else 'low'},s{n // 2}" for k in (1, 2)]
        (tmp_path / "emotions.csv").write_text("\n".join(lines) + "\n")
        learn: list[str | Path] = [
            "ser",
            "--dataset",
            "release",
            "--root",
            release,
            "--labels",
            tmp_path / "emotions.csv",
        ]
        done = bench(*learn, "--cache", cache, "--save-probe", tmp_path / "p.npz", "--jobs", "1", "--json")
        assert done.exit_code == 0, done.output
        found = first_few("affect", release, "--probe", tmp_path / "p.npz", "--cache", cache, "--jobs", "1")
        loud = found["categories"]["loud"]
        assert (loud["win"], loud["lose"]) == (1.0, 0.0) and loud["p"] == pytest.approx(2 / 70)
        assert found["model"]["parts"][0]["trained_on"]["uar"] == json.loads(done.stdout)["uar"]
        assert found["model"]["kind"] == "probe and words" and set(found["dimensions"]) == {"sentiment"}

    def test_bad_input(self, release: Path, tmp_path: Path) -> None:
        assert "cannot be read" in refused("affect", release, "--probe", tmp_path / "p.npz")
        nobody = releases.write(tmp_path / "nobody", {"0001": ("", ["Yes."])})
        assert "gives no interview with speech an outcome" in refused("affect", nobody)
        won = releases.write(tmp_path / "won", {"0001": ("Win", ["Yes."])})
        assert "winners and losers are needed" in refused("affect", won)
        done = bench("affect", release, "--model", "some/model")
        assert done.exit_code == 1 and "bench fetch" in done.stderr
