"""`imigue-build diff`: what changed between two releases, and because of which setting, tool, model or input.

Of what is the same by `SHA256SUMS` only the tables at the top are read, and of the rest the sizes are compared.
Interviews are compared one at a time, in the memory of one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from imigue_build.apps.diff import side
from imigue_build.apps.diff.interview import compare
from imigue_build.apps.diff.origins import differences, interviews
from imigue_build.apps.diff.result import UNEXPLAINED, Diff, Interview, Origin
from imigue_build.apps.diff.statistics import Tally, statistics
from imigue_build.core.errors import ReleaseError, UsageError
from imigue_build.release.reader import Label, Release
from imigue_build.release.schema.layout import LABELS, LABELS_HEADER, TABLES

__all__ = ["UNEXPLAINED", "Diff", "Interview", "Origin", "diff", "differences"]

MOST_PLACES: Final = 200
"""Places with other words that are kept of an interview."""


def diff(
    before: Path,
    after: Path,
    verify: bool = False,
    only: Collection[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Diff:
    """Compares two releases.

    Args:
        before: The folder of the first.
        after: The folder of the second.
        verify: Whether every file is hashed first; else the sums are trusted for what is not read.
        only: Ids of interviews; then nothing else is compared, the files at the top neither.
        progress: Called with the number of interviews compared and of all that differ.

    Raises:
        UsageError: If one is no release.
        ReleaseError: If one is damaged.
    """
    first, second = (Release.open(root, check_sums=True) for root in (before, after))
    if verify:
        for release in (first, second):
            for path in release.sums:
                release.verify(path)
    kept = frozenset((*first.ids, *second.ids) if only is None else only)
    first_ids, second_ids = ([video_id for video_id in release.ids if video_id in kept] for release in (first, second))
    both = [video_id for video_id in first_ids if video_id in second.provenance.videos]
    labels = _labels(first, second, both)
    differing, all_files = _files(first, second, kept, only is None)
    same = first.sums == second.sums
    _check_equal(first, second, kept, differing)
    sums = _by_interview(first), _by_interview(second)
    tallies = (Tally(), Tally()) if same else (Tally.of(first), Tally.of(second))
    changed = [
        video_id
        for video_id in both
        if sums[0].get(video_id) != sums[1].get(video_id)
        or tallies[0].digests.get(video_id) != tallies[1].digests.get(video_id)
        or first.dropped.get(video_id) != second.dropped.get(video_id)
        or video_id in labels
    ]
    origins = [(origin, interviews(origin, both)) for origin in differences(first.provenance, second.provenance, both)]
    found: dict[str, Interview] = {}
    for number, video_id in enumerate(changed):
        progress(number, len(changed))
        old, new = (
            side.read(release, video_id, files.get(video_id, {}))
            for release, files in zip((first, second), sums, strict=True)
        )
        own = [origin for origin, ids in origins if video_id in ids]
        found[video_id] = compare(video_id, old, new, own, labels.get(video_id, {}), MOST_PLACES)
    return Diff(
        same=not differing and not found and first_ids == second_ids,
        files=all_files - len(differing),
        all_files=all_files,
        documents=tuple(sorted(path for path in differing if "/" not in path)),
        origins=(*(_touching(origin, found) for origin, _ in origins), *_of_labels(first, second, both, labels)),
        only_before=tuple(video_id for video_id in first_ids if video_id not in second.provenance.videos),
        only_after=tuple(video_id for video_id in second_ids if video_id not in first.provenance.videos),
        identical=len(both) - len(changed),
        statistics=() if same or only is not None else statistics(first, second, tallies),
        interviews=found,
    )


def _files(first: Release, second: Release, kept: Collection[str], top: bool) -> tuple[set[str], int]:
    """Which files differ in content or are on one side alone, and how many there are."""
    paths = {path for path in first.sums.keys() | second.sums.keys() if "/" not in path or path.split("/")[0] in kept}
    paths = {path for path in paths if top or "/" in path}
    return {path for path in paths if first.sums.get(path) != second.sums.get(path)}, len(paths)


def _check_equal(first: Release, second: Release, kept: Collection[str], differing: set[str]) -> None:
    """Checks that what is equal by the sums can be: what lies at the top is hashed, and other files of unequal sizes.

    Raises:
        ReleaseError: If a file is not the one that was summed, or is missing.
    """
    for path in sorted(first.sums.keys() & second.sums.keys() - set(TABLES) - differing):
        folder, inner, _ = path.partition("/")
        if not inner or (folder in kept and first.size(path) != second.size(path)):
            first.verify(path)
            second.verify(path)


def _by_interview(release: Release) -> dict[str, dict[str, str]]:
    """Id -> path -> SHA-256 of the files in its folder."""
    found: dict[str, dict[str, str]] = {}
    for path, digest in release.sums.items():
        folder, inner, _ = path.partition("/")
        if inner:
            found.setdefault(folder, {})[path] = digest
    return found


def _labels(first: Release, second: Release, both: list[str]) -> dict[str, dict[str, tuple[str, str]]]:
    """By id the columns of the labels that differ, with both values."""
    if first.sums.get(LABELS) == second.sums.get(LABELS):
        return {}
    tables = _read_labels(first), _read_labels(second)
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for video_id in both:
        old, new = (table.get(video_id, Label(video_id)) for table in tables)
        for column in LABELS_HEADER[1:]:
            values = getattr(old, column), getattr(new, column)
            if values[0] != values[1]:
                found.setdefault(video_id, {})[column] = values
    return found


def _read_labels(release: Release) -> Mapping[str, Label]:
    try:
        return release.labels
    except UsageError as error:  # the table of a release is not one that the user gave
        raise ReleaseError(error.what, error.remedy) from error


def _of_labels(first: Release, second: Release, both: list[str], labels: Collection[str]) -> list[Origin]:
    """The difference between the tables of labels, where an interview has other labels."""
    if not labels:
        return []
    ids = None if len(labels) == len(both) else tuple(labels)
    return [Origin("input", LABELS, first.sums.get(LABELS), second.sums.get(LABELS), (), ids, tuple(labels))]


def _touching(origin: Origin, found: dict[str, Interview]) -> Origin:
    """The difference with the interviews in which it may be a cause of what changed."""
    touched = [
        video_id
        for video_id, interview in found.items()
        if any(origin.name in names for names in interview.because.values())
    ]
    return replace(origin, touched=tuple(touched))
