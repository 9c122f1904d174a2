"""The local executor: interviews stream through the stages over a pool of processes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Final

from imigue_build.engine.pool import Lane, Pool
from imigue_build.engine.scheduler import Scheduler
from imigue_build.engine.stage import Stage, earlier_stages
from imigue_build.engine.worker import Job

_POLL: Final = 2.0
"""Seconds between two polls of the leases of other runs."""
_UNDER_WAY: Final = 64
"""Interviews under way concurrently, plus four a core: extraction does not run far ahead of later stages."""
_QUEUED: Final = 2
"""Batches that should be queued for each GPU."""


class LocalExecutor:
    """Runs the jobs of a scheduler; one interview's failure stops that one alone.

    Args:
        scheduler: All interviews of the run.
        jobs: How many cores to use at most, besides those that prepare work for GPUs.
        devices: The GPUs, as CUDA_VISIBLE_DEVICES calls them.
    """

    def __init__(self, scheduler: Scheduler, jobs: int, devices: Sequence[str] = ()) -> None:
        self._scheduler = scheduler
        self._stages = scheduler.pipeline.stages
        self._under_way = _UNDER_WAY + 4 * jobs
        self._pool = Pool(scheduler.pipeline.by_name, scheduler.work, jobs, devices)

    def run(self) -> None:
        """Runs to the end; every outcome is reported as an event. A KeyboardInterrupt ends it immediately."""
        scheduler, pool = self._scheduler, self._pool
        try:
            running, polled = 0, time.monotonic()
            pool.warm(
                [stage.name for stage in self._stages if scheduler.waiting(stage.name) or scheduler.coming(stage.name)]
            )
            while running or scheduler.leased_elsewhere or any(scheduler.waiting(stage.name) for stage in self._stages):
                while (found := self._next()) is not None:
                    pool.submit(*found)
                    running += len(found[1])
                if running:
                    results, lost = pool.collect(_POLL)
                    running -= len(results) + len(lost)
                    for result in results:
                        scheduler.settle(result)
                    for job, ended, begun in lost:
                        scheduler.lost(job, ended, excused=not begun)
                elif scheduler.leased_elsewhere:
                    time.sleep(_POLL)
                if time.monotonic() - polled > _POLL or not running:
                    scheduler.poll_leases()
                    polled = time.monotonic()
        finally:
            pool.close()

    def _next(self) -> tuple[Lane, list[Job]] | None:
        """What can be started now, and where; None where there is nothing. What waits for more comes last."""
        for patient in (True, False):
            for stage in self._in_order():
                waiting = self._scheduler.waiting(stage.name)
                lane = self._pool.free(stage.name, self._scheduler.waiting) if waiting else None
                if lane is None or not self._now(stage, lane, patient):
                    continue
                fair = math.ceil(waiting / self._pool.width(stage.name))
                batch = self._scheduler.take(stage.name, min(stage.batch, fair))
                if batch:
                    return lane, batch
        return None

    def _in_order(self) -> list[Stage]:
        """The most advanced stage first, so that interviews finish as others begin; before that, what an idle GPU
        needs."""
        needed = {
            name
            for stage in self._stages
            if self._pool.lanes(stage.name)[0].device
            and self._scheduler.waiting(stage.name) < _QUEUED * stage.batch * self._pool.width(stage.name)
            for name in (stage.name, *earlier_stages(stage))
        }
        order = list(reversed(self._stages))
        return [s for s in order if s.name in needed] + [s for s in order if s.name not in needed]

    def _now(self, stage: Stage, lane: Lane, patient: bool) -> bool:
        """Whether a stage should start now: the first one only while not enough interviews are under way; one that
        takes several at once when a batch is full, or when nothing else can start on a core that is free for it."""
        if stage is self._stages[0]:
            return self._scheduler.under_way < self._under_way
        full = self._scheduler.waiting(stage.name) >= stage.batch or self._scheduler.batches(stage) >= 1
        if lane.device or full or not self._scheduler.coming(stage.name):
            return True
        return not patient and (not lane.stage or 2 * self._pool.busy(lane) < self._pool.width(stage.name))
