"""Lease files: who works on what, on one machine or on several that share a file system.

A lease is a file of its holder's own, `NAME@RUN.json`. Who wants one writes it, then looks for others of that name,
and gives way where there is a live one: so two never hold the same. A holder on this machine lives as long as its
process; one elsewhere as long as it renews its leases, by the file system's clock. Who takes over from a dead one
removes its lease first, so a holder that was only paused finds its lease gone: it checks that before it publishes.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from typing import Final

from imigue_build.core.errors import StoreError
from imigue_build.core.process_identity import is_alive, place, started
from imigue_build.core.record_json import decode, encode_exactly
from imigue_build.core.records import Record
from imigue_build.store import system
from imigue_build.store.disk import read, write_atomically

RENEWED: Final = 10.0
"""Seconds between two renewals of a lease."""
EXPIRES: Final = 60.0
"""Seconds after which a lease that is not renewed counts for nothing."""
_TRIES: Final = 10
_LARGEST: Final = 16 << 20
"""Bytes of a lease that is read: of a run on a million interviews."""


class LeaseLostError(StoreError):
    """Another run took this one for dead and took over what it was working on."""


class Holder(Record, frozen=True):
    """Who holds a lease. `place` and `process` identify its machine and its process."""

    run: str
    pid: int
    host: str
    place: str
    process: str
    started: str
    settings: str = ""
    interviews: tuple[str, ...] = ()
    command: str = ""

    def __str__(self) -> str:
        return f"pid {self.pid} on {self.host}, started {self.started}"


class LeaseFiles:
    """The leases of one holder, in a folder that is there."""

    def __init__(self, folder: Path, settings: str = "", command: str = "") -> None:
        self.run: Final = uuid.uuid4().hex[:12]
        self.folder: Final = folder
        self.held: set[str] = set()
        self.gone: set[str] = set()
        """Held ones that were found removed when they were to be renewed."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        process = started(os.getpid()) or ""
        self.me = Holder(self.run, os.getpid(), socket.gethostname(), place(), process, now, settings, (), command)

    def path(self, name: str) -> Path:
        """The file of this holder's lease on `name`."""
        return lease_path(self.folder, name, self.run)

    def write(self, name: str) -> None:
        """Writes a lease, whoever else holds one of that name."""
        for left in reversed(range(_TRIES)):
            try:
                write_atomically(self.path(name), encode_exactly(self.me), durable=False)
                break
            except FileNotFoundError:  # another holder took the half-written file for a dead one's
                if not left or not self.folder.is_dir():
                    raise
        self.gone.discard(name)
        self.held.add(name)

    def claim(self, name: str) -> Holder | None:
        """Takes a lease; where another holds it, nothing is taken and that one is returned."""
        others = self.living(name) if self.held else []  # checked first, so that who waits does not write
        if not others:
            self.write(name)
            others = self.living(name)
            if others:
                self.release(name)
        return others[0] if others else None

    def release(self, name: str) -> None:
        """Releases a lease."""
        self.held.discard(name)
        with suppress(FileNotFoundError):
            system.unlink(self.path(name))

    def living(self, name: str) -> list[Holder]:
        """Who else holds a lease; those of the dead are removed."""
        found: list[Holder] = []
        for path in sorted(self.folder.glob(f"{escape(name)}@*.json")):
            if path == self.path(name):
                continue
            try:
                age = self._age(path)
                holder = _read(path)
            except FileNotFoundError:
                continue
            if holder is not None and self._lives(holder, age):
                found.append(holder)
            else:
                remove_lease(path)
        return found

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Renews what is held while inside."""
        ended = threading.Event()
        thread = threading.Thread(target=self._renew, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _lives(self, holder: Holder, age: float) -> bool:
        if holder.place == self.me.place:
            return is_alive(holder.pid, holder.process)
        return age < EXPIRES

    def _age(self, path: Path) -> float:
        """Seconds since a lease was renewed.

        One of the future was dated before the clock was set back. It gets the present date, so that it lasts as long
        as any other: its holder renews it from now on, or is dead.
        """
        age = self._now() - path.lstat().st_mtime
        if age < -RENEWED:
            with suppress(PermissionError):
                os.utime(path, follow_symlinks=False)
        return age

    def _now(self) -> float:
        """The file system's time; that of other machines may be another."""
        for name in sorted(self.held):
            with suppress(FileNotFoundError):
                os.utime(self.path(name))
                return self.path(name).stat().st_mtime
        return datetime.now(UTC).timestamp()

    def _renew(self, ended: threading.Event) -> None:
        while not ended.wait(RENEWED):
            for name in list(self.held):
                try:
                    os.utime(self.path(name))
                except FileNotFoundError:
                    if name in self.held:
                        self.gone.add(name)
                except OSError:  # a server that does not answer for a moment; the lease expires where that lasts
                    continue


def lease_path(folder: Path, name: str, run: str) -> Path:
    """The file of a run's lease."""
    return folder / f"{name}@{run}.json"


def remove_lease(path: Path) -> None:
    """Removes a dead run's lease; a folder of that name, which is none, is left alone."""
    with suppress(FileNotFoundError, IsADirectoryError):
        system.unlink(path)


def check_there(path: Path, what: str) -> None:
    """Whether a lease is still held, from any process or machine; opened, as a network may still list what is gone.

    Raises:
        LeaseLostError: If it was taken over; `what` names it.
        OSError: If that cannot be found out.
    """
    try:
        read(path)
    except FileNotFoundError:
        raise LeaseLostError(
            f"this run did not renew its lease on {what} for {EXPIRES:g} s, so another run took it over",
            "nothing to do: what was under way here was dropped",
        ) from None


def _read(path: Path) -> Holder | None:
    """Who holds a lease; None where a power cut emptied it, an unknown one where it cannot be read or understood."""
    unknown = Holder(path.stem.rpartition("@")[2], 0, "an unknown host", "", "", "?")
    try:
        data = read(path) if path.lstat().st_size <= _LARGEST else b"?"
    except FileNotFoundError:
        raise
    except OSError:
        return unknown
    try:
        return decode(data, Holder)
    except ValueError:
        return unknown if data.strip(b"\0") else None
