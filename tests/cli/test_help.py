"""The help: a page for every command, examples that the parser takes, and the README's table of commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from imigue_build.cli import pages
from imigue_build.cli.main import app
from imigue_build.cli.pages.page import VARIABLES, Page
from tests.cli.walk import ALL, LEAVES, ROOT

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
EXAMPLES = [(words, line) for words, page in pages.PAGES.items() if words in ALL for line, _ in page.examples] + [
    ("", line) for line, _ in pages.ROOT.examples
]


def parse(line: str) -> None:
    """Takes a command line apart as a call does, up to where the command itself would begin."""
    words = shlex.split(line)
    command = ROOT
    while hasattr(command, "commands") and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if words[-1:] == ["--help"] or line.startswith("--"):
        context = command.make_context("imigue-build", [], resilient_parsing=True)
        assert words[-1] in {option for param in command.get_params(context) for option in param.opts}
        return
    command.make_context("imigue-build", words)


def test_every_command_has_a_page_with_examples() -> None:
    assert set(ALL) <= set(pages.PAGES)
    assert [words for words in ALL if not pages.PAGES[words].examples] == []


@pytest.mark.parametrize(("words", "line"), EXAMPLES)
def test_every_example_is_taken_by_the_parser(words: str, line: str) -> None:
    assert line.startswith(words)
    parse(line)


def test_a_wrong_example_would_be_found() -> None:
    with pytest.raises(Exception, match="froce"):
        parse("run-all VIDEOS --work WORK --froce")


@pytest.mark.parametrize("words", LEAVES)
def test_every_command_tells_its_json_and_exit_codes(words: str) -> None:
    done = CliRunner().invoke(app, [*words.split(), "--help"], env={"COLUMNS": "100"})
    assert done.exit_code == 0
    assert "--json" in done.output and "With --json" in done.output
    for code in ("0    done", "2    usage", "130  interrupted"):
        assert code in done.output
    assert pages.PAGES[words].fails.split()[0] in done.output


@pytest.mark.parametrize("words", ALL)
def test_examples_stand_in_the_help_as_they_are(words: str) -> None:
    output = CliRunner().invoke(app, [*words.split(), "--help"], env={"COLUMNS": "100"}).output
    shown = " ".join(output.replace("\\\n", "\n").replace("\\ ", " ").split())
    for line, what in pages.PAGES[words].examples:
        assert f"imigue-build {line} {what}" in shown


def test_options_stand_under_headings_in_order() -> None:
    output = CliRunner().invoke(app, ["override", "--help"], env={"COLUMNS": "100"}).output
    places = [output.index(f"╭─ {heading} ─") for heading in ("Arguments", "Inputs", "Corrections", "Messages")]
    assert places == sorted(places) and "╭─ Options" not in output


def test_the_short_option_and_no_arguments_print_the_help() -> None:
    assert CliRunner().invoke(app, ["-h"]).exit_code == 0
    for name in VARIABLES:
        assert name in CliRunner().invoke(app, ["--help"]).output


def test_commands_stand_under_their_headings_in_order() -> None:
    output = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "100"}).output
    places = [
        output.index(heading) for heading in ("Build ─", "Look and correct ─", "Share ─", "Benchmarks ─", "Set-up ─")
    ]
    assert places == sorted(places)


def test_long_examples_are_broken_where_a_shell_takes_it() -> None:
    page = Page("", examples=(("run-all VIDEOS --labels labels.csv --work WORK --release RELEASE --jobs 4", "x"),))
    lines = page.epilog().partition("Exit codes")[0].splitlines()
    assert max(map(len, lines)) <= 76
    joined = page.epilog().replace("\\\n", "")
    assert shlex.split(joined.splitlines()[2])[-2:] == ["--jobs", "4"]


def test_readme_and_commands_know_each_other() -> None:
    section = README.partition("## Commands")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    named: set[str] = set()
    for row in rows:
        bench = row.startswith("| `bench")
        for words in re.findall(r"`([a-z][a-z-]*(?: [a-z][a-z-]+)?)", row.split(" | ")[0]):
            named.add(words if not bench or words.startswith("bench") else f"bench {words}")
    assert named == set(LEAVES)
