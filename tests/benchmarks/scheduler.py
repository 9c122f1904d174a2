"""How near the scheduler comes to the bound of the busiest resource, with timed doubles of the paper recipe's backends.

The doubles wait for as long as the real ones take by published rates, scaled down; a GPU is a lock that is held
meanwhile, so that two stages on one take twice as long. Measured are the real scheduler, pool, store and workers.
"""

from __future__ import annotations

import fcntl
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from imigue_build.core.records import Provenance
from imigue_build.engine.local import LocalExecutor
from imigue_build.engine.plan import Pipeline
from imigue_build.engine.stage import ONE_CORE, Done, GivenFile, Outcome, Resources, Stage, Task
from imigue_build.engine.trace import Trace
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import run_through

INTERVIEWS: Final = 359
MEAN_S: Final = 340.0
"""34 hours in all."""
CORES: Final = 16
WALL_S: Final = 90.0
"""How long one GPU's work takes here."""


@dataclass(frozen=True)
class Rates:
    """Seconds an hour of recording: on the GPU, and on `cores` of the processor; and seconds to start a batch."""

    gpu: float = 0.0
    cpu: float = 0.0
    start: float = 0.0


RATES: Final = {
    "extract": Rates(cpu=30),
    "transcribe": Rates(gpu=14, cpu=2),
    "diarize": Rates(gpu=34, cpu=2),
    "align": Rates(cpu=180, start=16),
    "export": Rates(cpu=15),
}
RESOURCES: Final = {
    "extract": ONE_CORE,
    "transcribe": Resources(4, 0.5),
    "diarize": Resources(4, 0.4),
    "align": Resources(4),
    "export": ONE_CORE,
}
BATCHES: Final = {"align": 8, "transcribe": 4}


@dataclass(frozen=True)
class Timed:
    """A double of a stage: waits, and writes the length that it reads."""

    name: str
    inputs: tuple[str, ...]
    locks: Path
    scale: float
    version: int = 1

    @property
    def resources(self) -> Resources:
        return RESOURCES[self.name]

    @property
    def batch(self) -> int:
        return BATCHES.get(self.name, 1)

    @property
    def batch_seconds(self) -> float:
        return math.inf

    @property
    def made_from(self) -> dict[str, tuple[str, ...]]:
        return {}

    def given(self, video_id: str) -> dict[str, GivenFile]:
        return {}

    def settings(self) -> dict[str, Any]:
        return {}

    def provenance(self) -> Provenance:
        return Provenance()

    def open(self) -> Timed:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        rates = RATES[self.name]
        hours = [float(next(iter(task.inputs.values())).read_text()) / 3600 for task in tasks]
        cores = self.resources.cpu if not self.resources.gpu else 1
        time.sleep((rates.start + rates.cpu * sum(hours) / cores) * self.scale)
        if rates.gpu:
            with open(self.locks / os.environ["CUDA_VISIBLE_DEVICES"], "w") as gpu:
                fcntl.flock(gpu, fcntl.LOCK_EX)
                time.sleep(rates.gpu * sum(hours) * self.scale)
        for task, length in zip(tasks, hours, strict=True):
            (task.out / "out.txt").write_text(str(length * 3600))
        return [Done(length * 3600) for length in hours]


def lengths() -> list[float]:
    """Seconds of each interview: a few are long, as in the corpus."""
    chance = random.Random(1)
    raw = [chance.lognormvariate(0, 0.6) for _ in range(INTERVIEWS)]
    return [MEAN_S * length * INTERVIEWS / sum(raw) for length in raw]


def bound(hours: float, gpus: int) -> float:
    """Seconds that the busiest resource has work for, unscaled."""
    on_gpus = sum(rates.gpu for rates in RATES.values()) * hours / gpus
    batches = INTERVIEWS / BATCHES["align"]
    on_cores = (sum(rates.cpu for rates in RATES.values()) * hours + batches * RATES["align"].start * 4) / CORES
    return max(on_gpus, on_cores)


def run(root: Path, gpus: int) -> tuple[float, float, dict[str, float]]:
    """Wall and bound of one run in seconds, and the busy shares."""
    for name in ("videos", "locks"):
        (root / name).mkdir()
    seconds = lengths()
    hours = sum(seconds) / 3600
    scale = WALL_S / bound(hours, 1)
    names = [f"{number:04d}" for number in range(len(seconds))]
    for name, length in zip(names, seconds, strict=True):
        (root / "videos" / name).write_text(str(length))
    last = {
        "transcribe": ("extract",),
        "diarize": ("extract",),
        "align": ("transcribe", "diarize"),
        "export": ("align",),
    }
    stages: list[Stage] = [
        Timed(
            name, tuple(f"{one}/out.txt" for one in last[name]) if name in last else ("video",), root / "locks", scale
        )
        for name in RATES
    ]
    work, trace = Workspace(root / "work"), Trace()
    work.prepare()
    videos = [root / "videos" / name for name in sorted(names, key=lambda name: -seconds[int(name)])]
    local = partial(LocalExecutor, devices=[str(number) for number in range(gpus)])
    started = time.monotonic()
    run_through(stages, work, videos, list(RATES), trace, jobs=CORES, executor=local)
    wall = time.monotonic() - started
    assert all(work.completion(name, "export") for name in names)
    return wall, bound(hours, gpus) * scale, trace.usage(Pipeline(stages), CORES).busy


def measure(gpus: Sequence[int] = (1, 2, 4)) -> dict[str, float]:
    """Ratios of the wall to the bound, by number of GPUs."""
    found: dict[str, float] = {}
    for number in gpus:
        with tempfile.TemporaryDirectory() as folder:
            wall, least, busy = run(Path(folder), number)
        found[f"scheduler, {number} GPU{'s' * (number > 1)}: wall / bound"] = round(wall / least, 3)
        print(f"{number}: {wall:.1f} s, bound {least:.1f} s, {busy}", file=sys.stderr)
    return found


if __name__ == "__main__":
    print(measure([int(word) for word in sys.argv[1:]] or (1, 2, 4)))
