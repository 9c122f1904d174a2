"""The actor pool of a run on a Ray cluster: a lane of actors for each stage that keeps a model, one for all others.

Ray restarts and retries nothing here: it would repeat a batch without checking whether its artifacts were
published, and on the same node. A lost actor's jobs go back to the scheduler, which does check.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, Final

from imigue_build.core.errors import BackendError
from imigue_build.engine.ray.actor import Actor, Loss
from imigue_build.engine.ray.cluster import how_ended, living_nodes
from imigue_build.engine.ray.placement import Lane, Node, Placement, lane_of
from imigue_build.engine.ray.worker import Expected, NodeWorker
from imigue_build.engine.stage import Stage
from imigue_build.engine.worker import Job, Result, thread_limits
from imigue_build.store.workspace import Workspace

IDLE: Final = 5.0
"""Seconds without work after which an actor gives way to a stage that has some."""
STRETCH: Final = 60.0
"""Seconds that an actor works at least before it gives way to a stage that has no actor and finds no room."""
_POLL_NODES: Final = 1.0
"""Seconds between two polls of the cluster's nodes."""
_SCALE: Final = 0.2
"""Seconds between two checks whether actors are missing."""
_STARTS: Final = 3
"""How many actors may end before they are ready until their node is no longer used."""
_ENDED: Final = 5.0
"""Seconds to wait for killed actors to end."""
_PROBE: Final = 0.1
"""Seconds between two probes of an actor that cannot be reached."""

_log = logging.getLogger("imigue_build.ray")


class ActorPool:
    """Starts actors where there is work and room, gives them batches, and replaces what is lost.

    Args:
        ray: The module, connected.
        stages: All stages by name.
        work: The workspace, under the path that all nodes know.
        expected: What the nodes are checked against; `provenance` is of all stages.
        idle: Instead of `IDLE`.
        stretch: Instead of `STRETCH`.
    """

    def __init__(
        self,
        ray: Any,
        stages: dict[str, Stage],
        work: Workspace,
        expected: Expected,
        idle: float = IDLE,
        stretch: float = STRETCH,
    ) -> None:
        self.warnings: list[str] = []
        self._ray = ray
        self._stages = stages
        self._work = work
        self._expected = expected
        self._idle = idle
        self._stretch = stretch
        self._class = ray.remote(NodeWorker)
        self._lanes = {name: lane_of(stage) for name, stage in stages.items()}
        self._actors: list[Actor] = []
        self._nodes: list[Node] = []
        self._polled = self._scaled = 0.0
        self._starts: Counter[str] = Counter()
        self._refused: dict[str, str] = {}
        self._claim: tuple[Lane, Node] | None = None

    def scale_up(self, waiting: Mapping[str, int], expected: Collection[str]) -> None:
        """Starts what is missing.

        Args:
            waiting: Batches that can be taken now, by stage.
            expected: Stages that will have work yet.

        Raises:
            BackendError: If no node of the cluster can be used.
        """
        now = time.monotonic()
        if now - self._scaled < _SCALE:
            return
        self._scaled = now
        self._poll_nodes()
        demand: Counter[Lane] = Counter()
        for stage, count in waiting.items():
            demand[self._lanes[stage]] += count
        placement = Placement(self._nodes, {self._lanes[stage] for stage in expected})
        late_first = list(dict.fromkeys(self._lanes[stage] for stage in reversed(self._stages)))
        if self._claim and (not demand[self._claim[0]] or self._claim[1] not in self._nodes):
            self._claim = None
        for lane in sorted(late_first, key=lambda lane: any(actor.lane == lane for actor in self._actors)):
            free = sum(actor.lane == lane and not actor.jobs and not actor.leaving for actor in self._actors)
            claimed = self._claim[1] if self._claim and self._claim[0] != lane else None
            for _ in range(demand[lane] - free):
                node = placement.place(lane, self._actors, claimed) or self._make_room(placement, lane, demand)
                if node is None:
                    break
                self._start(placement, lane, node)

    def idle(self, stage: str) -> bool:
        """Whether a batch of a stage can be taken now."""
        return self._free(stage) is not None

    def submit(self, batch: list[Job]) -> None:
        """Gives a batch to an idle actor."""
        actor = self._free(batch[0].stage)
        if actor is None:
            raise RuntimeError(f"no idle actor for {batch[0].stage}")
        actor.jobs = batch
        actor.call = actor.handle.run.remote(batch)

    def collect(self, seconds: float) -> tuple[list[Result], list[Loss]]:
        """Waits for answers at most so many seconds: the results that are there, and the jobs that were lost."""
        calls = {actor.call: actor for actor in self._actors if actor.call is not None}
        if not calls:
            time.sleep(seconds)
            return [], []
        answered, _ = self._ray.wait(list(calls), num_returns=1, timeout=seconds)
        if answered:
            answered, _ = self._ray.wait(list(calls), num_returns=len(calls), timeout=0)
        results: list[Result] = []
        lost: list[Loss] = []
        for call in answered:
            actor = calls[call]
            try:
                answer = self._ray.get(call)
            except self._ray.exceptions.ActorUnavailableError:
                self._probe(actor)
                continue
            except self._ray.exceptions.RayError as error:
                lost += self._died(actor, error)
                continue
            if actor.unreachable:  # it is alive and has finished its batch, but the answer is lost
                lost += [Loss(job, "it could not be reached", True) for job in actor.jobs]
                self._end(actor)
                continue
            actor.call = None
            actor.idle_since = time.monotonic()
            if actor.jobs:
                results += answer
                actor.jobs = []
            elif answer:
                self._refuse(actor.node, answer)
            else:
                actor.ready, actor.ready_since = True, actor.idle_since
            if actor.leaving or actor.node.id in self._refused:
                self._end(actor)
        return results, lost

    def close(self) -> None:
        """Kills all actors; what they were working on is lost, what they finished is not."""
        calls = [actor.call for actor in self._actors if actor.call is not None]
        for actor in list(self._actors):
            self._end(actor)
        if calls:
            self._ray.wait(calls, num_returns=len(calls), timeout=_ENDED)

    def _free(self, stage: str) -> Actor | None:
        lane = self._lanes[stage]
        idle = (actor for actor in self._actors if actor.lane == lane and actor.is_free)
        return next(idle, None)

    def _poll_nodes(self) -> None:
        """Which nodes there are now."""
        now = time.monotonic()
        if self._nodes and now - self._polled < _POLL_NODES:
            return
        self._polled = now
        living = living_nodes(self._ray)
        known = {node.id for node in self._nodes} | self._refused.keys()
        for node in living:
            if node.id not in known:
                _log.info("node %s: %g cores, %g GPUs", node.host, node.cpus, node.gpus)
        ids = {node.id for node in living}
        for node in self._nodes:
            if node.id not in ids:
                self.warnings.append(f"node {node.host} was lost during the run")
                _log.warning("node %s was lost", node.host)
        self._nodes = [node for node in living if node.id not in self._refused]
        self._actors = [actor for actor in self._actors if actor.call is not None or actor.node.id in ids]
        if self._refused and not self._nodes:
            reasons = sorted(set(self._refused.values()))
            raise BackendError(f"no node of the Ray cluster can be used: {reasons[0]}")

    def _make_room(self, placement: Placement, lane: Lane, demand: Counter[Lane]) -> Node | None:
        """Ends idle actors for a lane that has work. A lane without any actor claims a node.

        There, as many actors as necessary leave after their batch, and no others are started in their places.
        """
        now = time.monotonic()
        ready = [actor for actor in self._actors if actor.ready and not actor.leaving]
        free = [actor for actor in ready if actor.is_free and not demand[actor.lane]]
        idle = [actor for actor in free if now - actor.idle_since >= self._idle]
        if self._claim and self._claim[0] != lane:
            idle = [actor for actor in idle if actor.node != self._claim[1]]
        gone = placement.preempted(lane, self._actors, idle)
        for actor in gone:
            self._end(actor)
        if gone:
            return gone[0].node
        if self._claim is None and not any(actor.lane == lane for actor in self._actors):
            long = [actor for actor in ready if now - actor.ready_since >= self._stretch]
            long.sort(key=lambda actor: (bool(actor.jobs), actor.ready_since))
            for actor in placement.preempted(lane, self._actors, long):
                self._claim = lane, actor.node
                actor.leaving = True
                if not actor.jobs:
                    self._end(actor)
        return None

    def _start(self, placement: Placement, lane: Lane, node: Node) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        if self._claim and self._claim[0] == lane:
            self._claim = None
        cpu, gpu = placement.share(lane, node)
        names = [name for name, its_lane in self._lanes.items() if its_lane == lane]
        provenance = {name: self._expected.provenance[name] for name in names}
        expected = Expected(self._expected.folder, self._expected.shared, provenance)
        threads = thread_limits(max(1, int(cpu)))
        hidden = {} if gpu else {"CUDA_VISIBLE_DEVICES": ""}  # where it has a share, Ray says of which
        handle = self._class.options(
            num_cpus=cpu,
            num_gpus=gpu,
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False),
            runtime_env={"env_vars": threads | hidden},
        ).remote({name: self._stages[name] for name in names}, self._work, expected)
        _log.info("node %s: a worker for %s starts", node.host, lane.name or "the other stages")
        self._actors.append(Actor(lane, node, handle, handle.lacks.remote()))

    def _probe(self, actor: Actor) -> None:
        """Probes an actor that cannot be reached, until it answers or the cluster reports it or its node dead."""
        time.sleep(_PROBE)
        actor.unreachable = True
        actor.call = actor.handle.lacks.remote()

    def _died(self, actor: Actor, error: Exception) -> list[Loss]:
        """The jobs that are lost with an actor that has ended."""
        alive = actor.node.id in {node.id for node in living_nodes(self._ray)}
        ended = how_ended(error) if alive else f"its node {actor.node.host} was lost"
        _log.warning("a worker on %s ended: %s\n%s", actor.node.host, ended, error)
        self._end(actor)
        if alive and not actor.ready:
            self._starts[actor.node.id] += 1
            if self._starts[actor.node.id] >= _STARTS:
                self._refuse(actor.node, f"workers do not start there: {ended}")
        self._polled = self._scaled = 0.0
        return [Loss(job, ended, not alive) for job in actor.jobs]

    def _refuse(self, node: Node, reason: str) -> None:
        if node.id not in self._refused:
            self._refused[node.id] = f"{node.host}: {reason}"
            self._polled = 0.0
            self.warnings.append(f"node {node.host} took no part: {reason}")
            _log.warning("node %s takes no part: %s", node.host, reason)

    def _end(self, actor: Actor) -> None:
        self._actors.remove(actor)
        self._ray.kill(actor.handle, no_restart=True)
