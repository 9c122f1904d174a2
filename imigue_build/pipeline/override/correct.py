"""Writes a person's corrections of an interview, and takes them away again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import UsageError, abridged
from imigue_build.corpus import overrides
from imigue_build.corpus.overrides import Entry, Override
from imigue_build.corpus.overrides.write import added, removed
from imigue_build.pipeline.override import history
from imigue_build.pipeline.override.artifacts import Artifacts
from imigue_build.pipeline.override.changes import Changes
from imigue_build.pipeline.override.fits import Checked, checked, nearest
from imigue_build.store.disk import guarded, write_atomically
from imigue_build.store.workspace import Workspace

LAST: Final = "last"
_STAGES: Final = ("diarize", "speakers", "align", "export")


class Corrected(NamedTuple):
    """What a command does, or would do.

    Attributes:
        path: The file of the interview's corrections.
        corrections: All that are in it afterwards.
        added, removed: The texts of those that are new, and of those that are gone.
        runs_again: The stages that the next run runs again for it, where the interview is done.
    """

    path: Path
    corrections: tuple[Checked, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    runs_again: tuple[str, ...]


def correct(
    work: Workspace, folder: Path, video_id: str, changes: Changes, keep_anyway: bool = False, dry_run: bool = False
) -> Corrected:
    """Makes the changes in `folder/<video_id>.yaml`; the folder and the file are created if they are missing.

    Args:
        work: Where the interview is.
        folder: Of the corrections.
        video_id: Of the interview.
        changes: What to add and what to take away.
        keep_anyway: Also what fits nothing in WORK is written.
        dry_run: Nothing is written.

    Raises:
        UsageError: If there are no changes, WORK does not have the interview, a swap is ambiguous, what is to be taken
            away is not there, or a new correction fits nothing.
        AnnotationError: If the file or the changes are invalid.
    """
    work.open()
    _check_id(work, video_id)
    path = folder / f"{video_id}.yaml"
    _check_alone(work, folder, path)
    found = Artifacts(work, video_id)
    before = overrides.text(path) if overrides.find(folder, video_id) else ""
    known = overrides.parse(before, path) if before.strip() else Override()
    text = _without(before, known, changes.undo, folder, path)
    text = _with(text, changes, found, path)
    after = overrides.parse(text, path) if text.strip() else Override()
    new, gone = _difference(known, after), _difference(after, known)
    corrections = checked(found, after)
    if not keep_anyway:
        _check_fits(found, after, corrections, new)
    if not dry_run and text != before and (new or gone):
        _write(folder, path, before, text, changes.undo == (LAST,) and not new)
    kinds = {entry.kind for entry in (*new, *gone)}
    stages = {stage for kind in kinds for stage in overrides.RERUNS[kind]}
    return Corrected(
        path,
        tuple(corrections),
        tuple(entry.text for entry in new),
        tuple(entry.text for entry in gone),
        tuple(stage for stage in _STAGES if stage in stages),
    )


def _check_id(work: Workspace, video_id: str) -> None:
    ids = work.video_ids()
    if video_id not in ids:
        near = get_close_matches(video_id, ids, 1, 0.5)
        remedy = f"perhaps {near[0]}?" if near else "name one that `imigue-build status` lists"
        raise UsageError(f"--work {work.root} has no interview {video_id}", remedy)


def _check_alone(work: Workspace, folder: Path, path: Path) -> None:
    """No other file is of the interview as well."""
    other = overrides.others(folder, work.video_ids()).get(path.stem) if folder.is_dir() else None
    if other is not None:
        remedy = f"put what it holds into {path}, and remove it" if path.exists() else f"name it {path.name}"
        raise UsageError(f"{other} is of interview {path.stem}, too", remedy)


def _without(text: str, known: Override, undo: Sequence[str], folder: Path, path: Path) -> str:
    """The file's text without the corrections to be undone."""
    if LAST in undo:
        if len(undo) > 1:
            raise UsageError("--undo takes back the last command, or single corrections", "give one of both")
        return history.before_last(folder, path.stem, text)
    entries = list(overrides.entries(known))
    wanted = {_entry(entries, name, path) for name in undo}
    return removed(text, wanted) if wanted else text


def _entry(entries: Sequence[Entry], name: str, path: Path) -> Entry:
    """The correction of a number in the list, or of a text."""
    if name.isdecimal() and 1 <= int(name) <= len(entries):
        return entries[int(name) - 1]
    for entry in entries:
        if entry.text == name:
            return entry
    near = get_close_matches(name, [entry.text for entry in entries], 1, 0.5)
    if near:
        remedy = f"perhaps {near[0]!r}?"
    else:
        remedy = f"it has 1 to {len(entries)}; --list shows them" if entries else "it has none"
    raise UsageError(f"{path} has no correction {abridged(name)!r}", remedy)


def _with(text: str, changes: Changes, found: Artifacts, path: Path) -> str:
    """The file's text with the new corrections."""
    document = changes.document(found)
    if not document and not changes.undo:
        raise UsageError("no correction is given", "see `imigue-build override --help`")
    if not document:
        return text
    known = overrides.parse(text, path) if text.strip() else Override()
    today = date.today().isoformat()
    note = f"{today} {changes.comment or ', '.join(document)}"
    head = {"video_id": path.stem, "date": today, "comment": f"{known.comment}; {note}" if known.comment else note}
    return added(text, {**head, **document})


def _difference(before: Override, after: Override) -> list[Entry]:
    """The corrections of `after` that `before` has not."""
    left = [(entry.kind, entry.text) for entry in overrides.entries(before)]
    found = []
    for entry in overrides.entries(after):
        if (entry.kind, entry.text) in left:
            left.remove((entry.kind, entry.text))
        else:
            found.append(entry)
    return found


def _check_fits(found: Artifacts, override: Override, corrections: Iterable[Checked], new: Sequence[Entry]) -> None:
    added_now = {(entry.kind, entry.place) for entry in new}
    faults = []
    for fix in corrections:
        if fix.applied is False and (fix.kind, fix.place) in added_now:
            hint = nearest(found, override, fix)
            faults.append(f"{fix.text}: this fits nothing in {found.video_id}" + (f"; {hint}" if hint else ""))
    if faults:
        raise UsageError(". ".join(faults), "nothing is written; --keep-anyway writes it all the same")


def _write(folder: Path, path: Path, before: str, text: str, undone: bool) -> None:
    with guarded(f"cannot write {path}"):
        folder.mkdir(parents=True, exist_ok=True)
        if not undone:
            history.remember(folder, path.stem, before, text)
        if text.strip():
            write_atomically(path, text.encode())
        else:
            path.unlink(missing_ok=True)
        if undone:
            history.forget_last(folder, path.stem)
