"""On which node of a cluster a worker is placed, and which workers are preempted. Pure: it knows nodes and shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from imigue_build.engine.stage import Stage


@dataclass(frozen=True)
class Node:
    """A machine of the cluster and what it has; `host` is its name for people."""

    id: str
    host: str
    cpus: float
    gpus: float = 0.0


@dataclass(frozen=True)
class Lane:
    """Workers of one kind: those of a stage that has its own, or (no name) those that all other stages share."""

    name: str
    cpu: float = 1.0
    gpu: float = 0.0


GENERAL = Lane("")
"""The workers of all stages that take one core."""


def lane_of(stage: Stage) -> Lane:
    """A stage that works on a GPU, or on several cores, has workers of its own."""
    resources = stage.resources
    own = resources.gpu > 0 or resources.cpu > 1
    return Lane(stage.name, resources.cpu, resources.gpu) if own else GENERAL


class Placed(Protocol):
    """A worker on its node."""

    @property
    def lane(self) -> Lane: ...
    @property
    def node(self) -> Node: ...


P = TypeVar("P", bound=Placed)


@dataclass(frozen=True)
class Placement:
    """The nodes that can be used, and the lanes that will have work yet."""

    nodes: Sequence[Node]
    expected: Collection[Lane] = field(default=())

    def place(self, lane: Lane, workers: Sequence[Placed], excluded: Node | None = None) -> Node | None:
        """Where one more worker of a lane fits: the node with the most idle cores; those without a GPU first."""
        there = _by_node(workers)
        found = [node for node in self.nodes if node != excluded and self.fits(lane, node, there[node.id])]
        if not found:
            return None

        def preference(node: Node) -> tuple[float, float, str]:
            return (0 if lane.gpu else -node.gpus), self._free(node, there[node.id]), node.id

        return max(found, key=preference)

    def share(self, lane: Lane, node: Node) -> tuple[float, float]:
        """Cores and GPUs that a worker takes: never more cores than there are, no GPU where no node has one."""
        return min(lane.cpu, node.cpus), lane.gpu if any(node.gpus for node in self.nodes) else 0.0

    def fits(self, lane: Lane, node: Node, workers: Sequence[Placed]) -> bool:
        """Whether one more worker has its cores and its GPU on a node.

        The cores that GPU stages will need on a node with a GPU are kept for them, so that no GPU waits; and a
        stage has one worker a GPU, so that its model is not loaded twice.
        """
        here = [worker.lane for worker in workers if worker.node.id == node.id]
        cpu, gpu = self.share(lane, node)
        if cpu <= 0 or cpu > self._free(node, workers) - (0.0 if gpu else self._kept(node, here)):
            return False
        if not gpu:
            return True
        return here.count(lane) < max(1, int(node.gpus)) and _packs(
            [*(placed.gpu for placed in here), gpu], int(node.gpus)
        )

    def preempted(self, lane: Lane, workers: Sequence[P], may_go: Sequence[P]) -> list[P]:
        """The fewest of the workers that may go after which the lane fits somewhere; none where it never does."""
        best: list[P] = []
        there, candidates = _by_node(workers), _by_node([worker for worker in may_go if worker.lane != lane])
        for node in self.nodes:
            left, gone = there[node.id], []
            for worker in candidates[node.id]:
                if self.fits(lane, node, left):
                    break
                left.remove(worker)
                gone.append(worker)
            if gone and self.fits(lane, node, left) and (not best or len(gone) < len(best)):
                best = gone
        return best

    def _free(self, node: Node, workers: Sequence[Placed]) -> float:
        return node.cpus - sum(self.share(worker.lane, node)[0] for worker in workers if worker.node.id == node.id)

    def _kept(self, node: Node, here: Sequence[Lane]) -> float:
        lanes = [lane for lane in self.expected if lane.gpu]
        if not lanes or not node.gpus:
            return 0.0
        sets = int(node.gpus / sum(lane.gpu for lane in lanes))
        needed = sets * sum(lane.cpu for lane in lanes) if sets else max(lane.cpu for lane in lanes)
        has = sum(lane.cpu for lane in here if lane.gpu)
        return max(0.0, min(needed, node.cpus - 1) - has)


def _by_node(workers: Sequence[P]) -> defaultdict[str, list[P]]:
    found: defaultdict[str, list[P]] = defaultdict(list)
    for worker in workers:
        found[worker.node.id].append(worker)
    return found


def _packs(shares: Sequence[float], gpus: int) -> bool:
    """Whether shares of GPUs fit on so many, none split over two; by first fit, the largest first."""
    free = [1.0] * gpus
    for share in sorted(shares, reverse=True):
        place = next((number for number, left in enumerate(free) if share <= left + 1e-9), None)
        if place is None:
            return False
        free[place] -= share
    return True
