"""Standard output and error that may fail: a full disk or a closed pipe ends no command, and is not kept quiet."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

from imigue_build.cli.root import UNWRITTEN

_BY_READER: Final = (errno.EPIPE, errno.ECONNRESET, errno.ESHUTDOWN)
_NAMES: Final = ("stdout", "stderr")


class _Raw(io.FileIO):
    """A file descriptor. What cannot be written to it is dropped; `problem` is the first reason why."""

    problem: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Writes `data`, a buffer of bytes, or drops it; the number of bytes that are done with."""
        size = memoryview(data).nbytes
        if self.problem is None:
            try:
                return super().write(data)
            except OSError as error:
                self.problem = error
        return size


@contextmanager
def kept_going() -> Iterator[None]:
    """While inside, a failing output raises nothing, and characters that it cannot encode are escaped.

    At the end a line on standard error says what was lost. A reader that closed its pipe (`| head -1`) changes no
    exit code. Where anything else kept standard output from being written, the code is 2 instead of 0.

    Raises:
        SystemExit: With that code.
    """
    _fill_gaps()
    raw = {name: _replace(name) for name in _NAMES}
    try:
        yield
    except SystemExit as error:
        code = error.code
    else:
        code = 0
    for name in _NAMES:
        if (stream := getattr(sys, name)) is not None:
            stream.flush()
    lost = raw["stdout"].problem if raw["stdout"] is not None else None
    if lost is not None:
        by_reader = lost.errno in _BY_READER
        reason = "its reader closed it" if by_reader else lost.strerror
        print(f"warning: standard output was not written to its end ({reason})", file=sys.stderr, flush=True)
        code = code if code or by_reader else UNWRITTEN
    raise SystemExit(code)


def _fill_gaps() -> None:
    """Opens closed ones of the three standard descriptors, on nothing.

    Else the next file that is opened gets its number, and what a library or a program prints goes into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
            os.set_inheritable(number, True)


def _replace(name: str) -> _Raw | None:
    """Puts a stream of the same file descriptor in the place of a standard one; None where it is closed or no file."""
    stream: TextIO | None = getattr(sys, name)
    try:
        raw = _Raw(stream.fileno(), "w", closefd=False) if stream is not None else None
    except (OSError, ValueError):
        return None
    if stream is None or raw is None:
        return None
    stream.flush()
    interactive = os.isatty(raw.fileno())
    setattr(
        sys,
        name,
        io.TextIOWrapper(
            io.BufferedWriter(raw),
            encoding=stream.encoding,
            errors="backslashreplace",
            line_buffering=interactive or name == "stderr",
        ),
    )
    return raw
