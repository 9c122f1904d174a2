"""The processor time and memory of a command and of all that it starts, workers included that it never waits for.

The command runs below a process of its own, the meter, to which the system leaves the children of those that end:
workers of a forkserver, say, which are nobody's to wait for. The meter waits for all, and reads the system's counters
at the end: the time of all its children that have ended, and the most memory that one of them had. So other processes
of the bench have no part in it.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

_BECOME_SUBREAPER: Final = 36
"""PR_SET_CHILD_SUBREAPER of Linux's prctl."""


class Metered(NamedTuple):
    """What a command took: seconds of processor time, of itself with what it waited for, and of all; the kB of resident
    memory of the largest process; its output."""

    itself: float
    all: float
    largest: int
    output: str


def metered(command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> Metered:
    """Runs a command to its end, and to that of all that it started.

    Args:
        environment: By default, this process's.
        cwd: The folder that it runs in; by default, this process's.

    Raises:
        subprocess.CalledProcessError: If it fails.
    """
    with tempfile.NamedTemporaryFile(suffix=".json") as found:
        meter = [sys.executable, "-I", "-S", __file__, found.name, *command]
        done = subprocess.run(meter, capture_output=True, text=True, env=environment, cwd=cwd)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            done.check_returncode()
        return Metered(**json.loads(Path(found.name).read_bytes()), output=done.stdout)


def least(commands: Mapping[str, Sequence[str]], times: int, environment: Mapping[str, str]) -> dict[str, Metered]:
    """What each command took at its best of so many times, all in turn, so that the machine's load is shared."""
    tried = [{name: metered(command, environment) for name, command in commands.items()} for _ in range(times)]
    return {name: min((turn[name] for turn in tried), key=lambda found: found.all) for name in commands}


def used() -> dict[str, str]:
    """An environment as it is on a machine where the program has run before: compiled modules are kept."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _ended() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _main(report: Path, command: Sequence[str]) -> int:
    if ctypes.CDLL(None, use_errno=True).prctl(_BECOME_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this system leaves nobody's children to nobody: no meter")
    status = subprocess.call(command)
    itself = _ended()
    with suppress(ChildProcessError):
        while True:
            os.wait()
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    report.write_text(json.dumps({"itself": itself, "all": _ended(), "largest": largest}))
    return status


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), sys.argv[2:]))
