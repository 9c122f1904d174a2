"""The local executor, on real processes and a real workspace."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from imigue_build.core.process_identity import started
from imigue_build.engine.events import Blocked, Event, Finished, Reused, Started
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Pipeline, plan_interview
from imigue_build.engine.stage import Failed, Resources
from imigue_build.store import lease_files
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import FakeStage, attempts, chain, run_through
from tests.files import overwrite

ALL = ("first", "second", "third")


class Bench:
    """A folder with videos that are texts, and runs over it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runs = root / "runs"
        self.videos = root / "videos"
        self.videos.mkdir()
        self.work = Workspace(root / "work")

    def video(self, video_id: str, text: str = "") -> None:
        (self.videos / video_id).write_text(f"video {video_id} {text}")

    def run(
        self, stages: list[FakeStage], wanted: tuple[str, ...] = ALL, jobs: int = 2, force: bool = False
    ) -> list[Event]:
        events: list[Event] = []
        self.work.prepare()
        self.work.recover()
        run_through(stages, self.work, sorted(self.videos.iterdir()), wanted, events.append, jobs, force)
        return events

    def actions(self, stages: list[FakeStage]) -> dict[tuple[str, str], str]:
        pipeline = Pipeline(stages)
        return {
            (item.video_id, item.stage): f"{item.action}: {item.because}"
            for path in sorted(self.videos.iterdir())
            for item in plan_interview(pipeline, observe(self.work, pipeline, path.name, path), ALL)
        }

    def out(self, video_id: str, stage: str) -> str:
        return (self.work.artifact(video_id, stage) / "out.txt").read_text()

    def forget_runs(self) -> None:
        for path in self.runs.iterdir():
            path.unlink()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def failures(events: list[Event]) -> dict[str, str]:
    finished = [event for event in events if isinstance(event, Finished)]
    return {event.video_id: event.outcome.reason for event in finished if isinstance(event.outcome, Failed)}


def test_every_stage_runs_once_then_nothing_does(bench: Bench) -> None:
    for number in range(4):
        bench.video(f"v{number}")
    bench.run(chain(bench.runs))
    assert len(attempts(bench.runs)) == 12
    assert bench.out("v0", "third") == "third(a): first(a): video v0 second(a): first(a): video v0 "
    bench.forget_runs()
    events = bench.run(chain(bench.runs))
    assert attempts(bench.runs) == []
    assert sum(isinstance(event, Reused) for event in events) == 12
    assert list(bench.work.root.glob("staging/*")) == []


def test_a_worker_opens_each_stage_once(bench: Bench) -> None:
    for number in range(5):
        bench.video(f"v{number}")
    bench.run(chain(bench.runs), jobs=1)
    assert sorted(path.name.split(".")[0] for path in bench.runs.iterdir() if ".open." in path.name) == list(ALL)


def test_one_interviews_failure_stops_that_one_alone(bench: Bench) -> None:
    bench.video("bad", "fail:second")
    bench.video("good")
    events = bench.run(chain(bench.runs))
    assert failures(events) == {"bad": "second was told to fail"}
    assert [event.because for event in events if isinstance(event, Blocked)] == [
        "its second artifact is missing: run `imigue-build second` first"
    ]
    assert bench.out("good", "third")
    failure = bench.work.failure("bad", "second")
    assert failure is not None and failure.reason == "second was told to fail"


def test_a_defect_in_a_stage_is_a_failure_with_a_traceback_for_the_log(bench: Bench) -> None:
    bench.video("bad", "raise:first")
    bench.video("good")
    events = bench.run(chain(bench.runs))
    assert "unexpected KeyError" in failures(events)["bad"]
    assert any("Traceback" in event.detail for event in events if isinstance(event, Finished))
    assert bench.out("good", "third")


def test_a_batch_with_a_defect_fails_the_culprit_alone(bench: Bench) -> None:
    for video_id in ("a", "b", "c"):
        bench.video(video_id, "raise:first" if video_id == "b" else "")
    bench.runs.mkdir()
    events = bench.run([FakeStage("first", ("video",), bench.runs, batch=3)], wanted=("first",), jobs=1)
    assert list(failures(events)) == ["b"]
    assert bench.out("a", "first") and bench.out("c", "first")


def test_a_process_that_dies_is_replaced_and_its_interview_fails_after_two_attempts(bench: Bench) -> None:
    bench.video("bad", "die:second")
    bench.video("good")
    events = bench.run(chain(bench.runs))
    assert "SIGKILL" in failures(events)["bad"]
    assert attempts(bench.runs).count("second.bad") == 2
    assert bench.out("good", "third")


def test_a_changed_setting_reruns_that_stage_and_the_ones_after_it(bench: Bench) -> None:
    bench.video("v1")
    bench.run(chain(bench.runs))
    bench.forget_runs()
    changed = chain(bench.runs, second="b")
    assert bench.actions(changed) == {
        ("v1", "first"): "reuse: nothing it depends on changed",
        ("v1", "second"): "run: setting setting: a -> b",
        ("v1", "third"): "run: second runs",
    }
    bench.run(changed)
    assert attempts(bench.runs) == ["second.v1", "third.v1"]


def test_equal_output_stops_the_ripple(bench: Bench) -> None:
    def stages(setting: str) -> list[FakeStage]:
        first, _, third = chain(bench.runs)
        return [
            first,
            FakeStage("second", ("first/out.txt",), bench.runs, "a", version=int(setting), forgetful=True),
            third,
        ]

    bench.video("v1")
    bench.run(stages("1"))
    bench.forget_runs()
    bench.run(stages("2"))
    assert attempts(bench.runs) == ["second.v1"]


def test_a_changed_video_reruns_that_interview_alone_and_a_touched_one_nothing(bench: Bench) -> None:
    bench.video("v1")
    bench.video("v2")
    bench.run(chain(bench.runs))
    bench.forget_runs()
    os.utime(bench.videos / "v2")
    bench.video("v1", "changed")
    assert bench.actions(chain(bench.runs))[("v1", "first")] == "run: input video changed"
    bench.run(chain(bench.runs))
    assert attempts(bench.runs) == ["first.v1", "second.v1", "third.v1"]


@pytest.mark.parametrize("harm", ["delete", "truncate", "alter"])
def test_a_damaged_output_is_made_again(bench: Bench, harm: str) -> None:
    bench.video("v1")
    bench.run(chain(bench.runs))
    bench.forget_runs()
    path = bench.work.artifact("v1", "second") / "out.txt"
    text = path.read_text()
    if harm == "delete":
        path.unlink()
    else:
        overwrite(path, text[:-1] if harm == "truncate" else "X" + text[1:])
    assert bench.actions(chain(bench.runs))[("v1", "second")].startswith("run: output out.txt")
    bench.run(chain(bench.runs))
    assert path.read_text() == text
    assert attempts(bench.runs) == ["second.v1"]


def test_a_record_of_another_interview_is_no_record(bench: Bench) -> None:
    bench.video("v1")
    bench.video("v2")
    bench.run(chain(bench.runs))
    source, target = (bench.work.artifact(video_id, "second") / "completion.json" for video_id in ("v1", "v2"))
    target.write_bytes(source.read_bytes())
    assert bench.actions(chain(bench.runs))[("v2", "second")] == "run: not done yet"


def test_a_single_stage_names_the_earlier_artifact_that_is_missing(bench: Bench) -> None:
    bench.video("v1")
    events = bench.run(chain(bench.runs), wanted=("second",))
    assert [event.because for event in events if isinstance(event, Blocked)] == [
        "its first artifact is missing: run `imigue-build first` first"
    ]


def test_a_given_file_is_an_input_like_any_other(bench: Bench) -> None:
    bench.video("0001")
    bench.video("0002")
    folder = bench.root / "given"
    folder.mkdir()
    (folder / "0001").write_text("one")
    first, second, third = chain(bench.runs)
    stages = [first, replace(second, folder=folder), third]
    bench.run(stages)
    assert bench.out("0001", "second").endswith("one")
    assert all(text.startswith("reuse") for text in bench.actions(stages).values())
    (folder / "0001").write_text("two")
    (folder / "0002").write_text("new")
    assert bench.actions(stages)[("0001", "second")] == "run: input given changed"
    assert bench.actions(stages)[("0002", "second")] == "run: input given changed"
    assert bench.actions(stages)[("0002", "first")].startswith("reuse")
    bench.run(stages)
    assert bench.out("0001", "second").endswith("two")
    assert bench.out("0002", "third").endswith("new")
    (folder / "0001").unlink()
    assert bench.actions(stages)[("0001", "second")] == "run: input given changed"


@pytest.mark.parametrize("resources", [Resources(gpu=0.5), Resources(cpu=4)], ids=["a GPU", "several cores"])
def test_a_stage_that_takes_more_than_a_core_has_one_process_to_itself(bench: Bench, resources: Resources) -> None:
    for number in range(6):
        bench.video(f"{number:04d}")
    first, second, third = chain(bench.runs)
    bench.run([first, replace(second, resources=resources), third], jobs=3)
    processes = {
        stage: {path.name.split(".")[2] for path in bench.runs.glob(f"{stage}.0*")} for stage in ("first", "second")
    }
    assert len(processes["second"]) == 1
    assert processes["second"].isdisjoint(processes["first"])


@pytest.mark.parametrize(
    ("seconds", "batches"), [(math.inf, 3), (20.0, 5), (5.0, 10)], ids=["4, 4 and 2", "of 20 s", "one, longer than 5 s"]
)
def test_a_stage_that_takes_several_at_once_waits_for_them_while_there_is_other_work(
    bench: Bench, seconds: float, batches: int
) -> None:
    for number in range(10):
        bench.video(f"{number:04d}")
    first, second, third = chain(bench.runs)
    events = bench.run([first, replace(second, batch=4, batch_seconds=seconds), third], jobs=1)
    started = [at for at, event in enumerate(events) if isinstance(event, Started) and event.stage == "second"]
    assert len(started) == 10
    assert len([at for at in started if at - 1 not in started]) == batches


def test_force_runs_everything(bench: Bench) -> None:
    bench.video("v1")
    bench.run(chain(bench.runs))
    bench.forget_runs()
    events = bench.run(chain(bench.runs), force=True)
    assert len(attempts(bench.runs)) == 3
    assert {event.because for event in events if isinstance(event, Started)} == {"--force"}


def _run_until_killed(root: str) -> None:
    bench = Bench.__new__(Bench)
    bench.root = Path(root)
    bench.runs, bench.videos = bench.root / "runs", bench.root / "videos"
    bench.work = Workspace(bench.root / "work")
    bench.run(chain(bench.runs))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_run_keeps_what_is_finished_and_leaves_no_process(bench: Bench, number: signal.Signals) -> None:
    bench.video("quick")
    bench.video("slow", "sleep:second")
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_run_until_killed, args=(str(bench.root),))
    process.start()
    deadline = time.monotonic() + 90
    while not (
        bench.work.completion("quick", "first")
        and bench.runs.is_dir()
        and any(path.name.startswith("second.slow") for path in bench.runs.iterdir())
    ):
        assert time.monotonic() < deadline, "the slow stage never started"
        time.sleep(0.02)
    worker = int(next(p.name.split(".")[2] for p in bench.runs.iterdir() if p.name.startswith("second.slow")))
    assert process.pid is not None
    os.kill(process.pid, number)
    process.join(60)
    assert not process.is_alive()
    while started(worker) is not None:
        assert time.monotonic() < deadline, "the worker outlived its run"
        time.sleep(0.02)
    bench.video("slow", "awake")
    bench.forget_runs()
    bench.run(chain(bench.runs))
    assert "first.quick" not in attempts(bench.runs)
    assert bench.out("quick", "third") and bench.out("slow", "third")
    assert not bench.work.staging.exists() or list(bench.work.staging.iterdir()) == []


def _share(root: str, host: str, names: tuple[str, ...]) -> None:
    """A run on another machine, as far as its name tells, which sees no process of the others."""
    with (
        mock.patch("socket.gethostname", return_value=host),
        mock.patch.object(lease_files, "place", return_value=host),
    ):
        bench = Bench.__new__(Bench)
        bench.root = Path(root)
        bench.runs, bench.videos = bench.root / "runs", bench.root / "videos"
        bench.work = Workspace(bench.root / "work")
        bench.work.prepare()
        videos = [bench.videos / name for name in names]
        run_through(chain(bench.runs), bench.work, videos, ALL, lambda event: None, jobs=1)
        done = [bench.work.completion(name, "third") for name in names]
        assert all(done) == ("bad" not in names)


@pytest.mark.slow
@pytest.mark.parametrize("bad", [False, True])
def test_machines_share_the_interviews_and_do_none_twice(bench: Bench, bad: bool) -> None:
    names = [f"v{number}" for number in range(8)] + ["bad"] * bad
    for name in names:
        bench.video(name, "fail:second" if name == "bad" else "nap:second")
    chain(bench.runs)
    context = multiprocessing.get_context("spawn")
    hosts = {f"host-{number}": names[number:] + names[:number] for number in range(3)}
    runs = [context.Process(target=_share, args=(str(bench.root), host, tuple(some))) for host, some in hosts.items()]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert [run.exitcode for run in runs] == [0, 0, 0]
    expected = [f"{stage}.{name}" for stage in ALL for name in names if (stage, name) != ("third", "bad")]
    assert attempts(bench.runs) == sorted(expected)
    opened = [path.name.split(".")[2] for path in bench.runs.iterdir() if path.name.startswith("first.open")]
    assert len(set(opened)) > 1, "one machine did it all"
    assert list(bench.work.root.glob("staging/*")) == list(bench.work.root.glob("leases/*")) == []


def test_the_first_in_order_is_taken_first_and_not_too_many_are_under_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imigue_build.engine.local._UNDER_WAY", -6)  # and four a core: two interviews
    for number in range(6):
        bench.video(f"v{number}")
    events = bench.run(chain(bench.runs), jobs=2)
    started = [event for event in events if isinstance(event, Started)]
    assert [event.video_id for event in started if event.stage == "first"] == [f"v{number}" for number in range(6)]
    under_way, most = set(), 0
    for event in events:
        if isinstance(event, Started):
            under_way.add(event.video_id)
            most = max(most, len(under_way))
        elif isinstance(event, Finished) and event.stage == "third":
            under_way.discard(event.video_id)
    assert most == 2
