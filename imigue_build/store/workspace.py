"""WORK: the artifacts of every interview and stage, published whole by one rename.

WORK/imigue-work.json           marks the folder as ours, with its format
WORK/0440/align/...             an artifact: its files and `completion.json`
WORK/0440/align.failed.json     why the last attempt failed
WORK/stat-cache/                stats under which files were found right; may be deleted at any time
WORK/leases/                    who works on what just now
WORK/staging/<run>/             what a run is writing; cleared by the next one when that run has ended
"""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

from imigue_build.core.errors import StoreError
from imigue_build.core.record_json import encode_exactly
from imigue_build.store import system
from imigue_build.store.artifact_files import check_files, seal, strangers
from imigue_build.store.completion import FORMAT, Completion, Failure, Identity
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
from imigue_build.store.leases import check_held
from imigue_build.store.marker import HALF_WRITTEN, check_work, prepare_work
from imigue_build.store.stat_cache import COMPLETION, FOLDER, Stat, StatCache, VideoHash, only_linked, stat_of

__all__ = ["COMPLETION", "Workspace"]

_OURS: Final = {"staging", "leases", FOLDER}
"""Folders that are no interview's."""
_TAKEN: Final = (errno.ENOTEMPTY, errno.EEXIST)
"""Errors of a rename to a place where another run has just put an artifact."""


class Workspace:
    """One WORK folder. Reading never writes; `prepare` makes the folder ready for a run.

    `run` names the run that writes, which has to hold the lease of each interview that it publishes; without it
    there can be no other run.
    """

    def __init__(self, root: Path, run: str | None = None) -> None:
        self.root = root
        self.run = run
        self.staging = root / "staging" / (run or "none")
        self.log = root / "run.log"
        self.stat_cache = StatCache(root)

    def check(self) -> None:
        """Raises `UsageError` where `root` cannot be a WORK folder of this version."""
        check_work(self.root)

    def open(self) -> None:
        """`check`, and the folder must be a WORK folder already."""
        check_work(self.root, must_exist=True)

    def prepare(self) -> None:
        """Makes the folder where it is missing; raises as `check`."""
        prepare_work(self.root)

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
                if HALF_WRITTEN.fullmatch(path.name):
                    remove_tree(path)

    def _recover(self, folder: Path) -> None:
        completion = self._completion_in(folder)
        if completion is not None and not folder.name.startswith("old-"):
            target = self.artifact(completion.video_id, completion.identity.stage)
            if not target.exists():
                make_folder(target.parent)
                try:
                    system.rename(folder, target)
                except OSError as error:
                    if error.errno not in _TAKEN:
                        raise
                else:
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

        A file whose stat is not the one it was last found right under is hashed; `verify` hashes all, and finds
        files that the record does not know. `remember` notes new stats in WORK, and forgets those of a damaged one.
        """
        folder = self.artifact(completion.video_id, completion.identity.stage)
        known = self.stat_cache.known(completion)
        fresh: dict[str, Stat] = {}
        for name, found in check_files(folder, completion, {} if verify else known):
            if isinstance(found, str):
                if remember:
                    self.stat_cache.forget(completion)
                return f"output {name} {found}"
            fresh[name] = found
        if remember and fresh.items() - known.items():
            self.stat_cache.note(completion, fresh)
        unknown = strangers(folder, completion) if verify else []
        return f"{unknown[0]} is not of this artifact" if unknown else None

    def note_links(self, completion: Completion) -> None:
        """Notes the stats of an artifact that was just found right and linked into a release: ctimes are new."""
        folder = self.artifact(completion.video_id, completion.identity.stage)
        known, fresh = self.stat_cache.known(completion), dict[str, Stat]()
        for name in completion.outputs.keys() & known.keys():
            with suppress(OSError):
                found = stat_of(folder / name)
                if found != known[name] and only_linked(known[name], found):
                    fresh[name] = found
        if fresh:
            self.stat_cache.note(completion, fresh)

    def stage_folder(self, video_id: str, stage: str) -> Path:
        """A new empty folder to write an artifact into."""
        folder = self.staging / f"{video_id}.{stage}.{uuid.uuid4().hex[:12]}"
        with guarded(f"cannot write to {self.staging}"):
            if not self.staging.is_dir():
                make_folder(self.staging)
            system.mkdir(folder)  # durable when it is published: until then nothing counts that is in it
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

        Its files are read-only from now on, as a release may share them by hard links.

        Raises:
            LeaseLostError: If another run has taken the interview over; then nothing is changed.
            StoreError: If the disk fails or is full; then the older artifact is still there.
        """
        with guarded(f"cannot store {identity.stage} of {video_id}"):
            try:
                outputs, stats = seal(staged)
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
                write_atomically(staged / COMPLETION, encode_exactly(completion))
                target = self.artifact(video_id, identity.stage)
                make_folder(target.parent)
                sync(self.staging)
                self._replace(target, staged)
            except OSError:
                self._check_lease(video_id)  # who took it over clears our files away
                raise
            remove_tree(self._failure_path(video_id, identity.stage))
        self.stat_cache.note(completion, stats)
        return completion

    def _replace(self, target: Path, staged: Path) -> None:
        """Puts an artifact in its place, whatever is there. The lease is checked last, after all that takes long."""
        old = self.staging / f"old-{staged.name}"
        self._check_lease(target.parent.name)
        while True:
            if target.exists():
                system.rename(target, old)
            try:
                system.rename(staged, target)
                break
            except OSError as error:
                if error.errno in _TAKEN:  # a run that was paused past its check came first
                    self._check_lease(target.parent.name)
                    remove_tree(old)
                    continue
                if old.exists():
                    system.rename(old, target)
                raise
        sync(target.parent)
        remove_tree(old)

    def _check_lease(self, video_id: str) -> None:
        if self.run is not None:
            check_held(self.root, self.run, video_id)

    def discard(self, staged: Path) -> None:
        """Removes a staged folder that came to nothing."""
        with guarded(f"cannot remove {staged}"):
            remove_tree(staged)

    def fail(self, failure: Failure) -> None:
        """Records why a stage failed.

        Raises:
            LeaseLostError: If another run has taken the interview over.
        """
        path = self._failure_path(failure.video_id, failure.stage)
        with guarded(f"cannot record the failure of {failure.video_id}"):
            self._check_lease(failure.video_id)
            make_folder(path.parent)
            write_atomically(path, encode_exactly(failure))

    def failure(self, video_id: str, stage: str) -> Failure | None:
        """Why the last attempt of a stage failed; None where it did not."""
        return read_record(self._failure_path(video_id, stage), Failure)

    def source_digest(self, video_id: str, video: Path, remember: bool = True) -> str:
        """The SHA-256 of a video; from the stat cache where its stat is the one it was hashed under.

        Raises:
            StoreError: If the video cannot be read or changes while it is read.
        """
        with guarded(f"cannot read {video}"):
            before, known = stat_of(video), self.stat_cache.read(video_id).video
            if known is not None and known.stat == before and known.is_whole:
                return known.sha256
            digest, found = sha256(video), stat_of(video)
            if found[:2] != before[:2]:
                raise StoreError(f"{video} changed while it was read", "wait until it is whole, then run again")
        if remember:
            self.stat_cache.note_video(video_id, VideoHash(digest, before))
        return digest

    def _failure_path(self, video_id: str, stage: str) -> Path:
        return self.root / video_id / f"{stage}.failed.json"

    def _completion_in(self, folder: Path) -> Completion | None:
        if folder.is_symlink():  # no artifact, wherever it leads
            return None
        found = read_record(folder / COMPLETION, Completion)
        if found is None or found.format != FORMAT:
            return None
        return found if found.is_contained and found.is_whole else None
