"""Durable writes: nothing is visible under its name before it is whole and on the disk."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from imigue_build.core.errors import StoreError
from imigue_build.core.record_json import decode
from imigue_build.core.records import Record
from imigue_build.core.untrusted.files import open_regular
from imigue_build.store import system

R = TypeVar("R", bound=Record)

_REMEDIES = {
    errno.ENOSPC: "free some space on that disk, then run the same command again; it goes on from there",
    errno.EDQUOT: "your disk quota is used up: free some space, then run the same command again",
    errno.EROFS: "that file system is read-only: choose another folder",
    errno.EACCES: "you may not write there: change its permissions or choose another folder",
    errno.EPERM: "you may not write there: change its permissions or choose another folder",
    errno.EIO: "the disk reported an error: check it, then run the same command again",
}


def describe(error: OSError, doing: str) -> StoreError:
    """The typed error of a failed system call, with the remedy that fits its cause."""
    reason = (error.strerror or str(error)).lower()
    place = f" ({error.filename})" if error.filename else ""
    return StoreError(f"{doing}: {reason}{place}", _REMEDIES.get(error.errno or 0, "check that path and its disk"))


@contextmanager
def guarded(doing: str) -> Iterator[None]:
    """Turns an `OSError` inside into a `StoreError` that says what was being done."""
    try:
        yield
    except OSError as error:
        raise describe(error, doing) from error


def sync(path: Path) -> None:
    """Makes a file's content, or a folder's entries, durable."""
    system.fsync(path)


def sync_tree(folder: Path) -> None:
    """Makes everything in `folder` durable, files before the folders that list them."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in sorted(names):
            sync(Path(parent, name))
        sync(Path(parent))


def make_folder(path: Path) -> None:
    """Makes a folder and those above it where they are missing, and the new names durable."""
    missing = [folder for folder in (path, *path.parents) if not folder.is_dir()]
    for folder in reversed(missing):
        with suppress(FileExistsError):  # another worker made it
            system.mkdir(folder)
        sync(folder.parent)


def write_atomically(path: Path, data: bytes, durable: bool = True) -> None:
    """Writes a file whole or not at all; an older one stays until then.

    Without `durable` a power cut may take it back, or leave it empty.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        system.write(temporary, [data])
        if durable:
            sync(temporary)
        system.rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            system.unlink(temporary)
        raise
    if durable:
        sync(path.parent)


def remove_tree(path: Path) -> None:
    """Removes a file or a folder if it is there; a link is removed, not followed."""
    if path.is_dir() and not path.is_symlink():
        for entry in sorted(path.iterdir()):
            remove_tree(entry)
        system.rmdir(path)
    elif path.exists() or path.is_symlink():
        system.unlink(path)


def link_or_copy(source: Path, target: Path) -> None:
    """A hard link where the file system allows it, else a copy with the same times."""
    try:
        system.link(source, target)
    except OSError:
        system.copy(source, target)


def read(path: Path) -> bytes:
    """The content of a regular file; a pipe or device in its place is not read.

    Raises:
        OSError: If it cannot be read, or is anything else.
    """
    with open_regular(path) as file:
        return file.read()


def sha256(path: Path) -> str:
    """The SHA-256 of a regular file's content, in hexadecimal."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_record(path: Path, kind: type[R]) -> R | None:
    """The record in a file; None where there is no such file, or it holds no such record."""
    try:
        return decode(read(path), kind)
    except (OSError, ValueError):
        return None
