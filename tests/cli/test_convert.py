"""convert as it is called: one JSON object, a table for people, a line for bad input, and exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from imigue_build.cli.main import app
from tests.release import tiny_release
from tests.release.tiny_release import Content, TinyRelease


@pytest.fixture
def release(tmp_path: Path) -> TinyRelease:
    return tiny_release.build(tmp_path / "release", Content())


def called(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["convert", *map(str, words)])


def test_json_is_one_object_and_nothing_else(release: TinyRelease, tmp_path: Path) -> None:
    done = called(release.root, "--to", "ctm", "--out", tmp_path / "out", "--splits", "0.5,0.5", "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert (found["format"], found["interviews"], found["segments"], found["words"]) == ("ctm", 2, 5, 15)
    assert sorted(part["interviews"] for part in found["splits"].values()) == [1, 1]
    assert found["failed"] == {} and "counts as a speaker of its own" in found["warnings"][0]


def test_people_get_a_table_of_the_splits(release: TinyRelease, tmp_path: Path) -> None:
    done = called(release.root, "--to", "srt", "--out", tmp_path / "out", "--splits", "0.5,0.5")
    assert done.exit_code == 0
    assert (
        all(word in done.stdout for word in ("train", "test", "Win", "F")) and "warning: no --subjects" in done.stderr
    )
    assert not called(release.root, "--to", "srt", "--out", tmp_path / "out", "--quiet").output


def test_a_failed_interview_is_exit_code_1(release: TinyRelease, tmp_path: Path) -> None:
    (release.root / "0002" / "0002.wav").unlink()
    done = called(release.root, "--to", "kaldi", "--out", tmp_path / "out", "--json")
    assert done.exit_code == 1 and list(json.loads(done.stdout)["failed"]) == ["0002"]
    assert "failed: 0002" in done.stderr and (tmp_path / "out" / "wav.scp").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--to", "srt", "--splits", "2,3"], "make them sum to 1"),
        (["--to", "srt", "--split-file", "PIPE"], "a named pipe"),
        (["--to", "srt", "--subjects", "PIPE"], "a named pipe"),
        (["--to", "srt", "--subjects", "."], "cannot be read"),
        (["--to", "srt", "--split-file", "nowhere.csv"], "No such file"),
        (["--to", "kaldi", "--audio-root", "a\nb"], "name a printable path"),
    ],
)
def test_bad_input_is_a_line_and_exit_code_2(
    release: TinyRelease, tmp_path: Path, words: list[str], message: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    given = [str(tmp_path / "pipe") if word == "PIPE" else word for word in words]
    done = called(release.root, "--out", tmp_path / "out", *given)
    assert done.exit_code == 2 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.output
    assert message in done.stderr and not (tmp_path / "out").exists()


def test_no_release_and_no_format(tmp_path: Path) -> None:
    done = called(tmp_path, "--to", "srt", "--out", tmp_path / "out")
    assert done.exit_code == 2 and "is no release: it holds no manifest.jsonl" in done.stderr
    assert called(tmp_path, "--to", "docx", "--out", tmp_path / "out").exit_code == 2


def test_an_interrupted_conversion_is_not_there(
    release: TinyRelease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("imigue_build.apps.convert.run._table", interrupted)
    done = called(release.root, "--to", "srt", "--out", tmp_path / "out")
    assert done.exit_code == 130 and "interrupted: nothing is written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["release"]
