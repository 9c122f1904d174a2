"""Where workers of stages go on the nodes of a cluster, and who gives way."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from imigue_build.engine.ray.placement import GENERAL, Lane, Node, Placement

ASR, DIARIZER = Lane("transcribe", 4, 0.5), Lane("diarize", 4, 0.5)
ALIGNER = Lane("align", 4)
SMALL, BIG = Node("small", "a", 4), Node("big", "b", 16, 2)


@dataclass(frozen=True)
class Placed:
    lane: Lane
    node: Node


def fill(placement: Placement, *lanes: Lane) -> list[tuple[str, str]]:
    """Puts workers of each lane in turn until none fits any more: (lane, node)."""
    placed: list[Placed] = []
    for lane in lanes:
        while node := placement.place(lane, placed):
            placed.append(Placed(lane, node))
    return [(one.lane.name, one.node.id) for one in placed]


def test_one_core_workers_fill_the_nodes_those_without_a_gpu_first() -> None:
    placed = fill(Placement([BIG, SMALL]), GENERAL)
    assert placed[:4] == [("", "small")] * 4
    assert len(placed) == 20


def test_a_gpu_gets_one_worker_of_each_of_its_stages() -> None:
    assert fill(Placement([BIG, SMALL]), ASR, DIARIZER) == [("transcribe", "big")] * 2 + [("diarize", "big")] * 2


def test_the_cores_of_gpu_stages_that_are_still_to_come_are_kept_but_for_one() -> None:
    placement = Placement([BIG], [GENERAL, ASR, DIARIZER])
    assert fill(placement, GENERAL) == [("", "big")]
    assert len(fill(placement, GENERAL, ASR, DIARIZER)) == 1 + 2 + 1, (
        "a core is lent, for which one has to be given back"
    )
    assert len(fill(Placement([BIG], [GENERAL, ASR]), GENERAL)) == 1
    assert len(fill(Placement([BIG], [GENERAL]), GENERAL)) == 16


def test_without_any_gpu_its_stages_run_on_cores() -> None:
    assert fill(Placement([SMALL]), ASR) == [("transcribe", "small")]
    assert Placement([SMALL]).share(ASR, SMALL) == (4, 0.0)


def test_a_stage_that_wants_more_cores_than_there_are_takes_the_whole_node() -> None:
    wide = Lane("align", 32)
    assert fill(Placement([SMALL]), wide, GENERAL) == [("align", "small")]
    assert Placement([Node("head", "h", 0)]).place(GENERAL, []) is None


@pytest.mark.parametrize(("share", "count"), [(0.7, 2), (0.5, 4), (1.0, 2), (2.0, 0)])
def test_no_share_is_split_over_two_gpus(share: float, count: int) -> None:
    lanes = [Lane(f"stage {number}", 1, share) for number in range(6)]
    placed: list[Placed] = []
    for lane in lanes:
        node = Placement([BIG]).place(lane, placed)
        if node:
            placed.append(Placed(lane, node))
    assert len(placed) == count


def test_as_few_as_possible_give_way_and_only_those_that_may() -> None:
    workers = [Placed(GENERAL, SMALL)] * 2 + [Placed(GENERAL, Node("other", "c", 6))] * 4
    other = workers[-1].node
    placement = Placement([SMALL, other])
    assert placement.place(ALIGNER, workers) is None
    assert placement.preempted(ALIGNER, workers, workers) == [Placed(GENERAL, SMALL)] * 2
    assert placement.preempted(ALIGNER, workers, workers[2:]) == [Placed(GENERAL, other)] * 2
    assert placement.preempted(ALIGNER, workers, workers[:1]) == []
    assert placement.preempted(GENERAL, workers, workers) == [], "nobody gives way to his own kind"
