"""Strikes at the N-th change of the disk of a run, counted over all its processes.

The environment says what to do, so that worker processes do it, too: `CRASH_LOG` is the file in
which every change is noted, `CRASH_AT` the number of the one to strike at, `CRASH_HOW` one of
`before`, `half` (a write's first half, then the end), `after`, `power` (all processes end, see
`shadow`), or the name of an errno.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imigue_build.store import system
from tests.crash.shadow import Shadow

_REAL: dict[str, Callable[..., None]] = {name: getattr(system, name) for name in system.CALLS}
POWER = "power"


def install() -> None:
    """Puts the strike under the store in this process; nothing where the environment asks for none."""
    if "CRASH_LOG" in os.environ:
        for name in system.CALLS:
            setattr(system, name, _struck(name))


def uninstall() -> None:
    for name, call in _REAL.items():
        setattr(system, name, call)


def _struck(name: str) -> Callable[..., None]:
    def call(path: Path, *rest: Any) -> None:
        how = os.environ["CRASH_HOW"]
        with _numbered(f"{name} {path}", hold=how == POWER) as number:
            if how == POWER:
                _while_there_is_power(name, number, path, *rest)
                return
        if number != int(os.environ["CRASH_AT"]):
            _REAL[name](path, *rest)
            return
        if how in errno.errorcode.values():
            if name == "write":
                _half(path, rest[0])
            code = getattr(errno, how)
            raise OSError(code, os.strerror(code), str(path))
        if how == "after":
            _REAL[name](path, *rest)
        elif how == "half" and name == "write":
            _half(path, rest[0])
        os.kill(os.getpid(), signal.SIGKILL)

    return call


def _while_there_is_power(name: str, number: int, path: Path, *rest: Any) -> None:
    at = int(os.environ["CRASH_AT"])
    if at and number >= at:
        os.kill(int(os.environ["CRASH_MAIN"]), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    shadow = Shadow(Path(os.environ["CRASH_SHADOW"]))
    shadow.bury(name, path, *rest)
    if name not in ("unlink", "rmdir"):
        _REAL[name](path, *rest)
    if name == "fsync":
        shadow.keep(path)


def _half(path: Path, blocks: Iterable[bytes]) -> None:
    data = b"".join(blocks)
    _REAL["write"](path, [data[: len(data) // 2]])


@contextmanager
def _numbered(what: str, hold: bool) -> Iterator[int]:
    """Notes a change, and says which one it is; with `hold` no other happens meanwhile."""
    with open(os.environ["CRASH_LOG"], "a+", encoding="utf-8") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.seek(0)
        number = sum(1 for _ in log) + 1
        log.write(what + "\n")
        log.flush()
        if not hold:
            fcntl.flock(log, fcntl.LOCK_UN)
        yield number
