"""A small run: two interviews through three quick stages, and a real release assembled from them."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from imigue_build.backends.configs import load
from imigue_build.core.errors import ImigueError
from imigue_build.corpus import Corpus, Video
from imigue_build.engine import pool
from imigue_build.engine.plan import Pipeline
from imigue_build.engine.stage import Outcome, Task
from imigue_build.pipeline import Prepared, Request, execute
from imigue_build.store.disk import sha256
from imigue_build.store.workspace import COMPLETION, Workspace
from tests.crash import inject
from tests.crash.shadow import Shadow
from tests.engine.doubles import FakeStage, attempts
from tests.release.made import publish

IDS = ("0001", "0002")
STAGES = ("extract", "align", "export")
KILLED = -9


@dataclass(frozen=True)
class Copying(FakeStage):
    """A stage that writes what stands ready in a folder: exports of both interviews."""

    ready: Path = Path()

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        outcomes = super().run(tasks)
        for task in tasks:
            shutil.copytree(self.ready / task.video_id / "export", task.out, dirs_exist_ok=True)
            (task.out / COMPLETION).unlink()
        return outcomes


def make_ready(folder: Path, seed: int = 0) -> None:
    """Exports of both interviews, in the form in which the release takes them."""
    work = Workspace(folder)
    work.prepare()
    for number, video_id in enumerate(IDS):
        publish(work, video_id, seed=seed + number)


class SmallRun:
    """A disk with videos that are texts, and runs over it in a process of their own."""

    def __init__(self, root: Path, ready: Path, setting: str = "a", after: SmallRun | None = None) -> None:
        self.root, self.ready, self.setting = root, ready, setting
        self.disk, self.runs, self.said = root / "disk", root / "runs", root / "said.txt"
        self.work, self.release = Workspace(self.disk / "work"), self.disk / "out" / "release"
        self.runs.mkdir(parents=True)
        self._count = 0
        if after is not None:
            shutil.copytree(after.disk, self.disk)
            return
        (self.disk / "videos").mkdir(parents=True)
        for video_id in IDS:
            (self.disk / "videos" / video_id).write_text(f"video {video_id}")

    def run(self, at: int | None = None, how: str = "before", **request: Any) -> int:
        """One run; the exit code of the command, or the negative signal that ended it. `request`: its options."""
        self._count += 1
        asked = {} if at is None else {"CRASH_LOG": str(self._log), "CRASH_AT": str(at), "CRASH_HOW": how}
        shadow = self.root / f"shadow{self._count}"
        if how.startswith(inject.POWER):
            Shadow(shadow).keep_all(self.disk)
            asked |= {"CRASH_HOW": inject.POWER, "CRASH_SHADOW": str(shadow)}
        self.said.write_text("")
        with mock.patch.dict(os.environ, asked):
            process = multiprocessing.get_context("fork").Process(target=self._run, kwargs=request)
            process.start()
            process.join(60)
        assert process.exitcode is not None, "the run hangs"
        if process.exitcode == KILLED and how.startswith(inject.POWER):
            Shadow(shadow).come_back(self.disk, names_too=how != "power, names kept")
        return process.exitcode

    def _run(self, **request: Any) -> None:
        os.environ["CRASH_MAIN"] = str(os.getpid())
        pool._context = multiprocessing.get_context("fork")  # a hundred times as fast, and inherits the strike
        inject.install()
        videos = tuple(Video(video_id, self.disk / "videos" / video_id) for video_id in IDS)
        stages = [
            FakeStage("extract", ("video",), self.runs),
            FakeStage("align", ("extract/out.txt",), self.runs, self.setting),
            Copying("export", ("extract/out.txt", "align/out.txt"), self.runs, ready=self.ready),
        ]
        wanted = _Wanted(self.disk / "videos", self.work.root, self.release, load("embedded"), **request)
        prepared = Prepared(wanted, self.work, Corpus(videos, ()), {}, Pipeline(stages), (), {})
        try:
            summary = execute(prepared, lambda event: None)
        except ImigueError as error:  # what the command line prints, and its exit code
            self.said.write_text(str(error))
            os._exit(1)
        self.said.write_text("\n".join([*(reason for _, reason in summary.failed.values()), *summary.warnings]))
        os._exit(1 if summary.failed else 0)

    @property
    def _log(self) -> Path:
        return self.root / f"changes{self._count}.log"

    def changes(self) -> list[str]:
        """The changes of the disk of the last run, where they were counted."""
        return self._log.read_text().splitlines()

    def attempts(self) -> list[str]:
        return attempts(self.runs)

    def finished(self) -> set[str]:
        """What is visible as an artifact, every file of it checked against its hash."""
        found = set()
        for video_id in IDS:
            for stage in STAGES:
                completion = self.work.completion(video_id, stage)
                if completion is not None:
                    damage = self.work.damage(completion, verify=True)
                    assert damage is None, f"{stage} of {video_id}: {damage}"
                    found.add(f"{stage}.{video_id} {completion.key}")
                else:
                    assert not self.work.artifact(video_id, stage).exists(), f"{stage} of {video_id} has no record"
        return found

    def released(self) -> dict[str, str]:
        """Path -> SHA-256 of all files of the release."""
        place = self.release
        return {str(path.relative_to(place)): sha256(path) for path in sorted(place.rglob("*")) if path.is_file()}

    def litter(self) -> list[str]:
        """What no run should leave behind."""
        beside = [path for path in self.release.parent.iterdir() if path != self.release]
        staged, leases = self.work.root.glob("staging/*"), self.work.root.glob("leases/*")
        return [str(path) for path in (*beside, *staged, *leases, *self.disk.rglob("*.tmp"))]


@dataclass(frozen=True)
class _Wanted(Request):
    @property
    def wanted(self) -> tuple[str, ...]:
        return STAGES
