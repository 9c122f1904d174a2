"""Who works on what in a WORK: the leases of runs, on one machine or on several sharing a file system.

WORK/leases/+run@1f3a9c02b7d4.json    a run: its process, since when, with which settings, on which interviews
WORK/leases/0440@1f3a9c02b7d4.json    that run works on interview 0440
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from imigue_build.core.errors import StoreError
from imigue_build.store.disk import guarded, make_folder
from imigue_build.store.lease_files import Holder, LeaseFiles, check_there, lease_path, remove_lease

RUN: Final = "+run"
"""A name that no interview's id can be."""


class Leases:
    """The leases of one run. `run` is its name, `settings` a digest of what its artifacts depend on."""

    def __init__(self, work: Path, settings: str = "") -> None:
        self._work = work
        self._files = LeaseFiles(work / "leases", settings)
        self.run = self._files.run

    @contextmanager
    def joined(self, interviews: Iterable[str]) -> Iterator[Leases]:
        """Takes part in WORK while inside, renewing what is held.

        Raises:
            StoreError: If a run on this machine holds one of the interviews, or one anywhere has other
                settings; naming its pid, host and start.
        """
        files = self._files
        files.me = replace(files.me, interviews=tuple(interviews))
        self._join()
        try:
            with files.renewing():
                yield self
        finally:
            for name in sorted(files.held, reverse=True):  # the run's own comes last
                self.release(name)

    def _join(self) -> None:
        with self._guarded():
            make_folder(self._files.folder)
            with self._starting():
                self._files.write(RUN)
                try:
                    self._refuse()
                    self._sweep()
                except BaseException:
                    self.release(RUN)
                    raise

    def claim(self, name: str) -> Holder | None:
        """Takes a lease; where another run holds it, nothing is taken and that one is returned."""
        with self._guarded():
            return self._files.claim(name)

    def release(self, name: str) -> None:
        """Releases a lease."""
        with self._guarded():
            self._files.release(name)

    def lost(self) -> set[str]:
        """The leases that were taken over since the last call; they are not held any more.

        A run whose own lease was taken over has lost all, and joins again.

        Raises:
            StoreError: If a run with other settings holds WORK by now.
        """
        files = self._files
        lost = files.gone & files.held
        files.gone -= lost
        again = RUN in files.held and not files.path(RUN).exists()
        if again:
            lost = set(files.held)
        for name in lost:
            self.release(name)
        if again:
            self._join()
        return lost - {RUN}

    def runs(self) -> set[str]:
        """The names of the runs that live, this one among them."""
        return {holder.run for holder in self._files.living(RUN)} | {self.run}

    def _refuse(self) -> None:
        me = self._files.me
        for other in self._files.living(RUN):
            if other.settings != me.settings:
                raise StoreError(
                    f"another run, with other settings or tools, holds {self._work}: {other}",
                    "wait for it or stop it; or name another --work",
                )
            common = set(other.interviews) & set(me.interviews)
            if other.host == me.host and common:
                raise StoreError(
                    f"another run holds {self._work}: {other}",
                    "wait for it or stop it; --shard and --only let several runs work on different interviews",
                )

    def _sweep(self) -> None:
        """Removes what dead runs left."""
        living = self.runs()
        for path in sorted(self._files.folder.iterdir()):
            if path.name.rpartition("@")[2].partition(".")[0] not in living:
                remove_lease(path)

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Of runs that start on this machine at the same time, one after the other."""
        from filelock import FileLock

        with ExitStack() as stack:
            with suppress(OSError):  # a file system without locks
                stack.enter_context(FileLock(self._work / "lock"))
            yield

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        with guarded(f"cannot write to {self._files.folder}"):
            yield


def check_held(work: Path, run: str, name: str) -> None:
    """Whether a run still holds a lease, and takes part in WORK; one open each, from any process or machine.

    Raises:
        LeaseLostError: If another run took it over.
        OSError: If that cannot be found out.
    """
    for lease in (RUN, name):
        check_there(lease_path(work / "leases", lease, run), name)
