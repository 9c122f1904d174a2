"""Assembling the release at the end of a run, in turn with other runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from imigue_build.core.errors import StoreError
from imigue_build.pipeline.card_facts import describe
from imigue_build.pipeline.prepare import Prepared
from imigue_build.pipeline.reuse import corpus_of, release_up_to_date
from imigue_build.pipeline.summary import Watcher
from imigue_build.pipeline.up_to_date import confirm
from imigue_build.release.build.assemble import Checks, assemble
from imigue_build.release.build.target import make_parent, parent_of
from imigue_build.release.build.up_to_date import last_release, note_release
from imigue_build.store.disk import guarded
from imigue_build.store.lease_files import Holder, LeaseLostError
from imigue_build.store.lock import Lock, exclusive_lock


class Site(NamedTuple):
    """Where a release is to be written; `parent` is the disk and inode of the folder that it lies in."""

    release: Path
    parent: tuple[int, int]


def make_site(release: Path) -> Site:
    """Makes the folder that the release is to lie in, where it is missing; not again later in the run."""
    with guarded(f"cannot write the release {release}"):
        return Site(release, make_parent(release))


def release_in_turn(prepared: Prepared, watcher: Watcher, site: Site) -> None:
    """Assembles the release when no other run does; one that was taken for dead over it waits for its turn again.

    Raises:
        StoreError: If the folder that it lies in is no longer that of the run's start.
    """

    def waits(holder: Holder) -> None:
        watcher.say(f"waiting for another run, which writes the release: {holder}")

    release, command, lost = site.release, prepared.request.command, False
    while True:
        try:
            with guarded(f"cannot write the release {release}"):
                if parent_of(release) != site.parent:
                    raise StoreError(
                        f"{release.resolve().parent} is another folder than when the run started",
                        "see whether its disk is still mounted, then run the same command again; it goes on from there",
                    )
                if lost:
                    watcher.say("another run took this one for dead and wrote the release; it is checked again")
                with exclusive_lock(release.resolve(), command, f"--release {release}", waits) as lock:
                    return _release(prepared, watcher, release, lock)
        except LeaseLostError:
            lost = True


def _release(prepared: Prepared, watcher: Watcher, release: Path, lock: Lock) -> None:
    work, request, summary = prepared.work, prepared.request, watcher.summary
    assembled = release_up_to_date(prepared, last_release(work, release))
    if assembled is None:
        shows_changes = lock.disk_shows_changes()
        if not shows_changes:
            watcher.say("the release's disk lacks hard links or times of inodes: each of its files is hashed")
        hashed = set(prepared.chosen) if request.verify else set[str]()
        checks = Checks(request.force, request.verify or not shows_changes, hashed, watcher.say)
        corpus = corpus_of(prepared.request)
        ids, others = work.video_ids(), prepared.of_other_shards
        assembled = assemble(work, ids, prepared.labels, release, describe, lock.check_held, checks, corpus, others)
        confirm_all(prepared, work.video_ids())
        released, stages = assembled.interviews, prepared.pipeline.by_name
        if shows_changes and not assembled.awaited and set(released) == set(prepared.up_to_date(released, stages)):
            note_release(work, release, prepared.labels, released, corpus)
    summary.release = assembled
    summary.warnings += [str(assembled.edited)] if assembled.edited else []
    held = set(assembled.interviews)
    summary.warnings += [
        f"{name}: the release keeps it as it was built before" for name in summary.failed if name in held
    ]
    summary.warnings += [
        f"{name}: the release shows it as it was before {', '.join(stages)} ran again; run-all brings it up to date"
        for name, stages in assembled.outdated.items()
    ]
    summary.warnings += [f"{name}: left out of the release: {reason}" for name, reason in assembled.left_out.items()]


def confirm_all(prepared: Prepared, ids: Sequence[str]) -> None:
    """Records what is up to date now, for the next run."""
    names = set(prepared.pipeline.by_name)
    for name in sorted(set(ids) - set(prepared.up_to_date(ids, names))):
        confirm(prepared.work, prepared.pipeline, name, prepared.videos.get(name))
