"""Which process is which: by its machine, its number, and when it started."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path


@cache
def place() -> str:
    """Identifies the machine, its boot and the container: processes of one place can see each other."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    return socket.gethostname()


def started(pid: int) -> str | None:
    """When a process started, so that another one of the same number is not taken for it; None where none is alive.

    Seconds, on Linux since the boot, as the system's clock may be set there; empty where this user may not see it.
    """
    import psutil

    boot = psutil.boot_time() if sys.platform == "linux" else 0.0
    try:
        process = psutil.Process(pid)
        if process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return None
        return f"{process.create_time() - boot:.2f}"
    except psutil.ZombieProcess:
        return None
    except psutil.NoSuchProcess:
        return "" if _exists(pid) else None
    except psutil.AccessDenied:
        return ""
    except ValueError:  # a number that none can have
        return None


def is_alive(pid: int, since: str) -> bool:
    """Whether the process that `started` at `since` is alive; one that this user may not see is."""
    found = started(pid)
    return found is not None and (found == since or not found or not since)


def _exists(pid: int) -> bool:
    """Whether the kernel knows a process, also where `/proc` hides those of other users (`hidepid`)."""
    if pid < 1:  # these are groups, as one's own, to `kill`
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
