"""An interview of a few seconds with given words and turns, on which whole runs take little time."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

from imigue_build.backends.media import ffmpeg
from imigue_build.config import Extract
from imigue_build.core.wav import read_wav
from imigue_build.pipeline.demo import DEMO


def given_interview(root: Path, seconds: int = 16) -> Path:
    """The beginning of the demo interview as a WAV, with its words and turns as given labels."""
    for name in ("videos", "given"):
        (root / name).mkdir()
    ffmpeg.decode(DEMO / "demo.mp4", root / "44k.wav", root / "16k.wav", Extract(), warn=print)
    samples = read_wav(root / "16k.wav")[: seconds * 16_000]
    with wave.open(str(root / "videos/0440.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    reference = json.loads((DEMO / "demo.json").read_text())
    words = [word for word in reference["words"] if word["end"] < seconds]
    (root / "given/0440.json").write_text(json.dumps({"words": words}))
    turns = [turn for turn in reference["turns"] if turn["end"] < seconds]
    lines = (f"0440 1 {turn['speaker']} {turn['start']} {turn['end']} x\n" for turn in turns)
    (root / "given/0440.stm").write_text("".join(lines))
    return root


def command(place: Path, *words: str, fails: bool = False) -> dict[str, Any]:
    """What a command prints as JSON; `fails` where its exit code is to be 1."""
    done = subprocess.run(
        [sys.executable, "-m", "imigue_build", *words], capture_output=True, text=True, check=False, cwd=place
    )
    assert done.returncode == fails, done.stderr
    return json.loads(done.stdout) if "--json" in words else {}


def options(pause: float = 0.5, pad: float = 0.1) -> list[str]:
    given = [f"--set={stage}.{key}" for stage in ("transcribe", "diarize") for key in ("backend=given", "folder=given")]
    places = ["--work", "work", "--release", "release", "--overrides", "corrections", "--config", "embedded"]
    return [*places, *given, "--set=align.passes=1", f"--set=align.pause={pause}", f"--set=export.pad={pad}"]
