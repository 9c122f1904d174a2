"""Whichever command replaces a release, it says which files somebody had changed, and keeps them beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from imigue_build.store import system
from imigue_build.store.disk import sha256
from tests.crash.small_run import SmallRun, make_ready
from tests.files import overwrite

WAYS: dict[str, dict[str, Any]] = {
    "run-all": {},
    "export": {"command": "export"},
    "--force": {"force": True},
    "--verify": {"verify": True},
    "--only": {"only": ("0002",)},
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallRun]:
    with mock.patch("imigue_build.store.system.fsync"):
        root = tmp_path_factory.mktemp("edited")
        make_ready(root / "ready")
        run = SmallRun(root / "first", root / "ready")
        assert run.run() == 0
        yield run


@pytest.fixture
def released(template: SmallRun, tmp_path: Path) -> SmallRun:
    run = SmallRun(tmp_path / "run", template.ready, after=template)
    run.release.rename(run.release.with_name("copied"))
    assert run.run() == 0, run.said.read_text()
    return run


def replaced(path: Path, text: str) -> None:
    """As most editors save."""
    path.with_name("new").write_text(text)
    path.with_name("new").replace(path)


def sums_made_again(release: Path) -> None:
    names = (path for path in release.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = sorted(f"{path.relative_to(release).as_posix()}" for path in names)
    (release / "SHA256SUMS").write_text("".join(f"{sha256(release / name)}  {name}\n" for name in lines))


def kept(run: SmallRun) -> dict[str, str]:
    (folder,) = run.release.parent.glob("release.edited-*")
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("edit", [overwrite, replaced])
@pytest.mark.parametrize("way", WAYS)
def test_edited_files_are_named_and_kept(released: SmallRun, way: str, edit: Callable[[Path, str], None]) -> None:
    whole = released.released()
    edit(released.release / "README.md", "my card")
    edit(released.release / "labels.csv", "video_id\n0001\n")
    replaced(released.release / "0001" / "0001.txt", "as I heard it")
    (released.release / "0002" / "0002.rttm").unlink()
    assert released.run(**WAYS[way]) == 0, released.said.read_text()
    said = released.said.read_text()
    names = "0001/0001.txt, README.md, labels.csv"
    assert f"had been edited, or damaged, and were replaced: {names}; the edited ones are in " in said
    assert "others had been removed, and are there again: 0002/0002.rttm." in said
    assert "overrides (see `imigue-build override --help`), labels in the table of --labels, settings in a" in said
    assert kept(released) == {
        "0001/0001.txt": "as I heard it",
        "README.md": "my card",
        "labels.csv": "video_id\n0001\n",
    }
    assert released.released() == whole


@pytest.mark.parametrize("way", WAYS)
def test_edited_files_are_seen_also_where_the_sums_were_made_again(released: SmallRun, way: str) -> None:
    whole = released.released()
    overwrite(released.release / "README.md", "my card")
    replaced(released.release / "0001" / "0001.txt", "as I heard it")
    sums_made_again(released.release)
    sums = (released.release / "SHA256SUMS").read_text()
    assert released.run(**WAYS[way]) == 0, released.said.read_text()
    assert kept(released) == {"0001/0001.txt": "as I heard it", "README.md": "my card", "SHA256SUMS": sums}
    assert released.released() == whole


def test_a_file_of_somebody_is_not_ours_because_the_sums_list_it(released: SmallRun) -> None:
    for name in ("notes.txt", "0001/interviewee/segment_001.notes.txt"):
        (released.release / name).write_text("mine")
    sums_made_again(released.release)
    assert released.run(force=True) == 1
    said = released.said.read_text()
    assert (
        "0001/interviewee/segment_001.notes.txt, notes.txt, which is no file of a release: move what is yours" in said
    )
    assert (released.release / "notes.txt").read_text() == "mine"


def test_a_file_that_comes_while_the_release_is_built_is_not_lost(
    template: SmallRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = SmallRun(tmp_path / "run", template.ready, after=template)
    write = system.write

    def busy(path: Path, blocks: Iterable[bytes]) -> None:
        if path.name == "manifest.jsonl":
            (run.release / "0001" / "notes.txt").write_text("mine")
        write(path, blocks)

    monkeypatch.setattr(system, "write", busy)
    assert run.run(force=True) == 1
    assert "holds 0001/notes.txt, not listed in its SHA256SUMS: move what is yours" in run.said.read_text()
    assert (run.release / "0001" / "notes.txt").read_text() == "mine" and len(run.litter()) == 0


def rewritten(**values: Any) -> Callable[[Any], None]:
    return lambda document: document.update(values)


def ghosts(document: Any) -> None:
    """Interviews that nobody has, one with the name of a place outside."""
    document["videos"] |= {"0009": document["videos"]["0001"], "../../out": document["videos"]["0001"]}


ROTTED = {
    "interviews without a folder": (ghosts, False),
    "interviews without a folder, and new sums": (ghosts, True),
    "videos that are none, and new sums": (rewritten(videos=[]), True),
}


@pytest.mark.parametrize("rot", ROTTED)
@pytest.mark.parametrize("way", ["run-all", "--force", "--verify"])
def test_a_provenance_that_rotted_is_written_again(released: SmallRun, way: str, rot: str) -> None:
    change, new_sums = ROTTED[rot]
    whole, path = released.released(), released.release / "provenance.json"
    document = json.loads(path.read_text())
    change(document)
    replaced(path, json.dumps(document))
    if new_sums:
        sums_made_again(released.release)
    assert released.run(**WAYS[way]) == 0, released.said.read_text()
    assert released.released() == whole and "provenance.json" in kept(released)


@pytest.mark.parametrize("version", [9, "1", None])
def test_a_format_that_rotted_is_said_to_be_damaged_perhaps(released: SmallRun, version: object) -> None:
    path = released.release / "provenance.json"
    document = json.loads(path.read_text())
    document["format_version"] = version
    replaced(path, json.dumps(document))
    before = released.released()
    assert released.run(force=True) == 1 and released.released() == before
    said = released.said.read_text()
    assert "another version of imigue-build, or its provenance.json is damaged" in said and "move that folder" in said
