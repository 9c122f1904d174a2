"""SHA-256 of model files, remembered, so that gigabytes are not read again at every run.

A file's hash is kept beside its size, times and inode in the user's cache folder; it is computed
anew as soon as one of them changes. A cache that is damaged or cannot be written costs time only.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from imigue_build.core.errors import StoreError
from imigue_build.store.disk import guarded, sha256, write_atomically

_SETTLED: Final = 2.0
"""Seconds since its last change after which a file's times can be trusted to tell the next change."""


def cache_folder() -> Path:
    """The user's folder for what can be made again: `IMIGUE_BUILD_CACHE`, else as XDG says."""
    if chosen := os.environ.get("IMIGUE_BUILD_CACHE"):
        return Path(os.path.expanduser(chosen))
    root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(root), "imigue-build")


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        StoreError: If it cannot be read.
    """
    with guarded(f"cannot read {path}"):
        real = path.resolve(strict=True)
        state = _state(real)
        entry = cache_folder() / "digests" / f"{hashlib.sha256(os.fsencode(real)).hexdigest()[:40]}.json"
        known = _remembered(entry)
        if known is not None and known[0] == state:
            return known[1]
        digest = sha256(real)
        settled = time.time() - state[1] / 1e9 > _SETTLED
        if settled and _state(real) == state:
            _remember(entry, state, digest)
        return digest


def combined(files: Mapping[str, str]) -> str:
    """One hash for a model of several files: of their names, as POSIX paths, and hashes."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name}\0{files[name]}\n".encode())
    return whole.hexdigest()


def _state(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _remembered(entry: Path) -> tuple[list[int], str] | None:
    try:
        document = json.loads(entry.read_bytes())
        state, digest = document["state"], document["sha256"]
        return (state, digest) if len(bytes.fromhex(digest)) == hashlib.sha256().digest_size else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _remember(entry: Path, state: list[int], digest: str) -> None:
    with suppress(OSError, StoreError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(entry, json.dumps({"state": state, "sha256": digest}).encode())
