"""Text of other people that would command a terminal: it is shown, and does nothing, wherever it is printed."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest

from imigue_build.cli import root, terminal
from imigue_build.cli.run_log import logging_to
from imigue_build.core.printable import harmless

EVIL = ["\x1b]0;title\x07", "\x1b[2J", "\x9b2J", "\x08\x08", "\x7f", "\r", "\u202eevil", "\u2066"]


@pytest.mark.parametrize("evil", EVIL)
def test_lines_tables_errors_and_the_log(evil: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = harmless(evil)
    assert shown.isprintable() and harmless(shown) == shown
    for console in (terminal.plain(), terminal.tabular()):
        console.file = io.StringIO()
        console.print(f"[red]a {evil} b[/red]")
        table = terminal.table("name")
        table.add_row(evil)
        console.print(table)
        said = console.file.getvalue()
        assert evil not in said and said.count(shown) == 2
    root._say(f"error: {evil}")
    assert capsys.readouterr().err == f"error: {shown}\n"
    with logging_to(tmp_path / "log"):
        logging.getLogger("imigue_build.run").warning("a %s b", evil)
    assert f"a {shown} b" in (tmp_path / "log").read_bytes().decode()


def test_what_people_write_is_left_as_it_is() -> None:
    text = "stra\xdfe\n\tM\u00fcller \u4f60\u597d \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 caf\xe9"
    assert harmless(text) == text
