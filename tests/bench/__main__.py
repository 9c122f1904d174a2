"""`make bench`: speed as ratios within one run, and accuracy where there are references.

Runs the embedded recipe on the demo interview, and on the interviews and conversations of the
folder that IMIGUE_SHARED_DATA names: with one process, with two, and once more with nothing to
do. The accuracy is what `imigue-build score` says, of all the recordings of a set together.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from imigue_build.cli.score import table_of
from imigue_build.data import DEMO
from imigue_build.scoring.measures import shares
from imigue_build.scoring.score import score


def run(videos: Path, folder: Path, jobs: int) -> tuple[float, dict[str, Any]]:
    """Seconds of waiting and the summary of one run-all."""
    command = [sys.executable, "-m", "imigue_build", "run-all", str(videos), "--config", "embedded", "--json"]
    command += ["--work", str(folder / "work"), "--release", str(folder / "release"), "--jobs", str(jobs)]
    started = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.monotonic() - started, json.loads(done.stdout)


def main() -> None:
    """Measures and prints."""
    console = Console()
    sets = {"demo": DEMO}
    shared = os.environ.get("IMIGUE_SHARED_DATA")
    if shared:
        sets |= {name: Path(shared) / name for name in ("interviews", "conversations")}
    else:
        console.print("IMIGUE_SHARED_DATA is not set: only the demo interview is measured")
    speed = Table("set", "x real time, 1 process", "2 processes / 1", "nothing to do / first run")
    quality: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name, videos in sets.items():
            one = Path(temporary) / name / "one"
            first, summary = run(videos, one, 1)
            second, _ = run(videos, Path(temporary) / name / "two", 2)
            again, _ = run(videos, one, 1)
            speed.add_row(name, f"{summary['x_realtime']:.1f}", f"{first / second:.2f}", f"{again / first:.3f}")
            quality[name] = shares(score(videos, one / "release").pooled)
    console.print(speed, table_of(quality))


if __name__ == "__main__":
    main()
