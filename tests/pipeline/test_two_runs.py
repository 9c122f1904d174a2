"""Two runs with one place for their release: one after the other, and nothing is lost, whatever the moment."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imigue_build.core.errors import ImigueError, ReleaseError, StoreError
from imigue_build.engine.events import Event, Note
from imigue_build.pipeline import Request, Summary, execute, prepare
from imigue_build.release.build.target import listed
from imigue_build.release.schema.layout import SUMS
from imigue_build.store import system
from imigue_build.store.disk import sha256
from imigue_build.store.workspace import Workspace
from tests.benchmarks.finished import Finished

ROUNDS = int(os.environ.get("RACE_ROUNDS", "10"))


class Two:
    """Two finished WORKs, each with an interview of its own, and a place for a release."""

    def __init__(self, root: Path) -> None:
        self.release = root / "out" / "release"
        self.first, self.second = Finished(root / "first", 1), Finished(root / "second", 2)
        for path in (self.second.work / "00001", self.second.release):
            shutil.rmtree(path)
        (self.second.videos / "00001.mp4").unlink()

    def run(self, one: Finished, emit: Callable[[Event], None] = lambda event: None, **request: Any) -> Summary:
        return execute(prepare(Request(one.videos, one.work, self.release, one.config, **request)), emit)

    def held(self) -> list[str]:
        return sorted(path.name for path in self.release.iterdir() if path.is_dir())

    def is_whole(self) -> bool:
        files = {path.relative_to(self.release).as_posix(): path for path in self.release.rglob("*") if path.is_file()}
        return {name: sha256(path) for name, path in files.items() if name != SUMS} == listed(self.release)

    def beside(self) -> list[str]:
        return sorted(path.name for path in self.release.parent.iterdir())


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Two:
    return Two(tmp_path_factory.mktemp("two"))


@pytest.fixture
def two(template: Two, tmp_path: Path) -> Two:
    template.release = tmp_path / "out" / "release"
    return template


def test_the_second_waits_and_is_refused_what_would_be_lost(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes when the first one's release is half built."""
    write, notes, outcome = system.write, list[str](), list[str]()
    waiting = threading.Event()

    def noted(event: Event) -> None:
        if isinstance(event, Note):
            notes.append(event.text)
            waiting.set()

    def second() -> None:
        try:
            two.run(two.second, noted)
        except ReleaseError as error:
            outcome.append(str(error))

    thread = threading.Thread(target=second)

    def half_built(path: Path, blocks: Any) -> None:
        if path.name == "manifest.jsonl" and not thread.ident:
            thread.start()
            assert waiting.wait(60)
            assert (path.parent / "00001" / "interviewee").is_dir(), "the second one removed it"
        write(path, blocks)

    monkeypatch.setattr(system, "write", half_built)
    summary = two.run(two.first)
    thread.join(60)
    assert summary.release is not None and summary.release.changed
    (note,) = notes
    assert note.startswith(f"waiting for another run, which writes the release: pid {os.getpid()} on ")
    assert len(outcome) == 1 and "release holds what WORK cannot release: 00001 (WORK has no whole export" in outcome[0]
    assert two.held() == ["00001"] and two.is_whole() and two.beside() == ["release"]


def test_a_run_of_one_interview_in_a_new_work_does_not_cost_the_others(two: Two) -> None:
    two.run(two.first)
    both = Finished(two.release.parent.parent / "both", 2)
    shutil.rmtree(both.work / "00001")
    with pytest.raises(ImigueError, match="holds 00001, which neither WORK nor VIDEOS has, or --only leaves out"):
        two.run(both, only=("00002",))
    assert two.held() == ["00001"]


def test_a_parent_that_vanishes_is_not_made_again(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    link, parent = system.link, two.release.parent

    def vanishing(source: Path, target: Path) -> None:
        if parent.is_dir() and "00001.rttm" in target.name:
            shutil.rmtree(parent)
        link(source, target)

    monkeypatch.setattr(system, "link", vanishing)
    with pytest.raises(StoreError, match=r"cannot write the release .*no such file"):
        two.run(two.first)
    assert not parent.exists()


def test_a_parent_that_is_another_by_then_is_not_written_to(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a disk is unmounted in the middle of a run, and its empty mount point is left."""
    recover, parent, times = Workspace.recover, two.release.parent, list[int]()

    def unmounted(work: Workspace, living: Any = ()) -> None:
        recover(work, living)
        times.append(1)
        if len(times) == 2:  # all stages are done
            parent.rename(parent.with_name("unmounted"))
            parent.mkdir()

    monkeypatch.setattr(Workspace, "recover", unmounted)
    with pytest.raises(StoreError, match="another folder than when the run started: see whether its disk is still"):
        two.run(two.first)
    assert list(parent.iterdir()) == []


def test_a_run_that_lost_the_place_leaves_the_others_release_alone(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its machine stood still in the middle of building; the other one's cleaning up took its files away."""
    link, release = system.link, two.release
    other = Finished(two.release.parent.parent / "other", 1)
    met: list[Path] = []

    def pausing(source: Path, target: Path) -> None:
        if not met and target.name == "00001.rttm" and release.parent in target.parents:
            met.append(target)
            for path in release.parent.glob(".release.lock@*"):
                path.unlink()
            assert two.run(other).release is not None
            assert not target.parent.exists()
        link(source, target)

    monkeypatch.setattr(system, "link", pausing)
    notes: list[Event] = []
    summary = two.run(two.first, notes.append)
    assert met and summary.release is not None
    assert [note.text for note in notes if isinstance(note, Note)] == [
        "another run took this one for dead and wrote the release; it is checked again"
    ]
    assert two.held() == ["00001"] and two.is_whole() and two.beside() == ["release"]


def _race(two: Two, one: Finished, start: Any, said: Any) -> None:
    start.wait()
    try:
        summary = two.run(one)
    except ImigueError as error:
        said.put((one.ids, False, str(error)))
        return
    except BaseException as error:
        said.put((one.ids, False, f"unexpected: {error!r}"))
        return
    said.put((one.ids, bool(summary.release and summary.release.changed), ""))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_two_at_once_one_is_written_whole_and_the_other_is_refused(two: Two, number: int) -> None:
    """`RACE_ROUNDS` says how often."""
    context = multiprocessing.get_context("fork")
    start, said = context.Barrier(2), context.Queue()
    runs = [context.Process(target=_race, args=(two, one, start, said)) for one in (two.first, two.second)]
    for run in runs:
        run.start()
    outcomes = [said.get(timeout=120) for _ in runs]
    for run in runs:
        run.join(60)
    ((winner, _, _),) = [outcome for outcome in outcomes if outcome[1]]
    ((_, _, refused),) = [outcome for outcome in outcomes if not outcome[1]]
    assert "WORK cannot release" in refused or "neither WORK nor VIDEOS has" in refused
    assert two.held() == winner[-1:] and two.is_whole() and two.beside() == ["release"]


def test_a_lock_that_could_not_be_removed_is_by_the_next_run(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    unlink = system.unlink

    def failing(path: Path) -> None:
        if path.name.startswith(".release.lock@") and path.suffix == ".json":
            raise OSError(errno.EIO, "Input/output error")
        unlink(path)

    with monkeypatch.context() as patch:
        patch.setattr(system, "unlink", failing)
        with pytest.raises(StoreError, match="the disk reported an error"):
            two.run(two.first)
    for path in two.release.parent.glob(".release.lock@*"):
        path.write_bytes(path.read_bytes().replace(f'"pid":{os.getpid()}'.encode(), b'"pid":4194305'))
    summary = two.run(two.first)
    assert summary.release is not None and not summary.release.changed and two.beside() == ["release"]
