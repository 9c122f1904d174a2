"""What runs in a worker process: stages opened once, batches in, published artifacts out."""

from __future__ import annotations

import errno
import multiprocessing
import os
import queue
import re
import signal
import threading
import time
import traceback
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from imigue_build.core.errors import ImigueError
from imigue_build.core.process_tree import die_with_parent
from imigue_build.core.records import Provenance
from imigue_build.core.secrets import scrubbed
from imigue_build.engine.stage import VIDEO, Failed, Outcome, Stage, Task, Worker, is_artifact
from imigue_build.store.completion import Completion, Failure, Identity
from imigue_build.store.lease_files import LeaseLostError
from imigue_build.store.workspace import Workspace

_BLOCK: Final = 4 << 20
_GENTLE: Final = 10
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that ask a run to end."""
_NO_MEMORY: Final = re.compile(r"failed to map segment|[Cc]annot allocate memory(?! in static TLS)|bad_alloc")
"""What the loader of libraries says where memory is short."""
_THREAD_LIMITS: Final = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
    "OMP_THREAD_LIMIT",  # the one that ggml, in the VAD, keeps to
)


def thread_limits(threads: int) -> dict[str, str]:
    """The environment in which numeric libraries use at most so many threads; they read it when they are loaded."""
    return {**dict.fromkeys(_THREAD_LIMITS, str(threads)), "OMP_WAIT_POLICY": "PASSIVE"}


@dataclass(frozen=True)
class Job:
    """One interview for one stage, with the hashes of its inputs; the video's may be unknown."""

    video_id: str
    stage: str
    paths: dict[str, Path]
    hashes: dict[str, str]
    provenance: Provenance


@dataclass(frozen=True)
class Result:
    """What became of a job; `detail` is a traceback for the log where the error was unexpected.

    `started` and `ended` say when the stage worked on it (seconds of the system's clock), `loaded` when models were
    loaded for it, with the first job only; `worker` names the process. It is `dropped` where another run has
    taken the interview over: then nothing was published or recorded.
    """

    video_id: str
    stage: str
    outcome: Outcome
    completion: Completion | None
    seconds: float
    detail: str = ""
    started: float = 0.0
    ended: float = 0.0
    loaded: tuple[float, float] | None = None
    worker: str = ""
    dropped: bool = False


@dataclass(frozen=True)
class Worked:
    """A job that the stage has finished and that is not published yet."""

    job: Job
    hashes: dict[str, str]
    out: Path | None
    outcome: Outcome
    started: float
    ended: float
    loaded: tuple[float, float] | None = None
    detail: str = ""


class WorkerHost:
    """Runs batches of jobs and publishes their results. `name` identifies its process in a trace."""

    def __init__(self, stages: dict[str, Stage], work: Workspace, name: str = "") -> None:
        self._stages = stages
        self._work = work
        self._name = name
        self._open: dict[str, Worker] = {}
        self._loaded: tuple[float, float] | None = None

    def run(self, jobs: list[Job]) -> list[Result]:
        """Runs the jobs, all of one stage, as one batch; each gets its own result."""
        return self.finish(self.work(jobs))

    def work(self, jobs: list[Job]) -> list[Worked]:
        """Runs the stage. A batch that raises is retried job by job."""
        began = time.time()
        staged: list[Path] = []
        try:
            hashes = [self._hashes(job) for job in jobs]
            staged = [self._work.stage_folder(job.video_id, job.stage) for job in jobs]
            worker = self.open(jobs[0].stage)
            started = time.time()
            outcomes = worker.run([Task(job.video_id, job.paths, out) for job, out in zip(jobs, staged, strict=True)])
        except Exception as error:
            for folder in staged:
                self._work.discard(folder)
            if len(jobs) > 1:
                return [worked for job in jobs for worked in self.work([job])]
            failed = Failed(_reason(error))
            return [Worked(jobs[0], {}, None, failed, began, time.time(), None, _detail(error))]
        each = (time.time() - started) / len(jobs)
        loaded, self._loaded = self._loaded, None
        return [
            Worked(job, known, out, outcome, started + at * each, started + (at + 1) * each, None if at else loaded)
            for at, (job, outcome, out, known) in enumerate(zip(jobs, outcomes, staged, hashes, strict=True))
        ]

    def finish(self, batch: list[Worked]) -> list[Result]:
        """Publishes what is done, and records what failed."""
        return [self._finish(worked) for worked in batch]

    def open(self, stage: str) -> Worker:
        """A stage with its models loaded, at the first call."""
        if stage not in self._open:
            began = time.time()
            self._open[stage] = self._stages[stage].open()
            self._loaded = (began, time.time())
        return self._open[stage]

    def _hashes(self, job: Job) -> dict[str, str]:
        if VIDEO in job.paths and VIDEO not in job.hashes:
            return {**job.hashes, VIDEO: self._work.source_digest(job.video_id, job.paths[VIDEO])}
        return job.hashes

    def _finish(self, worked: Worked) -> Result:
        try:
            return self._published(worked)
        except LeaseLostError as error:
            return self._dropped(worked, error)
        except ImigueError as error:
            return self._failed(worked, str(error))

    def _published(self, worked: Worked) -> Result:
        job, outcome, out = worked.job, worked.outcome, worked.out
        if isinstance(outcome, Failed) or out is None:
            return self._failed(worked, outcome.reason if isinstance(outcome, Failed) else "")
        changed = self._changed(job, worked.hashes)
        if changed:
            return self._failed(worked, f"{changed} changed while it was read: run again when it is whole")
        stage = self._stages[job.stage]
        identity = Identity(stage.name, stage.version, worked.hashes, stage.settings(), job.provenance)
        seconds = worked.ended - worked.started
        completion = self._work.publish(out, job.video_id, identity, seconds, outcome.media_seconds, outcome.warnings)
        return self._result(worked, outcome, completion)

    def _changed(self, job: Job, hashes: dict[str, str]) -> str | None:
        """The name of an input of the user's that changed meanwhile, if there is one."""
        given = self._stages[job.stage].given(job.video_id)
        for name, path in job.paths.items():
            if name == VIDEO and self._work.source_digest(job.video_id, path) != hashes[name]:
                return "the video"
            if name != VIDEO and not is_artifact(name) and (name not in given or given[name].sha256 != hashes[name]):
                return str(path)
        return None

    def _failed(self, worked: Worked, reason: str) -> Result:
        detail = worked.detail
        try:
            if worked.out is not None:
                self._work.discard(worked.out)
            reason, detail = scrubbed(reason), scrubbed(detail)
            self._work.fail(Failure(worked.job.video_id, worked.job.stage, reason))
        except LeaseLostError as error:
            return self._dropped(worked, error)
        except ImigueError as error:
            detail += f"\n{error}"
        return self._result(worked, Failed(reason), None, detail)

    def _dropped(self, worked: Worked, error: LeaseLostError) -> Result:
        if worked.out is not None:
            with suppress(ImigueError):  # who took the interview over may be clearing it away as well
                self._work.discard(worked.out)
        return replace(self._result(worked, Failed(str(error)), None), dropped=True)

    def _result(self, worked: Worked, outcome: Outcome, completion: Completion | None, detail: str = "") -> Result:
        job, seconds, times = worked.job, worked.ended - worked.started, (worked.started, worked.ended, worked.loaded)
        return Result(job.video_id, job.stage, outcome, completion, seconds, detail, *times, self._name)


def serve(
    connection: Connection,
    stages: dict[str, Stage],
    work: Workspace,
    environment: Mapping[str, str],
    ahead: str,
    gentle: bool,
) -> None:
    """Works on batches until the other end closes; in a process group of its own.

    A GPU process, of the stage `ahead`, loads its models immediately, reads the next batch's files and publishes the
    last batch while the GPU works, so that the GPU never waits for a disk. A `gentle` one has a lower priority.
    """
    os.environ.update(environment)  # no numeric library is imported yet
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    if (run := multiprocessing.parent_process()) is not None and not run.is_alive():
        return  # it ended before the system could signal that
    if gentle:
        os.nice(_GENTLE)
    host = WorkerHost(stages, work, multiprocessing.current_process().name)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        if ahead:
            _pipelined(connection, host, ahead)
        else:
            while True:
                connection.send(host.run(connection.recv()))


def _pipelined(connection: Connection, host: WorkerHost, stage: str) -> None:
    batches: queue.SimpleQueue[list[Job] | None] = queue.SimpleQueue()

    def read() -> None:
        with suppress(EOFError, ConnectionResetError):
            while True:
                jobs: list[Job] = connection.recv()
                for path in {path for job in jobs for path in job.paths.values()}:
                    _into_memory(path)
                batches.put(jobs)
        batches.put(None)

    threading.Thread(target=read, daemon=True).start()
    with suppress(Exception):  # the first job reports it
        host.open(stage)
    with ThreadPoolExecutor(1) as publisher:
        published: Future[None] | None = None
        while (jobs := batches.get()) is not None:
            worked = host.work(jobs)
            if published is not None:
                published.result()
            published = publisher.submit(_publish, connection, host, worked)


def _publish(connection: Connection, host: WorkerHost, worked: list[Worked]) -> None:
    connection.send(host.finish(worked))


def _into_memory(path: Path) -> None:
    """Reads a file into the system's page cache; an error is reported by the stage that needs it."""
    with suppress(OSError), open(path, "rb") as file:
        while file.read(_BLOCK):
            pass


def _reason(error: Exception) -> str:
    if _lacks_memory(error):
        return "not enough memory: run with fewer --jobs"
    if isinstance(error, ImigueError):
        return str(error)
    return f"unexpected {type(error).__name__}: {error} (the log has the details; please report it)"


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is for want of memory: a library that finds none cannot be loaded."""
    while error is not None:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
            return True
        if isinstance(error, ImportError) and _NO_MEMORY.search(str(error)):
            return True
        error = error.__cause__
    return False


def _detail(error: Exception) -> str:
    return "" if isinstance(error, ImigueError) else "".join(traceback.format_exception(error))
