"""A WORK or a release that came from somebody else: links, pipes, records and lists in it lead no run out of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from imigue_build.core.errors import ImigueError, UsageError
from imigue_build.core.record_json import decode, encode_exactly
from imigue_build.pipeline import Request, execute, prepare, status
from imigue_build.store.completion import Completion, Output
from imigue_build.store.disk import sha256
from imigue_build.store.output_directory import RECORD, OutputDirectory
from imigue_build.store.verify import verify
from imigue_build.store.workspace import COMPLETION, Workspace
from tests.benchmarks.finished import Finished


class Received:
    """A finished WORK below `root`, and a folder that is the user's own, beside it."""

    def __init__(self, root: Path) -> None:
        self.finished = Finished(root / "theirs", 2)
        self.work = self.finished.work
        self.own = root / "own"
        for name in ("letter.txt", "align/notes.txt", "2024/photo.jpg"):
            path = self.own / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("mine")
        self.before = self.state()

    def state(self) -> dict[str, str]:
        return {
            path.relative_to(self.own).as_posix(): path.read_text() for path in self.own.rglob("*") if path.is_file()
        }

    def put(self, name: str, target: Path) -> None:
        """Puts a link in the place of anything in WORK."""
        place = self.work / name
        if place.is_dir():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    def forge(self, folder: Path, change: Callable[[Completion], Completion]) -> None:
        """Changes a completion record, and gives it the digests that fit."""
        path = folder / COMPLETION
        record = change(decode(path.read_bytes(), Completion))
        record = replace(record, key=record.identity.key).sealed()
        path.unlink()
        path.write_bytes(encode_exactly(record))


def run(received: Received, verify: bool = False) -> str:
    """Runs WORK again; the error that ends it, empty where none does."""
    done = received.finished
    try:
        execute(prepare(Request(done.videos, done.work, done.release, done.config, verify=verify)), lambda event: None)
    except ImigueError as error:
        return str(error)
    return ""


@pytest.fixture
def received(tmp_path: Path) -> Received:
    return Received(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["staging", "staging/0123456789ab", "leases", "leases/00001@0123456789ab.json", "stat-cache", "00001", "lock"],
)
def test_a_link_in_work_is_refused_by_its_name(received: Received, name: str) -> None:
    """A run clears what dead ones left in some of them, and writes into the others."""
    received.put(name, received.own)
    with pytest.raises(UsageError, match=r"holds a symbolic link, .*remove the link"):
        received.finished.run()
    with pytest.raises(UsageError, match="symbolic link"):
        status(Workspace(received.work))
    assert received.state() == received.before


@pytest.mark.parametrize("name", ["00001/align", "00001/export", "00001/export/release", "staging/dead/artifact"])
def test_what_a_link_leads_to_is_no_artifact(received: Received, name: str) -> None:
    """Although all in it is as its record says; the folder that it leads to is left alone."""
    target = received.own / "artifact"
    shutil.move(received.work / (name if name.startswith("0") else "00001/export"), target)
    received.put(name, target)
    before = {path.as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert "cannot release: 00001" in run(received, verify=True) or name in ("00001/align", "staging/dead/artifact")
    assert {path.as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()} == before
    assert not any(path.is_symlink() for path in received.finished.release.rglob("*"))
    assert not any(path.is_symlink() for path in (received.work / "00001").glob("*")) or name.startswith("0")
    if name.startswith("0"):
        assert any("symbolic link" in damage.problem for damage in verify(Workspace(received.work)))


def test_a_file_that_is_a_link_is_damaged(received: Received) -> None:
    artifact = received.work / "00001" / "export"
    (path,) = artifact.glob("release/*.rttm")
    shutil.move(path, received.own / "moved")
    path.symlink_to(received.own / "moved")
    work = Workspace(received.work)
    record = work.completion("00001", "export")
    assert record is not None and "symbolic link" in str(work.damage(record, verify=True))
    assert "symbolic link" in str(work.damage(record))


@pytest.mark.parametrize("up", range(2, 6))
def test_a_released_file_is_not_written_elsewhere(received: Received, up: int) -> None:
    """A record names a file of WORK by a path that, from the new release, leads to the user's."""
    name = f"release/{'../' * up}profile"
    source = received.work / "00001" / "export" / name
    target = received.finished.release.parent / "new" / "00001" / ("../" * up) / "profile"
    for path in {source.resolve(), target.resolve()}:
        path.write_text("theirs" if path == source.resolve() else "mine")
    output = Output(sha256(source), source.stat().st_size)
    folder = received.work / "00001" / "export"
    received.forge(folder, lambda record: replace(record, outputs=record.outputs | {name: output}))
    assert Workspace(received.work).completion("00001", "export") is None
    assert [damage.problem for damage in verify(Workspace(received.work)) if damage.video_id == "00001"] == [
        "names places outside of its folder"
    ]
    shutil.rmtree(received.finished.release)
    finished = received.finished
    execute(prepare(Request(finished.videos, finished.work, finished.release, finished.config)), lambda event: None)
    assert not (received.finished.release / "00001").exists()
    if target.resolve() != source.resolve():
        assert target.resolve().read_text() == "mine"


@pytest.mark.parametrize("place", [("../../own/new", "x"), ("00003", "../../../own/new"), ("..", "x"), ("", "x")])
def test_an_interrupted_artifact_is_not_put_elsewhere(received: Received, place: tuple[str, str]) -> None:
    """A run publishes what a dead one had made whole: under its own place in WORK, or not at all."""
    staged = received.work / "staging" / "0123456789ab" / "00003.align.0123456789ab"
    staged.parent.mkdir(parents=True)
    shutil.copytree(received.work / "00001" / "align", staged)
    video_id, stage = place
    received.forge(
        staged,
        lambda record: replace(record, video_id=video_id, identity=replace(record.identity, stage=stage)),
    )
    received.finished.run()
    assert not staged.exists()
    assert received.state() == received.before
    assert sorted(path.name for path in received.work.parent.iterdir()) == ["release", "videos", "work"]


@pytest.mark.parametrize("make", [lambda path: os.mkfifo(path), lambda path: path.mkdir()], ids=["pipe", "folder"])
@pytest.mark.parametrize(
    "name", ["last-run.json", "stat-cache/00001.json", "stat-cache/+release.json", "00001/align.failed.json", "run.log"]
)
def test_what_is_no_file_is_not_waited_for(received: Received, name: str, make: Callable[[Path], Any]) -> None:
    place = received.work / name
    place.unlink(missing_ok=True)
    make(place)
    if name != "last-run.json":
        assert set(status(Workspace(received.work))["00001"].values()) == {"done"}
    assert run(received) == "" or name == "last-run.json"
    assert json.loads((received.work / "imigue-work.json").read_text())


@pytest.mark.parametrize(
    "name",
    ["/etc/hostname", "../letter.txt", "../../own/letter.txt", "00001/../../letter.txt", "../pipe", "x\0y", "00001"],
)
def test_a_release_that_lists_other_files(received: Received, name: str) -> None:
    """A run that replaces it keeps what was edited: of the release alone."""
    release = received.finished.release
    (release.parent / "letter.txt").write_text("mine")
    os.mkfifo(release.parent / "pipe")
    for path in (release / "README.md", release / "SHA256SUMS"):
        text = path.read_text()
        path.unlink()
        path.write_text(text + (f"{'0' * 64}  {name}\n" if path.name == "SHA256SUMS" else "edited\n"))
    summary = received.finished.run()
    assert summary.release is not None and summary.release.edited is not None
    edited = summary.release.edited
    assert (edited.files, edited.missing) == (("README.md", "SHA256SUMS"), ())
    assert edited.kept is not None
    assert sorted(path.name for path in edited.kept.rglob("*")) == ["README.md", "SHA256SUMS"]


@pytest.mark.parametrize("place", ["out", "release"])
def test_a_pipe_is_not_waited_for_where_a_list_belongs(received: Received, tmp_path: Path, place: str) -> None:
    if place == "out":
        (tmp_path / "out").mkdir()
        os.mkfifo(tmp_path / "out" / RECORD)
        with pytest.raises(UsageError, match="did not write"):
            OutputDirectory(tmp_path / "out", "report", {}).check()
    else:
        (received.finished.release / "SHA256SUMS").unlink()
        os.mkfifo(received.finished.release / "SHA256SUMS")
        assert "holds files that imigue-build did not write" in run(received)
