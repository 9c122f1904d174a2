"""What was found up to date, by the stats of all its files: where these are as they were, nothing needs to be read.

WORK/checked/0440.json stands for one interview, WORK/last-release.json for the release that was built last. Both
are notes: losing one costs a look at the records, and a file that differs from its note in anything is looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from imigue_build.core.records import Record
from imigue_build.store.completion import Completion
from imigue_build.store.disk import make_folder, write_atomically

FOLDER: Final = "checked"
"""The folder, in WORK, of the notes on interviews."""
_BLOCK: Final = 1 << 16

Stamp = tuple[int, int, int, int]
"""Of a file or folder: size, time of its last change and of its inode's in ns, inode."""


class Checked(Record, frozen=True):
    """An interview as it was found: these stages stood, under these stats.

    Attributes:
        settings: Digest of all that artifacts depend on but their inputs.
        given: The user's files that the stages read: `"<stage>/<name>"` -> SHA-256.
        video: The stat of the video; None where there was none.
        stages: The stages that were up to date.
        files: Path below the interview's folder -> stat, of their records and outputs, and of the folder itself,
            which changes with every artifact that comes or goes.
    """

    settings: str
    given: dict[str, str]
    video: Stamp | None
    stages: tuple[str, ...]
    files: dict[str, Stamp]


_decoder = msgspec.json.Decoder(Checked)


def stamp(path: str | Path) -> Stamp:
    """Raises `OSError` where there is nothing at `path`."""
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def unchanged(stamps: Mapping[str, Stamp], base: str) -> bool:
    """Whether files and folders, their paths to be put behind `base`, have these stats."""
    try:
        for path, expected in stamps.items():
            found = os.stat(base + path)
            if (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino) != expected:
                return False
    except (OSError, ValueError):  # not there; or a path that none can have
        return False
    return True


class Notes:
    """The notes on the interviews of one WORK."""

    def __init__(self, work: Path) -> None:
        self._work = f"{work}/"
        self._folder = work / FOLDER

    def up_to_date(
        self, video_id: str, settings: str, given: Mapping[str, str], video: Path | None
    ) -> tuple[str, ...] | None:
        """The stages that are up to date as far as stats tell; None where it takes a look at the records."""
        found = self.read(video_id)
        if found is None or found.settings != settings or found.given != given:
            return None
        if video is None or found.video is None:
            if video is not None or found.video is not None:
                return None
        elif not unchanged({"": found.video}, str(video)):
            return None
        return found.stages if unchanged(found.files, f"{self._work}{video_id}/") else None

    def read(self, video_id: str) -> Checked | None:
        """The note on an interview, whether it still holds or not."""
        try:
            handle = os.open(f"{self._work}{FOLDER}/{video_id}.json", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                blocks = [os.read(handle, _BLOCK)]
                while len(blocks[-1]) == _BLOCK:
                    blocks.append(os.read(handle, _BLOCK))
            finally:
                os.close(handle)
            return _decoder.decode(b"".join(blocks))
        except (OSError, ValueError):
            return None

    def write(self, video_id: str, checked: Checked) -> None:
        """Notes an interview; what cannot be noted is looked at the next time."""
        with suppress(OSError):
            make_folder(self._folder)
            path = self._folder / f"{video_id}.json"
            write_atomically(path, msgspec.json.encode(checked) + b"\n", durable=False)


def stamps_of(folder: Path, completions: Iterable[Completion]) -> dict[str, Stamp]:
    """The present stats of the folder of an interview, and of its artifacts' records and outputs.

    Raises:
        OSError: If one of them is not there.
    """
    names = ((one.identity.stage, name) for one in completions for name in ("completion.json", *one.outputs))
    paths = ["", *(f"{stage}/{name}" for stage, name in names)]
    return {path: stamp(f"{folder}/{path}") for path in paths}
