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
from typing import Any, NamedTuple

from imigue_build.apps.scoring.measures import rates
from imigue_build.apps.scoring.score import score
from imigue_build.pipeline.demo import DEMO

_SCORED = ("wer", "der_collar_025", "word_speaker_accuracy")


class Run(NamedTuple):
    """Seconds of waiting, of processor time of the main process and of all processes; the summary of a run-all."""

    waited: float
    main: float
    processor: float
    summary: dict[str, Any]


def run(videos: Path, folder: Path, jobs: int) -> Run:
    """Needs a subreaper: the workers are not children of the process that is waited for, but are left to it."""
    command = [sys.executable, "-m", "imigue_build", "run-all", str(videos), "--config", "embedded", "--json"]
    command += ["--work", str(folder / "work"), "--release", str(folder / "release"), "--jobs", str(jobs)]
    started, before = time.monotonic(), _processor()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    waited, main = time.monotonic() - started, _processor() - before
    _reap()
    return Run(waited, main, _processor() - before, json.loads(done.stdout))


def _processor() -> float:
    """Seconds of processor time of all children that have ended and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
            first = run(videos, one, 1)
            second = run(videos, Path(temporary) / name / "two", 2)
            again = run(videos, one, 1)
            found[f"{name}: real time / one process"] = first.summary["x_realtime"]
            found[f"{name}: one process / two"] = first.waited / second.waited
            found[f"{name}: processor time of the main process / all of it"] = first.main / first.processor
            found[f"{name}: processor time with nothing to do / first run"] = again.processor / first.processor
            quality = rates(score(videos, one / "release").pooled)
            found |= {f"{name}: {what}": quality[what] for what in _SCORED}
    return found
