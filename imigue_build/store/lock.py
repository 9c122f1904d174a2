"""One command at a time at a place: a lock beside it, which the kernel releases however its process ends.

`.NAME.lock` is locked; `.NAME.holder` says by whom. Both are gone when the command ends.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imigue_build.core.errors import StoreError
from imigue_build.core.record_json import encode_exactly
from imigue_build.core.records import Record
from imigue_build.store.disk import read_record

if TYPE_CHECKING:
    from filelock import BaseFileLock

_PATIENCE: Final = 0.3
"""Seconds after which a lock is free again that somebody only tried."""


class Holder(Record, frozen=True):
    """Who works at a place."""

    command: str
    pid: int
    host: str
    started: str

    def __str__(self) -> str:
        return f"imigue-build {self.command}, pid {self.pid} on {self.host}, started {self.started}"


@contextmanager
def exclusive_lock(place: Path, command: str, name: str) -> Iterator[None]:
    """Keeps others from `place` while inside; a lock that a dead process left is taken over.

    Args:
        place: Resolved; its parent is there.
        command: Which of ours works at it.
        name: What the user calls it.

    Raises:
        StoreError: If another process holds it, naming its pid, host and start.
        OSError: If the lock cannot be made.
    """
    lock, holder = _acquired(place, name), _beside(place, "holder")
    try:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        holder.unlink(missing_ok=True)  # it may be a link
        holder.write_bytes(encode_exactly(Holder(command, os.getpid(), socket.gethostname(), now)))
        yield
    finally:
        holder.unlink(missing_ok=True)
        _beside(place, "lock").unlink(
            missing_ok=True
        )  # before the release, so that who waits for it sees it gone and takes a new one
        lock.release()


def check_free(place: Path, name: str) -> None:
    """Checks that nobody else works at `place`; holds nothing afterwards.

    Raises:
        StoreError: As `exclusive_lock`.
    """
    if _beside(place, "lock").exists():
        try:
            _acquired(place, name).release()
        except OSError:  # reported by the command that writes there
            return


def _acquired(place: Path, name: str) -> BaseFileLock:
    from filelock import FileLock, Timeout

    lock = FileLock(_beside(place, "lock"))
    with suppress(Timeout):
        lock.acquire(timeout=_PATIENCE)
        return lock
    holder = read_record(_beside(place, "holder"), Holder)
    what = f"another command writes {name}: {holder or 'it does not say who'}"
    raise StoreError(what, "wait for it or stop it; or name another folder")


def _beside(place: Path, kind: str) -> Path:
    return place.with_name(f".{place.name}.{kind}")
