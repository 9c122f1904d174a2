"""Whether files are still what they were: by their stat, and only where that differs by their hash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from imigue_build.records import Record
from imigue_build.store.completion import FileStat
from imigue_build.store.disk import sha256


class Seen(Record, frozen=True):
    """What of an interview was found right since it was recorded: path below its folder -> stat.

    A hard link into the release, for one, changes a file's ctime. Losing this costs a hash, nothing else.
    """

    files: dict[str, FileStat] = msgspec.field(default_factory=dict)


def stat_of(path: Path, digest: str) -> FileStat:
    """The stat of a file whose SHA-256 is known."""
    stat = path.stat()
    return FileStat(digest, stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_ctime_ns)


def problem(
    path: Path, recorded: FileStat, known: Callable[[], FileStat | None], verify: bool = False
) -> str | FileStat | None:
    """What is wrong with a file, in words; its new stat where only that differs; None where nothing does.

    Hashed are those whose stat is neither the recorded one nor the one they are known by since; all with `verify`.
    """
    try:
        found = stat_of(path, recorded.sha256)
        if found.size != recorded.size:
            return f"has {found.size} bytes instead of {recorded.size}"
        expected = found == recorded or found == known()
        if (verify or not expected) and sha256(path) != recorded.sha256:
            return "was altered"
        return None if expected else found
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
