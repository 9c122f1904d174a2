"""The workspace: what counts as an artifact, and what a WORK folder is."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from imigue_build.core.errors import StoreError, UsageError
from imigue_build.core.records import ModelRef, Provenance
from imigue_build.store import disk
from imigue_build.store.completion import Completion, Identity, differences
from imigue_build.store.workspace import Workspace
from tests.files import overwrite


def identity(**changes: object) -> Identity:
    values: dict[str, object] = {
        "stage": "align",
        "version": 1,
        "inputs": {"video": "aa"},
        "settings": {"beam": 10, "vad": {"pad": 0.1}},
        "provenance": Provenance({"ffmpeg": "5"}, (ModelRef("m", "1", "ab"),)),
    }
    return Identity(**(values | changes))  # type: ignore[arg-type]


def published(work: Workspace, text: str = "text") -> Completion:
    work.prepare()
    staged = work.stage_folder("0001", "align")
    (staged / "sub").mkdir()
    (staged / "sub" / "out.txt").write_text(text)
    return work.publish(staged, "0001", identity(), 1.0, 2.0, ())


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files of artifacts that are hashed, in order."""
    found: list[Path] = []

    def counted(path: Path) -> str:
        found.append(path)
        return disk.sha256(path)

    monkeypatch.setattr("imigue_build.store.artifact_files.sha256", counted)
    return found


def test_a_published_artifact_is_read_back_whole(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    completion = published(work)
    assert work.completion("0001", "align") == completion
    assert list(completion.outputs) == ["sub/out.txt"]
    assert work.damage(completion) is None
    assert work.damage(completion, verify=True) is None


def test_a_folder_to_write_into_is_not_forced_onto_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Workspace(tmp_path / "work")
    published(work)
    forced: list[Path] = []
    monkeypatch.setattr("imigue_build.store.system.fsync", forced.append)
    assert work.stage_folder("0001", "align").is_dir()
    assert forced == []


def test_publishing_again_replaces_the_artifact_and_leaves_no_litter(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    published(work)
    published(work, "other")
    assert (work.artifact("0001", "align") / "sub" / "out.txt").read_text() == "other"
    assert list(work.staging.iterdir()) == []


def test_a_folder_without_a_record_is_no_artifact(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    published(work)
    record = work.artifact("0001", "align") / "completion.json"
    record.write_bytes(record.read_bytes()[:-20])
    assert work.completion("0001", "align") is None


def test_an_altered_record_is_no_record(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    published(work)
    record = work.artifact("0001", "align") / "completion.json"
    record.write_bytes(record.read_bytes().replace(b'"beam":10', b'"beam":11'))
    assert work.completion("0001", "align") is None


def test_an_equal_size_alteration_with_the_old_time_is_found_by_verify(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    completion = published(work)
    path = work.artifact("0001", "align") / "sub" / "out.txt"
    before = path.stat()
    overwrite(path, "tixt")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert work.damage(completion) == "output sub/out.txt was altered"  # its ctime tells
    assert work.damage(completion, verify=True) == "output sub/out.txt was altered"


def test_a_link_that_changes_the_ctime_costs_one_hash(tmp_path: Path, hashed: list[Path]) -> None:
    work = Workspace(tmp_path / "work")
    completion = published(work)
    path = work.artifact("0001", "align") / "sub" / "out.txt"
    assert work.damage(completion) is None
    hashed.clear()
    os.link(path, tmp_path / "released.txt")
    assert work.damage(completion, remember=True) is None and hashed == [path]
    assert Workspace(tmp_path / "work").damage(completion) is None and hashed == [path]
    os.link(path, tmp_path / "again.txt")
    work.note_links(completion)
    assert work.damage(completion) is None and hashed == [path]
    overwrite(path, "tixt")
    work.note_links(completion)
    assert work.damage(completion) == "output sub/out.txt was altered"


def test_what_was_just_published_is_not_hashed_again(tmp_path: Path, hashed: list[Path]) -> None:
    work = Workspace(tmp_path / "work")
    completion = published(work)
    hashed.clear()
    assert Workspace(tmp_path / "work").damage(completion) is None and hashed == []
    assert work.damage(completion, verify=True) is None and len(hashed) == 1


def test_published_files_are_read_only_and_can_be_replaced(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    published(work)
    path = work.artifact("0001", "align") / "sub" / "out.txt"
    assert path.stat().st_mode & 0o222 == 0
    published(work, "other")
    assert path.read_text() == "other"
    disk.remove_tree(work.artifact("0001", "align"))
    assert not path.exists()


def test_recovery_publishes_what_was_whole_and_removes_the_rest(tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    published(work)
    os.rename(work.artifact("0001", "align"), work.staging / "0001.align.whole")
    half = work.stage_folder("0002", "align")
    (half / "out.txt").write_text("half")
    work.recover()
    assert work.completion("0001", "align") is not None
    assert work.completion("0002", "align") is None
    assert not work.staging.exists()


def test_a_foreign_folder_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(UsageError, match="did not write"):
        Workspace(tmp_path).prepare()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_workspace_of_a_future_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "imigue-work.json").write_text('{"imigue_work": 99}')
    with pytest.raises(UsageError, match="another version"):
        Workspace(tmp_path).check()


def test_a_full_disk_is_named_and_the_older_artifact_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Workspace(tmp_path / "work")
    published(work)

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(disk, "sync", full)
    with pytest.raises(StoreError, match=r"no space left.*free some space"):
        published(work, "other")
    monkeypatch.undo()
    assert (work.artifact("0001", "align") / "sub" / "out.txt").read_text() == "text"


def test_a_failed_atomic_write_leaves_the_older_file(tmp_path: Path) -> None:
    """A folder in its place cannot be replaced by a file."""
    path = tmp_path / "a.json"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(OSError, match=r"[Ii]s a directory"):
        disk.write_atomically(path, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"] and (path / "old").exists()


def test_the_key_depends_on_every_part_and_differences_name_it() -> None:
    base = identity()
    others = {
        "stage version 1 -> 2": identity(version=2),
        "input video changed": identity(inputs={"video": "bb"}),
        "setting vad.pad: 0.1 -> 0.2": identity(settings={"beam": 10, "vad": {"pad": 0.2}}),
        "tool ffmpeg: 5 -> 6": identity(provenance=Provenance({"ffmpeg": "6"}, (ModelRef("m", "1", "ab"),))),
        "model m: 1 ab -> 1 cd": identity(provenance=Provenance({"ffmpeg": "5"}, (ModelRef("m", "1", "cd"),))),
    }
    for phrase, other in others.items():
        assert other.key != base.key
        assert differences(base, other) == [phrase]
    assert identity(settings={"vad": {"pad": 0.1}, "beam": 10}).key == base.key


def test_a_video_is_hashed_again_only_when_its_stat_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Workspace(tmp_path / "work")
    work.prepare()
    video = tmp_path / "0001.mp4"
    video.write_bytes(b"video")
    digest = work.source_digest("0001", video)
    monkeypatch.setattr("imigue_build.store.workspace.sha256", lambda path: "hashed again")
    assert work.source_digest("0001", video) == digest
    os.utime(video, ns=(1, 1))
    assert work.source_digest("0001", video) == "hashed again"


def test_a_changed_video_is_seen_also_where_its_hash_cannot_be_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Workspace(tmp_path / "work")
    work.prepare()
    video = tmp_path / "0001.mp4"
    video.write_bytes(b"video")
    before = work.source_digest("0001", video)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("imigue_build.store.stat_cache.write_atomically", full)
    video.write_bytes(b"another video")
    assert work.source_digest("0001", video) != before


def test_a_missing_video_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot read .*0001.mp4.*no such file"):
        Workspace(tmp_path / "work").source_digest("0001", tmp_path / "0001.mp4")


@pytest.mark.parametrize("content", ["", "{", '{"imigue_wors":2}'])
def test_a_damaged_marker_is_said_to_be_damaged(tmp_path: Path, content: str) -> None:
    """What to do keeps all that is in WORK."""
    Workspace(tmp_path).prepare()
    marker = tmp_path / "imigue-work.json"
    whole = marker.read_text()
    marker.write_text(content)
    with pytest.raises(UsageError, match=r"is damaged: write .*into it") as caught:
        Workspace(tmp_path).open()
    assert whole.strip() in str(caught.value)
