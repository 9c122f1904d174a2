"""The Ray executor: the same scheduler as the local one, over actors on the nodes of a cluster."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.engine.ray.actor_pool import IDLE, STRETCH, ActorPool
from imigue_build.engine.ray.cluster import connected
from imigue_build.engine.ray.worker import Expected
from imigue_build.engine.scheduler import Scheduler
from imigue_build.engine.worker import Job

_POLL: Final = 1.0
"""Seconds between two polls of other runs' leases and of the cluster's nodes."""


class RayExecutor:
    """Runs the jobs of a scheduler on a Ray cluster; one interview's failure stops that one alone.

    Args:
        scheduler: All interviews of the run.
        jobs: The cores of the cluster that is started here where there is none.
        address: HOST:PORT of the cluster's head, `auto`, or None (see `cluster.connected`).
        shared: Files and folders besides WORK that every node has to see.
        idle: Seconds without work after which an actor gives way.
        stretch: Seconds that an actor works at least before it gives way.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        jobs: int,
        address: str | None = None,
        shared: Sequence[Path] = (),
        idle: float = IDLE,
        stretch: float = STRETCH,
    ) -> None:
        self.warnings: list[str] = []
        self._scheduler = scheduler
        self._jobs = jobs
        self._address = address
        self._shared = tuple(shared)
        self._times = (idle, stretch)

    def run(self) -> None:
        """Runs to the end; every outcome is reported as an event. A KeyboardInterrupt ends it immediately.

        Raises:
            UsageError: If there is no Ray, or no cluster.
            BackendError: If no node of the cluster can take part.
        """
        if not (self._waiting() or self._scheduler.leased_elsewhere):
            return
        pipeline, work = self._scheduler.pipeline, self._scheduler.work
        provenance = {stage.name: pipeline.provenance(stage) for stage in pipeline.stages}
        expected = Expected(Path.cwd(), (work.root, *self._shared), provenance)
        with connected(self._address, self._jobs) as ray:
            pool = ActorPool(ray, pipeline.by_name, work, expected, *self._times)
            try:
                self._work(pool)
            finally:
                pool.close()
                self.warnings = pool.warnings

    def _work(self, pool: ActorPool) -> None:
        scheduler = self._scheduler
        running = 0
        while running or scheduler.leased_elsewhere or self._waiting():
            waiting = {
                stage.name: min(math.ceil(scheduler.batches(stage)), scheduler.waiting(stage.name))
                for stage in scheduler.pipeline.stages
            }
            pool.scale_up(waiting, [stage.name for stage in scheduler.pipeline.stages if scheduler.expects(stage.name)])
            while batch := self._next_batch(pool):
                pool.submit(batch)
                running += len(batch)
            results, lost = pool.collect(_POLL)
            running -= len(results) + len(lost)
            for result in results:
                scheduler.settle(result)
            for job, ended, excused in lost:
                scheduler.lost(job, ended, excused)
            scheduler.poll_leases()

    def _waiting(self) -> bool:
        return any(self._scheduler.waiting(stage.name) for stage in self._scheduler.pipeline.stages)

    def _next_batch(self, pool: ActorPool) -> list[Job]:
        """A batch of the most advanced stage that an idle actor can take now; empty where there is none."""
        for stage in reversed(self._scheduler.pipeline.stages):
            if self._scheduler.waiting(stage.name) and pool.idle(stage.name):
                batch = self._scheduler.take(stage.name, stage.batch)
                if batch:
                    return batch
        return []
