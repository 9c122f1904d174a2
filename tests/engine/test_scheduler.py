"""What becomes of a job whose worker, or whose machine, is lost. Starts no process."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from imigue_build.engine.attempts import ATTEMPTS, EXCUSED
from imigue_build.engine.events import Event, Finished
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Pipeline
from imigue_build.engine.scheduler import Scheduler
from imigue_build.engine.stage import Done, Failed
from imigue_build.engine.worker import WorkerHost
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import chain


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def scheduler(tmp_path: Path, events: list[Event]) -> Scheduler:
    """One interview, before its first stage."""
    work = Workspace(tmp_path / "work")
    work.prepare()
    video = tmp_path / "0001"
    video.write_text("video")
    scheduler = Scheduler(Pipeline(chain(tmp_path / "runs")), work, events.append)
    scheduler.enter([(observe(work, scheduler.pipeline, "0001", video), video)], ["first", "second"])
    return scheduler


@pytest.mark.parametrize(("excused", "times"), [(False, ATTEMPTS), (True, ATTEMPTS + EXCUSED)])
def test_lost_machines_count_later_than_lost_workers(
    scheduler: Scheduler, events: list[Event], excused: bool, times: int
) -> None:
    given = 0
    while batch := scheduler.take("first", 1):
        given += 1
        scheduler.lost(batch[0], "signal SIGKILL", excused)
    assert given == times
    ended = [event.outcome for event in events if isinstance(event, Finished)]
    assert len(ended) == 1 and isinstance(ended[0], Failed)
    assert not scheduler.expects("first") and not scheduler.expects("second")


def test_what_a_lost_worker_published_counts(scheduler: Scheduler, events: list[Event]) -> None:
    (job,) = scheduler.take("first", 1)
    assert scheduler.expects("second")
    WorkerHost(scheduler.pipeline.by_name, scheduler.work).run([job])
    scheduler.lost(job, "signal SIGKILL")
    assert [event.outcome for event in events if isinstance(event, Finished)] == [Done(10.0)]
    assert scheduler.waiting("first") == 0 and scheduler.waiting("second") == 1


@pytest.mark.parametrize(("seconds", "batches"), [(math.inf, 0.25), (40.0, 0.25), (4.0, 2.5)])
def test_what_waits_is_counted_in_batches_by_number_and_by_length(
    scheduler: Scheduler, seconds: float, batches: float
) -> None:
    """One recording of 10 s waits."""
    (job,) = scheduler.take("first", 1)
    (result,) = WorkerHost(scheduler.pipeline.by_name, scheduler.work).run([job])
    scheduler.settle(result)
    second = chain(scheduler.work.root)[1]
    assert scheduler.batches(replace(second, batch=4, batch_seconds=seconds)) == batches
