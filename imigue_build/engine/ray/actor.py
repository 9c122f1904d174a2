"""One actor of the pool, and what is lost when it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imigue_build.engine.ray.placement import Lane, Node
from imigue_build.engine.worker import Job


class Loss(NamedTuple):
    """A job whose actor ended, and how; `excused` where its node was lost, which is not the job's fault."""

    job: Job
    ended: str
    excused: bool


@dataclass(eq=False)
class Actor:
    """One actor, the call it has not answered yet, and the batch that the call is about.

    It is `leaving` where it gets no other batch, `unreachable` where the last call to it failed to arrive.
    """

    lane: Lane
    node: Node
    handle: Any
    call: Any
    ready: bool = False
    ready_since: float = 0.0
    leaving: bool = False
    unreachable: bool = False
    idle_since: float = 0.0
    jobs: list[Job] = field(default_factory=list)

    @property
    def is_free(self) -> bool:
        """Whether it can take a batch."""
        return self.ready and not self.jobs and not self.leaving
