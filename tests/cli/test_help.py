"""The help: every command has a summary and examples that the parser takes, and it can be read on any terminal."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
from rich.markup import escape
from typer.main import get_command_from_info
from typer.models import CommandInfo
from typer.testing import CliRunner

from imigue_build.cli import help_text, root
from imigue_build.cli.main import app
from tests.cli.walk import ALL, LEAVES, ROOT

STAGES = ("extract", "transcribe", "diarize", "align")
FRAMES = set("╭╮╰╯─│")


def shown(*words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    return done.output


def printed(*words: str, **variables: str) -> str:
    """What a process of its own prints of its help, byte by byte in UTF-8."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "COLUMNS"))}
    command = [sys.executable, "-m", "imigue_build", *words, "--help"]
    done = subprocess.run(command, env={**plain, **variables}, capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


def examples(output: str) -> list[str]:
    """The command lines below "Examples:", without the name of the program."""
    section = output.partition("Examples:")[2].partition("\n\n")[0]
    return re.findall(r"^ *imigue-build (.+?) *$", section, re.MULTILINE)


def parse(line: str) -> None:
    """Takes a command line apart as a call does, up to where the command itself would begin."""
    words = shlex.split(line)
    command = ROOT
    while hasattr(command, "commands") and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if words in (["--help"], ["--install-completion"]):  # these print something and end
        context = command.make_context("imigue-build", [], resilient_parsing=True)
        assert words[0] in {option for param in command.get_params(context) for option in param.opts}
    else:
        command.make_context("imigue-build", words)


@pytest.mark.parametrize("words", ["", *ALL])
def test_every_command_has_a_summary_and_examples_that_the_parser_takes(words: str) -> None:
    output = shown(*words.split())
    summary = (ROOT if not words else ALL[words]).help.partition("\n")[0]
    assert re.fullmatch(r"[A-Z].+\.", summary) and len(summary) <= 120
    lines = examples(output)
    assert lines
    for line in lines:
        assert line.startswith(words)
        parse(line)
    if words in LEAVES:
        assert "--json" in output and "With --json, on standard output" in output
    assert "<bool>" not in output, "a flag shows a value"
    assert max(map(len, output.splitlines())) <= 80
    assert not [char for char in output if not char.isascii() and char not in FRAMES], "a picture"


def test_a_wrong_example_would_be_found() -> None:
    with pytest.raises(Exception, match="froce"):
        parse("run-all VIDEOS --work WORK --froce")


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_shows_its_own_options_and_accepts_those_of_run_all(stage: str) -> None:
    output = shown(stage)
    assert "--work" in output and "--release" not in output
    assert ("--labels" in output) == (stage == "align")
    assert ("--overrides" in output) == (stage in ("diarize", "align"))
    params = LEAVES[stage].make_context(
        stage, ["v", "--work", "w", "--release", "r", "--labels", "l", "--overrides", "o"]
    )
    assert {"release", "labels", "corrections"} <= params.params.keys()


@pytest.mark.parametrize("words", [(), ("run-all",), ("bench", "ser")])
def test_under_the_c_locale_and_without_colours_it_is_plain_text(words: tuple[str, ...]) -> None:
    assert printed(*words, COLUMNS="80", LC_ALL="C").isascii()
    uncoloured = printed(*words, COLUMNS="80", LC_ALL="C.UTF-8", NO_COLOR="1")
    assert "\x1b" not in uncoloured and set(filter(lambda char: not char.isascii(), uncoloured)) == FRAMES
    assert max(map(len, uncoloured.splitlines())) <= 80


def test_options_stand_under_headings_in_order() -> None:
    output = printed("override", COLUMNS="100", LC_ALL="C.UTF-8")
    places = [output.index(f"╭─ {heading} ─") for heading in ("Arguments", "Inputs", "Corrections", "Messages")]
    assert places == sorted(places) and "╭─ Options" not in output


def test_commands_stand_under_their_headings_in_order() -> None:
    output = printed(COLUMNS="100", LC_ALL="C.UTF-8")
    headings = ("Build", "Look and correct", "Share", "Set-up", "Benchmarks")
    places = [output.index(f"╭─ {heading} ─") for heading in headings]
    assert places == sorted(places)


def test_what_is_printed_within_frames_holds_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    for framed in (False, True):
        monkeypatch.setattr(help_text, "framed", lambda framed=framed: framed)
        infos = [info() for commands in root._ADDED.values() for info in commands.values()]
        texts.append("".join(re.sub(r"\s", "", str(info.epilog)).replace("\b", "") for info in infos))
    assert texts[1] == escape(texts[0]) != texts[0]


def test_no_arguments_print_the_help_with_exit_codes_and_variables() -> None:
    assert CliRunner().invoke(app, ["-h"]).exit_code == 0
    output = shown()
    for text in ("130  interrupted", "HF_TOKEN", "IMIGUE_BUILD_CACHE", "NO_COLOR"):
        assert text in output


def test_all_commands_load_nothing_heavy() -> None:
    heavy = [
        "rich",
        "pydantic",
        "yaml",
        "numpy",
        "scipy",
        "torch",
        "librosa",
        "sklearn",
        "pyarrow",
        "pocketsphinx",
        "praatio",
        "jinja2",
        "ray",
    ]
    script = f"import sys, imigue_build.cli.main; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_only_the_command_that_is_called_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    def build(info: CommandInfo, **options: Any) -> Any:
        built.append(str(info.name))
        return get_command_from_info(info, **options)

    monkeypatch.setattr(root, "get_command_from_info", build)
    shown("status")
    assert built == ["status"]
