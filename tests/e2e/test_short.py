"""The whole job on the first part of the demo interview: the one run from end to end among the fast tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from imigue_build.pipeline.demo import DEMO
from tests.media import encode

SECONDS = 20


def run(*words: str | Path, code: int = 0) -> str:
    command = [sys.executable, "-m", "imigue_build", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_a_video_becomes_a_valid_release_and_a_second_run_has_nothing_to_do(tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    encode("-t", str(SECONDS), "-i", DEMO / "demo.mp4", "-c", "copy", videos / "7.mp4")
    places: list[str | Path] = [
        "--work",
        tmp_path / "work",
        "--release",
        tmp_path / "release",
        "--config",
        "embedded",
        "--json",
    ]
    first = json.loads(run("run-all", videos, *places))
    assert (first["done"], first["failed"], first["reused"]) == (["0007"], {}, 0)
    checked = json.loads(run("validate", tmp_path / "release", "--json"))
    assert checked == {"ok": True, "faults": []}
    rows = [json.loads(line) for line in (tmp_path / "release" / "manifest.jsonl").read_text().splitlines()]
    assert {row["role"] for row in rows} == {"interviewee", "interviewer"}
    assert all(word["end"] <= SECONDS + 0.1 for row in rows for word in row["words"])
    second = json.loads(run("run-all", videos, *places))
    assert second["seconds"] == {} and second["reused"] > 0
