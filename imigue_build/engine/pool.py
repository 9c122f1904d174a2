"""Worker processes: each takes one batch at a time, keeps its models, and can be killed.

A stage that works on a GPU, or on several cores, has one process to itself, so that its model is
loaded once and what it takes is never taken twice; all others share `jobs` processes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess

from imigue_build.engine.stage import ONE_CORE, Stage
from imigue_build.engine.worker import Job, Result, serve
from imigue_build.store.workspace import Workspace

_context: SpawnContext | ForkContext = multiprocessing.get_context("spawn")  # a forked one cannot use a GPU
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Process:
    """One worker process and the batch it is working on."""

    def __init__(self, stages: dict[str, Stage], work: Workspace, lane: str) -> None:
        self.lane = lane
        self.connection, child = _context.Pipe()
        self._process: BaseProcess = _context.Process(target=serve, args=(child, stages, work), daemon=True)
        with _threads(stages[lane].resources.cpu if lane else 1):
            self._process.start()
        child.close()
        self.jobs: list[Job] = []

    def send(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        with suppress(BrokenPipeError):  # a dead worker is found when its answer is awaited
            self.connection.send(jobs)

    def receive(self) -> list[Result] | None:
        """The results of the batch; None where the process died over it."""
        try:
            results: list[Result] = self.connection.recv()
        except (EOFError, ConnectionResetError):
            return None
        self.jobs = []
        return results

    def close(self) -> str:
        """Ends the process and everything it started; says how it ended."""
        self.connection.close()
        if self._process.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                self._process.kill()
        self._process.join()
        code = self._process.exitcode or 0
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


class Pool:
    """At most `jobs` shared processes, and those that stages have to themselves; started as they are needed."""

    def __init__(self, stages: dict[str, Stage], work: Workspace, jobs: int) -> None:
        self._stages = stages
        self._work = work
        self._jobs = jobs
        self._processes: list[Process] = []

    def idle(self, stage: str) -> bool:
        """Whether a batch of a stage can be taken now."""
        lane = self._lane(stage)
        own = [process for process in self._processes if process.lane == lane]
        return len(own) < (1 if lane else self._jobs) or any(not process.jobs for process in own)

    def submit(self, batch: list[Job]) -> None:
        """Gives a batch to a free process, or to a new one."""
        lane = self._lane(batch[0].stage)
        free = [process for process in self._processes if process.lane == lane and not process.jobs]
        if not free:
            free = [Process(self._stages, self._work, lane)]
            self._processes += free
        free[0].send(batch)

    def collect(self, seconds: float) -> tuple[list[Result], list[tuple[Job, str]]]:
        """Waits for a batch, not for long: its results, and the jobs whose process died, and how."""
        busy: dict[object, Process] = {p.connection: p for p in self._processes if p.jobs}
        results: list[Result] = []
        lost: list[tuple[Job, str]] = []
        for connection in wait([process.connection for process in busy.values()], seconds):
            process = busy[connection]
            answer = process.receive()
            if answer is None:
                self._processes.remove(process)
                ended = process.close()
                lost += [(job, ended) for job in process.jobs]
            else:
                results += answer
        return results, lost

    def _lane(self, stage: str) -> str:
        """The stage's own name where it has a process to itself, else nothing."""
        return "" if self._stages[stage].resources == ONE_CORE else stage

    def close(self) -> None:
        """Ends all processes at once; what they were working on is lost, what they finished is not."""
        for process in self._processes:
            process.close()
        self._processes = []


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Numeric libraries of a process started inside get `count` threads; with one, sums do not depend on cores.

    Threads that wait sleep: by default they spin, which takes the cores from the other processes' (five times
    as long for two torch stages on two cores).
    """
    before = dict(os.environ)
    settings = {**dict.fromkeys(_THREAD_LIMITS, str(count)), "OMP_WAIT_POLICY": "PASSIVE"}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            os.environ.pop(name)
            if name in before:
                os.environ[name] = before[name]
