"""A released file that somebody edited is reported and kept, however it was edited, and whatever replaces it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from imigue_build.release.build.assemble import assemble
from imigue_build.release.build.assembled import Assembled
from imigue_build.store import system
from imigue_build.store.workspace import Workspace
from tests.files import overwrite
from tests.release import made


class Released:
    """An interview in WORK, and its release."""

    def __init__(self, root: Path) -> None:
        self.place, self.work = root / "release", Workspace(root / "work")
        self.work.prepare()
        made.publish(self.work, "0440")
        assert self.assemble().edited is None

    def assemble(self) -> Assembled:
        return assemble(self.work, self.work.video_ids(), {}, self.place)


@pytest.fixture
def released(tmp_path: Path) -> Released:
    return Released(tmp_path)


def replaced(path: Path, text: str) -> None:
    """As most editors save."""
    path.with_name("new").write_text(text)
    path.with_name("new").replace(path)


@pytest.mark.parametrize("edit", [overwrite, replaced])
@pytest.mark.parametrize("again", [True, False])
def test_an_edited_file_is_reported_and_kept(
    released: Released, edit: Callable[[Path, str], None], again: bool
) -> None:
    """Written over, the file in WORK is damaged as well; the export is run `again`, or with another result."""
    before = (released.place / "0440" / "0440.txt").read_bytes()
    edit(released.place / "0440" / "0440.txt", "as I heard it")
    edit(released.place / "README.md", "my card")
    made.publish(released.work, "0440", seed=0 if again else 1)
    found = released.assemble()
    assert found.changed and found.edited is not None and found.edited.kept is not None
    assert found.edited.files == ("0440/0440.txt", "README.md")
    assert (found.edited.kept / "0440" / "0440.txt").read_text() == "as I heard it"
    assert (found.edited.kept / "README.md").read_text() == "my card"
    assert found.edited.kept.parent == released.place.parent and found.edited.kept.name.startswith("release.edited-2")
    assert "edited, or damaged, and were replaced: 0440/0440.txt, README.md;" in str(found.edited)
    assert (released.place / "0440" / "0440.txt").read_bytes() == before
    again_found = released.assemble()
    assert not again_found.changed and again_found.edited is None


def test_edits_of_one_day_are_kept_apart(released: Released) -> None:
    for text in ("one", "two"):
        replaced(released.place / "README.md", text)
        found = released.assemble()
        assert found.edited is not None and found.edited.kept is not None
        assert (found.edited.kept / "README.md").read_text() == text
    assert len(list(released.place.parent.glob("release.edited-*"))) == 2


def test_copies_on_another_disk_are_compared_as_well(released: Released, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: Path) -> None:
        raise OSError("no links here")

    shutil.rmtree(released.place)
    monkeypatch.setattr(system, "link", no_links)
    released.assemble()
    overwrite(released.place / "0440" / "0440.rttm", "mine")
    found = released.assemble()
    assert found.edited is not None and found.edited.files == ("0440/0440.rttm",) and found.edited.kept is not None
    assert (found.edited.kept / "0440" / "0440.rttm").read_text() == "mine"


def test_files_that_were_touched_removed_or_linked_were_not_edited(released: Released) -> None:
    own = released.place / "0440"
    os.utime(own / "0440.txt")
    os.link(own / "0440.rttm", released.place.parent / "mine.rttm")
    (own / "0440.TextGrid").unlink()
    (released.place / "README.md").unlink()
    (released.place / "README.md").symlink_to("elsewhere")
    found = released.assemble()
    assert found.changed and found.edited is not None and (found.edited.files, found.edited.kept) == ((), None)
    assert found.edited.missing == ("0440/0440.TextGrid",)
    assert "had been removed, and are there again: 0440/0440.TextGrid. Corrections" in str(found.edited)


def test_shared_files_are_read_only(released: Released) -> None:
    for path in released.place.rglob("*"):
        if path.is_file() and path.stat().st_nlink > 1:
            assert path.stat().st_mode & 0o222 == 0, path
