"""The stat cache: a file whose stat is the one under which it was found right need not be read again.

WORK/stat-cache/0440.json    of an interview: its artifacts' files, its video, and which stages were up to date
WORK/stat-cache/+release.json    of the release that was built last (`release.build.up_to_date`)

Losing any of it costs reading files again, nothing else. A file that is replaced, altered or linked has another stat.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from imigue_build.core.record_json import encode_exactly
from imigue_build.core.records import Record
from imigue_build.store.completion import Completion, digest
from imigue_build.store.disk import make_folder, write_atomically

FOLDER: Final = "stat-cache"
"""The folder of the cache, in WORK."""
COMPLETION: Final = "completion.json"
"""The file of an artifact's completion record."""
_BLOCK: Final = 1 << 16

Stat = tuple[int, int, int, int]
"""Of a file or folder: size, time of its last change and of its inode's in ns, inode."""


class ArtifactStats(Record, frozen=True):
    """Files that were as a completion record says. `check` is that record's; its own file may be among `files`."""

    check: str
    files: dict[str, Stat]


class VideoHash(Record, frozen=True):
    """A video's hash and the stat it was read under. `check` is their digest: nothing else would show a flipped bit."""

    sha256: str
    stat: Stat
    check: str = ""

    @property
    def is_whole(self) -> bool:
        return self.check == self.sealed().check

    def sealed(self) -> VideoHash:
        """The same with its `check`."""
        return replace(self, check=digest(replace(self, check="")))


class Verdict(Record, frozen=True):
    """Which stages of an interview were up to date, and all that this depends on besides the artifacts' files.

    Attributes:
        settings: Digest of all that artifacts depend on but their inputs.
        given: The user's files that the stages read: `"<stage>/<name>"` -> SHA-256.
        video: The stat of the video; None where there was none.
        folder: The stat of the interview's folder, which changes with every artifact that comes or goes.
        stages: The stages that were up to date.
    """

    settings: str
    given: dict[str, str]
    video: Stat | None
    folder: Stat
    stages: tuple[str, ...]


class Entry(Record, frozen=True):
    """What the cache holds of an interview."""

    artifacts: dict[str, ArtifactStats] = msgspec.field(default_factory=dict)
    video: VideoHash | None = None
    verdict: Verdict | None = None


_decoder = msgspec.json.Decoder(Entry)


def stat_of(path: str | Path) -> Stat:
    """Raises `OSError` where there is nothing at `path`."""
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def unchanged(stats: Mapping[str, Stat], base: str) -> bool:
    """Whether files and folders, their paths to be put behind `base`, have these stats."""
    look = os.stat  # this loop is most of what a run with nothing to do does
    try:
        for path, (size, changed, inode_changed, inode) in stats.items():
            found = look(base + path)
            if found.st_ctime_ns != inode_changed or found.st_mtime_ns != changed:
                return False
            if found.st_size != size or found.st_ino != inode:
                return False
    except (OSError, ValueError):  # not there; or a path that none can have
        return False
    return True


def only_linked(before: Stat, now: Stat) -> bool:
    """Whether nothing differs but the time of the inode's change, as it is after a hard link."""
    return (*before[:2], before[3]) == (*now[:2], now[3])


class StatCache:
    """The stat cache of one WORK."""

    def __init__(self, work: Path) -> None:
        self._work = f"{work}/"
        self.folder = work / FOLDER

    def up_to_date(
        self, video_id: str, settings: str, given: Mapping[str, str], video: Path | None
    ) -> tuple[str, ...] | None:
        """The stages that are up to date as far as stats show; None where records have to be read.

        Costs one open, and one stat of each file and folder of the interview.
        """
        entry = self.read(video_id)
        verdict = entry.verdict
        if verdict is None or verdict.settings != settings or verdict.given != given:
            return None
        if (video is None) != (verdict.video is None):
            return None
        base = f"{self._work}{video_id}/"
        if not unchanged({"": verdict.folder}, base):
            return None
        if verdict.video is not None and not unchanged({"": verdict.video}, str(video)):
            return None
        for stage in verdict.stages:
            artifact = entry.artifacts.get(stage)
            if artifact is None or not unchanged(artifact.files, f"{base}{stage}/"):
                return None
        return verdict.stages

    def read(self, video_id: str) -> Entry:
        """What is known of an interview; nothing where that cannot be read."""
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
            return Entry()

    def known(self, completion: Completion) -> Mapping[str, Stat]:
        """The stats under which an artifact's files were found as this record says."""
        artifact = self.read(completion.video_id).artifacts.get(completion.identity.stage)
        return artifact.files if artifact is not None and artifact.check == completion.check else {}

    def note(self, completion: Completion, files: Mapping[str, Stat]) -> None:
        """Notes the stats of an artifact's files that were just found as the record says."""
        entry, stage = self.read(completion.video_id), completion.identity.stage
        old = entry.artifacts.get(stage)
        if old is not None and old.check == completion.check:
            files = {**old.files, **files}
        else:
            entry = replace(entry, verdict=None)  # it was of another record
        artifacts = {**entry.artifacts, stage: ArtifactStats(completion.check, dict(files))}
        self._write(completion.video_id, replace(entry, artifacts=artifacts))

    def forget(self, completion: Completion) -> None:
        """Forgets the stats of an artifact that was found damaged under them, so that its files are read again."""
        entry, stage = self.read(completion.video_id), completion.identity.stage
        if stage in entry.artifacts:
            artifacts = {name: found for name, found in entry.artifacts.items() if name != stage}
            self._write(completion.video_id, replace(entry, artifacts=artifacts, verdict=None))

    def note_video(self, video_id: str, video: VideoHash) -> None:
        """Notes the hash of a video."""
        self._write(video_id, replace(self.read(video_id), video=video.sealed()))

    def note_verdict(self, video_id: str, verdict: Verdict, artifacts: Mapping[str, ArtifactStats]) -> None:
        """Notes which stages are up to date, with the stats of all files of these, records among them."""
        entry = self.read(video_id)
        self._write(video_id, replace(entry, artifacts={**entry.artifacts, **artifacts}, verdict=verdict))

    def _write(self, video_id: str, entry: Entry) -> None:
        write_note(self.folder / f"{video_id}.json", entry)


def write_note(path: Path, record: Record) -> None:
    """Writes a part of the cache; what cannot be noted is read again the next time."""
    with suppress(OSError):
        make_folder(path.parent)
        write_atomically(path, encode_exactly(record), durable=False)


def stats_of(folder: Path, completion: Completion) -> dict[str, Stat]:
    """The present stats of an artifact's outputs and of its record.

    Raises:
        OSError: If one of them is not there.
    """
    names: Iterable[str] = (COMPLETION, *completion.outputs)
    return {name: stat_of(f"{folder}/{name}") for name in names}
