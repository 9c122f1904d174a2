"""Looks for silent damage in WORK: every artifact is hashed again, every record compared with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from imigue_build.core.record_json import decode
from imigue_build.store.artifact_files import LINK, check_files, strangers
from imigue_build.store.completion import FORMAT, Completion
from imigue_build.store.disk import read
from imigue_build.store.workspace import COMPLETION, Workspace


class Damage(NamedTuple):
    """What is wrong with an artifact: the file, relative to WORK, and how."""

    video_id: str
    stage: str
    path: str
    problem: str


def verify(work: Workspace) -> list[Damage]:
    """Every damage of every artifact, by interview and stage; the next run makes what is damaged again.

    Raises:
        UsageError: If the folder is no WORK folder.
    """
    work.open()
    return [damage for video_id in work.video_ids() for damage in _interview(work, video_id)]


def _interview(work: Workspace, video_id: str) -> Iterator[Damage]:
    for folder in sorted(path for path in (work.root / video_id).iterdir() if path.is_dir()):
        if folder.is_symlink():
            yield Damage(video_id, folder.name, f"{video_id}/{folder.name}", LINK)
            continue
        for name, problem in _artifact(folder, video_id):
            yield Damage(video_id, folder.name, f"{video_id}/{folder.name}/{name}", problem)


def _artifact(folder: Path, video_id: str) -> Iterator[tuple[str, str]]:
    try:
        record = decode(read(folder / COMPLETION), Completion)
    except FileNotFoundError:
        yield COMPLETION, "is missing, so nothing here counts"
        return
    except (OSError, ValueError) as error:
        yield COMPLETION, f"cannot be read ({str(error)[:200]})"
        return
    if record.format != FORMAT:
        yield COMPLETION, f"is of format {record.format}, this version reads {FORMAT}"
        return
    if not record.is_contained:
        yield COMPLETION, "names places outside of its folder"
        return
    if not record.is_whole:
        yield COMPLETION, "was altered: its key or its digest is not that of what it holds"
    if (record.video_id, record.identity.stage) != (video_id, folder.name):
        yield COMPLETION, f"belongs to {record.video_id}/{record.identity.stage}"
    for name, found in check_files(folder, record, {}):
        if isinstance(found, str):
            yield name, found
    for name in strangers(folder, record):
        yield name, "is not of this artifact"
