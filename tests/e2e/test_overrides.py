"""Corrections on whole runs: they re-run what takes them, and outlast everything else."""

from __future__ import annotations

import json
import random
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.given_interview import command, given_interview, options

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return given_interview(tmp_path_factory.mktemp("overrides"))


def released(place: Path) -> tuple[str, str]:
    """Who said the first word, in which role, and how it is written."""
    row = json.loads((place / "release/manifest.jsonl").read_text().splitlines()[0])
    return row["role"], row["words"][0]["word"]


def planned(place: Path) -> set[str]:
    items = command(place, "plan", "videos", *options(), "--json")["items"]
    return {item["stage"] for item in items if item["action"] == "run"}


def test_corrections_outlast_ten_reruns_and_rerun_only_what_takes_them(place: Path) -> None:
    (place / "corrections").mkdir()
    command(place, "run-all", "videos", *options(), "--json")
    before = released(place)
    assert before == ("interviewer", "congratulations")
    correct = ["override", "440", "--work", "work", "--overrides", "corrections"]
    command(place, *correct, "--word", "1.0:congratulations:Congrats")
    assert planned(place) == {"align", "export"}
    command(place, "run-all", "videos", *options(), "--json")
    command(place, *correct, "--drop", "13-14", "--comment", "a phone rings")
    assert planned(place) == {"export"}
    command(place, *correct, "--swap-roles")
    swapped = command(place, "run-all", "videos", *options(), "--json")
    assert set(swapped["seconds"]) == {"speakers", "export"} and swapped["reused"] == 4
    assert released(place) == ("interviewee", "Congrats")
    chance = random.Random(4)
    for _ in range(10):
        settings = options(chance.choice([0.3, 0.5]), chance.choice([0.05, 0.1]))
        more = chance.choice([[], ["--force"], ["--jobs", "1"]])
        result = command(place, "run-all", "videos", *settings, *more, "--json")
        assert result["done"] == ["0440"]
        assert released(place) == ("interviewee", "Congrats")
    forgotten = [option for option in options() if option not in ("--overrides", "corrections")]
    result = command(place, "run-all", "videos", *forgotten, "--json")
    assert f"--overrides {place / 'corrections'}" in result["from_last_run"]
    assert released(place) == ("interviewee", "Congrats")
    listed = json.loads((place / "release/provenance.json").read_text())["videos"]["0440"]["overrides"]
    assert {kind: [fix["applied"] for fix in fixes] for kind, fixes in listed.items()} == {
        "roles": [True, True],
        "words": [True],
        "drop": [True],
    }
    assert command(place, "validate", "release", "--json") == {"ok": True, "faults": []}
    assert "a phone rings" in (place / "corrections/0440.yaml").read_text()


def test_a_correction_whose_word_is_gone_is_reported_not_misapplied(place: Path) -> None:
    command(place, "run-all", "videos", *options(), "--json")
    labels = json.loads((place / "given/0440.json").read_text())
    labels["words"][0]["word"] = "hello"
    (place / "given/0440.json").write_text(json.dumps(labels))
    for _ in range(2):  # the second run has nothing to do
        result = command(place, "run-all", "videos", *options(), "--json")
        told = [warning for warning in result["warnings"] if "no longer fits" in warning]
        assert len(told) == 1 and "congratulations" in told[0]
    assert result["ran"] == 0 and released(place)[1] == "hello"
    (lost,) = command(place, "status", "--work", "work", "--json")["lost_corrections"]["0440"]
    assert "congratulations" in lost
    found = command(place, "review", "release", "--work", "work", "--json")["items"]
    (item,) = [item for item in found if item["kind"] == "correction"]
    assert "hello" in item["text"] and "swap" not in item["command"]
    assert command(place, *shlex.split(item["command"])[1:], "--json")["removed"] == [lost]
    command(place, "run-all", "videos", *options(), "--json")
    assert released(place)[1] == "Congrats"
    assert command(place, "status", "--work", "work", "--json")["lost_corrections"] == {}


def test_a_stretch_given_to_another_voice_is_released_so(place: Path) -> None:
    rows = [json.loads(line) for line in (place / "release/manifest.jsonl").read_text().splitlines()]
    first, other = rows[0], next(row for row in rows if row["speaker"] != rows[0]["speaker"])
    word = other["words"][1]
    said = f"{word['start'] - 0.05:.3f}-{word['end'] + 0.05:.3f}:{first['words'][0]['start'] + 0.1:.3f}"
    correct = ["override", "440", "--work", "work", "--speaker", said, "--json"]
    assert command(place, *correct)["runs_again"] == ["speakers", "align", "export"]
    command(place, "run-all", "videos", *options(), "--json")
    rows = [json.loads(line) for line in (place / "release/manifest.jsonl").read_text().splitlines()]
    (now,) = {row["speaker"] for row in rows for one in row["words"] if abs(one["start"] - word["start"]) < 0.05}
    assert now == first["speaker"]
    assert command(place, "validate", "release", "--json") == {"ok": True, "faults": []}
    command(place, "override", "440", "--work", "work", "--undo", "--json")


def test_a_broken_file_stops_its_interview_alone(place: Path) -> None:
    (place / "corrections/0440.yaml").write_text("roles: [{voice: 1, role: athlete}]\n")
    done = subprocess.run(
        [sys.executable, "-m", "imigue_build", "run-all", "videos", *options(), "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=place,
    )
    assert done.returncode == 1
    assert "0440.yaml, line 1: roles.0.role" in json.loads(done.stdout)["failed"]["0440"]["reason"]
