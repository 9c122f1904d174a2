"""A run that was paused until others took it for dead: it drops what they took over, and goes on with what is its own.

The runs are on machines of their own, as far as names tell, and the leases of the paused one are made to look old.
"""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from imigue_build.core.errors import StoreError
from imigue_build.core.records import Provenance
from imigue_build.engine.events import Dropped, Event, Finished, Reused
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Interview, Pipeline
from imigue_build.engine.scheduler import RunCoordination, Scheduler
from imigue_build.engine.stage import Done
from imigue_build.engine.worker import Job, Result, WorkerHost
from imigue_build.store import lease_files as module
from imigue_build.store import system
from imigue_build.store.completion import Identity
from imigue_build.store.lease_files import EXPIRES, LeaseLostError
from imigue_build.store.leases import Leases
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import attempts, chain

STAGES = ("first", "second")


class Run:
    """One run over videos that are texts, with its worker in this process: nothing happens but what a test does."""

    def __init__(self, root: Path, stack: ExitStack, settings: str = "") -> None:
        self.root, self.events = root, list[Event]()
        self.pipeline = Pipeline(chain(root / "runs"))
        self.videos = {path.name: path for path in sorted((root / "videos").iterdir())}
        self.leases = stack.enter_context(Leases(root / "work", settings).joined(self.videos))
        self.work = Workspace(root / "work", self.leases.run)
        self.work.recover(self.leases.runs() - {self.leases.run})
        self.host = WorkerHost(self.pipeline.by_name, self.work)
        self.scheduler = Scheduler(
            self.pipeline, self.work, self.events.append, coordination=RunCoordination(self.leases, self._observe)
        )
        self.scheduler.enter([(self._observe(name), path) for name, path in self.videos.items()], STAGES)

    def _observe(self, video_id: str) -> Interview:
        return observe(self.work, self.pipeline, video_id, self.videos[video_id], remember=True)

    def take(self, stage: str) -> Job:
        (job,) = self.scheduler.take(stage, 1)
        return job

    def finish(self) -> None:
        """Works on all that can be taken, to the end."""
        while True:
            self.scheduler.poll_leases()
            batch = [job for stage in STAGES for job in self.scheduler.take(stage, 1)]
            if not batch:
                return
            for job in batch:
                self.scheduler.settle(self.host.run([job])[0])

    def paused(self) -> None:
        """Lets all its leases grow old, as if its machine had stood still."""
        for path in (self.root / "work" / "leases").glob(f"*@{self.leases.run}.json"):
            then = path.stat().st_mtime - EXPIRES - 1
            os.utime(path, (then, then))

    def failed(self) -> list[object]:
        found = [event.outcome for event in self.events if isinstance(event, Finished)]
        return [outcome for outcome in found if not isinstance(outcome, Done)]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Run]]:
    """Starts a run over two videos on a machine of its own."""
    numbers = itertools.count()
    monkeypatch.setattr(module, "place", lambda: f"machine {next(numbers)}")
    monkeypatch.setattr(socket, "gethostname", lambda: f"host-{next(numbers)}")
    (tmp_path / "videos").mkdir()
    for name in ("0001", "0002"):
        (tmp_path / "videos" / name).write_text(f"video {name}")
    Workspace(tmp_path / "work").prepare()
    with ExitStack() as stack:
        yield lambda settings="": Run(tmp_path, stack, settings)


def test_what_another_run_took_over_is_dropped_and_the_rest_goes_on(start: Callable[..., Run]) -> None:
    paused = start()
    worked = paused.host.work([paused.take("first")])
    paused.paused()
    other = start()
    other.finish()
    before = other.work.completion("0001", "second")
    (result,) = paused.host.finish(worked)
    assert result.dropped and not list(paused.work.staging.glob("0001*"))
    paused.scheduler.settle(result)
    assert paused.scheduler.leased_elsewhere
    paused.finish()
    assert not paused.scheduler.leased_elsewhere and paused.failed() == other.failed() == []
    assert other.work.completion("0001", "second") == before
    assert {event.video_id for event in paused.events if isinstance(event, Dropped)} >= {"0001"}
    assert {event.video_id for event in paused.events if isinstance(event, Reused)} == {"0001", "0002"}
    assert attempts(paused.root / "runs") == ["first.0001"] * 2 + ["first.0002", "second.0001", "second.0002"]


@pytest.mark.parametrize("there_already", [True, False])
def test_a_lease_that_is_lost_between_the_check_and_the_rename(
    start: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, there_already: bool
) -> None:
    """The machine stands still in the middle of publishing. The other run, if it was there already, makes the
    artifact as well, and two publishers meet at one place; one that comes finds it whole and publishes it."""
    paused = start()
    worked = paused.host.work([paused.take("first")])
    others = [start()] if there_already else []
    rename, met = system.rename, list[Path]()

    def pausing(source: Path, target: Path) -> None:
        if not met and target == paused.work.artifact("0001", "first"):
            met.append(target)
            paused.paused()
            others.extend([] if others else [start()])
            others[0].finish()
        rename(source, target)

    monkeypatch.setattr(system, "rename", pausing)
    (result,) = paused.host.finish(worked)
    assert met and result.dropped
    completion = others[0].work.completion("0001", "first")
    assert completion is not None and others[0].work.damage(completion, verify=True) is None
    assert attempts(paused.root / "runs").count("first.0001") == (2 if there_already else 1)


def test_a_failure_of_a_run_that_lost_its_lease_is_not_recorded(start: Callable[..., Run]) -> None:
    paused = start()
    (paused.root / "videos" / "0001").write_text("fail:first")
    worked = paused.host.work([paused.take("first")])
    paused.paused()
    (paused.root / "videos" / "0001").write_text("video 0001")
    other = start()
    other.finish()
    (result,) = paused.host.finish(worked)
    assert result.dropped
    assert other.work.failure("0001", "first") is None


def test_a_run_that_lost_all_joins_again_and_one_with_other_settings_keeps_it_out(start: Callable[..., Run]) -> None:
    paused = start()
    job = paused.take("first")
    paused.paused()
    other = start()
    assert other.leases.claim("0001") is None
    assert paused.leases.run not in other.leases.runs()
    paused.scheduler.poll_leases()
    assert [event.video_id for event in paused.events if isinstance(event, Dropped)] == ["0001"]
    assert paused.leases.run in other.leases.runs()
    (result,) = paused.host.run([job])
    assert result.dropped
    paused.scheduler.settle(result)
    paused.paused()
    other.paused()
    start("other settings")
    with pytest.raises(StoreError, match="other settings or tools"):
        paused.scheduler.poll_leases()


def test_an_interview_is_not_taken_back_while_its_dropped_job_still_runs(start: Callable[..., Run]) -> None:
    paused = start()
    job = paused.take("first")
    paused.paused()
    other = start()
    other.leases.claim("0001")
    other.leases.release("0001")
    paused.scheduler.poll_leases()
    assert paused.scheduler.leased_elsewhere
    paused.scheduler.settle(Result("0001", "first", Done(1.0), None, 1.0))
    assert job.video_id == "0001" and paused.scheduler.leased_elsewhere
    paused.finish()
    assert paused.failed() == [] and paused.work.completion("0001", "second") is not None


def test_publishing_without_a_lease_is_refused(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work", "a run")
    work.prepare()
    staged = work.stage_folder("0001", "first")
    (staged / "out.txt").touch()
    with pytest.raises(LeaseLostError):
        work.publish(staged, "0001", Identity("first", 1, {}, {}, Provenance()), 0, 0, ())
    assert not work.artifact("0001", "first").exists()
