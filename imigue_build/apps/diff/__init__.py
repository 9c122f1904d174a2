"""`imigue-build diff`: what changed between two releases, and because of which setting, tool, model or input.

Of what is the same by `SHA256SUMS` only the tables at the top are read, and of the rest the sizes looked at.
Interviews are compared one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from imigue_build.apps.diff.interview import Side, compare
from imigue_build.apps.diff.opened import Release
from imigue_build.apps.diff.origins import differences, interviews
from imigue_build.apps.diff.result import UNEXPLAINED, Diff, Interview, Origin
from imigue_build.apps.diff.statistics import Tally, statistics, tally
from imigue_build.core.errors import ReleaseError
from imigue_build.release.schema.layout import LABELS

__all__ = ["UNEXPLAINED", "Diff", "Interview", "Origin", "Release", "diff"]

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
        verify: Whether every file is hashed first; else the sums are taken at their word for what is not read.
        only: Ids of interviews; then nothing else is looked at, the files at the top neither.
        progress: Is told how many of the interviews that differ are compared.

    Raises:
        UsageError: If one is no release.
        ReleaseError: If one is damaged.
        AnnotationError: If a file of one cannot be read.
    """
    first, second = Release(before), Release(after)
    for release in (first, second) if verify else ():
        _verify(release)
    kept = frozenset((*first.ids, *second.ids) if only is None else only)
    first_ids, second_ids = ([name for name in release.ids if name in kept] for release in (first, second))
    both = [name for name in first_ids if name in second.origins.videos]
    labels = _labels(first, second, both)
    differing, all_files = _files(first, second, kept, only is None)
    same = first.sums == second.sums
    _check_alike(first, second, kept, differing)
    origins = differences(first.origins, second.origins, both)
    tallies = (Tally(), Tally()) if same else (tally(first), tally(second))
    changed = [
        name
        for name in both
        if first.by_interview[name] != second.by_interview[name]
        or tallies[0].rows_of(name) != tallies[1].rows_of(name)
        or first.drops.get(name) != second.drops.get(name)
        or name in labels
    ]
    found: dict[str, Interview] = {}
    for number, video_id in enumerate(changed):
        progress(number, len(changed))
        sides = [_side(release, sums, video_id) for release, sums in zip((first, second), tallies, strict=True)]
        own = [one for one in origins if video_id in interviews(one, both)]
        found[video_id] = compare(video_id, sides[0], sides[1], own, labels.get(video_id, {}), MOST_PLACES)
    return Diff(
        same=not differing and not found and first_ids == second_ids,
        files=all_files - len(differing),
        all_files=all_files,
        documents=tuple(sorted(path for path in differing if "/" not in path)),
        origins=(*(_touching(one, found) for one in origins), *_of_labels(first, second, both, labels)),
        only_before=tuple(name for name in first_ids if name not in second.origins.videos),
        only_after=tuple(name for name in second_ids if name not in first.origins.videos),
        identical=len(both) - len(changed),
        statistics=() if same or only is not None else statistics(first, second, tallies),
        interviews=found,
    )


def _files(first: Release, second: Release, kept: Collection[str], top: bool) -> tuple[set[str], int]:
    """Which files differ in content or are on one side alone, and how many there are."""
    paths = {path for path in first.sums.keys() | second.sums.keys() if "/" not in path or path.split("/")[0] in kept}
    paths = {path for path in paths if top or "/" in path}
    return {path for path in paths if first.sums.get(path) != second.sums.get(path)}, len(paths)


def _check_alike(first: Release, second: Release, kept: Collection[str], differing: Collection[str]) -> None:
    """Whether what is the same by the sums can be: what lies at the top is hashed, and other files of unlike sizes.

    Raises:
        ReleaseError: If one is not the file that was summed, or is missing.
    """
    for path in sorted(first.sums.keys() & second.sums.keys() - differing):
        folder, inner, _ = path.partition("/")
        if not inner or (folder in kept and first.size(path) != second.size(path)):
            first.check(path)
            second.check(path)


def _labels(first: Release, second: Release, both: list[str]) -> dict[str, dict[str, tuple[str, str]]]:
    """By id the columns of the labels that differ."""
    if first.sums.get(LABELS) == second.sums.get(LABELS):
        return {}
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for name in both:
        old, new = first.labels.get(name, {}), second.labels.get(name, {})
        differing = {
            key: (old.get(key, ""), new.get(key, "")) for key in {**old, **new} if old.get(key) != new.get(key)
        }
        if differing:
            found[name] = differing
    return found


def _of_labels(first: Release, second: Release, both: list[str], labels: Collection[str]) -> list[Origin]:
    """The tables of labels that the releases were made with, where they say other things of an interview."""
    if not labels:
        return []
    ids = None if len(labels) == len(both) else tuple(labels)
    return [Origin("input", LABELS, first.sums.get(LABELS), second.sums.get(LABELS), (), ids, tuple(labels))]


def _side(release: Release, found: Tally, video_id: str) -> Side:
    return Side(release, *release.rows_at(found.places.get(video_id, ())))


def _touching(origin: Origin, found: dict[str, Interview]) -> Origin:
    touched = (name for name, one in found.items() if any(origin.name in names for names in one.because.values()))
    return replace(origin, touched=tuple(touched))


def _verify(release: Release) -> None:
    """Hashes every file.

    Raises:
        ReleaseError: Of the first that is not the one that was summed.
    """
    for path in release.sums:
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise ReleaseError(f"the release {release.root} is damaged: its sums name {path}", "validate it")
        release.check(path)
