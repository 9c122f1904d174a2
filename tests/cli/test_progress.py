"""What a run shows while it works, on a clock of the test's own."""

from __future__ import annotations

import io
import re
import sys

import pytest
from rich.console import Console

from imigue_build.cli import terminal
from imigue_build.cli.progress import Display, about, showing
from imigue_build.engine.events import Finished, Length, Note, Planned, Started
from imigue_build.engine.stage import Done
from tests.cli.test_terminal import on_a_terminal

TWO = Planned({"one": 2}, {"0001": Length(100.0), "0002": Length(300.0)}, {"one": ()})
SCRIPT = """
import time
from imigue_build.cli import terminal
from imigue_build.cli.progress import Display, showing
from imigue_build.engine.events import Length, Planned, Started
with showing(Display(terminal.plain(), False, False)) as display:
    display(Planned({"transcribe": 1}, {"0001-with-a-long-name-indeed-and-more": Length()}, {"transcribe": ()}))
    display(Started("0001-with-a-long-name-indeed-and-more", "transcribe", ""))
    time.sleep(1.5)
"""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def watched(clock: Clock, quiet: bool = False, verbose: bool = False) -> tuple[Display, io.StringIO]:
    """A display that prints into a file."""
    file = io.StringIO()
    return Display(Console(file=file, width=200), quiet, verbose, clock), file


def test_without_a_terminal_there_is_a_line_now_and_then() -> None:
    clock = Clock()
    display, file = watched(clock)
    display(TWO)
    display(Started("0001", "one", ""))
    for clock.now in (1.0, 5.0, 9.0):
        display.tell()
    assert file.getvalue() == ""
    clock.now = 50.0
    display(Finished("0001", "one", Done(100.0), 50.0))
    display(Started("0002", "one", ""))
    display.tell()
    clock.now = 100.0
    display.tell()
    assert file.getvalue().splitlines() == [
        "50 s, 25% done, about 2 min left, 1 of 2 interviews; 0002 one",
        "1 min 40 s, 50% done, about 2 min left, 1 of 2 interviews; 0002 one",
    ]
    clock.now = 7200.0
    display.tell()
    for clock.now in (7260.0, 7499.0):
        display.tell()
    assert len(file.getvalue().splitlines()) == 3
    clock.now = 7501.0
    display.tell()
    assert len(file.getvalue().splitlines()) == 4 and "\x1b" not in file.getvalue()


def test_only_what_was_asked_for_is_shown_of_single_artifacts() -> None:
    for quiet, verbose, shown in ((False, False, 1), (False, True, 3), (True, False, 0)):
        display, file = watched(Clock(), quiet, verbose)
        with showing(display):
            display(TWO)
            display(Started("0001", "one", "not done yet"))
            display(Finished("0001", "one", Done(100.0), 50.0))
            display(Note("a note"))
        assert len(file.getvalue().splitlines()) == shown


@pytest.mark.parametrize("columns", [60, 120])
def test_on_a_terminal_the_spinner_moves_while_one_job_is_under_way(columns: int) -> None:
    printed = on_a_terminal(columns=columns, command=[sys.executable, "-c", SCRIPT]).decode()
    lines = [line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed)) if line.strip()]
    heads = [line for line in lines if re.match(r"[⠀-⣿] ", line)]
    assert len({line[0] for line in heads}) > 2 and "0 of 1 interview" in heads[0]
    assert max(map(len, lines)) <= columns
    assert any(line.startswith("transcribe") and "0001-with" in line for line in lines)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "a few seconds left"), (12.0, "about 10 s left"), (95.0, "about 2 min left"), (1e4, "about 2.8 h left")],
)
def test_a_forecast_is_no_more_exact_than_it_is(seconds: float, words: str) -> None:
    assert about(seconds) == words


@pytest.mark.parametrize("columns", [60, 120])
def test_long_texts_are_broken_between_words_but_commands_are_not(columns: int) -> None:
    command = "`imigue-build fetch-models --config 'my own recipe.yaml' --set align.pause=0.4 --set export.pause=0.5`"
    file = io.StringIO()
    terminal.say(
        Console(file=file, width=columns, force_terminal=True, color_system=None, soft_wrap=True),
        "note",
        "red",
        f"{'a word ' * 30}; run {command} first",
    )
    lines = file.getvalue().splitlines()
    assert [line for line in lines if command in line.strip()]
    assert all(len(line.rstrip()) <= columns for line in lines if command not in line)
    assert len(lines) > 2 and " ".join(line.strip() for line in lines).count("a word") == 30
    file = io.StringIO()
    terminal.say(Console(file=file, width=columns), "note", "red", "a word " * 30)
    assert len(terminal.fill(Console(file=file, width=columns), "a word " * 30).splitlines()) == 1
