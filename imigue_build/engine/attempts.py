"""How often a job is given to a worker whose process, or whose machine, may end over it."""

from __future__ import annotations

from collections import Counter
from typing import Final

from imigue_build.engine.worker import Job

ATTEMPTS: Final = 2
"""How often a job is given to a process before its interview fails, where the process dies over it."""
EXCUSED: Final = 5
"""How often a job may be lost with its machine on top of that: for one that takes its machine down with it."""


class Attempts:
    """The attempts at every job of a run."""

    def __init__(self) -> None:
        self._counted: Counter[tuple[str, str]] = Counter()
        self._excused: Counter[tuple[str, str]] = Counter()

    def reset(self, job: Job) -> None:
        """A new job: none counts yet."""
        self._counted[(job.video_id, job.stage)] = 0

    def begin(self, job: Job) -> None:
        """One more attempt."""
        self._counted[(job.video_id, job.stage)] += 1

    def may_retry(self, job: Job, excused: bool) -> bool:
        """Whether a job that was lost is tried again; an attempt that is `excused` does not count, for a while."""
        key = (job.video_id, job.stage)
        if excused and self._excused[key] < EXCUSED:
            self._excused[key] += 1
            self._counted[key] -= 1
        return self._counted[key] < ATTEMPTS
