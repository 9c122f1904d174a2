"""Opening untrusted files: a regular file is read up to a limit, anything else is refused.

A named pipe would be waited for without end, and a device may do something when it is opened; so the kind
of a file is checked before it is opened, and again after it, as it may have been exchanged.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import ImigueError

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of the largest table, transcript or other text that is read."""

_MOST_PIECES: Final = 10_000
_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


class Kind(NamedTuple):
    """What a file is read as.

    Attributes:
        name: Stands before the path in messages: "labels", "config".
        error: What is raised on a file that cannot be read.
        remedy: What to do about such a file.
        most_bytes: The size from which on it cannot be the right file.
    """

    name: str
    error: type[ImigueError]
    remedy: str
    most_bytes: int = LARGEST


def read_bytes(path: Path, kind: Kind) -> bytes:
    """The content of a user's file.

    Raises:
        ImigueError: Of the kind's class, if the file cannot be read, is no regular file or is too large.
    """
    try:
        with open_regular(path) as file:
            data = file.read(kind.most_bytes + 1)  # not by its size: it may grow, and files in /proc state none
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        raise kind.error(f"{kind.name} {shown(path)} cannot be read ({why})", kind.remedy) from None
    if len(data) > kind.most_bytes:
        what = f"{kind.name} {shown(path)} cannot be read (larger than {kind.most_bytes / 1e6:.2g} MB)"
        raise kind.error(what, "give the right file")
    return data


def open_regular(path: Path) -> BufferedReader:
    """Opens a regular file for reading.

    Raises:
        OSError: If it cannot be opened, or is anything else.
    """
    _check(path, os.stat(path).st_mode)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        _check(path, os.fstat(handle).st_mode)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def kind_of(mode: int) -> str:
    """What a file of some mode is, in words: "a named pipe"; empty for a regular file."""
    return "" if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "no file")


def written_bytes(path: Path) -> int:
    """How many bytes of a regular file were ever written; its size where the file system does not say.

    Raises:
        OSError: If it cannot be opened.
    """
    with open_regular(path) as file:
        size, end, found = os.fstat(file.fileno()).st_size, 0, 0
        for _ in range(_MOST_PIECES):
            try:
                start = os.lseek(file.fileno(), end, os.SEEK_DATA)
                end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            except (OSError, AttributeError) as error:  # no more data; or a system that knows no holes
                return found if getattr(error, "errno", 0) == errno.ENXIO else size
            found += end - start
    return size


def shown(path: Path | str) -> str:
    """A path as one printable line: control characters and undecodable bytes are escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _check(path: Path, mode: int) -> None:
    if kind := kind_of(mode):
        raise OSError(errno.EINVAL, f"it is {kind}", os.fspath(path))
