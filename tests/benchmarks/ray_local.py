"""What Ray costs: the same timed doubles of stages through Ray on this machine and through the local executor.

Both have two cores' worth of workers, and the doubles sleep, so that nothing else is measured. Ray's time is given
with the start of its cluster, and without.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

from imigue_build.engine.local import LocalExecutor
from imigue_build.engine.ray import RayExecutor, executor
from imigue_build.engine.ray.cluster import connected
from imigue_build.engine.scheduler import Scheduler
from imigue_build.engine.stage import Outcome, Task
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import Executor, FakeStage, run_through

INTERVIEWS: Final = 40
SECONDS: Final = {"first": 0.1, "second": 0.4, "third": 0.1}
"""What each stage takes for an interview."""
_TOP = Path(__file__).parents[2]


@dataclass(frozen=True)
class Timed(FakeStage):
    """A double that takes its time."""

    seconds: float = 0.0

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        time.sleep(self.seconds * len(tasks))
        return super().run(tasks)


def measure() -> dict[str, float]:
    """Ratios of Ray's wall time to the local executor's, in one run."""
    local, _ = _wall(LocalExecutor)
    ray, connected_for = _wall(RayExecutor)
    return {"ray / local": ray / local, "ray while its cluster ran / local": connected_for / local}


def _wall(kind: Callable[[Scheduler, int], Executor]) -> tuple[float, float]:
    """Seconds of a run, and for how many of them a cluster was there."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "runs").mkdir()
        videos = [root / f"{number:04d}" for number in range(INTERVIEWS)]
        for video in videos:
            video.write_text("video")
        inputs = {"first": ("video",), "second": ("first/out.txt",), "third": ("second/out.txt",)}
        stages = [Timed(name, inputs[name], root / "runs", seconds=SECONDS[name]) for name in SECONDS]
        work = Workspace(root / "work")
        work.prepare()
        clock = _Clock()
        with mock.patch.dict(os.environ, {"PYTHONPATH": str(_TOP)}), mock.patch.object(executor, "connected", clock):
            os.environ.pop("RAY_ADDRESS", None)
            started = time.monotonic()
            run_through(stages, work, videos, list(SECONDS), lambda event: None, jobs=2, executor=kind)
            return time.monotonic() - started, clock.seconds


class _Clock:
    """Connects as usual, and knows for how long."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def __call__(self, address: str | None, cpus: int) -> Any:
        with connected(address, cpus) as ray:
            began = time.monotonic()
            yield ray
            self.seconds = time.monotonic() - began


if __name__ == "__main__":
    print(measure())
