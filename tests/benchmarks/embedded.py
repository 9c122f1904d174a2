"""The embedded recipe, as a user runs it: two processes against one, what lies outside the backends, and accuracy."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from imigue_build.apps.scoring.measures import rates
from imigue_build.apps.scoring.score import score
from imigue_build.pipeline.demo import DEMO

_SCORED = ("wer", "der_collar_025", "word_speaker_accuracy")


def run(videos: Path, folder: Path, jobs: int) -> tuple[float, float, dict[str, Any]]:
    """Seconds of waiting, seconds of processor time and the summary of one run-all."""
    command = [sys.executable, "-m", "imigue_build", "run-all", str(videos), "--config", "embedded", "--json"]
    command += ["--work", str(folder / "work"), "--release", str(folder / "release"), "--jobs", str(jobs)]
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    waited = time.monotonic() - started
    _reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return waited, used, json.loads(done.stdout)


def _reap() -> None:
    """Waits for what a run has left to end by itself, so that its processor time counts."""
    with suppress(ChildProcessError):
        while True:
            os.wait()


def measure() -> dict[str, float]:
    """Ratios by set of recordings; the demo's alone where IMIGUE_SHARED_DATA names no folder."""
    become_subreaper = 36
    ctypes.CDLL(None).prctl(become_subreaper, 1)
    sets = {"demo": DEMO}
    if shared := os.environ.get("IMIGUE_SHARED_DATA"):
        sets |= {name: Path(shared) / name for name in ("interviews", "conversations")}
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name, videos in sets.items():
            one = Path(temporary) / name / "one"
            first, used, summary = run(videos, one, 1)
            second, _, _ = run(videos, Path(temporary) / name / "two", 2)
            again, _, _ = run(videos, one, 1)
            found[f"{name}: real time / one process"] = summary["x_realtime"]
            found[f"{name}: one process / two"] = first / second
            found[f"{name}: processor time outside the stages / all of it"] = (
                1 - sum(summary["seconds"].values()) / used
            )
            found[f"{name}: nothing to do / first run"] = again / first
            quality = rates(score(videos, one / "release").pooled)
            found |= {f"{name}: {what}": quality[what] for what in _SCORED}
    return found
