"""Lanes: where a stage's jobs can run, and what a worker's process finds in its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.core.records import Provenance
from imigue_build.engine import pool as module
from imigue_build.engine.pool import Lane, Pool
from imigue_build.engine.stage import ONE_CORE, Resources, Stage
from imigue_build.engine.worker import Job
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import FakeStage


class IdleProcess:
    """Fake of a process: takes batches and never answers."""

    def __init__(self, stages: object, work: object, lane: Lane, name: str, gentle: bool) -> None:
        self.lane, self.name, self.gentle = lane, name, gentle
        self.batches: list[list[Job]] = []
        self.closed = False

    def send(self, jobs: list[Job]) -> None:
        self.batches.append(jobs)

    def close(self) -> str:
        self.closed = True
        return ""


@pytest.fixture(autouse=True)
def _idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Process", IdleProcess)


def made(jobs: int, devices: tuple[str, ...] = (), **takes: Resources) -> Pool:
    stages: dict[str, Stage] = {name: FakeStage(name, (), Path(), resources=takes[name]) for name in takes}
    return Pool(stages, Workspace(Path("work")), jobs, devices)


def fill(pool: Pool, stage: str, waiting: int = 100) -> list[str]:
    """Gives batches to a pool until it takes no more; the names of the processes that got them."""
    while (lane := pool.free(stage, lambda name: waiting)) is not None:
        pool.submit(lane, [Job("0001", stage, {}, {}, Provenance())])
    mine = [process for process in pool._processes for _ in process.batches if process.lane.stage in ("", stage)]
    return [process.name for process in mine]  # type: ignore[attr-defined]


def test_stages_of_one_core_share_the_jobs() -> None:
    pool = made(3, extract=ONE_CORE, export=ONE_CORE)
    assert fill(pool, "extract") == ["core 1", "core 2", "core 3"]
    assert pool.free("export", lambda name: 1) is None


def test_processes_that_would_not_fit_in_memory_are_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "free_memory", lambda: 5 << 30)
    assert made(16, extract=Resources(memory=2 << 30)).shared == 2
    assert made(16, extract=Resources(memory=9 << 30)).shared == 1


def test_tools_of_several_cores_take_them_from_the_others_but_nothing_starves() -> None:
    pool = made(8, extract=ONE_CORE, align=Resources(4))
    assert fill(pool, "align") == ["align 1", "align 2"]
    assert fill(pool, "extract") == ["core 1"]
    pool = made(8, extract=ONE_CORE, align=Resources(4))
    assert len(fill(pool, "extract")) == 8
    assert fill(pool, "align") == ["core 1"] * 0 + [f"core {n}" for n in range(1, 9)] + ["align 1"]


def test_a_gpu_holds_a_batch_more_while_enough_is_left_for_all() -> None:
    pool = made(8, ("0", "1"), transcribe=Resources(4, 0.5))
    assert sorted(fill(pool, "transcribe")) == ["transcribe on GPU 0"] * 2 + ["transcribe on GPU 1"] * 2
    pool = made(8, ("0", "1"), transcribe=Resources(4, 0.5))
    assert sorted(fill(pool, "transcribe", waiting=2)) == ["transcribe on GPU 0", "transcribe on GPU 1"]


def test_stages_that_fit_on_a_gpu_share_it_and_others_take_turns() -> None:
    pool = made(8, ("0",), transcribe=Resources(4, 0.5), diarize=Resources(4, 0.5))
    assert fill(pool, "transcribe") and fill(pool, "diarize")
    pool = made(8, ("0",), transcribe=Resources(4, 0.7), diarize=Resources(4, 0.5))
    assert fill(pool, "transcribe", waiting=1)
    (first,) = pool._processes
    assert pool.free("diarize", lambda name: 1) is None  # the other one is at work
    first.batches.clear()
    assert pool.free("diarize", lambda name: 1) is None  # it has more to do: a long stretch
    assert pool.free("diarize", lambda name: int(name == "diarize")) == Lane("diarize", "0")
    assert first.closed  # type: ignore[attr-defined]


def test_without_a_gpu_its_stage_has_one_process() -> None:
    pool = made(8, transcribe=Resources(4, 0.5), extract=ONE_CORE)
    assert fill(pool, "transcribe") == ["transcribe 1"]


def test_gpus_are_warmed_as_far_as_models_fit() -> None:
    pool = made(8, ("0", "1"), transcribe=Resources(4, 0.7), diarize=Resources(4, 0.5), extract=ONE_CORE)
    pool.warm(["extract", "transcribe", "diarize"])
    assert [process.lane for process in pool._processes] == [Lane("transcribe", "0"), Lane("transcribe", "1")]
    pool.submit(Lane(), [])
    assert [process.gentle for process in pool._processes] == [False, False, True]  # type: ignore[attr-defined]


def test_a_process_gets_its_threads_which_sleep_while_they_wait_and_its_gpu() -> None:
    found = module._environment(3, "1")
    assert found["OMP_NUM_THREADS"] == found["OPENBLAS_NUM_THREADS"] == "3"
    assert found["OMP_WAIT_POLICY"] == "PASSIVE" and found["CUDA_VISIBLE_DEVICES"] == "1"
    assert "CUDA_VISIBLE_DEVICES" not in module._environment(1, "")
