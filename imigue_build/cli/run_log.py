"""The log of a run: everything that happens, each line with its time."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from imigue_build.cli import terminal
from imigue_build.cli.terminal import escape
from imigue_build.core.printable import harmless


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
