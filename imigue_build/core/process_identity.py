"""Processes told from each other: by their machine, their number, and when they started."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path


@cache
def place() -> str:
    """What tells the processes that this one can see from those of other machines, boots and containers."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    return socket.gethostname()


def started(pid: int) -> str | None:
    """When a process started, in its system's own count; None where there is no such process, or a dead one."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] in "ZX" else fields[19]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return ""
    return ""
