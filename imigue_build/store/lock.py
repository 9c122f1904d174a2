"""One command at a time at a place: a lease beside it, which counts for nothing once its holder is dead.

`.NAME.lock@1f3a9c02b7d4.json` says who works at NAME; it is gone when the command ends.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Final

from imigue_build.core.errors import StoreError
from imigue_build.store import system
from imigue_build.store.lease_files import Holder, LeaseFiles, check_there

_PATIENCE: Final = 0.3
"""Seconds after which a lock is free again that somebody only tried."""
_POLL: Final = (0.02, 1.0)
"""Seconds between two attempts: at first, and at most."""
_DAY: Final = 86_400.0


class Lock:
    """The lock on a place, while it is held."""

    def __init__(self, place: Path, command: str) -> None:
        self._leases = LeaseFiles(place.parent, command=command)
        self._name = f".{place.name}.lock"
        self._place = place

    def check_held(self) -> None:
        """Raises `LeaseLostError` where another command took this one for dead and took the place over."""
        check_there(self._leases.path(self._name), str(self._place))

    def disk_shows_changes(self) -> bool:
        """Whether no change of a file can be hidden there: inodes have times of their own, and files hard links."""
        probe = self._leases.path(self._name).with_suffix(".tmp")
        other = probe.with_suffix(".link.tmp")
        try:
            system.write(probe, [b""])
            os.utime(probe, (0, 0))
            system.link(probe, other)
            found = probe.stat()
            return found.st_ctime - found.st_mtime > _DAY
        except OSError:
            return False
        finally:
            for path in (other, probe):
                with suppress(OSError):
                    system.unlink(path)

    @contextmanager
    def _held(self, name: str, waiting: Callable[[Holder], None] | None) -> Iterator[Lock]:
        try:
            self._acquire(name, waiting)
            try:
                with self._leases.renewing():
                    yield self
            finally:
                with suppress(OSError):
                    self._sweep()
        finally:
            self._leases.release(self._name)

    def _acquire(self, name: str, waiting: Callable[[Holder], None] | None = None) -> None:
        patient, poll, said = time.monotonic() + _PATIENCE, _POLL[0], ""
        while (holder := self._leases.claim(self._name)) is not None:
            if time.monotonic() >= patient:
                if waiting is None:
                    raise StoreError(_described(name, holder), "wait for it or stop it; or name another folder")
                if holder.run != said:
                    waiting(holder)
                    said = holder.run
            time.sleep(poll * random.uniform(0.5, 1.0))  # so that two do not give way to each other again and again
            poll = min(poll * 1.3, _POLL[1])

    def _sweep(self) -> None:
        """Removes what processes left that were killed while they wrote a lease or probed the disk."""
        for hidden in ("", "."):
            for path in self._place.parent.glob(f"{hidden}{escape(self._name)}@*.tmp"):
                with suppress(FileNotFoundError):
                    system.unlink(path)


@contextmanager
def exclusive_lock(
    place: Path, command: str, name: str, waiting: Callable[[Holder], None] | None = None
) -> Iterator[Lock]:
    """Keeps others from `place` while inside, on this machine and on others; what a dead process left is taken over.

    Args:
        place: Resolved; its parent is there.
        command: Which of ours works at it.
        name: What the user calls it.
        waiting: Called with the holder when it is waited for; without it, a place that is held is an error.

    Raises:
        StoreError: If another process holds it, naming its pid, host and start.
        OSError: If the lock cannot be made.
    """
    with Lock(place, command)._held(name, waiting) as lock:
        yield lock


def is_marked(place: Path) -> bool:
    """Whether a lock lies beside `place`, of a process that is alive or dead."""
    return any(place.parent.glob(f"{escape(f'.{place.name}.lock')}@*.json"))


def check_free(place: Path, name: str) -> None:
    """Checks that nobody else works at `place`; holds nothing afterwards.

    Raises:
        StoreError: As `exclusive_lock`.
    """
    if is_marked(place):
        lock = Lock(place, "")
        with suppress(OSError):  # reported by the command that writes there
            lock._acquire(name)
            lock._leases.release(lock._name)


def _described(name: str, holder: Holder) -> str:
    command = f"imigue-build {holder.command}, " if holder.command else ""
    return f"another command writes {name}: {command}{holder}"
