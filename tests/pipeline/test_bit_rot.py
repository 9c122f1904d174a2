"""Bytes that change without a trace: `--verify` finds them in WORK and in the release, and mends what can be."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from msgspec.structs import replace

from imigue_build.core.record_json import decode, encode_exactly
from imigue_build.pipeline import Request, execute, prepare
from imigue_build.release.build.up_to_date import LastRelease
from imigue_build.store import system
from imigue_build.store.disk import sha256
from imigue_build.store.lock import Lock
from imigue_build.store.stat_cache import stat_of, stats_of
from tests.benchmarks.finished import Finished
from tests.crash.small_run import IDS, STAGES, SmallRun, make_ready
from tests.files import overwrite

NOTE = "stat-cache/+release.json"


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with mock.patch("imigue_build.store.system.fsync"):
        yield


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> SmallRun:
    root = tmp_path_factory.mktemp("rot")
    make_ready(root / "ready")
    run = SmallRun(root / "first", root / "ready")
    assert run.run() == 0
    return run


@pytest.fixture(params=["links", "copies"])
def rotting(
    request: pytest.FixtureRequest, template: SmallRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SmallRun:
    """A finished run whose release shares its files with WORK, or lies on another disk."""
    run = SmallRun(tmp_path / "run", template.ready, after=template)
    shutil.rmtree(run.release)
    if request.param == "copies":
        monkeypatch.setattr(system, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
        monkeypatch.setattr(Lock, "disk_shows_changes", lambda _: True)
    assert run.run() == 0, run.said.read_text()
    hide(run)
    assert run.run() == 0 and run.said.read_text() == ""
    return run


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    overwrite(path, bytes(data))


def hide(run: SmallRun) -> None:
    """Makes the notes say that all files were found right as they are: as where nothing shows that bytes changed."""
    for video_id in IDS:
        for stage in STAGES:
            completion = run.work.completion(video_id, stage)
            assert completion is not None
            run.work.stat_cache.note(completion, stats_of(run.work.artifact(video_id, stage), completion))
    path = run.work.root / NOTE
    note = decode(path.read_bytes(), LastRelease)
    path.write_bytes(encode_exactly(replace(note, stats={name: stat_of(run.release / name) for name in note.stats})))


def attempts_more(run: SmallRun, before: list[str]) -> list[str]:
    left = list(run.attempts())
    for name in before:
        left.remove(name)
    return left


@pytest.mark.parametrize("name", ["0001/0001.wav", "0001/0001.TextGrid", "README.md", "labels.csv", "manifest.jsonl"])
def test_verify_mends_the_release_from_work(rotting: SmallRun, name: str) -> None:
    whole, before = rotting.released(), rotting.attempts()
    linked = (rotting.release / name).stat().st_nlink > 1
    flip(rotting.release / name)
    hide(rotting)
    assert rotting.run() == 0 and rotting.released() != whole, "only --verify reads everything"
    assert rotting.run(verify=True) == 0, rotting.said.read_text()
    assert rotting.released() == whole
    assert f"had been edited, or damaged, and were replaced: {name};" in rotting.said.read_text()
    assert attempts_more(rotting, before) == (["export.0001"] if linked else [])
    assert rotting.run(verify=True) == 0 and rotting.said.read_text() == ""


def test_verify_says_what_it_cannot_mend_and_keeps_the_release(rotting: SmallRun) -> None:
    """The artifact that rotted cannot be made again, as its video is gone."""
    whole = rotting.released()
    flip(rotting.work.root / "0001" / "extract" / "out.txt")
    flip(rotting.work.root / "0001" / "export" / "release" / "0001.wav")
    hide(rotting)
    (rotting.disk / "videos" / "0001").write_text("fail:extract")
    rotted = rotting.released()
    assert rotting.run(verify=True) == 1
    said = rotting.said.read_text()
    assert (
        "release holds what WORK cannot release: 0001 (its export is damaged: output release/0001.wav was alt" in said
    )
    assert rotting.released() == rotted and set(rotted) == set(whole)
    assert rotting.run() == 1, "what was found once is not forgotten"
    assert "its export is damaged" in rotting.said.read_text()


@pytest.mark.parametrize("name", ["0002/0002.rttm", "README.md"])
def test_force_really_writes(rotting: SmallRun, name: str) -> None:
    whole, folder = rotting.released(), rotting.release.stat().st_ino
    flip(rotting.release / name)
    hide(rotting)
    assert rotting.run(force=True) == 0
    assert rotting.released() == whole and rotting.release.stat().st_ino != folder


@pytest.mark.parametrize("change", [flip, Path.unlink])
def test_a_release_on_a_disk_that_does_not_show_changes_is_checked_by_content(
    template: SmallRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    run = SmallRun(tmp_path / "run", template.ready, after=template)
    shutil.rmtree(run.release)
    monkeypatch.setattr(system, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    assert run.run() == 0
    assert not (run.work.root / NOTE).exists()
    whole = run.released()
    change(run.release / "0002" / "0002.rttm")
    assert run.run() == 0
    assert run.released() == whole and "0002/0002.rttm" in run.said.read_text()
    assert sha256(run.release / "0002" / "0002.rttm") == whole["0002/0002.rttm"]


def test_verify_reads_every_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished = Finished(tmp_path, 2)
    hashed: Counter[Path] = Counter()

    def hashing(path: Path) -> str:
        hashed[path] += 1
        return sha256(path)

    for module in ("store.artifact_files", "release.build.edited"):
        monkeypatch.setattr(f"imigue_build.{module}.sha256", hashing)
    request = Request(finished.videos, finished.work, finished.release, finished.config, verify=True)
    summary = execute(prepare(request), lambda event: None)
    assert summary.ran == 0 and summary.release is not None and not summary.release.changed
    assert set(hashed.values()) == {1}
    read = {path.stat().st_ino for path in hashed}
    files = [path for path in (*finished.release.rglob("*"), *finished.work.glob("0*/*/*")) if path.is_file()]
    assert {path.name for path in files if path.stat().st_ino not in read} == {"SHA256SUMS", "completion.json"}
