"""Where lines and tables are printed: bars only where somebody sees them, nothing cut off where a program reads.

rich is imported when something is printed: that takes longer than many a command has to.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import wrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_COMMAND: Final = re.compile(r"`[^`\n]*`")
_NARROWEST: Final = 30
"""Characters of a line below which none is broken."""
_UNLIMITED: Final = 100_000
"""Characters of a line of a table that goes into a file or a pipe; no more are printed than it has."""


def plain(stderr: bool = False) -> Console:
    """For lines that are copied or read by programs: none is broken, and `:name:` is no picture."""
    from imigue_build.cli.harmless import HarmlessConsole

    return HarmlessConsole(stderr=stderr, highlight=False, soft_wrap=True, emoji=False)


def escape(text: str) -> str:
    """A text in which nothing is taken for markup."""
    from rich.markup import escape

    return escape(text)


def say(console: Console, label: str, colour: str, text: str) -> None:
    """Prints a text after a coloured label, as `fill` breaks it."""
    filled = fill(console, f"{label}: {text}").removeprefix(f"{label}: ")
    console.print(f"[{colour}]{label}:[/] {escape(filled)}")


def fill(console: Console, text: str) -> str:
    """A text as a terminal shows it best: broken between words, but not within a `command`; as it is elsewhere."""
    if not console.is_terminal:
        return text
    held = _COMMAND.sub(lambda found: found[0].replace(" ", "\0"), text)
    width = max(console.width, _NARROWEST)
    lines = wrap(held, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")


def tabular() -> Console:
    """For tables: as wide as the terminal, or as they are where there is none and COLUMNS names no width."""
    from imigue_build.cli.harmless import HarmlessConsole

    console = HarmlessConsole(highlight=False, emoji=False)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = _UNLIMITED
    return console


def table(*columns: str) -> Table:
    """An empty table; what is too long for its column is broken, not cut off."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def live(console: Console) -> bool:
    """Whether bars may be drawn: on a terminal that moves its cursor, and not because colours are forced."""
    return console.is_interactive and not console.is_dumb_terminal and console.file.isatty()


@contextmanager
def counting(what: str, console: Console, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar while inside; the value is called with how many are done, and of how many."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(bar_width=24), MofNCompleteColumn())
    hidden = quiet or not live(console)
    with Progress(*columns, TimeRemainingColumn(compact=True), console=console, disable=hidden) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
