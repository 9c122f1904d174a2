"""A small run: two interviews through three quick stages, and a real release assembled from them."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from imigue_build.config import load
from imigue_build.corpus import Corpus, Video
from imigue_build.engine.plan import Pipeline
from imigue_build.engine.stage import Outcome, Task
from imigue_build.errors import ImigueError
from imigue_build.pipeline import Prepared, Request, execute
from imigue_build.store.disk import sha256
from imigue_build.store.workspace import COMPLETION, Workspace
from tests.crash import inject
from tests.unit.engine.doubles import FakeStage, attempts
from tests.unit.release.made import publish

IDS = ("0001", "0002")
STAGES = ("extract", "align", "export")
KILLED = -9


@dataclass(frozen=True)
class Striking(FakeStage):
    """A stage whose worker process strikes where the environment says so; `ready` holds what it is to write."""

    ready: Path | None = None

    def __setstate__(self, state: dict[str, object]) -> None:  # called where a worker gets it
        self.__dict__.update(state)
        inject.install()

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        outcomes = super().run(tasks)
        for task in tasks if self.ready else ():
            shutil.copytree(self.ready / task.video_id / "export", task.out, dirs_exist_ok=True)  # type: ignore[operator]
            (task.out / COMPLETION).unlink()
        return outcomes


def make_ready(folder: Path) -> None:
    """Exports of both interviews, in the form in which the release takes them."""
    work = Workspace(folder)
    work.prepare()
    for seed, video_id in enumerate(IDS):
        publish(work, video_id, seed=seed)


class SmallRun:
    """A folder with videos that are texts, and runs over it in a process of their own."""

    def __init__(self, root: Path, ready: Path) -> None:
        self.root, self.ready = root, ready
        self.runs, self.log, self.said = root / "runs", root / "changes.log", root / "said.txt"
        self.work, self.release = Workspace(root / "work"), root / "out" / "release"
        (root / "videos").mkdir(parents=True)
        self.runs.mkdir()
        for video_id in IDS:
            (root / "videos" / video_id).write_text(f"video {video_id}")

    def run(self, at: int | None = None, how: str = "before") -> int:
        """One run; the exit code of the command, or the negative signal that ended it."""
        asked = {} if at is None else {"CRASH_LOG": str(self.log), "CRASH_AT": str(at), "CRASH_HOW": how}
        self.said.write_text("")
        with mock.patch.dict(os.environ, asked):
            process = multiprocessing.get_context("fork").Process(target=self._run)
            process.start()
            process.join(60)
        assert process.exitcode is not None, "the run hangs"
        return process.exitcode

    def _run(self) -> None:
        inject.install()
        videos = tuple(Video(video_id, self.root / "videos" / video_id) for video_id in IDS)
        stages = [
            Striking("extract", ("video",), self.runs),
            Striking("align", ("extract/out.txt",), self.runs),
            Striking("export", ("extract/out.txt", "align/out.txt"), self.runs, ready=self.ready),
        ]
        request = _Wanted(self.root / "videos", self.work.root, self.release, load("embedded"))
        prepared = Prepared(request, self.work, Corpus(videos, ()), {}, Pipeline(stages), (), {})
        try:
            summary = execute(prepared, lambda event: None)
        except ImigueError as error:  # what the command line prints, and its exit code
            self.said.write_text(str(error))
            os._exit(1)
        self.said.write_text("\n".join(reason for _, reason in summary.failed.values()))
        os._exit(1 if summary.failed else 0)

    def changes(self) -> list[str]:
        return self.log.read_text().splitlines()

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
                    found.add(f"{stage}.{video_id}")
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
        return [str(path) for path in (*beside, *self.work.staging.glob("*"), *self.root.rglob("*.tmp"))]


@dataclass(frozen=True)
class _Wanted(Request):
    @property
    def wanted(self) -> tuple[str, ...]:
        return STAGES
