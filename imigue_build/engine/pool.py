"""The pool of worker processes: each takes batches, keeps its models loaded while there is work, and can be killed.

A GPU stage has its own process on each GPU; a stage of several cores has as many as there are cores for. All other
stages share `jobs` processes. GPU stages that do not fit on a GPU together take turns. A stage without a working
process gets one even if no core is free, so that none is starved.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.context import ForkContext, ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import Final, NamedTuple

from imigue_build.core.system import free_memory
from imigue_build.engine.stage import Stage
from imigue_build.engine.worker import SIGNALS, Job, Result, serve, thread_limits
from imigue_build.store.workspace import Workspace

_LIGHT: Final = ("imigue_build.engine.forkserver_preload", "imigue_build.engine.worker", "imigue_build.config")
"""The forkserver preload: what all workers need, imported once by the process that forks them. That one has no threads
and no GPU context, so workers inherit neither, and start quickly."""
_MAX_TMPDIR: Final = 60
"""Characters; the forkserver listens on a socket there, whose path may have 107."""
_context: ForkServerContext | SpawnContext | ForkContext = (
    multiprocessing.get_context("forkserver")
    if max(len(os.environ.get(name, "")) for name in ("TMPDIR", "TEMP", "TMP")) <= _MAX_TMPDIR
    else multiprocessing.get_context("spawn")
)
_context.set_forkserver_preload(list(_LIGHT))
_AHEAD: Final = 2
"""Batches that a GPU process holds: one it works on, one whose files it reads ahead."""
_KEPT_FREE: Final = 0.1
"""The share of the free memory that shared processes do not use."""


class Lane(NamedTuple):
    """A kind of process: of one stage, or shared by stages (no name); on a GPU, or on none."""

    stage: str = ""
    device: str = ""

    def __str__(self) -> str:
        return f"{self.stage} on GPU {self.device}" if self.device else self.stage


class Process:
    """One worker process, and the batches that it was given; it works on the first.

    A `gentle` one has a lower priority, so that processes that feed GPUs get the cores.
    """

    def __init__(self, stages: dict[str, Stage], work: Workspace, lane: Lane, name: str, gentle: bool) -> None:
        self.lane = lane
        self.batches: deque[list[Job]] = deque()
        self.connection, child = _context.Pipe()
        environment = _environment(stages[lane.stage].resources.cpu if lane.stage else 1, lane.device)
        arguments = (child, stages, work, environment, lane.stage if lane.device else "", gentle)
        self._process: BaseProcess = _context.Process(target=serve, args=arguments, name=name)
        with _uninterrupted():
            self._process.start()
        child.close()

    def send(self, jobs: list[Job]) -> None:
        self.batches.append(jobs)
        with suppress(BrokenPipeError):  # a dead worker is found when its answer is awaited
            self.connection.send(jobs)

    def receive(self) -> list[Result] | None:
        """The results of the first batch; None where the process died."""
        try:
            results: list[Result] = self.connection.recv()
        except (EOFError, ConnectionResetError):
            return None
        self.batches.popleft()
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


class Lost(NamedTuple):
    """A job whose process ended, how it ended, and whether the job had begun."""

    job: Job
    ended: str
    begun: bool


class Pool:
    """Processes, started as they are needed.

    Args:
        stages: By name.
        work: The workspace of this run.
        jobs: How many cores the shared processes, and those of several cores, take together.
        devices: The GPUs, as CUDA_VISIBLE_DEVICES calls them.
    """

    def __init__(self, stages: dict[str, Stage], work: Workspace, jobs: int, devices: Sequence[str] = ()) -> None:
        self._stages = stages
        self._work = work
        self._jobs = jobs
        self._devices = tuple(devices)
        self._processes: list[Process] = []
        single = [stage.resources.memory for stage in stages.values() if not _own(stage)]
        fit = int(free_memory() * (1 - _KEPT_FREE)) // max(single, default=1)
        self.shared = max(1, min(jobs, fit))

    def lanes(self, stage: str) -> list[Lane]:
        """Where a stage can run: one lane for each GPU, one of its own, or the shared one."""
        if self._stages[stage].resources.gpu and self._devices:
            return [Lane(stage, device) for device in self._devices]
        return [Lane(stage) if _own(self._stages[stage]) else Lane()]

    def width(self, stage: str) -> int:
        """How many batches of a stage can be worked on concurrently."""
        lanes = self.lanes(stage)
        if lanes == [Lane()]:
            return self.shared
        takes = self._stages[stage].resources
        return len(lanes) if takes.gpu else max(1, self._jobs // takes.cpu)

    def free(self, stage: str, waiting: Callable[[str], int]) -> Lane | None:
        """A lane that takes a batch of a stage now; `waiting` says how many jobs a stage has."""
        for lane in self.lanes(stage):
            mine = [process for process in self._processes if process.lane == lane]
            busy = self.busy(lane)
            if lane.device:
                if busy < len(mine) or (not mine and self._fits(lane, waiting)):
                    return lane
            elif not busy or (busy < self.width(stage) and self._cores() >= self._stages[stage].resources.cpu):
                return lane
        if waiting(stage) <= self.width(stage):  # the last batches should not queue behind others
            return None
        ahead = [p for p in self._processes if p.lane.device and p.lane.stage == stage and len(p.batches) < _AHEAD]
        return ahead[0].lane if ahead else None

    def busy(self, lane: Lane) -> int:
        """How many processes of a lane are busy."""
        return sum(process.lane == lane and bool(process.batches) for process in self._processes)

    def warm(self, stages: Sequence[str]) -> None:
        """Starts the GPU processes, which load their models while the first interviews are extracted."""
        for stage in stages:
            for lane in self.lanes(stage):
                if lane.device and self._fits(lane, lambda stage: 1):
                    self._start(lane, str(lane))

    def submit(self, lane: Lane, batch: list[Job]) -> None:
        """Gives a batch to the least busy process of a lane, or to a new one."""
        mine = [process for process in self._processes if process.lane == lane]
        least = min(mine, key=lambda process: len(process.batches), default=None)
        if least is None or (least.batches and not lane.device):  # a GPU process may hold one more batch
            least = self._start(lane, str(lane) if lane.device else f"{lane.stage or 'core'} {len(mine) + 1}")
        least.send(batch)

    def collect(self, seconds: float) -> tuple[list[Result], list[Lost]]:
        """Waits for a batch at most so many seconds: its results, and the jobs whose process died."""
        busy: dict[object, Process] = {p.connection: p for p in self._processes if p.batches}
        results: list[Result] = []
        lost: list[Lost] = []
        for connection in wait([process.connection for process in busy.values()], seconds):
            process = busy[connection]
            answer = process.receive()
            if answer is None:
                self._processes.remove(process)
                ended = process.close()
                lost += [Lost(job, ended, not at) for at, batch in enumerate(process.batches) for job in batch]
            else:
                results += answer
        return results, lost

    def close(self) -> None:
        """Kills all processes; what they were working on is lost, what they finished is not."""
        for process in self._processes:
            process.close()
        self._processes = []

    def _start(self, lane: Lane, name: str) -> Process:
        gentle = bool(self._devices) and not lane.device
        process = Process(self._stages, self._work, lane, name, gentle)
        self._processes.append(process)
        return process

    def _cores(self) -> int:
        """Cores that are idle."""
        busy = [process.lane.stage for process in self._processes if process.batches and not process.lane.device]
        return self._jobs - sum(self._stages[stage].resources.cpu if stage else 1 for stage in busy)

    def _fits(self, lane: Lane, waiting: Callable[[str], int]) -> bool:
        """Whether one more process fits on a GPU; idle ones whose stage has no more work are ended for it."""
        there = [process for process in self._processes if process.lane.device == lane.device]
        share = sum(self._stages[process.lane.stage].resources.gpu for process in there)
        wanted = self._stages[lane.stage].resources.gpu
        for process in there:
            if share + wanted > 1 and not process.batches and not waiting(process.lane.stage):
                self._processes.remove(process)
                process.close()
                share -= self._stages[process.lane.stage].resources.gpu
        return share + wanted <= 1 or not share


def _own(stage: Stage) -> bool:
    """Whether a stage has processes of its own."""
    return bool(stage.resources.gpu) or stage.resources.cpu > 1


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Delays signals that ask the run to end: amid its start a process would not get its arguments.

    Masking would not do: any thread may get a signal, and Python handles all in the main one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}
    handled = {number: handler for number, handler in before.items() if callable(handler)}
    for number in handled:
        signal.signal(number, lambda number, _: received.append(number))
    try:
        yield
    finally:
        for number, handler in handled.items():
            signal.signal(number, handler)
        for delayed in received:
            signal.raise_signal(delayed)


def _environment(threads: int, device: str) -> dict[str, str]:
    """A process's environment variables: its GPU, and how many threads numeric libraries use.

    With one thread, sums do not depend on the number of cores. Waiting threads sleep: by default they spin and take
    the cores of other processes (two torch stages on two cores then took five times as long).
    """
    return thread_limits(threads) | ({"CUDA_VISIBLE_DEVICES": device} if device else {})
