"""What becomes of a job whose worker, or whose machine, is lost. Starts no process."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.engine.events import Event, Finished
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Pipeline
from imigue_build.engine.scheduler import ATTEMPTS, EXCUSED, Flow
from imigue_build.engine.stage import Done, Failed
from imigue_build.engine.worker import WorkerHost
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import chain


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def flow(tmp_path: Path, events: list[Event]) -> Flow:
    """One interview, before its first stage."""
    work = Workspace(tmp_path / "work")
    work.prepare()
    video = tmp_path / "0001"
    video.write_text("video")
    flow = Flow(Pipeline(chain(tmp_path / "runs")), work, events.append)
    flow.enter([(observe(work, flow.pipeline, "0001", video), video)], ["first", "second"])
    return flow


@pytest.mark.parametrize(("excused", "times"), [(False, ATTEMPTS), (True, ATTEMPTS + EXCUSED)])
def test_lost_machines_count_later_than_lost_workers(
    flow: Flow, events: list[Event], excused: bool, times: int
) -> None:
    given = 0
    while batch := flow.take("first", 1):
        given += 1
        flow.lost(batch[0], "signal SIGKILL", excused)
    assert given == times
    ended = [event.outcome for event in events if isinstance(event, Finished)]
    assert len(ended) == 1 and isinstance(ended[0], Failed)
    assert not flow.expects("first") and not flow.expects("second")


def test_what_a_lost_worker_published_counts(flow: Flow, events: list[Event]) -> None:
    (job,) = flow.take("first", 1)
    assert flow.expects("second")
    WorkerHost(flow.pipeline.by_name, flow.work).run([job])
    flow.lost(job, "signal SIGKILL")
    assert [event.outcome for event in events if isinstance(event, Finished)] == [Done(10.0)]
    assert flow.waiting("first") == 0 and flow.waiting("second") == 1
