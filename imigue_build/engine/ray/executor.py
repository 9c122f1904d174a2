"""The Ray executor: the same flow as the local one, over actors on the nodes of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.engine.ray.actor_pool import IDLE, STRETCH, Crew
from imigue_build.engine.ray.cluster import connected
from imigue_build.engine.ray.worker import Expected
from imigue_build.engine.scheduler import Flow
from imigue_build.engine.worker import Job

_ASKED: Final = 1.0
"""Seconds between two looks at what other runs do and which nodes have come."""


class RayExecutor:
    """Runs the jobs of a flow on a Ray cluster; one interview's failure stops that one alone.

    Args:
        flow: All interviews of the run.
        jobs: The cores of the cluster that is started here where there is none.
        address: HOST:PORT of the cluster's head, `auto`, or None (see `cluster.connected`).
        shared: Files and folders besides WORK that every node has to see.
        idle: Seconds without work after which an actor gives way.
        stretch: Seconds that an actor works at least before it gives way.
    """

    def __init__(
        self,
        flow: Flow,
        jobs: int,
        address: str | None = None,
        shared: Sequence[Path] = (),
        idle: float = IDLE,
        stretch: float = STRETCH,
    ) -> None:
        self.warnings: list[str] = []
        self._flow = flow
        self._jobs = jobs
        self._address = address
        self._shared = tuple(shared)
        self._times = (idle, stretch)

    def run(self) -> None:
        """Runs to the end; every outcome is told as an event. A KeyboardInterrupt ends it at once.

        Raises:
            UsageError: If there is no Ray, or no cluster.
            BackendError: If no node of the cluster can take part.
        """
        if not (self._waiting() or self._flow.elsewhere):
            return
        pipeline, work = self._flow.pipeline, self._flow.work
        provenance = {stage.name: pipeline.provenance(stage) for stage in pipeline.stages}
        expected = Expected(Path.cwd(), (work.root, *self._shared), provenance)
        with connected(self._address, self._jobs) as ray:
            crew = Crew(ray, pipeline.by_name, work, expected, *self._times)
            try:
                self._work(crew)
            finally:
                crew.close()
                self.warnings = crew.warnings

    def _work(self, crew: Crew) -> None:
        flow = self._flow
        running = 0
        while running or flow.elsewhere or self._waiting():
            waiting = {stage.name: -(-flow.waiting(stage.name) // stage.batch) for stage in flow.pipeline.stages}
            crew.grow(waiting, [stage.name for stage in flow.pipeline.stages if flow.expects(stage.name)])
            while batch := self._next_batch(crew):
                crew.submit(batch)
                running += len(batch)
            results, lost = crew.collect(_ASKED)
            running -= len(results) + len(lost)
            for result in results:
                flow.settle(result)
            for job, ended, excused in lost:
                flow.lost(job, ended, excused)
            flow.ask_again()

    def _waiting(self) -> bool:
        return any(self._flow.waiting(stage.name) for stage in self._flow.pipeline.stages)

    def _next_batch(self, crew: Crew) -> list[Job]:
        """What an idle actor can take now, of the most advanced stage; none where there is nothing."""
        for stage in reversed(self._flow.pipeline.stages):
            if self._flow.waiting(stage.name) and crew.idle(stage.name):
                batch = self._flow.take(stage.name, stage.batch)
                if batch:
                    return batch
        return []
