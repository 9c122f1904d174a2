"""Test doubles of stages: quick, deterministic, and able to fail, die or dawdle on command."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from imigue_build.core.errors import BackendError
from imigue_build.core.records import Provenance
from imigue_build.engine.events import Event
from imigue_build.engine.local import LocalExecutor
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Interview, Pipeline
from imigue_build.engine.scheduler import RunCoordination, Scheduler
from imigue_build.engine.stage import ONE_CORE, Done, Failed, GivenFile, Outcome, Resources, Stage, Task
from imigue_build.store.disk import sha256
from imigue_build.store.leases import Leases
from imigue_build.store.workspace import Workspace


@dataclass(frozen=True)
class FakeStage:
    """Writes `out.txt`: its own name, its setting, and the content of its inputs.

    An input that holds `fail:<name>`, `raise:<name>`, `die:<name>`, `nap:<name>` or `sleep:<name>` makes the
    stage of that name do so; with `wait:<name>` it waits for a file `go` beside `runs`. `runs` collects one file
    an attempt.
    """

    name: str
    inputs: tuple[str, ...]
    runs: Path
    setting: str = "a"
    version: int = 1
    resources: Resources = ONE_CORE
    batch: int = 1
    batch_seconds: float = math.inf
    forgetful: bool = False
    folder: Path | None = None
    made_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lacks: str = ""

    def given(self, video_id: str) -> dict[str, GivenFile]:
        """`<folder>/<id>`, where the stage has a folder of given files and it is there."""
        path = (self.folder or Path("/nowhere")) / video_id
        return {"given": GivenFile(path, sha256(path))} if path.is_file() else {}

    def settings(self) -> dict[str, Any]:
        return {"setting": self.setting}

    def provenance(self) -> Provenance:
        if self.lacks:
            raise BackendError(f"{self.lacks} is missing")
        return Provenance(tools={"fake": "1"})

    def open(self) -> FakeStage:
        self._mark("open")
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return [self._one(task) for task in tasks]

    def _one(self, task: Task) -> Outcome:
        text = "".join(path.read_text() for path in task.inputs.values())
        self._mark(task.video_id)
        if f"fail:{self.name}" in text:
            return Failed(f"{self.name} was told to fail")
        if f"raise:{self.name}" in text:
            raise KeyError("a defect")
        if f"die:{self.name}" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if f"nap:{self.name}" in text:
            time.sleep(0.3)
        if f"sleep:{self.name}" in text:
            time.sleep(60)
        if f"wait:{self.name}" in text:
            self._wait()
        kept = "same" if self.forgetful else text
        (task.out / "out.txt").write_text(f"{self.name}({self.setting}): {kept}")
        return Done(10.0, (f"{self.name} warns",) if f"warn:{self.name}" in text else ())

    def _wait(self) -> None:
        deadline = time.monotonic() + 150
        while not (self.runs.parent / "go").exists():
            if time.monotonic() > deadline:
                raise TimeoutError("no file `go` came")
            time.sleep(0.02)

    def _mark(self, what: str) -> None:
        (self.runs / f"{self.name}.{what}.{os.getpid()}.{time.monotonic_ns()}").touch()


class Executor(Protocol):
    def run(self) -> None: ...


def run_through(
    stages: Sequence[Stage],
    work: Workspace,
    videos: Sequence[Path],
    wanted: Sequence[str],
    emit: Callable[[Event], None],
    jobs: int = 2,
    force: bool = False,
    verify: bool = False,
    executor: Callable[[Scheduler, int], Executor] = LocalExecutor,
) -> None:
    """One run of an executor, the local one by default, over videos whose names are their ids."""
    pipeline = Pipeline(stages)
    paths = {path.name: path for path in videos}
    leases = Leases(work.root, pipeline.digest)
    with leases.joined(paths):
        own = Workspace(work.root, leases.run)
        look = partial(_look, own, pipeline, paths, verify)
        scheduler = Scheduler(pipeline, own, emit, force, RunCoordination(leases, look))
        scheduler.enter([(look(name), path) for name, path in paths.items()], wanted)
        try:
            executor(scheduler, jobs).run()
        finally:
            own.recover(leases.runs() - {leases.run})


def _look(work: Workspace, pipeline: Pipeline, paths: dict[str, Path], verify: bool, video_id: str) -> Interview:
    return observe(work, pipeline, video_id, paths[video_id], remember=True, verify=verify)


def attempts(runs: Path) -> list[str]:
    """Which stage ran on which interview, e.g. `first.0001`; sorted."""
    names = (path.name.split(".") for path in runs.iterdir())
    return sorted(f"{stage}.{what}" for stage, what, *_ in names if what != "open")


def chain(runs: Path, **settings: str) -> list[FakeStage]:
    """Three stages: `first` reads the video, `second` reads first, `third` reads both."""
    runs.mkdir(exist_ok=True)
    return [
        FakeStage("first", ("video",), runs, settings.get("first", "a")),
        FakeStage("second", ("first/out.txt",), runs, settings.get("second", "a")),
        FakeStage("third", ("first/out.txt", "second/out.txt"), runs, settings.get("third", "a")),
    ]
