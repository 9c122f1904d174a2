"""WORK: the artifacts of every interview and stage, published whole by one rename.

WORK/imigue-work.json           marks the folder as ours, with its format
WORK/0440/source.json           the video's hash and the stat it was read under
WORK/0440/align/...             an artifact: its files and `completion.json`
WORK/0440/align.failed.json     why the last attempt failed
WORK/staging/                   what is being written; emptied by the next run that holds the lock
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from imigue_build.errors import StoreError, UsageError
from imigue_build.records import Record, decode
from imigue_build.store import system
from imigue_build.store.completion import FORMAT, Completion, Failure, Identity, OutputFile, SourceStat
from imigue_build.store.disk import guarded, make_folder, remove_tree, sha256, sync, sync_tree, write_atomically

MARKER: Final = "imigue-work.json"
COMPLETION: Final = "completion.json"
_HALF_WRITTEN: Final = re.compile(r"\.[\w.-]+\.json\.\d+\.tmp")
"""What `write_atomically` leaves where the process is killed in it."""

R = TypeVar("R", bound=Record)


class Marker(Record, frozen=True):
    """Content of the marker file."""

    imigue_work: int


class Workspace:
    """One WORK folder. Reading never writes; `prepare` makes the folder ready for a run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.staging = root / "staging"
        self.log = root / "run.log"

    def check(self) -> None:
        """Raises `UsageError` where `root` cannot be a WORK folder of this version."""
        if self.root.exists() and not self.root.is_dir():
            raise UsageError(f"--work {self.root} is not a folder", "name a folder; it is made if it is missing")
        marker = self.root / MARKER
        if marker.exists():
            found = _read(marker, Marker)
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
        self.check()
        if not (self.root / MARKER).exists():
            raise UsageError(
                f"--work {self.root} is no work folder", "name the folder that run-all was given as --work"
            )

    def prepare(self) -> None:
        """Makes the folder where it is missing. The lock must be held from then on."""
        self.check()
        with guarded(f"cannot write to --work {self.root}"):
            make_folder(self.root)
            if not (self.root / MARKER).exists():
                write_atomically(self.root / MARKER, msgspec.json.encode(Marker(FORMAT)) + b"\n")

    def recover(self) -> None:
        """Clears what an interrupted run left: publishes what was whole, removes the rest."""
        with guarded(f"cannot clean up {self.staging}"):
            for folder in sorted(self.staging.iterdir()) if self.staging.is_dir() else []:
                completion = self._completion_in(folder)
                if completion is not None and not folder.name.startswith("old-"):
                    target = self.artifact(completion.video_id, completion.identity.stage)
                    if not target.exists():
                        make_folder(target.parent)
                        system.rename(folder, target)
                        sync(target.parent)
                        continue
                remove_tree(folder)
            remove_tree(self.staging)
            for path in [*self.root.glob(".*.tmp"), *self.root.glob("*/.*.tmp")]:
                if _HALF_WRITTEN.fullmatch(path.name):
                    remove_tree(path)

    def video_ids(self) -> list[str]:
        """Ids of the interviews that have anything in WORK, sorted."""
        if not self.root.is_dir():
            return []
        return sorted(path.name for path in self.root.iterdir() if path.is_dir() and path != self.staging)

    def artifact(self, video_id: str, stage: str) -> Path:
        """The folder of an artifact, whether it exists or not."""
        return self.root / video_id / stage

    def completion(self, video_id: str, stage: str) -> Completion | None:
        """The completion record of an artifact; None where there is no valid one of its own."""
        found = self._completion_in(self.artifact(video_id, stage))
        if found is None or found.video_id != video_id or found.identity.stage != stage:
            return None
        return found

    def damage(self, completion: Completion, verify: bool = False) -> str | None:
        """What is wrong with an artifact's files, or None.

        A file whose size or modification time is not the recorded one is hashed; `verify` hashes all,
        and finds files that the record does not know.
        """
        folder = self.artifact(completion.video_id, completion.identity.stage)
        for name, output in completion.outputs.items():
            problem = _file_problem(folder / name, output, verify)
            if problem is not None:
                return f"output {name} {problem}"
        strangers = self.strangers(completion, folder) if verify else []
        return f"{strangers[0]} is not of this artifact" if strangers else None

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
            outputs = {path.relative_to(staged).as_posix(): _output(path) for path in _files(staged)}
            completion = Completion(
                FORMAT,
                video_id,
                identity.key,
                identity,
                outputs,
                round(seconds, 3),
                round(media_seconds, 3),
                warnings,
            )
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
        return _read(self._failure_path(video_id, stage), Failure)

    def source_digest(self, video_id: str, video: Path, remember: bool = True) -> str:
        """The SHA-256 of a video; taken from WORK where its stat is the one it was hashed under.

        Raises:
            StoreError: If the video cannot be read or changes while it is read.
        """
        target = self.root / video_id / "source.json"
        with guarded(f"cannot read {video}"):
            cached = _read(target, SourceStat)
            before = _source_stat(video, cached.sha256 if cached else "")
            if cached is not None and cached == before:
                return cached.sha256
            found = _source_stat(video, sha256(video))
            if (found.size, found.mtime_ns) != (before.size, before.mtime_ns):
                raise StoreError(f"{video} changed while it was read", "wait until it is whole, then run again")
        if remember:
            with guarded(f"cannot write to {target.parent}"):
                make_folder(target.parent)
                write_atomically(target, msgspec.json.encode(found) + b"\n")
        return found.sha256

    def _failure_path(self, video_id: str, stage: str) -> Path:
        return self.root / video_id / f"{stage}.failed.json"

    def _completion_in(self, folder: Path) -> Completion | None:
        found = _read(folder / COMPLETION, Completion)
        return found if found is not None and found.format == FORMAT and found.key == found.identity.key else None


def _read(path: Path, kind: type[R]) -> R | None:
    try:
        return decode(path.read_bytes(), kind)
    except (OSError, ValueError):
        return None


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _output(path: Path) -> OutputFile:
    stat = path.stat()
    return OutputFile(sha256(path), stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _file_problem(path: Path, output: OutputFile, verify: bool) -> str | None:
    try:
        stat = path.stat()
        if stat.st_size != output.size:
            return f"has {stat.st_size} bytes instead of {output.size}"
        suspect = verify or (stat.st_mtime_ns, stat.st_ino) != (output.mtime_ns, output.inode)
        return "was altered" if suspect and sha256(path) != output.sha256 else None
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _source_stat(video: Path, digest: str) -> SourceStat:
    stat = video.stat()
    return SourceStat(digest, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
