"""A run over a cluster of several nodes, which come, go and lose workers."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from imigue_build.engine.events import Event, Finished
from imigue_build.engine.ray import RayExecutor
from imigue_build.engine.stage import Done, Failed, Outcome, Resources, Task
from imigue_build.store.workspace import Workspace
from tests.crash.small_run import STAGES
from tests.engine.doubles import FakeStage, chain
from tests.ray.cluster import Nodes, Released, Run, kill, make_ready, meanwhile, parent, until

pytestmark = pytest.mark.ray


def failures(events: list[Event]) -> dict[str, str]:
    finished = [event for event in events if isinstance(event, Finished)]
    return {event.video_id: event.outcome.reason for event in finished if isinstance(event.outcome, Failed)}


def test_a_node_killed_in_the_middle_costs_what_it_was_working_on_alone(
    nodes: Nodes, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    count = 12
    make_ready(tmp_path / "ready", count)
    local, run = Released(tmp_path / "local", tmp_path / "ready"), Released(tmp_path / "ray", tmp_path / "ready")
    for one in (local, run):
        one.video("0005", "wait:align")
    local.go()
    assert local.run().failed == {}
    raylets = [nodes.add() for _ in range(3)]
    finished: set[str] = set()
    there: set[int] = set()

    def lose_a_node() -> None:
        until(lambda: len(list(run.work.root.glob("*/align/completion.json"))) >= 3, "the middle of the run")
        until(lambda: "0005" in run.under_way("align"), "a job to lose")
        (lost,) = [raylet for raylet in raylets if run.under_way("align")["0005"] in run.on(raylet)]
        there.update(run.on(lost))
        finished.update(run.finished(STAGES))
        nodes.kill(lost)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in there), "the end of the node's workers")
        run.go()

    with meanwhile(lose_a_node):
        summary = run.run(nodes.address)
    assert summary.failed == {} and summary.ran == 3 * count
    assert run.released() == local.released() and len(run.released()) > 10 * count
    again = {name for name, times in Counter(run.attempts()).items() if times > 1}
    assert "align.0005" in again and len(again) <= len(there) and again.isdisjoint(finished) and len(finished) >= 6
    assert set(run.attempts()) == set(local.attempts())
    assert run.litter() == []
    assert capfd.readouterr().out == ""
    assert "was lost" in caplog.text and any("was lost" in warning for warning in summary.warnings)


def test_a_worker_that_dies_is_replaced_and_its_interview_fails_after_two_attempts(nodes: Nodes, run: Run) -> None:
    run.video("bad", "die:second")
    run.video("struck", "wait:second")
    run.video("good")
    nodes.add(cpus=2)

    def strike() -> None:
        until(lambda: "struck" in run.under_way("second"), "the job to strike at")
        kill(run.under_way("second")["struck"])
        run.go()

    with meanwhile(strike):
        events = run.through(chain(run.runs), nodes.executor())
    assert list(failures(events)) == ["bad"]
    assert "ended 2 times" in failures(events)["bad"]
    ran = Counter(run.attempts())
    assert ran["second.bad"] == ran["second.struck"] == 2
    assert {name for name, times in ran.items() if times > 1} == {"second.bad", "second.struck"}
    assert run.work.completion("struck", "third") and run.work.completion("good", "third")
    assert run.litter() == []


def test_a_node_that_joins_late_gets_work(nodes: Nodes, run: Run) -> None:
    for number in range(24):
        run.video(f"{number:04d}", "wait:first nap:second nap:third")
    raylets = [nodes.add()]

    def join() -> None:
        until(run.attempts, "the beginning")
        raylets.append(nodes.add(cpus=2))
        run.go()

    workers: dict[int, int | None] = {}

    def watch() -> None:
        join()
        until(lambda: _note(run, workers) and raylets[1] in workers.values(), "work on the new node")

    with meanwhile(watch):
        run.through(chain(run.runs), nodes.executor())
    assert set(workers.values()) == {*raylets}
    assert Counter(run.attempts()).most_common(1)[0][1] == 1 and len(run.attempts()) == 72


def _note(run: Run, workers: dict[int, int | None]) -> bool:
    for pid in run.pids("first").values():
        if pid not in workers and parent(pid):
            workers[pid] = parent(pid)
    return True


@dataclass(frozen=True)
class Devices(FakeStage):
    """Writes which GPUs its process may use."""

    def run(self, tasks: list[Task]) -> list[Outcome]:  # type: ignore[override]
        import os

        for task in tasks:
            self._mark(task.video_id)
            (task.out / "out.txt").write_text(os.environ.get("CUDA_VISIBLE_DEVICES", "all"))
        return [Done(1.0) for _ in tasks]


def test_stages_on_gpus_get_their_share_and_keep_their_model(nodes: Nodes, run: Run) -> None:
    for number in range(8):
        run.video(f"{number:04d}")
    nodes.add(cpus=2)
    nodes.add(cpus=4, gpus=1)
    stages: list[FakeStage] = [
        Devices("first", ("video",), run.runs),
        Devices("second", ("first/out.txt",), run.runs, resources=Resources(cpu=1, gpu=0.5)),
        Devices("third", ("second/out.txt",), run.runs, resources=Resources(cpu=1, gpu=0.5)),
    ]
    run.through(stages, nodes.executor())
    seen = {
        stage: {(run.work.artifact(f"{n:04d}", stage) / "out.txt").read_text() for n in range(8)}
        for stage in ("first", "second", "third")
    }
    assert seen == {"first": {""}, "second": {"0"}, "third": {"0"}}
    opened = Counter(path.name.split(".")[0] for path in run.runs.iterdir() if ".open." in path.name)
    assert opened["second"] == opened["third"] == 1


def test_stages_that_do_not_fit_together_take_turns(nodes: Nodes, run: Run) -> None:
    for number in range(6):
        run.video(f"{number:04d}", "nap:first")
    nodes.add(cpus=2)
    first, second, third = chain(run.runs)
    wide = [first, replace(second, resources=Resources(cpu=2)), replace(third, resources=Resources(cpu=2, gpu=0.5))]
    events = run.through(wide, nodes.executor(idle=0.2, stretch=1.0))
    assert failures(events) == {} and len(run.attempts()) == 18
    assert run.work.completion("0005", "third")


def _drive(root: str, address: str) -> None:
    run = Run.__new__(Run)
    run.root = Path(root)
    run.runs, run.videos, run.work = run.root / "runs", run.root / "videos", Workspace(run.root / "work")
    run.through(chain(run.runs), partial(RayExecutor, address=address))


def test_a_driver_that_is_killed_goes_on_where_it_was(nodes: Nodes, run: Run) -> None:
    for number in range(10):
        run.video(f"{number:04d}", "nap:second")
    nodes.add(cpus=2)
    driver = multiprocessing.get_context("spawn").Process(target=_drive, args=(str(run.root), nodes.address))
    driver.start()
    until(lambda: len(run.finished(["second"])) >= 3, "the middle of the run")
    driver.kill()
    driver.join()
    workers = {int(path.name.split(".")[2]) for path in run.runs.iterdir()}
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "the end of the workers")
    finished, before = run.finished(["first", "second", "third"]), Counter(run.attempts())
    run.work.recover()
    events = run.through(chain(run.runs), nodes.executor())
    assert failures(events) == {} and len(run.finished(["third"])) == 10
    after = Counter(run.attempts())
    assert {name for name in finished if after[name] > before[name]} == set()
    assert run.litter() == []
