"""Ending a program together with everything that it has started, and with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def dying_with_us() -> Callable[[], None] | None:
    """What a new child has to call to be killed when this process is, whoever kills it; None where it cannot be."""
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl  # looked up here: a child of a process with threads may call, but not import
    parent_death_signal = 1
    return lambda: prctl(parent_death_signal, signal.SIGKILL)


def kill_tree(root: int) -> None:
    """SIGKILL for a process and all its descendants, which stay in our process group and so cannot be killed as one.

    Each is stopped before its children are looked up, so that none starts another one meanwhile.

    Args:
        root: The id of a child of this process that has not been waited for.
    """
    found: set[int] = set()
    new = {root}
    while new:
        for pid in new:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGSTOP)
        found |= new
        new = {pid for pid, parent in _parents().items() if parent in found} - found
    for pid in found:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _parents() -> dict[int, int]:
    """The parent of each process of this machine that can be seen."""
    if Path("/proc/self/stat").exists():
        return dict(filter(None, map(_stat, Path("/proc").glob("[0-9]*/stat"))))
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False)  # noqa: S607
    rows = (line.split() for line in listed.stdout.splitlines())
    return {int(row[0]): int(row[1]) for row in rows if len(row) == 2}


def _stat(path: Path) -> tuple[int, int] | None:
    """The ids of a process and of its parent; None where it is gone by now."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return None
    _, _, rest = text.rpartition(")")  # the name before it may hold anything
    return int(path.parent.name), int(rest.split()[1])
