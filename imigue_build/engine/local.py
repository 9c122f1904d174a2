"""The local executor: interviews stream through the stages over a pool of processes."""

from __future__ import annotations

import time
from typing import Final

from imigue_build.engine.flow import Flow
from imigue_build.engine.pool import Pool
from imigue_build.engine.worker import Job

_ASKED: Final = 2.0
"""Seconds between two looks at what other runs do."""


class LocalExecutor:
    """Runs the jobs of a flow; one interview's failure stops that one alone. `jobs`: processes at the most."""

    def __init__(self, flow: Flow, jobs: int) -> None:
        self._flow = flow
        self._jobs = jobs

    def run(self) -> None:
        """Runs to the end; every outcome is told as an event. A KeyboardInterrupt ends it at once."""
        flow = self._flow
        pool = Pool(flow.pipeline.by_name, flow.work, self._jobs)
        try:
            running = 0
            while running or flow.elsewhere or self._waiting():
                while batch := self._next_batch(pool):
                    pool.submit(batch)
                    running += len(batch)
                if running:
                    results, lost = pool.collect(_ASKED)
                    running -= len(results) + len(lost)
                    for result in results:
                        flow.settle(result)
                    for job, ended in lost:
                        flow.lost(job, ended)
                elif flow.elsewhere:
                    time.sleep(_ASKED)
                flow.ask_again()
        finally:
            pool.close()

    def _waiting(self) -> bool:
        return any(self._flow.waiting(stage.name) for stage in self._flow.pipeline.stages)

    def _next_batch(self, pool: Pool) -> list[Job]:
        """What a free process can take now; none where there is nothing.

        The most advanced stage comes first, so that interviews leave the pipeline as others enter it.
        """
        for stage in reversed(self._flow.pipeline.stages):
            if self._flow.waiting(stage.name) and pool.idle(stage.name):
                batch = self._flow.take(stage.name, stage.batch)
                if batch:
                    return batch
        return []
