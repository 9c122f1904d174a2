"""What runs in a worker's process: stages opened once, batches in, published artifacts out."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from imigue_build.engine.stage import VIDEO, Failed, Outcome, Stage, Task, Worker, is_artifact
from imigue_build.errors import ImigueError
from imigue_build.models.secret import scrubbed
from imigue_build.records import Provenance
from imigue_build.store.completion import Completion, Failure, Identity
from imigue_build.store.workspace import Workspace


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
    """What became of a job; `detail` is a traceback for the log where the error was unexpected."""

    video_id: str
    stage: str
    outcome: Outcome
    completion: Completion | None
    seconds: float
    detail: str = ""


def serve(connection: Connection, stages: dict[str, Stage], work: Path) -> None:
    """Answers batches until the other end closes; in a process group of its own."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    host = WorkerHost(stages, Workspace(work))
    while True:
        try:
            jobs: list[Job] = connection.recv()
            connection.send(host.run(jobs))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


class WorkerHost:
    """Runs batches of jobs and publishes what comes out."""

    def __init__(self, stages: dict[str, Stage], work: Workspace) -> None:
        self._stages = stages
        self._work = work
        self._open: dict[str, Worker] = {}

    def run(self, jobs: list[Job]) -> list[Result]:
        """Runs the jobs, all of one stage, as one batch; each gets its own result."""
        started = time.monotonic()
        staged: list[Path] = []
        try:
            hashes = [self._hashes(job) for job in jobs]
            staged = [self._work.stage_folder(job.video_id, job.stage) for job in jobs]
            outcomes = self._worker(jobs[0].stage).run(
                [Task(job.video_id, job.paths, out) for job, out in zip(jobs, staged, strict=True)]
            )
        except Exception as error:
            for folder in staged:
                self._work.discard(folder)
            if len(jobs) > 1:
                return [result for job in jobs for result in self.run([job])]
            return [self._failed(jobs[0], _reason(error), time.monotonic() - started, _detail(error))]
        seconds = (time.monotonic() - started) / len(jobs)
        return [
            self._finish(job, outcome, out, known, seconds)
            for job, outcome, out, known in zip(jobs, outcomes, staged, hashes, strict=True)
        ]

    def _worker(self, stage: str) -> Worker:
        if stage not in self._open:
            self._open[stage] = self._stages[stage].open()
        return self._open[stage]

    def _hashes(self, job: Job) -> dict[str, str]:
        if VIDEO in job.paths and VIDEO not in job.hashes:
            return {**job.hashes, VIDEO: self._work.source_digest(job.video_id, job.paths[VIDEO])}
        return job.hashes

    def _finish(self, job: Job, outcome: Outcome, out: Path, hashes: dict[str, str], seconds: float) -> Result:
        try:
            if isinstance(outcome, Failed):
                self._work.discard(out)
                return self._failed(job, outcome.reason, seconds)
            changed = self._changed(job, hashes)
            if changed:
                self._work.discard(out)
                return self._failed(job, f"{changed} changed while it was read: run again when it is whole", seconds)
            stage = self._stages[job.stage]
            identity = Identity(stage.name, stage.version, hashes, stage.settings(), job.provenance)
            completion = self._work.publish(
                out, job.video_id, identity, seconds, outcome.media_seconds, outcome.warnings
            )
            return Result(job.video_id, job.stage, outcome, completion, seconds)
        except ImigueError as error:
            self._work.discard(out)
            return self._failed(job, str(error), seconds)

    def _changed(self, job: Job, hashes: dict[str, str]) -> str | None:
        """The name of an input from outside that is not what it was, if there is one."""
        given = self._stages[job.stage].given(job.video_id)
        for name, path in job.paths.items():
            if name == VIDEO and self._work.source_digest(job.video_id, path) != hashes[name]:
                return "the video"
            if name != VIDEO and not is_artifact(name) and (name not in given or given[name].sha256 != hashes[name]):
                return str(path)
        return None

    def _failed(self, job: Job, reason: str, seconds: float, detail: str = "") -> Result:
        try:
            reason, detail = scrubbed(reason), scrubbed(detail)
            self._work.fail(Failure(job.video_id, job.stage, reason))
        except ImigueError as error:
            detail += f"\n{error}"
        return Result(job.video_id, job.stage, Failed(reason), None, seconds, detail)


def _reason(error: Exception) -> str:
    if isinstance(error, ImigueError):
        return str(error)
    if isinstance(error, MemoryError):
        return "not enough memory: run with fewer --jobs"
    return f"unexpected {type(error).__name__}: {error} (the log has the details; please report it)"


def _detail(error: Exception) -> str:
    return "" if isinstance(error, ImigueError) else "".join(traceback.format_exception(error))


def _die_with_parent() -> None:
    if sys.platform == "linux":
        import ctypes

        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
