"""A program of its own: when the process that started it ends, it kills the process groups which that one has left.

It reads lines from standard input: `NAME group NUMBER` and `NAME folder PATH` (in hexadecimal) for what is to be killed
or removed then, and `NAME` alone for what is not any more. The input ends with its parent, however that ends.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

_PATIENCE: Final = 5.0
"""Seconds to wait for killed processes to end before their folders are removed."""


def main(lines: Iterable[bytes]) -> None:
    """Keeps the account, and settles it at the end of the input."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # who sends these to all processes ends the parent as well
    left: dict[bytes, tuple[bytes, bytes]] = {}
    for line in lines:
        name, *what = line.split()
        left.pop(name, None)
        if what:
            left[name] = what[0], what[1]
    groups = [int(value) for kind, value in left.values() if kind == b"group"]
    for group in groups:
        with suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE
    while any(_runs(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.01)
    for kind, value in left.values():
        if kind == b"folder":
            from shutil import rmtree  # not needed until now, and slow to import

            rmtree(bytes.fromhex(value.decode("ascii")), ignore_errors=True)


def _runs(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(sys.stdin.buffer)
