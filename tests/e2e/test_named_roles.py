"""Roles by the names in given files, through the five commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imigue_build.pipeline.demo import DEMO

pytestmark = pytest.mark.e2e

TRUTH = json.loads((DEMO / "demo.json").read_text())
ASKING = next(speaker for speaker, role in TRUTH["roles"].items() if role == "interviewer")
HEADER = "video_id,subject_gender,subject_nationality,win_or_lose,Player\n"


def command(place: Path, name: str, *words: str, code: int = 0) -> str:
    """What a command that builds prints, given turns, a transcript and labels."""
    given = [f"--set={stage}.{key}" for stage in ("transcribe", "diarize") for key in ("backend=given", "folder=given")]
    options = ["--work", "work", "--config", "embedded", "--set=align.passes=1", "--labels", "labels.csv", *given]
    return other(place, name, str(DEMO / "demo.mp4"), *options, *words, code=code)


def other(place: Path, *words: str, code: int = 0) -> str:
    line = [sys.executable, "-m", "imigue_build", *words]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=place)
    assert done.returncode == code, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


def interviewee(place: Path) -> str:
    """The first word that the interviewee says."""
    rows = [json.loads(line) for line in (place / "release/manifest.jsonl").read_text().splitlines()]
    word: str = next(row["words"][0]["word"] for row in rows if row["role"] == "interviewee")
    return word


def entry(place: Path) -> Any:
    return json.loads((place / "release/provenance.json").read_text())["videos"]["demo"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The demo interview, in which who asks, and talks less, is the player of the labels."""
    (tmp_path / "given").mkdir()
    (tmp_path / "given/demo.json").write_text(json.dumps({"words": TRUTH["words"]}))
    lines = (
        f"SPEAKER demo 1 {turn['start']} {turn['end'] - turn['start']:.3f} <NA> <NA> "
        f"{'DJOKOVIC' if turn['speaker'] == ASKING else 'Doe'} <NA> <NA>\n"
        for turn in TRUTH["turns"]
    )
    (tmp_path / "given/demo.rttm").write_text("".join(lines))
    (tmp_path / "labels.csv").write_text(HEADER + 'demo,male,Serbia,Win,"Đoković, Novak"\n')
    return tmp_path


def test_the_five_commands_say_what_is_missing_and_follow_the_names(place: Path) -> None:
    assert "its extract artifact is missing" in command(place, "align", code=1)
    command(place, "extract")
    assert "its diarize artifact is missing" in command(place, "align", code=1)
    command(place, "diarize")
    said = command(place, "align", code=1)
    assert "its transcribe artifact is missing" in said and "imigue_build transcribe " in said
    command(place, "transcribe")
    said = command(place, "export", "--release", "release", code=1)
    assert "its speakers artifact is missing" in said and "imigue_build align " in said
    said = command(place, "align")
    assert "the file names the roles: SPEAKER_00 ('DJOKOVIC') is the interviewee, though SPEAKER_01 ('Doe')" in said
    command(place, "export", "--release", "release")
    states = json.loads(other(place, "status", "--work", "work", "--json"))["interviews"]["demo"]
    assert set(states.values()) == {"done"}

    assert interviewee(place) == "congratulations"
    assert entry(place)["roles"] == {"rule": "named-in-the-labels", "longest": "SPEAKER_01"}
    (item,) = [
        one for one in json.loads(other(place, "review", "release", "--json"))["items"] if one["kind"] == "roles"
    ]
    assert "the file names the roles" in item["reason"] and item["confidence"] <= 0.5
    assert json.loads(other(place, "validate", "release", "--json")) == {"ok": True, "faults": []}
    released = b"".join(path.read_bytes() for path in place.glob("release/**/*") if path.is_file())
    assert not any(name in released for name in (b"DJOKOVIC", b"Djokovic", "Đoković".encode()))
    assert "name the table with --labels" in other(place, "reproduce", "release", "--videos", str(DEMO), code=2)

    said = command(place, "run-all", "--release", "release", "--set=roles.follow_names=false")
    assert "2 artifacts made, 4 reused" in said and "file names the roles" not in said
    assert interviewee(place) == "thank" and "roles" not in entry(place)
