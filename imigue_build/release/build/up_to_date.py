"""Whether a release is unchanged since it was built last, by stats, so that an up-to-date one is not built again.

Most files of a release are hard links to those in WORK: a change of one changes the stat of the file in WORK and is
found there. So only the folders are checked here, and the files that are copies.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from imigue_build import __version__
from imigue_build.core.record_json import decode
from imigue_build.core.records import ROLES, Label, Record
from imigue_build.release.build.card import CARD_FORM
from imigue_build.release.schema.corpus import NO_CORPUS, CorpusText
from imigue_build.release.schema.layout import FORMAT_VERSION, SUMS
from imigue_build.store.disk import read, remove_tree, sha256
from imigue_build.store.stat_cache import Stat, stat_of, unchanged, write_note
from imigue_build.store.workspace import Workspace

_NOTE: Final = "+release.json"


class LastRelease(Record, frozen=True):
    """A release as it was when it was built or found up to date.

    Attributes:
        place: Its folder.
        labels: Digest of the labels, of what the recipe says of the corpus, of the version that wrote it, and of the
            form of its card.
        interviews: Those that it holds.
        others: Those in WORK that had no export.
        stats: By path below its folder, of folders and of the files that are no hard links into WORK.
        sums: The SHA-256 of its `SHA256SUMS`; empty in the notes of older versions.
    """

    place: str
    labels: str
    interviews: tuple[str, ...]
    others: tuple[str, ...]
    stats: dict[str, Stat]
    sums: str = ""


def last_release(work: Workspace, release: Path) -> LastRelease | None:
    """The note on the release; None where anything in its folder was added, removed or changed since."""
    note = noted_release(work, release)
    return note if note is not None and unchanged(note.stats, f"{note.place}/") else None


def noted_release(work: Workspace, release: Path) -> LastRelease | None:
    """The note on the release, whatever became of it since; None where there is none."""
    try:
        note = decode(read(work.stat_cache.folder / _NOTE), LastRelease)
    except (OSError, ValueError):
        return None
    return note if note.place == str(release.resolve()) else None


def forget_release(work: Workspace) -> None:
    """Removes the note, before a release that it is not of takes the place."""
    remove_tree(work.stat_cache.folder / _NOTE)


def holds(
    note: LastRelease,
    work: Workspace,
    labels: Mapping[str, Label],
    up_to_date: Collection[str],
    ids: Collection[str],
    corpus: CorpusText = NO_CORPUS,
) -> bool:
    """Whether the release is of these interviews and labels, and says this of the corpus.

    Args:
        note: As `last_release` gives it.
        work: Where the interviews are.
        labels: By id.
        up_to_date: Interviews with an unchanged export.
        ids: All in WORK.
        corpus: What the recipe says of the recordings.
    """
    if note.labels != _digest(labels, corpus) or {*note.interviews, *note.others} != set(ids):
        return False
    exported = (work.artifact(video_id, "export").exists() for video_id in note.others)
    return set(up_to_date).issuperset(note.interviews) and not any(exported)


def note_release(
    work: Workspace,
    release: Path,
    labels: Mapping[str, Label],
    interviews: Collection[str],
    corpus: CorpusText = NO_CORPUS,
) -> None:
    """Notes a release that was just built or found up to date; the stats of its interviews are in the cache."""
    place = release.resolve()
    others = set(work.video_ids()) - set(interviews)
    with suppress(OSError):
        stats = dict(_stats(work, place, interviews))
        held = tuple(sorted(interviews))
        sums = sha256(place / SUMS)
        note = LastRelease(str(place), _digest(labels, corpus), held, tuple(sorted(others)), stats, sums)
        write_note(work.stat_cache.folder / _NOTE, note)


def _stats(work: Workspace, place: Path, interviews: Collection[str]) -> Iterator[tuple[str, Stat]]:
    for folder in (place, *(place / video_id / part for video_id in sorted(interviews) for part in ("", *ROLES))):
        below = f"{folder.relative_to(place)}/" if folder != place else ""
        yield below, stat_of(folder)
    one_disk = os.stat(place).st_dev == os.stat(work.root).st_dev
    for folder in (place, *(place / video_id for video_id in sorted(interviews))):
        linked = set[int]()
        if folder != place and one_disk:
            export = work.stat_cache.read(folder.name).artifacts.get("export")
            linked = {found[3] for found in export.files.values()} if export is not None else set()
        for parent, folders, names in os.walk(folder):
            folders[:] = folders if folder != place else []
            for name in names:
                path = os.path.join(parent, name)
                found = stat_of(path)
                if found[3] not in linked:
                    yield os.path.relpath(path, place), found


def _digest(labels: Mapping[str, Label], corpus: CorpusText) -> str:
    content = [__version__, FORMAT_VERSION, CARD_FORM, corpus, [labels[video_id] for video_id in sorted(labels)]]
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()
