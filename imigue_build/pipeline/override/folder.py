"""The corrections of all interviews: which there are, and which fit nothing any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import ImigueError, UsageError
from imigue_build.corpus import overrides
from imigue_build.pipeline.last_run import last_run
from imigue_build.pipeline.override.artifacts import Artifacts
from imigue_build.pipeline.override.fits import Checked, checked, nearest
from imigue_build.store.workspace import Workspace

_USUAL: Final = Path("overrides")


class Listed(NamedTuple):
    """A correction of an interview; `nearest` says what is there instead where it fits nothing."""

    video_id: str
    correction: Checked
    nearest: str


def corrections_folder(work: Workspace) -> Path:
    """The folder of corrections of the last run in WORK; else `overrides` in the current folder."""
    last = last_run(work)
    return Path(last.overrides) if last is not None and last.overrides is not None else _USUAL


def listed(work: Workspace, folder: Path, only: Collection[str] = ()) -> tuple[list[Listed], dict[str, str]]:
    """All corrections in a folder with whether each fits, and by file why others cannot be read.

    Raises:
        UsageError: If there is no such folder, unless it is the usual one: nothing was corrected yet.
    """
    if folder == _USUAL and not folder.exists():
        return [], {}
    if not folder.is_dir():
        raise UsageError(f"the folder of corrections {folder} does not exist", "name one with --overrides")
    found: list[Listed] = []
    failed: dict[str, str] = {}
    known = set(work.video_ids())
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or (only and path.stem not in only):
            continue
        if path.suffix != ".yaml" or path.stem not in known:
            failed[path.name] = "it corrects no interview in WORK: name it after an interview, as in 0440.yaml"
            continue
        try:
            found += _of(work, path)
        except ImigueError as error:
            failed[path.name] = str(error)
    return found, failed


def lost(work: Workspace, folder: Path | None, only: Collection[str] | None = None) -> dict[str, tuple[str, ...]]:
    """By interview the corrections that fit nothing that is in WORK; files that cannot be read have none.

    Args:
        folder: Of the corrections; None for none.
        only: Ids of the interviews wanted; all by default.
    """
    found: dict[str, tuple[str, ...]] = {}
    if folder is None or not folder.is_dir():
        return found
    for video_id in work.video_ids() if only is None else only:
        path = overrides.find(folder, video_id)
        if path is None:
            continue
        try:
            corrections = checked(Artifacts(work, video_id), overrides.read(path))
        except ImigueError:
            continue
        if texts := tuple(fix.text for fix in corrections if fix.applied is False):
            found[video_id] = texts
    return found


def _of(work: Workspace, path: Path) -> Iterator[Listed]:
    override = overrides.read(path)
    artifacts = Artifacts(work, path.stem)
    for fix in checked(artifacts, override):
        yield Listed(path.stem, fix, nearest(artifacts, override, fix) if fix.applied is False else "")
