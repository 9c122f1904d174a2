"""The scheduler: which stage each interview may run next, and what became of each job. Starts no process."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from imigue_build.engine.ahead import planned, sound_of
from imigue_build.engine.attempts import ATTEMPTS, Attempts
from imigue_build.engine.events import Blocked, Dropped, Event, Finished, Reused, Span, Started
from imigue_build.engine.plan import Artifact, Interview, Pipeline, inputs_of, why_run
from imigue_build.engine.stage import VIDEO, Done, Failed, Stage, earlier_stages
from imigue_build.engine.worker import Job, Result
from imigue_build.store.completion import Completion, Failure
from imigue_build.store.lease_files import LeaseLostError
from imigue_build.store.leases import Leases
from imigue_build.store.workspace import Workspace


@dataclass
class _Progress:
    """How far one interview is.

    `up_to_date` are the artifacts that count, `waiting` the stages not decided on yet, `unsettled`
    those and the ones that are queued or running; `running` counts the jobs given to workers.
    """

    interview: Interview
    video: Path | None
    order: int
    waiting: list[Stage]
    unsettled: set[str]
    up_to_date: dict[str, Completion] = field(default_factory=dict)
    running: int = 0


class RunCoordination(NamedTuple):
    """Leases on interviews, and what reads the state of one again where another run may have worked on it."""

    leases: Leases
    observe: Callable[[str], Interview]


class Scheduler:
    """All interviews of a run. An executor takes jobs and hands their results back.

    Args:
        pipeline: All stages, in order.
        work: The workspace.
        emit: Called with every event, in order.
        force: Whether stages run although nothing changed.
        coordination: With other runs on the same WORK; None where there can be no other.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        work: Workspace,
        emit: Callable[[Event], None],
        force: bool = False,
        coordination: RunCoordination | None = None,
    ) -> None:
        self.pipeline = pipeline
        self.work = work
        self._emit = emit
        self._force = force
        self._coordination = coordination
        self._queues: dict[str, list[tuple[int, Job, str]]] = {stage.name: [] for stage in pipeline.stages}
        self._attempts = Attempts()
        self._interviews: dict[str, _Progress] = {}
        self._claimed: set[str] = set()
        self._leased_elsewhere: set[str] = set()
        self._begun: set[str] = set()
        self._coming: Counter[str] = Counter()
        self._ready: dict[tuple[str, str], float] = {}

    def enter(self, interviews: Sequence[tuple[Interview, Path | None]], wanted: Sequence[str]) -> None:
        """Adds the interviews, in the order in which they are to be worked on."""
        stages = [stage for stage in self.pipeline.stages if stage.name in wanted]
        self._emit(planned(stages, interviews))
        for order, (interview, video) in enumerate(interviews):
            unsettled = {stage.name for stage in stages}
            progress = _Progress(interview, video, order, list(stages), unsettled, interview.up_to_date(unsettled))
            self._interviews[interview.video_id] = progress
            self._coming.update(unsettled)
            self._advance(progress)

    @property
    def leased_elsewhere(self) -> bool:
        """Whether it waits for another run."""
        return bool(self._leased_elsewhere)

    def waiting(self, stage: str) -> int:
        """How many jobs of a stage can be taken."""
        return len(self._queues[stage])

    @property
    def under_way(self) -> int:
        """How many interviews have begun and are not finished."""
        return len(self._begun)

    def coming(self, stage: str) -> int:
        """How many interviews may still reach a stage."""
        return self._coming[stage]

    def expects(self, stage: str) -> bool:
        """Whether a stage has, or will have, an interview to work on."""
        return any(stage in progress.unsettled for progress in self._interviews.values())

    def batches(self, stage: Stage) -> float:
        """How many times what waits for a stage is what a worker takes together."""
        queue = self._queues[stage.name]
        return max(len(queue) / stage.batch, sum(self._seconds(job) for _, job, _ in queue) / stage.batch_seconds)

    def take(self, stage: str, most: int) -> list[Job]:
        """At most so many jobs of a stage, the first in order; fewer where they are long (`Stage.batch_seconds`), and
        where other runs hold their interviews."""
        batch: list[Job] = []
        queue, seconds = self._queues[stage], self.pipeline.by_name[stage].batch_seconds
        while queue and len(batch) < most and (not batch or self._seconds(queue[0][1]) <= seconds):
            _, job, because = heapq.heappop(queue)
            if self._claim(job):
                seconds -= self._seconds(job)
                self._interviews[job.video_id].running += 1
                self._attempts.begin(job)
                self._begun.add(job.video_id)
                self._emit(Started(job.video_id, job.stage, because))
                batch.append(job)
        return batch

    def settle(self, result: Result) -> None:
        """Takes a job's result. It does not count where another run has taken the interview over."""
        progress = self._interviews[result.video_id]
        progress.running -= 1
        if result.dropped:
            self._drop(result.video_id)
        if result.video_id in self._leased_elsewhere:
            return
        progress.unsettled.remove(result.stage)
        if result.completion is not None:
            progress.up_to_date[result.stage] = result.completion
        ready = self._ready.pop((result.video_id, result.stage), result.started)
        span = Span(result.worker, ready, result.started, result.ended, result.loaded) if result.worker else None
        self._emit(Finished(result.video_id, result.stage, result.outcome, result.seconds, result.detail, span))
        self._advance(progress)

    def lost(self, job: Job, ended: str, excused: bool = False) -> None:
        """Takes a job whose process ended, and how: it is queued again, unless its artifact was published.

        It is `excused` where the job is not to blame: its machine was lost, or it had not begun.
        """
        progress = self._interviews[job.video_id]
        if job.video_id in self._leased_elsewhere:
            progress.running -= 1
            return
        published = self.work.completion(job.video_id, job.stage)
        before = progress.interview.artifacts.get(job.stage, Artifact()).completion
        if published is not None and published != before:
            outcome = Done(published.media_seconds, published.warnings)
            self.settle(Result(job.video_id, job.stage, outcome, published, published.seconds))
            return
        if self._attempts.may_retry(job, excused):
            progress.running -= 1
            self._push(job, f"its process ended ({ended})")
            return
        reason = f"the process working on it ended {ATTEMPTS} times ({ended}): free some memory or lower --jobs"
        dropped = False
        try:
            self.work.fail(Failure(job.video_id, job.stage, reason))
        except LeaseLostError:
            dropped = True
        self.settle(Result(job.video_id, job.stage, Failed(reason), None, 0.0, dropped=dropped))

    def poll_leases(self) -> None:
        """Drops interviews that other runs took over, and takes over those that other runs have let go of.

        Raises:
            StoreError: If this run lost its leases, and one with other settings holds WORK by now.
        """
        if self._coordination is None:
            return
        for video_id in self._coordination.leases.lost() & self._claimed:
            self._drop(video_id)
        for video_id in sorted(self._leased_elsewhere):
            progress = self._interviews[video_id]
            if not progress.running and self._coordination.leases.claim(video_id) is None:
                self._leased_elsewhere.remove(video_id)
                self._claimed.add(video_id)
                self._take_over(progress, self._coordination.observe(video_id))

    def _drop(self, video_id: str) -> None:
        """Leaves an interview to the run that took it over; what that one makes of it counts."""
        if self._coordination is not None and video_id not in self._leased_elsewhere:
            self._coordination.leases.release(video_id)
            self._claimed.discard(video_id)
            self._begun.discard(video_id)
            self._leased_elsewhere.add(video_id)
            self._withdraw(video_id)
            self._emit(Dropped(video_id))

    def _claim(self, job: Job) -> bool:
        """Whether a job's interview is this run's, and as it was observed; else it waits, or is decided on anew."""
        if self._coordination is None or job.video_id in self._claimed:
            return True
        progress = self._interviews[job.video_id]
        if self._coordination.leases.claim(job.video_id) is not None:
            self._leased_elsewhere.add(job.video_id)
            self._withdraw(job.video_id)
            return False
        self._claimed.add(job.video_id)
        interview = self._coordination.observe(job.video_id)
        if interview.artifacts == progress.interview.artifacts:
            return True
        self._withdraw(job.video_id)
        self._take_over(progress, interview)
        return False

    def _take_over(self, progress: _Progress, interview: Interview) -> None:
        """Goes on from where another run stopped. What failed there meanwhile is not tried a second time."""
        failed: set[str] = set()
        for stage in [stage.name for stage in self.pipeline.stages if stage.name in progress.unsettled]:
            failure = interview.artifacts[stage].failure
            if failure is not None and failure != progress.interview.artifacts[stage].failure:
                failed.add(stage)
                outcome = Failed(f"{failure.reason} (in another run at the same time)")
                self._emit(Finished(interview.video_id, stage, outcome, 0.0))
        progress.unsettled -= failed
        progress.interview = interview
        self._coming.subtract(stage.name for stage in progress.waiting)
        progress.waiting = [stage for stage in self.pipeline.stages if stage.name in progress.unsettled]
        self._coming.update(stage.name for stage in progress.waiting)
        progress.up_to_date = interview.up_to_date(progress.unsettled | failed)
        self._advance(progress)

    def _seconds(self, job: Job) -> float:
        return sound_of(self._interviews[job.video_id].up_to_date.values())

    def _withdraw(self, video_id: str) -> None:
        for queue in self._queues.values():
            queue[:] = [entry for entry in queue if entry[1].video_id != video_id]
            heapq.heapify(queue)

    def _advance(self, progress: _Progress) -> None:
        """Decides on every waiting stage whose earlier ones are settled: reuse, queue, or block it."""
        for stage in list(progress.waiting):  # in the pipeline's order, so one pass is enough
            if progress.unsettled.isdisjoint(earlier_stages(stage)):
                progress.waiting.remove(stage)
                self._coming[stage.name] -= 1
                self._decide(progress, stage)
        video_id = progress.interview.video_id
        if not progress.unsettled:
            self._begun.discard(video_id)
        if self._coordination and not progress.unsettled and video_id in self._claimed:
            self._claimed.remove(video_id)
            self._coordination.leases.release(video_id)

    def _decide(self, progress: _Progress, stage: Stage) -> None:
        video_id = progress.interview.video_id
        missing = [name for name in earlier_stages(stage) if name not in progress.up_to_date]
        if missing:
            self._block(progress, stage, self.pipeline.missing(missing[0], progress.up_to_date))
            return
        artifact = progress.interview.artifacts.get(stage.name, Artifact())
        inputs = inputs_of(stage, progress.interview, progress.up_to_date)
        because = why_run(self.pipeline.identity(stage, inputs), artifact) if inputs else "not done yet"
        if artifact.completion and not because and not self._force:
            progress.up_to_date[stage.name] = artifact.completion
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
        paths = {name: self.work.root / video_id / name for name in stage.inputs if name != VIDEO}
        given = progress.interview.given.get(stage.name, {})
        paths |= {name: file.path for name, file in given.items()}
        if VIDEO in stage.inputs and progress.video is not None:
            paths[VIDEO] = progress.video
        job = Job(video_id, stage.name, paths, hashes, self.pipeline.provenance(stage))
        self._attempts.reset(job)
        self._push(job, because)

    def _push(self, job: Job, because: str) -> None:
        order = self._interviews[job.video_id].order
        heapq.heappush(self._queues[job.stage], (order, job, because))
        self._ready[(job.video_id, job.stage)] = time.time()
