"""The embedded recipe, as a user runs it: two processes against one, what lies outside the backends, and accuracy."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from imigue_build.apps.scoring.measures import rates
from imigue_build.apps.scoring.score import score
from imigue_build.pipeline.demo import DEMO
from imigue_build.release.reader import Release
from tests.benchmarks.meter import Metered, metered, used

_SCORED = ("wer", "der_collar_025", "word_speaker_accuracy")


class Run(NamedTuple):
    """Seconds of waiting, what the meter found, and the summary of a run-all."""

    waited: float
    taken: Metered
    summary: dict[str, Any]


def run(videos: Path, folder: Path, jobs: int) -> Run:
    """The videos built by the embedded recipe."""
    command = [sys.executable, "-m", "imigue_build", "run-all", str(videos), "--config", "embedded", "--json"]
    command += ["--work", str(folder / "work"), "--release", str(folder / "release"), "--jobs", str(jobs)]
    started = time.monotonic()
    taken = metered(command, used())
    return Run(time.monotonic() - started, taken, json.loads(taken.output))


def measure() -> dict[str, float]:
    """Ratios by set of recordings; the demo's alone where IMIGUE_SHARED_DATA names no folder."""
    sets = {"demo": DEMO}
    if shared := os.environ.get("IMIGUE_SHARED_DATA"):
        sets |= {name: Path(shared) / name for name in ("interviews", "conversations")}
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name, videos in sets.items():
            one = Path(temporary) / name / "one"
            first = run(videos, one, 1)
            second = run(videos, Path(temporary) / name / "two", 2)
            again = run(videos, one, 1)
            found[f"{name}: real time / one process"] = first.summary["x_realtime"]
            found[f"{name}: sound / processor time"] = _seconds(one / "release") / first.taken.all
            found[f"{name}: one process / two"] = first.waited / second.waited
            found[f"{name}: processor time of the main process / all of it"] = first.taken.itself / first.taken.all
            found[f"{name}: processor time with nothing to do / first run"] = again.taken.all / first.taken.all
            quality = rates(score(videos, one / "release").pooled)
            found |= {f"{name}: {what}": quality[what] for what in _SCORED}
    return found


def _seconds(release: Path) -> float:
    """The length of all recordings of a release."""
    return sum(interview.duration for interview in Release.open(release).interviews())
