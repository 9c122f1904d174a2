"""An hour of sound through the embedded recipe: what each stage takes of memory and of processor time."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from imigue_build.pipeline.demo import DEMO
from tests.benchmarks.extracting import repeated
from tests.benchmarks.meter import metered, used

_STAGES: Final = ("extract", "transcribe", "diarize", "align", "export")


def measure(minutes: float = 60.0) -> dict[str, float]:
    """Of each stage's command, the GB of resident memory of its largest process, and processor time by the sound's."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        repeated(DEMO / "demo.mp4", root / "0001.mp4", minutes)
        places = [str(root / "0001.mp4"), "--work", str(root / "work"), "--config", "embedded", "--jobs", "1"]
        for stage in _STAGES:
            release = ["--release", str(root / "release")] if stage == "export" else []
            taken = metered([sys.executable, "-m", "imigue_build", stage, *places, *release], used())
            found[f"{stage}: GB of the largest process"] = taken.largest / 1e6
            found[f"{stage}: processor time / sound"] = taken.all / (60 * minutes)
    return found


if __name__ == "__main__":
    for name, value in measure(*map(float, sys.argv[1:])).items():
        print(f"{name}: {value:.3f}")
