"""Errors and summaries: one line, with the next command to type in the user's own words."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from imigue_build.cli import hints
from imigue_build.cli.main import app
from imigue_build.core.errors import BackendError
from imigue_build.models import locate
from imigue_build.pipeline.demo import DEMO
from tests.cli.walk import ROOT
from tests.models.places import wanted


def call(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout, done.stderr


def parsed(line: str) -> dict[str, Any]:
    """A command line that was printed, taken apart by the real parser."""
    program, name, *words = shlex.split(line)
    assert program == "imigue-build"
    found: dict[str, Any] = ROOT.commands[name].make_context(name, words).params
    return found


@pytest.fixture
def given() -> Iterator[Any]:
    """Stands in a `run-all` with options whose values a shell would take for more than names."""
    words = ["My Videos", "--work", "w$1", "--release", "r", "--set", "align.pause=1", "--set", "a.b='x y'", "--force"]
    with (
        ROOT.make_context("imigue-build", ["run-all", *words]) as root,
        ROOT.commands["run-all"].make_context("run-all", words, parent=root) as ctx,
        hints.of(ctx),
    ):
        yield ctx


@pytest.mark.usefixtures("given")
def test_a_hint_repeats_the_users_words_quoted() -> None:
    params = parsed(hints.command_line("run-all"))
    assert (params["videos"], params["work"], params["release"]) == (Path("My Videos"), Path("w$1"), Path("r"))
    assert params["overrides"] == ["align.pause=1", "a.b='x y'"]
    assert params["force"] is False


@pytest.mark.usefixtures("given")
def test_a_stage_is_not_told_of_the_release() -> None:
    assert parsed(hints.command_line("extract"))["release"] is None
    assert parsed(hints.command_line("export"))["release"] == Path("r")


@pytest.mark.usefixtures("given")
def test_messages_are_spelled_out() -> None:
    assert hints.spelled("run `imigue-build status` first") == "run `imigue-build status --work 'w$1'` first"
    assert hints.spelled("see `imigue-build validate` and x") == "see `imigue-build validate r` and x"
    assert hints.spelled("`imigue-build bench fetch a/b --text`") == "`imigue-build bench fetch a/b --text`"
    assert hints.spelled("`imigue-build second`") == "`imigue-build second`"
    fetch = hints.spelled("run `imigue-build fetch-models --config CONFIG` once")
    assert fetch == "run `imigue-build fetch-models --set align.pause=1 --set 'a.b='\"'\"'x y'\"'\"''` once"


def test_without_a_command_messages_stay_as_they_are() -> None:
    assert hints.spelled("run `imigue-build status` first") == "run `imigue-build status` first"
    assert hints.command_line("status") == ""


def test_the_program_is_named_as_it_was_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "imigue-build").touch(0o755)
    monkeypatch.setattr("sys.argv", [str(tmp_path / "imigue-build")])
    monkeypatch.setenv("PATH", "/nowhere")
    assert hints.program() == "./imigue-build"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hints.program() == "imigue-build"
    monkeypatch.setattr("sys.argv", ["/somewhere/imigue_build/__main__.py"])
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python"))
    assert hints.program() == "bin/python -m imigue_build"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["validat"], "error: no such command 'validat'. Did you mean 'validate'?; see `imigue-build --help`"),
        (["bench", "se"], "Did you mean 'ser'?; see `imigue-build bench --help`"),
        (["run-all", "x", "--work", "w", "--froce"], "--force"),
        (["run-all"], "error: missing option '--work'; see `imigue-build run-all --help`"),
        (["run-all", "--work", "w"], "needs VIDEOS and --release, and there is no earlier run in w"),
        (["run-all", "x", "--work", "w"], "`imigue-build run-all x --work w --release RELEASE`"),
        (["status", "--work", "nowhere"], "`imigue-build run-all VIDEOS --work nowhere --release RELEASE`"),
        (["plan", str(DEMO), "--work", "w", "--executor", "mpi"], "'mpi' is not one of"),
    ],
)
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_usage_errors_are_one_line_on_standard_error(words: list[str], message: str, more: list[str]) -> None:
    code, out, err = call(*words, *more)
    assert code == 2 and out == ""
    assert message in err and len(err.splitlines()) == 1


def test_a_plan_ends_with_the_run(tmp_path: Path) -> None:
    code, out, _ = call("plan", str(DEMO), "--work", str(tmp_path / "w"), "--config", "embedded")
    assert code == 0
    params = parsed(out.splitlines()[-1].removeprefix("next: "))
    assert (params["videos"], params["work"], params["config"]) == (DEMO, tmp_path / "w", "embedded")


def test_a_failed_run_ends_with_status(tmp_path: Path) -> None:
    (tmp_path / "1.mp4").write_bytes(b"no video")
    words = ["--work", str(tmp_path.parent / f"{tmp_path.name}-w"), "--config", "embedded"]
    code, out, _ = call("extract", str(tmp_path), *words)
    assert code == 1
    assert "the same command again" in out
    assert out.splitlines()[-1] == f"next: imigue-build status --work {words[1]}"


@pytest.mark.usefixtures("given")
def test_what_would_steer_a_terminal_is_not_repeated() -> None:
    assert hints.command_line("override", video_id="\x1b]0;title\x07") == ""
    assert "override 0001 " in hints.command_line("override", video_id="0001")


def test_status_goes_on_with_the_last_runs_videos_and_recipe(tmp_path: Path) -> None:
    videos, work = tmp_path / "videos", tmp_path / "work"
    videos.mkdir()
    (videos / "1.mp4").write_bytes(b"no video")
    for more in ([], ["--set", "align.pause=0.4"]):
        call("extract", str(videos), "--work", str(work), "--config", "embedded", *more)
        code, out, _ = call("status", "--work", str(work))
        assert code == 0
        assert "failed: 0001 at extract: " in out and f"{work}/run.log says more" in out
        assert parsed(out.splitlines()[-1].removeprefix("next: "))["work"] == work
        assert call("plan", "--work", str(work), "--json", *more)[0] == 0


def test_a_model_of_a_benchmark_is_fetched_by_its_name() -> None:
    for kind, end in (("encoder", ""), ("text-model", " --text")):
        with pytest.raises(BackendError) as caught:
            locate(wanted(kind, "some/model", "v1"))
        assert caught.value.remedy == f"run `imigue-build bench fetch some/model{end} --revision v1` once"


@pytest.mark.parametrize("taken", ["file", "work"])
def test_a_demo_where_something_else_is(tmp_path: Path, taken: str) -> None:
    place = tmp_path / "place"
    if taken == "file":
        place.touch()
    else:
        (place / "work").mkdir(parents=True)
        (place / "work" / "thesis.doc").touch()
    code, _, err = call("demo", "--out", str(place))
    assert code == 2 and str(place) in err


def test_what_is_to_be_installed_goes_where_the_program_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "an env/bin/python"))
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/pip")
    python = shlex.quote(str(tmp_path / "an env/bin/python"))
    assert hints.spelled("missing: pip install 'heavy>=2'") == f"missing: {python} -m pip install 'heavy>=2'"
    assert hints.spelled(f"{python} -m pip install x") == f"{python} -m pip install x"
    assert hints.spelled("install again: pip install 'WHEEL[bench]'") == "install again: pip install 'WHEEL[bench]'"
    monkeypatch.setattr("shutil.which", lambda name: str(tmp_path / "an env/bin" / name))
    assert hints.spelled("pip install x") == "pip install x"
