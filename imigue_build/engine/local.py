"""The local executor: interviews stream through the stages over a pool of processes."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imigue_build.engine.events import Blocked, Event, Finished, Planned, Reused, Started
from imigue_build.engine.plan import Artifact, Interview, Pipeline, inputs_of, why_run
from imigue_build.engine.pool import Pool
from imigue_build.engine.stage import VIDEO, Done, Failed, Stage, earlier_stages
from imigue_build.engine.worker import Job, Result
from imigue_build.store.completion import Completion, Failure
from imigue_build.store.workspace import Workspace

ATTEMPTS = 2
"""How often a job is given to a process before its interview fails, where the process dies over it."""


@dataclass
class _Progress:
    """One interview on its way.

    `standing` are the artifacts that count, `waiting` the stages not looked at yet, `unsettled`
    those and the ones that are queued or running.
    """

    interview: Interview
    video: Path | None
    order: int
    waiting: list[Stage]
    unsettled: set[str]
    standing: dict[str, Completion] = field(default_factory=dict)


class LocalExecutor:
    """Runs the wanted stages of the given interviews; one interview's failure stops that one alone.

    Args:
        pipeline: All stages, in order.
        work: The workspace; its lock is held by the caller.
        jobs: How many processes at the most.
        emit: Called in this process with every event, in order.
        force: Whether stages run although nothing changed.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        work: Workspace,
        jobs: int,
        emit: Callable[[Event], None],
        force: bool = False,
    ) -> None:
        self._pipeline = pipeline
        self._work = work
        self._jobs = jobs
        self._emit = emit
        self._force = force
        self._queues: dict[str, list[tuple[int, Job, str]]] = {stage.name: [] for stage in pipeline.stages}
        self._attempts: dict[tuple[str, str], int] = {}
        self._on_the_way: dict[str, _Progress] = {}

    def run(self, interviews: Sequence[tuple[Interview, Path | None]], wanted: Sequence[str]) -> None:
        """Runs to the end; every outcome is told as an event. A KeyboardInterrupt ends it at once."""
        stages = [stage for stage in self._pipeline.stages if stage.name in wanted]
        self._emit(Planned({stage.name: len(interviews) for stage in stages}))
        for order, (interview, video) in enumerate(interviews):
            self._enter(interview, video, order, stages)
        pool = Pool(self._pipeline.by_name, self._work.root, self._jobs)
        try:
            running = 0
            while any(self._queues.values()) or running:
                while batch := self._next_batch(pool):
                    pool.submit(batch)
                    running += len(batch)
                results, lost = pool.collect()
                running -= len(results) + len(lost)
                for result in results:
                    self._settle(result)
                for job, ended in lost:
                    self._retry(job, ended)
        finally:
            pool.close()

    def _enter(self, interview: Interview, video: Path | None, order: int, stages: Sequence[Stage]) -> None:
        progress = _Progress(interview, video, order, list(stages), {stage.name for stage in stages})
        for stage in self._pipeline.stages:
            artifact = interview.artifacts.get(stage.name, Artifact())
            if stage not in stages and artifact.completion and not artifact.damage:
                progress.standing[stage.name] = artifact.completion
        self._on_the_way[interview.video_id] = progress
        self._advance(progress)

    def _advance(self, progress: _Progress) -> None:
        """Looks at every waiting stage whose earlier ones are settled: reuse, queue, or block it."""
        for stage in list(progress.waiting):  # in the pipeline's order, so one pass is enough
            if progress.unsettled.isdisjoint(earlier_stages(stage)):
                progress.waiting.remove(stage)
                self._decide(progress, stage)

    def _decide(self, progress: _Progress, stage: Stage) -> None:
        video_id = progress.interview.video_id
        missing = [name for name in earlier_stages(stage) if name not in progress.standing]
        if missing:
            self._block(progress, stage, f"its {missing[0]} artifact is missing: run `imigue-build {missing[0]}` first")
            return
        artifact = progress.interview.artifacts.get(stage.name, Artifact())
        inputs = inputs_of(stage, progress.interview, progress.standing)
        because = why_run(self._pipeline.identity(stage, inputs), artifact) if inputs else "not done yet"
        if artifact.completion and not because and not self._force:
            progress.standing[stage.name] = artifact.completion
            progress.unsettled.remove(stage.name)
            self._emit(Reused(video_id, stage.name))
        elif VIDEO in stage.inputs and progress.video is None:
            self._block(progress, stage, "its video is not in VIDEOS")
        else:
            self._enqueue(progress, stage, inputs or {}, because or "--force")

    def _block(self, progress: _Progress, stage: Stage, because: str) -> None:
        progress.unsettled.remove(stage.name)
        self._emit(Blocked(progress.interview.video_id, stage.name, because))

    def _enqueue(self, progress: _Progress, stage: Stage, hashes: dict[str, str], because: str) -> None:
        video_id = progress.interview.video_id
        paths = {name: self._work.root / video_id / name for name in stage.inputs if name != VIDEO}
        given = progress.interview.given.get(stage.name, {})
        paths |= {name: file.path for name, file in given.items()}
        if VIDEO in stage.inputs and progress.video is not None:
            paths[VIDEO] = progress.video
        job = Job(video_id, stage.name, paths, hashes, self._pipeline.provenance(stage))
        self._attempts[(video_id, stage.name)] = 0
        self._push(job, because)

    def _push(self, job: Job, because: str) -> None:
        order = self._on_the_way[job.video_id].order
        heapq.heappush(self._queues[job.stage], (order, job, because))

    def _next_batch(self, pool: Pool) -> list[Job]:
        """What a free process can take now; none where there is nothing.

        The most advanced stage comes first, so that interviews leave the pipeline as others enter it.
        """
        batch: list[Job] = []
        for stage in reversed(self._pipeline.stages):
            queue = self._queues[stage.name]
            if queue and pool.idle(stage.name):
                while queue and len(batch) < stage.batch:
                    _, job, because = heapq.heappop(queue)
                    self._attempts[(job.video_id, job.stage)] += 1
                    self._emit(Started(job.video_id, job.stage, because))
                    batch.append(job)
                break
        return batch

    def _settle(self, result: Result) -> None:
        progress = self._on_the_way[result.video_id]
        progress.unsettled.remove(result.stage)
        if result.completion is not None:
            progress.standing[result.stage] = result.completion
        self._emit(Finished(result.video_id, result.stage, result.outcome, result.seconds, result.detail))
        self._advance(progress)

    def _retry(self, job: Job, ended: str) -> None:
        published = self._work.completion(job.video_id, job.stage)
        before = self._on_the_way[job.video_id].interview.artifacts.get(job.stage, Artifact()).completion
        if published is not None and published != before:  # it died after its work was done
            outcome = Done(published.media_seconds, published.warnings)
            self._settle(Result(job.video_id, job.stage, outcome, published, published.seconds))
            return
        if self._attempts[(job.video_id, job.stage)] < ATTEMPTS:
            self._push(job, f"its process ended ({ended})")
            return
        reason = f"the process working on it ended {ATTEMPTS} times ({ended}): free some memory or lower --jobs"
        self._work.fail(Failure(job.video_id, job.stage, reason))
        self._settle(Result(job.video_id, job.stage, Failed(reason), None, 0.0))
