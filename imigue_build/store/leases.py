"""Who works on what in a WORK: leases, renewed by their holder, on one machine or on several sharing a file system.

WORK/leases/+run@1f3a9c02b7d4.json    a run: its process, since when, with which settings, on which interviews
WORK/leases/0440@1f3a9c02b7d4.json    that run works on interview 0440
WORK/leases/+release@1f3a9c02b7d4.json    that run assembles the release

Every lease is a file of its run's own. A run that wants one creates it, then looks for others of that name, and
gives way where there is a live one: so two never hold the same. A holder on this machine lives as long as its
process; one elsewhere as long as it renews its leases, by the file system's clock. A run that takes over from a dead
one removes its lease first, so a run that was only paused finds its lease gone: it checks that before it publishes.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from imigue_build.core.errors import StoreError
from imigue_build.core.process_identity import place, started
from imigue_build.core.record_json import decode, encode_exactly
from imigue_build.core.records import Record
from imigue_build.store import system
from imigue_build.store.disk import guarded, make_folder, read, write_atomically

RENEWED: Final = 10.0
"""Seconds between two renewals of a lease."""
EXPIRES: Final = 60.0
"""Seconds after which a lease that is not renewed counts for nothing."""
RUN: Final = "+run"
RELEASE: Final = "+release"
"""Names that no interview's id can be."""


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
    settings: str
    interviews: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"pid {self.pid} on {self.host}, started {self.started}"


class Leases:
    """The leases of one run. `run` is its name, `settings` a digest of what its artifacts depend on."""

    def __init__(self, work: Path, settings: str = "") -> None:
        self.run = uuid.uuid4().hex[:12]
        self._folder = work / "leases"
        self._lock = work / "lock"
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        self._me = Holder(
            self.run, os.getpid(), socket.gethostname(), place(), started(os.getpid()) or "", now, settings
        )
        self._held: set[str] = set()
        self._lost: set[str] = set()
        self._ended = threading.Event()

    @contextmanager
    def joined(self, interviews: Iterable[str]) -> Iterator[Leases]:
        """Takes part in WORK while inside, renewing what is held.

        Raises:
            StoreError: If a run on this machine holds one of the interviews, or one anywhere has other
                settings; naming its pid, host and start.
        """
        self._me = replace(self._me, interviews=tuple(interviews))
        self._join()
        renewing = threading.Thread(target=self._renew, daemon=True)
        renewing.start()
        try:
            yield self
        finally:
            self._ended.set()
            renewing.join()
            for name in sorted(self._held, reverse=True):  # the run's own comes last
                self.release(name)

    def _join(self) -> None:
        with guarded(f"cannot write to {self._folder}"):
            make_folder(self._folder)
            with self._starting():
                self._write(RUN, self._me)
                try:
                    self._refuse()
                    self._sweep()
                except BaseException:
                    self.release(RUN)
                    raise

    def claim(self, name: str) -> Holder | None:
        """Takes a lease; where another run holds it, nothing is taken and that one is returned."""
        with guarded(f"cannot write to {self._folder}"):
            others = self._living(name)  # checked first, so that a run that waits does not write
            if not others:
                self._write(name, self._me)
                others = self._living(name)
                if others:
                    self.release(name)
        return others[0] if others else None

    def release(self, name: str) -> None:
        """Releases a lease."""
        self._held.discard(name)
        with guarded(f"cannot write to {self._folder}"), suppress(FileNotFoundError):
            system.unlink(self._path(name))

    def check_held(self, name: str) -> None:
        """Raises `LeaseLostError` where a lease of this run is no longer held."""
        with guarded(f"cannot read {self._folder}"):
            check_held(self._folder.parent, self.run, name)

    def lost(self) -> set[str]:
        """The leases that were taken over since the last call; they are not held any more.

        A run whose own lease was taken over has lost all, and joins again.

        Raises:
            StoreError: If a run with other settings holds WORK by now.
        """
        lost = self._lost & self._held
        self._lost -= lost
        again = RUN in self._held and not self._path(RUN).exists()
        if again:
            lost = set(self._held)
        for name in lost:
            self.release(name)
        if again:
            self._join()
        return lost - {RUN}

    def runs(self) -> set[str]:
        """The names of the runs that live, this one among them."""
        return {holder.run for holder in self._living(RUN)} | {self.run}

    def _refuse(self) -> None:
        for other in self._living(RUN):
            work = self._folder.parent
            if other.settings != self._me.settings:
                raise StoreError(
                    f"another run, with other settings or tools, holds {work}: {other}",
                    "wait for it or stop it; or name another --work",
                )
            common = set(other.interviews) & set(self._me.interviews)
            if other.host == self._me.host and common:
                raise StoreError(
                    f"another run holds {work}: {other}",
                    "wait for it or stop it; --shard and --only let several runs work on different interviews",
                )

    def _sweep(self) -> None:
        """Removes what dead runs left."""
        living = self.runs()
        for path in sorted(self._folder.iterdir()):
            if path.name.rpartition("@")[2].partition(".")[0] not in living:
                with suppress(FileNotFoundError):
                    system.unlink(path)

    def _living(self, name: str) -> list[Holder]:
        """Who else holds a lease; those of the dead are removed."""
        found: list[Holder] = []
        for path in sorted(self._folder.glob(f"{name}@*.json")):
            if path == self._path(name):
                continue
            try:
                age = self._now() - path.stat().st_mtime
                holder = _read(path)
            except FileNotFoundError:
                continue
            if holder is not None and self._lives(holder, age):
                found.append(holder)
            else:
                with suppress(FileNotFoundError):
                    system.unlink(path)
        return found

    def _lives(self, holder: Holder, age: float) -> bool:
        if holder.place == self._me.place:
            return started(holder.pid) == holder.process
        return age < EXPIRES

    def _now(self) -> float:
        """The file system's time; that of other machines may be another."""
        own = self._path(RUN)
        with suppress(FileNotFoundError):
            os.utime(own)
            return own.stat().st_mtime
        return datetime.now(UTC).timestamp()

    def _write(self, name: str, holder: Holder) -> None:
        write_atomically(self._path(name), encode_exactly(holder), durable=False)
        self._lost.discard(name)
        self._held.add(name)

    def _renew(self) -> None:
        while not self._ended.wait(RENEWED):
            for name in list(self._held):
                try:
                    os.utime(self._path(name))
                except FileNotFoundError:
                    if name in self._held:
                        self._lost.add(name)
                except OSError:  # a server that does not answer for a moment; the lease expires where that lasts
                    continue

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Of runs that start on this machine at the same time, one after the other."""
        from filelock import FileLock

        with ExitStack() as stack:
            with suppress(OSError):  # a file system without locks
                stack.enter_context(FileLock(self._lock))
            yield

    def _path(self, name: str) -> Path:
        return _lease(self._folder.parent, self.run, name)


def check_held(work: Path, run: str, name: str) -> None:
    """Whether a run still holds a lease, and takes part in WORK; one open each, from any process or machine.

    Raises:
        LeaseLostError: If another run took it over.
        OSError: If that cannot be found out.
    """
    try:
        for lease in (RUN, name):
            read(_lease(work, run, lease))  # opened, as a network file system may still list what is gone
    except FileNotFoundError:
        raise LeaseLostError(
            f"this run did not renew its lease on {name} for {EXPIRES:g} s, so another run took it over",
            "nothing to do: what was under way here was dropped",
        ) from None


def _lease(work: Path, run: str, name: str) -> Path:
    return work / "leases" / f"{name}@{run}.json"


def _read(path: Path) -> Holder | None:
    """Who holds a lease; None where a power cut emptied it, an unknown one where another version wrote it."""
    data = read(path)
    try:
        return decode(data, Holder)
    except ValueError:
        unknown = Holder(path.stem.rpartition("@")[2], 0, "an unknown host", "", "", "?", "")
        return unknown if data.strip(b"\0") else None
