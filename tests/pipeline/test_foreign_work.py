"""A WORK that came from somebody else, or was edited: nothing is run or opened that its note names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imigue_build.core.errors import UsageError
from imigue_build.pipeline import Request, prepare, status
from imigue_build.pipeline.last_run import LastRun, foreign_run, last_run, remember, this_run
from imigue_build.pipeline.resuming import Asked, resumed
from imigue_build.store.workspace import Workspace
from tests.benchmarks.finished import Finished
from tests.cli.test_errors import call


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Finished:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Finished(tmp_path / "finished", 1)


@pytest.fixture
def another_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], None]:
    """Makes what follows happen as another user, who has another home."""
    return lambda: monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))


def edit(finished: Finished, change: Callable[[Any], object]) -> None:
    """Changes the note of the last run; the seal stays."""
    path = finished.work / "last-run.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def warned(finished: Finished) -> tuple[dict[str, Any], list[str]]:
    warnings: list[str] = []
    return dict(status(Workspace(finished.work), warnings.append)[finished.ids[0]]), warnings


def test_ones_own_note_is_followed(finished: Finished) -> None:
    work = Workspace(finished.work)
    assert isinstance(last_run(work), LastRun) and foreign_run(work) is None
    found, warnings = warned(finished)
    assert set(found.values()) == {"done"} and warnings == []


def test_a_launcher_in_it_is_not_run(finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By `status`, which names it and shows what it can."""
    launcher = ["sh", "-c", f": > '{tmp_path}/sprung'; echo 3.2.0"]
    edit(finished, lambda note: note["config"].update(align={"backend": "mfa", "launcher": launcher}))
    monkeypatch.setenv("PATH", "")
    code, _, err = call("status", "--work", str(finished.work))
    assert code == 1 and "Montreal Forced Aligner" in err
    assert not (tmp_path / "sprung").exists()


def test_an_ffmpeg_a_lexicon_and_the_videos_are_left_alone(finished: Finished, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "0007.mp4").write_bytes(b"x")

    def hostile(note: Any) -> None:
        note["videos"] = str(outside)
        note["labels"] = str(outside / "0007.mp4")
        note["config"]["extract"]["ffmpeg"] = "/bin/sh"
        note["config"]["align"]["lexicon"] = "/etc/passwd"

    edit(finished, hostile)
    assert "0007" not in status(Workspace(finished.work))
    found, (warning,) = warned(finished)
    assert set(found.values()) == {"done"}
    assert "not yours, or not on this machine" in warning
    assert "extract.ffmpeg" in warning and "align.lexicon" in warning and "roles" not in warning


def test_given_files_and_local_models_are_to_be_named(finished: Finished) -> None:
    edit(finished, lambda note: note["config"].update(diarize={"backend": "given", "folder": "/etc"}))
    with pytest.raises(UsageError, match=r"diarize.folder.*with your own VIDEOS, --config and --set"):
        status(Workspace(finished.work))
    edit(finished, lambda note: note["config"].update(diarize={"backend": "dvector"}))
    edit(finished, lambda note: note["config"]["transcribe"].update(model="/home/me/model"))
    with pytest.raises(UsageError, match=r"models by files or folders \(.*transcribe.model"):
        status(Workspace(finished.work))


def test_another_users_corrections_are_not_applied(
    finished: Finished, tmp_path: Path, another_user: Callable[[], None]
) -> None:
    place = tmp_path / "corrections"
    place.mkdir()
    (place / f"{finished.ids[0]}.yaml").write_text("drop:\n- {start: 1.0, end: 2.0}\n")
    remember(Workspace(finished.work), Request(finished.videos, finished.work, None, finished.config, overrides=place))
    request = Request(finished.videos, finished.work, None, finished.config, command="export")
    assert resumed(Workspace(finished.work), Asked()).asked.overrides == place
    another_user()
    assert resumed(Workspace(finished.work), Asked()).asked == Asked()
    prepared = prepare(request)
    assert any("they are not applied unless --overrides names their folder" in text for text in prepared.warnings)


@pytest.mark.parametrize(("command", "needs"), [("run-all", "VIDEOS and --release"), ("extract", "VIDEOS")])
def test_what_it_had_is_to_be_named(
    finished: Finished, another_user: Callable[[], None], command: str, needs: str
) -> None:
    another_user()
    code, out, err = call(command, "--work", str(finished.work))
    assert (code, out) == (2, "")
    assert f"{command} needs {needs} (the last run in {finished.work} was not yours" in err
    assert "--labels, --config, --set and --overrides where it had them" in err and str(finished.videos) not in err


def test_a_run_makes_the_note_ones_own_again(finished: Finished, another_user: Callable[[], None]) -> None:
    another_user()
    work = Workspace(finished.work)
    assert last_run(work) is None and foreign_run(work) is not None
    assert finished.run().ran == 0
    request = Request(finished.videos, finished.work, finished.release, finished.config)
    assert last_run(work) == this_run(request) and foreign_run(work) is None
