"""Going on with the last run in WORK: what is taken from it, and what a command line replaces."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from imigue_build.backends.configs import load
from imigue_build.config import recipes
from imigue_build.core.errors import BackendError, ConfigError
from imigue_build.pipeline import Request
from imigue_build.pipeline.last_run import last_run, remember
from imigue_build.pipeline.resuming import Asked, resumed
from imigue_build.store.workspace import Workspace
from tests.benchmarks.finished import Finished
from tests.cli.test_errors import call

TITLE = 'corpus.title=Tom\'s "best" of $HOME; b'


class Place:
    """A folder with a blank in its name, in which two interviews are finished, with some settings."""

    def __init__(self, root: Path, *settings: str) -> None:
        self.root = root
        self.settings = [word for setting in settings for word in ("--set", setting)]
        self.finished = Finished(root, 2, load("embedded", settings))
        self.work = Workspace(self.finished.work)
        self.labels = root / "my labels.csv"
        names = "".join(f"{name},male,Spain,Win\n" for name in self.finished.ids)
        self.labels.write_text(f"video_id,subject_gender,subject_nationality,win_or_lose\n{names}")
        self.recipe = root / "mine.yaml"
        self.recipe.write_text(recipes()["embedded"].read_text())

    def call(self, *words: str) -> tuple[int, str, str]:
        return call(words[0], "--work", str(self.work.root), *words[1:])

    def start(self, *words: str) -> None:
        """A first run of everything, with words of its own."""
        own = ["--release", str(self.finished.release), "--labels", str(self.labels)]
        code, _, err = self.call("run-all", str(self.finished.videos), *own, *words, *self.settings)
        assert code == 0, err

    def pause(self, *settings: str, config: str | None = None) -> float:
        """What `align.pause` is for a command with these words."""
        found = resumed(self.work, Asked(settings=settings, config=config)).recipe
        assert found is not None
        return found.config.align.pause


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "a place")


@pytest.fixture
def paused(tmp_path: Path) -> Place:
    return Place(tmp_path / "a place", "align.pause=0.3", "diarize.min_speakers=2")


def test_a_command_with_work_alone_goes_on_with_the_last_run(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.root)
    code, _, err = call(
        "run-all", "videos", "--work", "work", "--release", "release", "--labels", "my labels.csv",
        "--config", "mine.yaml", "--set", TITLE, "--set", "extract.ffmpeg=./bin/ffmpeg", "--jobs", "1",
    )  # fmt: skip
    assert code == 1 and "extract.ffmpeg" in err  # no such program: nothing was noted
    assert call(
        "run-all", "videos", "--work", "work", "--release", "release", "--labels", "my labels.csv",
        "--config", "mine.yaml", "--set", TITLE, "--jobs", "1",
    )[0] == 0  # fmt: skip
    before = last_run(place.work)
    monkeypatch.chdir("/")
    for command in ("run-all", "extract", "export"):
        code, out, err = place.call(command)
        assert code == 0 and "nothing to do" in out, (out, err)
        line = next(line for line in out.splitlines() if line.startswith("from the last run: "))
        words = shlex.split(line.removeprefix("from the last run: "))
        assert words[0] == str(place.finished.videos)
        assert {str(place.labels), str(place.recipe), str(place.finished.release), TITLE, "1"} <= set(words)
    assert last_run(place.work) == before
    code, out, _ = place.call("plan", "--json")
    assert code == 0 and {item["action"] for item in json.loads(out)["items"]} == {"reuse"}
    assert set(json.loads(place.call("status", "--json")[1])["interviews"]) == set(place.finished.ids)


def test_an_option_replaces_the_one_of_the_last_run(paused: Place) -> None:
    paused.start("--config", "embedded")
    assert paused.pause() == 0.3
    assert paused.pause("align.pause=0.4") == 0.4
    found = resumed(paused.work, Asked(settings=("align.pause=0.4",)))
    assert found.asked.settings == ("diarize.min_speakers=2", "align.pause=0.4")
    assert found.taken["overrides"] == ["diarize.min_speakers=2"]
    assert found.recipe is not None and found.recipe.config.diarize.model_dump()["min_speakers"] == 2
    other = paused.root / "other.csv"
    assert resumed(paused.work, Asked(labels=other)).asked.labels == other


def test_another_recipe_is_taken_as_it_is_and_that_is_said(paused: Place) -> None:
    paused.start("--config", "embedded")
    assert paused.pause(config="embedded") != 0.3
    _, out, _ = paused.call("plan", "--config", "embedded")
    assert "no longer, with this --config: --set align.pause=0.3 --set diarize.min_speakers=2" in out
    assert "--labels" in out


def test_a_run_may_begin_anew(paused: Place) -> None:
    paused.start("--config", "embedded")
    found = resumed(paused.work, Asked(videos=paused.finished.videos, anew=True))
    assert (found.taken, found.recipe, found.asked.labels, found.asked.settings) == ({}, None, None, ())
    code, out, _ = paused.call("plan", str(paused.finished.videos), "--config", "embedded", "--anew")
    assert code == 0 and "from the last run" not in out
    words = shlex.split(out.splitlines()[-1].removeprefix("next: "))
    assert "--anew" in words and "RELEASE" in words
    code, _, err = paused.call("run-all", "--anew")
    assert code == 2 and "needs VIDEOS and --release" in err


def test_another_backend_ends_the_settings_of_the_last_one(paused: Place) -> None:
    paused.start("--config", "embedded")
    found = resumed(paused.work, Asked(settings=("diarize.backend=dvector",)))
    assert found.asked.settings == ("align.pause=0.3", "diarize.backend=dvector")
    assert found.recipe is not None and found.recipe.config.diarize.backend == "dvector"
    same = resumed(paused.work, Asked(settings=(f"diarize.backend={paused.finished.config.diarize.backend}",)))
    assert "diarize.min_speakers=2" in same.asked.settings


def test_a_recipe_that_was_edited_is_read_again(paused: Place) -> None:
    place = paused
    place.start("--config", str(place.recipe))
    text = place.recipe.read_text()
    place.recipe.write_text(f"{text}\nexport: {{pause: 0.9}}\n")
    found = resumed(place.work, Asked()).recipe
    assert found is not None and (found.config.export.pause, found.config.align.pause) == (0.9, 0.3)
    assert "stale" in place.call("status")[1]
    place.recipe.write_text(f"{text}\nexport: {{paus: 0.9}}\n")
    with pytest.raises(ConfigError, match=r"export\.paus"):
        resumed(place.work, Asked())
    place.recipe.unlink()
    gone = resumed(place.work, Asked()).recipe
    assert gone is not None and gone.config.align.pause == 0.3


def test_a_run_of_some_interviews_does_not_limit_the_next(place: Place) -> None:
    place.start("--config", "embedded", "--only", place.finished.ids[0])
    items = json.loads(place.call("plan", "--json")[1])["items"]
    assert {item["video_id"] for item in items} == set(place.finished.ids)


def test_the_next_line_can_be_typed_and_reverts_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.root)
    place.start("--config", "mine.yaml", "--set", TITLE)
    for command in (["plan", "--force"], ["extract", "--set", "align.pause=0.4"]):
        _, out, _ = place.call(*command)
        words = shlex.split(out.splitlines()[-1].removeprefix("next: "))
        assert words[0] == "imigue-build" and "VIDEOS" not in words and "RELEASE" not in words
        before = last_run(place.work)
        assert before is not None and before.config["corpus"]["title"] == TITLE.partition("=")[2]
        assert call(words[1], *words[2:], "--help")[0] == 0
        settings = tuple(words[at + 1] for at, word in enumerate(words) if word == "--set")
        found = resumed(place.work, Asked(settings=settings)).recipe
        assert found is not None and found.config.corpus.title == TITLE.partition("=")[2]


def test_a_release_that_no_run_named_is_asked_for(place: Place) -> None:
    remember(place.work, Request(place.finished.videos, place.work.root, None, place.finished.config))
    for path in place.finished.outputs(place.finished.ids[0], "export"):
        path.unlink()
    work = shlex.quote(str(place.work.root))
    assert place.call("status")[1].endswith(f"next: imigue-build run-all --work {work} --release RELEASE\n")
    code, _, err = place.call("run-all")
    assert code == 2 and "run-all needs --release, and no earlier run had one in " in err
    assert f"give `imigue-build run-all --work {work} --release RELEASE`" in err


def test_a_command_without_work_is_told_what_work_remembered(paused: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as `fetch-models`, which a message names where a model is missing."""
    paused.start("--config", "embedded")

    def missing(self: object) -> None:
        raise BackendError("a model is missing", "run `imigue-build fetch-models --config CONFIG` once")

    monkeypatch.setattr("imigue_build.stages.common.BackendStage.provenance", missing)
    code, _, err = paused.call("run-all")
    fetch = "fetch-models --config embedded --set align.pause=0.3 --set diarize.min_speakers=2"
    assert code == 1 and f"run `imigue-build {fetch}` once" in err


def test_corrections_go_where_those_of_the_last_run_are(place: Place) -> None:
    folder = place.root / "own corrections"
    folder.mkdir()
    place.start("--config", "embedded", "--overrides", str(folder))
    _, out, err = call("override", place.finished.ids[0], "--work", str(place.work.root), "--drop", "1-2")
    assert str(folder / f"{place.finished.ids[0]}.yaml") in out.splitlines()[0], err
    assert out.splitlines()[-1] == f"next: imigue-build run-all --work {shlex.quote(str(place.work.root))}"
