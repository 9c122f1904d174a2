"""WORK: the artifacts of every interview and stage, published whole by one rename.

WORK/imigue-work.json           marks the folder as ours, with its format
WORK/0440/source.json           the video's hash and the stat it was read under
WORK/0440/align/...             an artifact: its files and `completion.json`
WORK/0440/align.failed.json     why the last attempt failed
WORK/0440/seen.json             stats under which files were found right since they were recorded
WORK/checked/0440.json          stats of all its files under which it was found up to date
WORK/leases/                    who works on what just now
WORK/staging/<run>/             what a run is writing; cleared by the next one when that run has ended
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from imigue_build.core.errors import StoreError, UsageError
from imigue_build.core.records import Record
from imigue_build.store import system
from imigue_build.store.completion import FORMAT, Completion, Failure, FileStat, Identity, Source
from imigue_build.store.disk import (
    guarded,
    make_folder,
    read_record,
    remove_tree,
    sha256,
    sync,
    sync_tree,
    write_atomically,
)
from imigue_build.store.stat_cache import FOLDER, Notes
from imigue_build.store.stats import Sightings, problem, stat_of

MARKER: Final = "imigue-work.json"
COMPLETION: Final = "completion.json"
_HALF_WRITTEN: Final = re.compile(r"\.[\w.-]+\.json\.\d+\.tmp")
"""What `write_atomically` leaves where the process is killed in it."""

_OURS: Final = {"staging", "leases", FOLDER}
"""Folders that are no interview's."""


class Marker(Record, frozen=True):
    """Content of the marker file."""

    imigue_work: int


class Workspace:
    """One WORK folder, as one run sees it. Reading never writes; `prepare` makes the folder ready for a run."""

    def __init__(self, root: Path, run: str = "none") -> None:
        self.root = root
        self.run = run
        self.staging = root / "staging" / run
        self.log = root / "run.log"
        self.notes = Notes(root)
        self._sightings = Sightings(root)

    def check(self) -> None:
        """Raises `UsageError` where `root` cannot be a WORK folder of this version."""
        if self.root.exists() and not self.root.is_dir():
            raise UsageError(f"--work {self.root} is not a folder", "name a folder; it is made if it is missing")
        marker = self.root / MARKER
        if marker.exists():
            found = read_record(marker, Marker)
            if found is None or found.imigue_work != FORMAT:
                raise UsageError(
                    f"--work {self.root} was written by another version of imigue-build",
                    "use that version, or name a new folder",
                )
        elif self.root.is_dir() and any(not _HALF_WRITTEN.fullmatch(path.name) for path in self.root.iterdir()):
            raise UsageError(
                f"--work {self.root} holds files that imigue-build did not write",
                "name a new or an empty folder; nothing in it was touched",
            )

    def open(self) -> None:
        """`check`, and the folder must be a WORK folder already."""
        if not (self.root / MARKER).exists():
            raise UsageError(
                f"--work {self.root} is no work folder",
                "name the folder that run-all was given as --work"
                if self.root.exists()
                else "`imigue-build run-all` makes one",
            )
        self.check()

    def prepare(self) -> None:
        """Makes the folder where it is missing."""
        self.check()
        with guarded(f"cannot write to --work {self.root}"):
            make_folder(self.root)
            if not (self.root / MARKER).exists():
                write_atomically(self.root / MARKER, msgspec.json.encode(Marker(FORMAT)) + b"\n")

    def recover(self, living: Collection[str] = ()) -> None:
        """Clears what runs left that were interrupted: publishes what was whole, removes the rest.

        `living` are runs whose files stay as they are.
        """
        staging = self.root / "staging"
        with guarded(f"cannot clean up {staging}"):
            for run in sorted(staging.iterdir()) if staging.is_dir() else []:
                if run.name not in living:
                    for folder in sorted(run.iterdir()) if run.is_dir() else []:
                        self._recover(folder)
                    remove_tree(run)
            if living:
                return
            remove_tree(staging)
            for path in [*self.root.glob(".*.tmp"), *self.root.glob("*/.*.tmp")]:
                if _HALF_WRITTEN.fullmatch(path.name):
                    remove_tree(path)

    def _recover(self, folder: Path) -> None:
        completion = self._completion_in(folder)
        if completion is not None and not folder.name.startswith("old-"):
            target = self.artifact(completion.video_id, completion.identity.stage)
            if not target.exists():
                make_folder(target.parent)
                system.rename(folder, target)
                sync(target.parent)
                return
        remove_tree(folder)

    def video_ids(self) -> list[str]:
        """Ids of the interviews that have anything in WORK, sorted."""
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(self.root) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and entry.name not in _OURS)
        return []

    @property
    def in_use(self) -> bool:
        """Whether another run works here, or one was interrupted and left something to clear."""
        return any(any(folder.iterdir()) for folder in (self.root / "staging", self.root / "leases") if folder.is_dir())

    def artifact(self, video_id: str, stage: str) -> Path:
        """The folder of an artifact, whether it exists or not."""
        return self.root / video_id / stage

    def completion(self, video_id: str, stage: str) -> Completion | None:
        """The completion record of an artifact; None where there is no valid one of its own."""
        found = self._completion_in(self.artifact(video_id, stage))
        if found is None or found.video_id != video_id or found.identity.stage != stage:
            return None
        return found

    def damage(self, completion: Completion, verify: bool = False, remember: bool = False) -> str | None:
        """What is wrong with an artifact's files, or None.

        A file whose size, times or inode are not the ones it was last found right with is hashed; `verify`
        hashes all, and finds files that the record does not know. `remember` notes new stats in WORK.
        """
        stage, video_id = completion.identity.stage, completion.video_id
        folder = self.artifact(video_id, stage)
        fresh: dict[str, FileStat] = {}
        for name, output in completion.outputs.items():
            path = f"{stage}/{name}"
            found = problem(folder / name, output, partial(self._sightings.known, video_id, path), verify)
            if isinstance(found, str):
                return f"output {name} {found}"
            if found is not None:
                fresh[path] = found
        if fresh and remember:
            self._sightings.note(video_id, fresh)
        strangers = self.strangers(completion, folder) if verify else []
        return f"{strangers[0]} is not of this artifact" if strangers else None

    def trust(self, completion: Completion) -> None:
        """Notes the stats of an artifact that was just found right and linked into a release: ctimes are new."""
        stage, video_id = completion.identity.stage, completion.video_id
        fresh: dict[str, FileStat] = {}
        for name, output in completion.outputs.items():
            with suppress(OSError):
                found = stat_of(self.artifact(video_id, stage) / name, output.sha256)
                before = (output, self._sightings.known(video_id, f"{stage}/{name}"))
                if found not in before and any(one and _but_ctime(one) == _but_ctime(found) for one in before):
                    fresh[f"{stage}/{name}"] = found
        if fresh:
            self._sightings.note(video_id, fresh)

    def strangers(self, completion: Completion, folder: Path) -> list[str]:
        """Files in an artifact's folder that its record does not know."""
        present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
        return sorted(present - {*completion.outputs, COMPLETION})

    def stage_folder(self, video_id: str, stage: str) -> Path:
        """A new empty folder to write an artifact into."""
        folder = self.staging / f"{video_id}.{stage}.{uuid.uuid4().hex[:12]}"
        with guarded(f"cannot write to {self.staging}"):
            make_folder(folder)
        return folder

    def publish(
        self,
        staged: Path,
        video_id: str,
        identity: Identity,
        seconds: float,
        media_seconds: float,
        warnings: tuple[str, ...],
    ) -> Completion:
        """Makes a staged artifact durable and visible, in the place of an older one.

        Raises:
            StoreError: If the disk fails or is full; then the older artifact is still there.
        """
        with guarded(f"cannot store {identity.stage} of {video_id}"):
            outputs = {path.relative_to(staged).as_posix(): stat_of(path, sha256(path)) for path in _files(staged)}
            completion = Completion(
                FORMAT,
                video_id,
                identity.key,
                identity,
                outputs,
                round(seconds, 3),
                round(media_seconds, 3),
                warnings,
            ).sealed()
            sync_tree(staged)
            write_atomically(staged / COMPLETION, msgspec.json.encode(completion) + b"\n")
            target = self.artifact(video_id, identity.stage)
            make_folder(target.parent)
            old = self.staging / f"old-{staged.name}"
            sync(self.staging)
            if target.exists():
                system.rename(target, old)
            try:
                system.rename(staged, target)
            except OSError:
                if old.exists():
                    system.rename(old, target)
                raise
            sync(target.parent)
            remove_tree(old)
            remove_tree(self._failure_path(video_id, identity.stage))
        return completion

    def discard(self, staged: Path) -> None:
        """Removes a staged folder that came to nothing."""
        with guarded(f"cannot remove {staged}"):
            remove_tree(staged)

    def fail(self, failure: Failure) -> None:
        """Records why a stage failed."""
        path = self._failure_path(failure.video_id, failure.stage)
        with guarded(f"cannot record the failure of {failure.video_id}"):
            make_folder(path.parent)
            write_atomically(path, msgspec.json.encode(failure) + b"\n")

    def failure(self, video_id: str, stage: str) -> Failure | None:
        """Why the last attempt of a stage failed; None where it did not."""
        return read_record(self._failure_path(video_id, stage), Failure)

    def source_digest(self, video_id: str, video: Path, remember: bool = True) -> str:
        """The SHA-256 of a video; taken from WORK where its stat is the one it was hashed under.

        Raises:
            StoreError: If the video cannot be read or changes while it is read.
        """
        target = self.root / video_id / "source.json"
        with guarded(f"cannot read {video}"):
            cached = noted.video if (noted := read_record(target, Source)) and noted.is_whole else None
            before = stat_of(video, cached.sha256 if cached else "")
            if cached is not None and cached == before:
                return cached.sha256
            found = stat_of(video, sha256(video))
            if (found.size, found.mtime_ns) != (before.size, before.mtime_ns):
                raise StoreError(f"{video} changed while it was read", "wait until it is whole, then run again")
        if remember:
            with guarded(f"cannot write to {target.parent}"):
                make_folder(target.parent)
            with suppress(OSError):  # what is not noted is hashed the next time
                write_atomically(target, msgspec.json.encode(Source.of(found)) + b"\n", durable=False)
        return found.sha256

    def _failure_path(self, video_id: str, stage: str) -> Path:
        return self.root / video_id / f"{stage}.failed.json"

    def _completion_in(self, folder: Path) -> Completion | None:
        found = read_record(folder / COMPLETION, Completion)
        return found if found is not None and found.format == FORMAT and found.is_whole else None


def _but_ctime(stat: FileStat) -> tuple[int, int, int]:
    return stat.size, stat.mtime_ns, stat.inode


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
