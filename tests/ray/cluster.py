"""A Ray cluster of several nodes on this machine, and small runs over it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from imigue_build.backends.configs import load
from imigue_build.corpus import Corpus, Video
from imigue_build.engine.events import Event
from imigue_build.engine.plan import Pipeline
from imigue_build.engine.ray import RayExecutor
from imigue_build.engine.ray.actor_pool import IDLE, STRETCH
from imigue_build.engine.scheduler import Scheduler
from imigue_build.pipeline import Prepared, Request, Summary, execute
from imigue_build.store.disk import sha256
from imigue_build.store.workspace import Workspace
from tests.crash.small_run import STAGES, Copying
from tests.engine.doubles import FakeStage, attempts, run_through
from tests.release.made import publish

HANGS = 150.0
"""Seconds after which a test gives up."""

_HEALTH = {"health_check_period_ms": 1000, "health_check_timeout_ms": 5000, "health_check_failure_threshold": 3}
"""A node that is gone is missed after seconds; by default it takes half a minute."""


class Nodes:
    """A head on which nothing runs, and nodes that come and go."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "include_dashboard": False, "include_log_monitor": False},
        )
        self._nodes: list[Any] = []

    @property
    def address(self) -> str:
        return str(self._cluster.address)

    def add(self, cpus: int = 1, gpus: int = 0) -> int:
        """A new node; the process id of its raylet, whose children its workers are."""
        with mock.patch("ray._private.utils.set_sigterm_handler"):  # threads may add nodes too
            node = self._cluster.add_node(num_cpus=cpus, num_gpus=gpus, include_dashboard=False)
        self._nodes.append(node)
        return _raylet(node)

    def kill(self, raylet: int) -> None:
        """The end of a node without warning: SIGKILL for its raylet and its agents."""
        (node,) = [one for one in self._nodes if _raylet(one) == raylet]
        self._nodes.remove(node)
        self._cluster.remove_node(node, allow_graceful=False)

    def clear(self) -> None:
        """All nodes take their leave, so that the head does not wait for them."""
        for node in self._nodes:
            self._cluster.remove_node(node, allow_graceful=True)
        self._nodes = []
        until(lambda: sum(bool(one["Alive"]) for one in self._cluster.global_state.node_table()) == 1, "the head alone")

    def close(self) -> None:
        self.clear()
        self._cluster.shutdown()

    def executor(self, idle: float = IDLE, stretch: float = STRETCH) -> Callable[[Scheduler, int], RayExecutor]:
        return partial(RayExecutor, address=self.address, idle=idle, stretch=stretch)


def _raylet(node: Any) -> int:
    pid: int = node.all_processes["raylet"][0].process.pid
    return pid


class Run:
    """Interviews that are texts, through quick stages; where every attempt leaves a file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runs, self.videos = root / "runs", root / "videos"
        self.runs.mkdir(parents=True)
        self.videos.mkdir()
        self.work = Workspace(root / "work")

    def video(self, video_id: str, text: str = "") -> None:
        (self.videos / video_id).write_text(f"video {video_id} {text}")

    def go(self) -> None:
        """Lets go of the interviews that wait."""
        (self.root / "go").touch()

    def through(
        self, stages: list[FakeStage], executor: Callable[[Scheduler, int], RayExecutor], force: bool = False
    ) -> list[Event]:
        events: list[Event] = []
        self.work.prepare()
        wanted = [stage.name for stage in stages]
        run_through(
            stages, self.work, sorted(self.videos.iterdir()), wanted, events.append, 2, force, executor=executor
        )
        return events

    def attempts(self) -> list[str]:
        return attempts(self.runs)

    def pids(self, stage: str) -> dict[str, int]:
        """Who worked on an interview last."""
        paths = sorted(self.runs.glob(f"{stage}.*"), key=lambda path: int(path.name.rpartition(".")[2]))
        return {path.name.split(".")[1]: int(path.name.split(".")[2]) for path in paths if ".open." not in path.name}

    def under_way(self, stage: str) -> dict[str, int]:
        """Interviews in a stage just now, and the processes that have them."""
        return {one: pid for one, pid in self.pids(stage).items() if self.work.completion(one, stage) is None}

    def on(self, raylet: int) -> set[int]:
        """The processes on a node that worked on something."""
        pids = {int(path.name.split(".")[2]) for path in self.runs.iterdir()}
        return {pid for pid in pids if parent(pid) == raylet}

    def finished(self, stages: Sequence[str]) -> set[str]:
        """Artifacts that are there, e.g. `align.0001`."""
        names = [path.name for path in self.videos.iterdir()]
        return {f"{stage}.{name}" for stage in stages for name in names if self.work.completion(name, stage)}

    def litter(self) -> list[str]:
        return [str(path) for pattern in ("staging/*", "leases/*", "**/*.tmp") for path in self.work.root.glob(pattern)]


class Released(Run):
    """A run from end to end, with a real release assembled from exports that stand ready."""

    def __init__(self, root: Path, ready: Path) -> None:
        super().__init__(root)
        self.release = root / "out" / "release"
        self._ready = ready
        for folder in sorted(path for path in ready.iterdir() if (path / "export").is_dir()):
            self.video(folder.name, "nap:align")

    def run(self, address: str | None = None) -> Summary:
        """On a cluster, where there is an address, else by the local executor."""
        videos = tuple(Video(path.name, path) for path in sorted(self.videos.iterdir()))
        stages = [
            FakeStage("extract", ("video",), self.runs),
            FakeStage("align", ("extract/out.txt",), self.runs),
            Copying("export", ("extract/out.txt", "align/out.txt"), self.runs, ready=self._ready),
        ]
        executor = "ray" if address else "local"
        request = _Wanted(
            self.videos, self.work.root, self.release, load("embedded"), jobs=2, executor=executor, ray_address=address
        )
        prepared = Prepared(request, self.work, Corpus(videos, ()), {}, Pipeline(stages), (), {})
        return execute(prepared, lambda event: None)

    def released(self) -> dict[str, str]:
        """Path -> SHA-256 of all files of the release."""
        place = self.release
        return {str(path.relative_to(place)): sha256(path) for path in sorted(place.rglob("*")) if path.is_file()}


@dataclass(frozen=True)
class _Wanted(Request):
    @property
    def wanted(self) -> tuple[str, ...]:
        return STAGES


def make_ready(folder: Path, count: int) -> None:
    """Exports of so many interviews."""
    work = Workspace(folder)
    work.prepare()
    for number in range(count):
        publish(work, f"{number:04d}", seed=number)


@contextmanager
def meanwhile(action: Callable[[], None]) -> Iterator[None]:
    """Does something while the run inside is under way; its failure is the test's."""
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            action()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    yield
    thread.join(HANGS)
    assert not thread.is_alive(), "what was to happen meanwhile never did"
    if errors:
        raise errors[0]


def until(true: Callable[[], object], what: str, seconds: float = HANGS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what} never came"
        time.sleep(0.02)


def parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return None


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
