"""Whether files are still what they were: by their stat, and only where that differs by their hash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from imigue_build.core.records import Record
from imigue_build.store.completion import FileStat
from imigue_build.store.disk import read_record, sha256, write_atomically

_SEEN: Final = "seen.json"


class Seen(Record, frozen=True):
    """What of an interview was found right since it was recorded: path below its folder -> stat.

    A hard link into the release, for one, changes a file's ctime. Losing this costs a hash, nothing else.
    """

    files: dict[str, FileStat] = msgspec.field(default_factory=dict)


class Sightings:
    """The records of `Seen` of one WORK: WORK/<id>/seen.json; the last one that was read is kept."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._last: tuple[str, Seen] | None = None

    def known(self, video_id: str, path: str) -> FileStat | None:
        """The stat under which a file was found right last, since it was recorded."""
        return self._of(video_id).files.get(path)

    def note(self, video_id: str, fresh: Mapping[str, FileStat]) -> None:
        """Notes stats under which files were found right; what cannot be noted is hashed the next time."""
        folder = self._work / video_id
        there = {path: stat for path, stat in {**self._of(video_id).files, **fresh}.items() if (folder / path).exists()}
        with suppress(OSError):
            write_atomically(folder / _SEEN, msgspec.json.encode(Seen(there)) + b"\n", durable=False)
        self._last = None

    def _of(self, video_id: str) -> Seen:
        if self._last is None or self._last[0] != video_id:
            self._last = video_id, read_record(self._work / video_id / _SEEN, Seen) or Seen()
        return self._last[1]


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
