"""The paper recipe as a user runs it, from video to release: real whisperx and pyannote.audio, offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imigue_build.pipeline.demo import DEMO
from tests.media import encode
from tests.real_models import making

pytestmark = pytest.mark.models

TOKEN = "hf_secretsecretsecretsecretsecret99"  # noqa: S105 - it opens nothing


class Run:
    """A folder of videos, WORK and RELEASE, and what was printed."""

    def __init__(self, root: Path) -> None:
        self.root, self.work, self.release = root, root / "work", root / "release"
        self.videos = root / "videos"
        self.videos.mkdir(parents=True)
        self.printed = ""

    def interview(self, video_id: str, seconds: float) -> None:
        """The beginning of the demo interview."""
        encode("-i", DEMO / "demo.mp4", "-t", str(seconds), "-c", "copy", self.videos / f"{video_id}.mp4")

    def all(self, config: str, *settings: str) -> dict[str, Any]:
        places = ["--work", str(self.work), "--release", str(self.release), "--config", config]
        options = [part for setting in settings for part in ("--set", setting)]
        return dict(json.loads(self.command("run-all", str(self.videos), *places, *options, "--json")))

    def command(self, *arguments: str) -> str:
        environment = {**os.environ, "HF_TOKEN": TOKEN, "HUGGING_FACE_HUB_TOKEN": TOKEN}
        command = [sys.executable, "-m", "imigue_build", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=self.root, timeout=400)
        self.printed += done.stdout + done.stderr
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def record(self, video_id: str, stage: str, name: str) -> dict[str, Any]:
        return dict(json.loads((self.work / video_id / stage / name).read_text()))

    def files(self) -> list[Path]:
        return [path for place in (self.work, self.release) for path in place.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory, whisper: Path, wav2vec2: Path, pipeline: Path) -> Run:
    """Two interviews through `--config paper`, with pocketsphinx in MFA's place."""
    run = Run(tmp_path_factory.mktemp("paper"))
    run.interview("demo", 75)
    run.interview("7", 20)
    settings = (
        f"transcribe.model={whisper}",
        f"transcribe.align_model={wav2vec2}",
        "transcribe.compute_type=int8",
        f"diarize.model={pipeline}",
        "align.backend=pocketsphinx",
    )
    result = run.all("paper", *settings)
    assert result["done"] == ["0007", "demo"] and result["failed"] == {}
    return run


def test_the_release_breaks_no_rule(paper: Run) -> None:
    assert json.loads(paper.command("validate", str(paper.release), "--json")) == {"ok": True, "faults": []}


def test_what_the_models_said_is_what_was_released(paper: Run) -> None:
    transcript = paper.record("demo", "transcribe", "transcript.json")
    said = [word["word"] for segment in transcript["segments"] for word in segment["words"]]
    assert said == making.SENTENCE.split() * len(transcript["segments"])
    rows = [json.loads(line) for line in (paper.release / "manifest.jsonl").read_text().splitlines()]
    own = [row for row in rows if row["video_id"] == "demo"]
    assert sorted(word["word"] for row in own for word in row["words"]) == sorted(said)
    roles = paper.record("demo", "speakers", "roles.json")["roles"]
    assert roles == {"SPEAKER_00": "interviewer", "SPEAKER_01": "interviewee"}


def test_the_token_is_written_and_said_nowhere(paper: Run) -> None:
    files = paper.files()
    assert len(files) > 20
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]
    assert TOKEN not in paper.printed


def test_tools_warnings_stay_out_of_the_output(paper: Run) -> None:
    for noise in ("torchcodec", "Lightning", "Traceback", "UserWarning", "No active speech"):
        assert noise not in paper.printed


def test_any_asr_goes_with_any_diarizer(tmp_path: Path, whisper: Path, pipeline: Path) -> None:
    whisperx = ("backend=whisperx", f"model={whisper}", "compute_type=int8", "word_times=faster-whisper")
    pyannote = ("backend=pyannote", f"model={pipeline}")
    run = Run(tmp_path)
    run.interview("demo", 31)
    for stage, settings in (("transcribe", whisperx), ("diarize", pyannote)):  # the other one is embedded's own
        assert run.all("embedded", *(f"{stage}.{setting}" for setting in settings))["done"] == ["demo"]
        run.command("validate", str(run.release), "--json")
        assert len(run.record("demo", "diarize", "diarization.json")["speakers"]) == 2
