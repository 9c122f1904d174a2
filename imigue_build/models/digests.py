"""What follows from files that seldom change, remembered, so that gigabytes are not read again at every run.

A model's hash, say, is kept beside its file's size, times and inode in the user's cache folder; it is computed
anew as soon as one of them changes. A cache that is damaged or cannot be written costs time only.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from imigue_build.core.errors import StoreError
from imigue_build.store.disk import guarded, sha256, write_atomically
from imigue_build.store.stat_cache import Stat, stat_of

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
        return remembered("sha256", [real], lambda: sha256(real))


def remembered(what: str, files: Sequence[Path], find: Callable[[], str]) -> str:
    """What `find` finds out from these files alone; it is not called while they are the ones of the last time.

    Args:
        what: Tells it from other things that follow from the same files.
        files: No links.
        find: An empty text is not remembered.

    Raises:
        OSError: If a file is not there, or `find` cannot read it.
    """
    names = "\0".join([what, *map(os.fspath, files)])
    entry = cache_folder() / "digests" / f"{hashlib.sha256(os.fsencode(names)).hexdigest()[:40]}.json"
    state = _state(files)
    known = _remembered(entry, state)
    if known is not None:
        return known
    found = find()
    settled = all(time.time() - mtime / 1e9 > _SETTLED for _, mtime, _, _ in state)
    if found and settled and _state(files) == state:
        _remember(entry, state, found)
    return found


def combined(files: Mapping[str, str]) -> str:
    """One hash for a model of several files: of their names, as POSIX paths, and hashes."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name}\0{files[name]}\n".encode())
    return whole.hexdigest()


def _state(files: Sequence[Path]) -> list[Stat]:
    return [stat_of(path) for path in files]


def _remembered(entry: Path, state: Sequence[Stat]) -> str | None:
    try:
        document = json.loads(entry.read_bytes())
        found = document["found"]
        return found if document["check"] == _check(state, found) else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _remember(entry: Path, state: Sequence[Stat], found: str) -> None:
    with suppress(OSError, StoreError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(entry, json.dumps({"found": found, "check": _check(state, found)}).encode())


def _check(state: Sequence[Stat], found: str) -> str:
    """Holds for these stats and this content alone: a flipped bit shows."""
    return hashlib.sha256(json.dumps([state, found]).encode()).hexdigest()
