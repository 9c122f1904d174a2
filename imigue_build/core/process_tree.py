"""Ending a program together with everything that it has started, and with us."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import suppress


def dying_with_us() -> Callable[[], None] | None:
    """What a new child has to call to be killed when this process is, whoever kills it; None where it cannot be."""
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl  # looked up here: a child of a process with threads may call, but not import
    parent_death_signal = 1
    return lambda: prctl(parent_death_signal, signal.SIGKILL)


def die_with_parent() -> None:
    """Has the system kill this process when the one that started it ends, however it ends; on Linux."""
    if (die := dying_with_us()) is not None:
        die()


def kill_tree(root: int) -> None:
    """SIGKILL for a process and all its descendants, whatever process groups they are in.

    Each is stopped before its children are listed, so that none starts another one meanwhile.

    Args:
        root: The id of a child of this process that has not been waited for.
    """
    import psutil

    with suppress(psutil.NoSuchProcess):
        top = psutil.Process(root)
        found, new = set[psutil.Process](), {top}
        while new:
            for process in new:
                with suppress(psutil.Error):
                    process.suspend()
            found |= new
            new = set(top.children(recursive=True)) - found
        for process in found:
            with suppress(psutil.Error):
                process.kill()
