"""Colours, widths and closed pipes."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from imigue_build.cli import terminal
from imigue_build.cli.main import app

COMMAND = [sys.executable, "-m", "imigue_build"]


def on_a_terminal(*words: str, columns: int = 80, command: Sequence[str] = COMMAND, **variables: str) -> bytes:
    """What a command prints on a terminal of its own."""
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    process = subprocess.Popen(
        [*command, *words], stdout=theirs, stderr=theirs, env={**plain, "TERM": "xterm-256color", **variables}
    )
    os.close(theirs)
    printed = b""
    while True:
        try:
            printed += (more := os.read(ours, 65536))
        except OSError:  # Linux's way of saying that nobody writes any more
            break
        if not more:
            break
    os.close(ours)
    process.wait(timeout=60)
    return printed


def colours(printed: bytes) -> int:
    return sum(printed.count(b"\x1b[%s3%dm" % (style, colour)) for style in (b"", b"1;", b"2;") for colour in range(8))


@pytest.mark.parametrize("words", [["run-all", "--help"], ["doctor", "--config", "embedded"]])
def test_colours_on_a_terminal_and_none_where_they_are_not_wanted(words: list[str]) -> None:
    assert colours(on_a_terminal(*words)) > 0
    assert colours(on_a_terminal(*words, NO_COLOR="1")) == 0
    assert b"\x1b" not in on_a_terminal(*words, TERM="dumb")


def test_no_control_character_in_a_pipe() -> None:
    done = subprocess.run([*COMMAND, "doctor", "--config", "embedded"], capture_output=True, check=True, timeout=60)
    assert b"\x1b" not in done.stdout + done.stderr


def test_bars_are_drawn_on_terminals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert Console().is_terminal
    assert not terminal.live(Console())


def test_tables_are_broken_not_cut_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    table = terminal.table("interview", "why")
    table.add_row("x" * 64, "y" * 300)
    monkeypatch.delenv("COLUMNS", raising=False)
    terminal.tabular().print(table)
    assert capsys.readouterr().out.splitlines()[-1].split() == ["x" * 64, "y" * 300]
    monkeypatch.setenv("COLUMNS", "40")
    terminal.tabular().print(table)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 40
    assert (out.count("x"), out.count("y")) == (64, 301) and "…" not in out


def test_words_between_colons_are_no_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    table = terminal.table("word")
    table.add_row("1:Joker:x")
    terminal.tabular().print(table)
    terminal.plain().print("2:Joker:x")
    out = capsys.readouterr().out
    assert "1:Joker:x" in out and "2:Joker:x" in out


@pytest.mark.parametrize("columns", ["40", "200"])
def test_help_fits_the_terminal(columns: str) -> None:
    script = "from imigue_build.cli.main import app; app(prog_name='imigue-build')"
    done = subprocess.run(
        [sys.executable, "-c", script, "align", "--help"],
        env={**os.environ, "COLUMNS": columns},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    options = done.stdout.partition("Examples")[0]
    assert max(map(len, options.splitlines())) <= max(int(columns), 50)
    assert ("╭" in done.stdout) == (columns == "200")


def test_the_json_of_a_failed_start_is_empty(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["validate", str(tmp_path / "nowhere"), "--json"])
    assert done.exit_code == 2 and done.stdout == "" and "nowhere" in done.stderr
