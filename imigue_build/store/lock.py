"""One run at a time on one WORK folder."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from imigue_build.errors import StoreError
from imigue_build.store.disk import guarded


@contextmanager
def locked(work: Path) -> Iterator[None]:
    """Holds WORK for this process; the kernel lets go when the process ends, however it ends.

    Raises:
        StoreError: If another run holds it, naming its pid, host and start.
    """
    path = work / "lock"
    with guarded(f"cannot write to --work {work}"):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = file.read().strip() or "an unknown process"
            raise StoreError(f"another run holds {work}: {holder}", "wait for it, or stop it") from error
        file.truncate(0)
        started = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        file.write(f"pid {os.getpid()} on {socket.gethostname()}, started {started}\n")
        file.flush()
        yield
