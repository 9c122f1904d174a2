"""Silent damage in WORK: found, named, and made again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from imigue_build.core.errors import UsageError
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Pipeline, plan_interview
from imigue_build.store.verify import verify
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import chain, run_through
from tests.files import overwrite

IDS = ("0001", "0002")
ALL = ("first", "second", "third")


class Built:
    """Two interviews, all stages done."""

    def __init__(self, root: Path) -> None:
        self.work = Workspace(root / "work")
        self.videos = root / "videos"
        self.videos.mkdir()
        for video_id in IDS:
            (self.videos / video_id).write_text(f"video {video_id}")
        self.pipeline = Pipeline(chain(root / "runs"))
        self.work.prepare()
        self.run()

    def run(self, check: bool = False) -> None:
        videos = [self.videos / name for name in IDS]
        run_through(self.pipeline.stages, self.work, videos, ALL, lambda event: None, jobs=1, verify=check)

    def found(self) -> list[tuple[str, str]]:
        return [(damage.path, damage.problem) for damage in verify(self.work)]

    def planned(self) -> set[str]:
        """What a run with --verify would do again for the first interview."""
        interview = observe(self.work, self.pipeline, "0001", self.videos / "0001", verify=True)
        return {item.stage for item in plan_interview(self.pipeline, interview, ALL) if item.action == "run"}


@pytest.fixture
def built(tmp_path: Path) -> Built:
    return Built(tmp_path)


def flip(path: Path) -> None:
    """Flips a bit, with size and times as they were."""
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    overwrite(path, bytes(content))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def record(change: Callable[[dict[str, object]], None]) -> Callable[[Path], None]:
    def harm(artifact: Path) -> None:
        path = artifact / "completion.json"
        document = json.loads(path.read_bytes())
        change(document)
        path.write_text(json.dumps(document))

    return harm


HARM: dict[str, tuple[Callable[[Path], object], str]] = {
    "bit": (lambda artifact: flip(artifact / "out.txt"), "out.txt was altered"),
    "short": (lambda artifact: overwrite(artifact / "out.txt", "x"), "out.txt has 1 bytes instead of"),
    "gone": (lambda artifact: (artifact / "out.txt").unlink(), "out.txt is missing"),
    "extra": (lambda artifact: (artifact / "more.txt").touch(), "more.txt is not of this artifact"),
    "no record": (lambda artifact: (artifact / "completion.json").unlink(), "completion.json is missing"),
    "torn record": (lambda artifact: (artifact / "completion.json").write_text("{"), "completion.json cannot be read"),
    "future": (record(lambda document: document.update(format=99)), "completion.json is of format 99"),
    "key": (record(lambda document: document.update(key="0" * 64)), "completion.json was altered"),
}


def test_what_is_whole_is_whole(built: Built) -> None:
    assert built.found() == []
    assert built.planned() == set()


@pytest.mark.parametrize("harm", HARM)
def test_damage_is_found_named_and_made_again(built: Built, harm: str) -> None:
    before = (built.work.artifact("0001", "second") / "out.txt").read_bytes()
    damage, told = HARM[harm]
    damage(built.work.artifact("0001", "second"))
    ((path, problem),) = built.found()
    assert f"{path} {problem}".startswith(f"0001/second/{told}")
    assert "second" in built.planned()
    built.run(check=True)
    assert built.found() == []
    assert (built.work.artifact("0001", "second") / "out.txt").read_bytes() == before


def test_a_swapped_artifact_is_found(built: Built) -> None:
    mine, yours = (built.work.artifact(name, "third") for name in IDS)
    shutil.rmtree(mine)
    shutil.copytree(yours, mine)
    assert ("0001/third/completion.json", "belongs to 0002/third") in built.found()
    built.run(check=True)
    assert built.found() == []


def test_what_is_no_work_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        verify(Workspace(tmp_path / "nothing"))
