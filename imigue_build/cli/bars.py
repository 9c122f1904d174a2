"""The bars of a run, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.spinner import Spinner
from rich.table import Column
from rich.text import Text

_WIDE: Final = 90
"""Characters of a terminal from which on bars are long."""
_FRAMES: Final = 4
"""Pictures a second; the spinner moves with each."""


class Bars(Progress):
    """A bar a stage, below a line on the whole run, whose spinner moves whatever happens."""

    def __init__(self, state: Callable[[], str], console: Console) -> None:
        self._head = _Head(state)
        super().__init__(
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=24 if console.width >= _WIDE else 12),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]:>7}"),
            TextColumn("{task.fields[items]}", style="dim", table_column=Column(no_wrap=True, overflow="ellipsis")),
            console=console,
            refresh_per_second=_FRAMES,
        )

    def get_renderables(self) -> Iterable[RenderableType]:
        """The line, then the bars."""
        if self.tasks:
            yield self._head
            yield self.make_tasks_table(self.tasks)


class _Head:
    """The line on the whole run."""

    def __init__(self, state: Callable[[], str]) -> None:
        self._state = state
        self._spinners = {ascii_only: Spinner("line" if ascii_only else "dots") for ascii_only in (False, True)}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        sign = self._spinners[options.ascii_only].render(console.get_time())
        line = Text.assemble(sign if isinstance(sign, Text) else "", " ", self._state(), no_wrap=True)
        line.truncate(options.max_width, overflow="ellipsis")
        yield line
