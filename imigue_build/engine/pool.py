"""Worker processes: each takes one batch at a time, keeps its models, and can be killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from pathlib import Path

from imigue_build.engine.stage import Stage
from imigue_build.engine.worker import Job, Result, serve

_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Process:
    """One worker process and the batch it is working on."""

    def __init__(self, stages: dict[str, Stage], work: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, child = context.Pipe()
        self._process = context.Process(target=serve, args=(child, stages, work), daemon=True)
        with _one_thread():
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
    """At most `jobs` processes, started as they are needed."""

    def __init__(self, stages: dict[str, Stage], work: Path, jobs: int) -> None:
        self._stages = stages
        self._work = work
        self._jobs = jobs
        self._processes: list[Process] = []

    def idle(self) -> bool:
        """Whether a batch can be taken now."""
        return len(self._processes) < self._jobs or any(not process.jobs for process in self._processes)

    def submit(self, batch: list[Job]) -> None:
        """Gives a batch to a free process, or to a new one."""
        free = [process for process in self._processes if not process.jobs]
        if not free:
            free = [Process(self._stages, self._work)]
            self._processes += free
        free[0].send(batch)

    def collect(self) -> tuple[list[Result], list[tuple[Job, str]]]:
        """Waits for at least one batch: its results, and the jobs whose process died, and how."""
        busy: dict[object, Process] = {p.connection: p for p in self._processes if p.jobs}
        results: list[Result] = []
        lost: list[tuple[Job, str]] = []
        for connection in wait([process.connection for process in busy.values()]):
            process = busy[connection]
            answer = process.receive()
            if answer is None:
                self._processes.remove(process)
                ended = process.close()
                lost += [(job, ended) for job in process.jobs]
            else:
                results += answer
        return results, lost

    def close(self) -> None:
        """Ends all processes at once; what they were working on is lost, what they finished is not."""
        for process in self._processes:
            process.close()
        self._processes = []


@contextmanager
def _one_thread() -> Iterator[None]:
    """Numeric libraries of a process started inside get one thread: sums do not depend on cores."""
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(_THREAD_LIMITS, "1"))
    try:
        yield
    finally:
        for name in _THREAD_LIMITS:
            os.environ.pop(name)
            if name in before:
                os.environ[name] = before[name]
