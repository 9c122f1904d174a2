"""What a run shows while it works: live bars in a terminal, plain lines elsewhere, all in the log."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from imigue_build.cli import terminal
from imigue_build.core.printable import harmless
from imigue_build.engine.events import Blocked, Dropped, Event, Finished, Note, Planned, Reused, Started
from imigue_build.engine.stage import Failed

_log = logging.getLogger("imigue_build.run")


class Display:
    """Takes the events of a run. Use within `showing`."""

    def __init__(self, console: Console, quiet: bool, verbose: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._verbose = verbose
        self._live = terminal.live(console) and not quiet
        self._tasks: dict[str, TaskID] = {}
        self._busy: dict[str, dict[str, float]] = {}
        self._media: dict[str, float] = {}
        self._since: dict[str, float] = {}
        self._settled: dict[str, int] = {}
        self._ahead: dict[str, int] = {}
        self.progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]:>9}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[items]}", style="dim"),
            console=console,
            disable=not self._live,
        )

    def __call__(self, event: Event) -> None:
        if isinstance(event, Planned):
            for stage, count in event.stages.items():
                self._ahead[stage] = count
                self._tasks[stage] = self.progress.add_task(stage, total=count, speed="", items="")
        elif isinstance(event, Started):
            self._busy.setdefault(event.stage, {})[event.video_id] = time.monotonic()
            self._since.setdefault(event.stage, time.monotonic())
            self._note(f"{event.video_id} {event.stage}: started ({event.because})", shown=self._verbose)
            self._refresh(event.stage)
        elif isinstance(event, Finished):
            self._finished(event)
        elif isinstance(event, Reused):
            self._settle(event.stage)
            self._note(f"{event.video_id} {event.stage}: reused", shown=self._verbose)
        elif isinstance(event, Blocked):
            self._settle(event.stage)
            self._note(f"{event.video_id} {event.stage}: not run, {event.because}", shown=self._verbose)
        elif isinstance(event, Dropped):
            for busy in self._busy.values():
                busy.pop(event.video_id, None)
            self._note(f"{event.video_id}: taken over by another run; what was under way here is dropped", shown=True)
        elif isinstance(event, Note):
            self._note(event.text, shown=not self._quiet)

    def _finished(self, event: Finished) -> None:
        self._busy.get(event.stage, {}).pop(event.video_id, None)
        if isinstance(event.outcome, Failed):
            text = f"{event.video_id} {event.stage}: FAILED: {event.outcome.reason}"
            _log.error("%s%s", text, f"\n{event.detail}" if event.detail else "")
            self._print(f"[red]{escape(text)}[/red]")
        else:
            self._media[event.stage] = self._media.get(event.stage, 0.0) + event.outcome.media_seconds
            text = f"{event.video_id} {event.stage}: done in {event.seconds:.1f} s"
            self._note(text, shown=not self._quiet and (self._verbose or not self._live))
        self._settle(event.stage)

    def _settle(self, stage: str) -> None:
        self._settled[stage] = self._settled.get(stage, 0) + 1
        if stage in self._tasks:
            self.progress.advance(self._tasks[stage])
            self._refresh(stage)

    def _refresh(self, stage: str) -> None:
        elapsed = time.monotonic() - self._since.get(stage, time.monotonic())
        media = self._media.get(stage, 0.0)
        speed = f"{media / elapsed:.1f}x" if media and elapsed > 1 else ""
        names = sorted(self._busy.get(stage, {}))
        items = " ".join(names[:4]) + (f" +{len(names) - 4}" if len(names) > 4 else "")
        if stage in self._tasks:
            self.progress.update(self._tasks[stage], speed=speed, items=items)

    def _note(self, text: str, shown: bool) -> None:
        _log.info(text)
        if shown:
            self._print(escape(text))

    def _print(self, text: str) -> None:
        self.progress.console.print(text, highlight=False, soft_wrap=True)


@contextmanager
def showing(display: Display) -> Iterator[Display]:
    """Draws the bars while inside."""
    with display.progress:
        yield display


class _LogFile(logging.FileHandler):
    """A log that is a file of its own: what a link leads to is not written, nor a pipe waited for.

    `problem` is why it could not be written, empty where it could.
    """

    problem = ""

    def format(self, record: logging.LogRecord) -> str:
        """A line; what would command the terminal that shows the log is escaped."""
        return harmless(super().format(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the line; where the log cannot be opened, it does without."""
        try:
            super().emit(record)
        except OSError as error:
            self.problem = self.problem or str(error.strerror)

    def close(self) -> None:
        """Closes the log, also where its last lines cannot be written."""
        try:
            super().close()
        except OSError as error:
            self.problem = self.problem or str(error.strerror)

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        return os.fdopen(os.open(self.baseFilename, flags, 0o666), "a", encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Does without the line."""
        error = sys.exc_info()[1]
        self.problem = self.problem or str(getattr(error, "strerror", None) or error)


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Appends all that is logged inside to a file; a log that cannot be written stops no run, and a warning says so."""
    root = logging.getLogger("imigue_build")
    root.setLevel(logging.INFO)
    handler = _LogFile(path, encoding="utf-8", delay=True)  # a run that has nothing to say writes nothing
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
        if handler.problem:
            console = terminal.plain(stderr=True)
            console.print(f"[yellow]warning:[/yellow] the log {escape(str(path))} lacks lines: {handler.problem}")
