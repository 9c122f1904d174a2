"""One command at a time at a place: a lock beside it, which the kernel takes from a process however it ends."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from imigue_build.core.errors import StoreError

_LONGEST = 10_000
"""Bytes of a lock file that are read."""
_GLANCE = 0.1
"""Seconds after which a lock that somebody only looked at is free again."""


class Holder(msgspec.Struct, frozen=True):
    """Who works at a place, as the lock file says."""

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
    path = _lock(place)
    handle = _taken(path, name)
    try:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        os.ftruncate(handle, 0)
        os.write(handle, msgspec.json.encode(Holder(command, os.getpid(), socket.gethostname(), now)) + b"\n")
        yield
    finally:
        path.unlink(missing_ok=True)  # first, so that whoever opened it meanwhile sees that it is no lock any more
        os.close(handle)


def check_free(place: Path, name: str) -> None:
    """Whether nobody else works at `place`; looks, and holds nothing.

    Raises:
        StoreError: As `exclusive_lock`.
    """
    try:
        handle = os.open(_lock(place), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        if not _locked(handle, fcntl.LOCK_SH):
            raise _refusal(handle, name)
    finally:
        os.close(handle)


def _lock(place: Path) -> Path:
    return place.with_name(f".{place.name}.lock")


def _taken(path: Path, name: str) -> int:
    """The lock file, opened and locked."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            if not _locked(handle, fcntl.LOCK_EX):
                raise _refusal(handle, name)
            if _is(path, handle):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its holder removed it between our opening and our locking


def _locked(handle: int, how: int) -> bool:
    for patience in (_GLANCE, 0):
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(patience)
        except OSError:  # a file system without locks: nobody is kept out
            return True
        else:
            return True
    return False


def _is(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _refusal(handle: int, name: str) -> StoreError:
    try:
        who = str(msgspec.json.decode(os.pread(handle, _LONGEST, 0), type=Holder))
    except ValueError:  # it has just begun
        who = "its first line is not written yet"
    return StoreError(f"another command writes {name}: {who}", "wait for it or stop it; or name another folder")
