"""`imigue-build diff`: what changed between two releases, and because of which setting, tool, model or input.

What is the same by `SHA256SUMS` is not read. Interviews are compared one at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from imigue_build.errors import ReleaseError
from imigue_build.release.diff.interview import Side, compare
from imigue_build.release.diff.opened import Release
from imigue_build.release.diff.origins import differences, interviews
from imigue_build.release.diff.result import UNEXPLAINED, Diff, Interview, Origin
from imigue_build.release.diff.statistics import Tally, statistics, tally
from imigue_build.release.layout import LABELS

__all__ = ["UNEXPLAINED", "Diff", "Interview", "Origin", "Release", "diff"]

MOST_PLACES: Final = 200
"""Places with other words that are kept of an interview."""


def diff(
    before: Path, after: Path, verify: bool = False, progress: Callable[[int, int], None] = lambda done, of: None
) -> Diff:
    """Compares two releases.

    Args:
        before: The folder of the first.
        after: The folder of the second.
        verify: Whether every file is hashed first; else the sums are taken at their word for what is not read.
        progress: Is told how many of the interviews that differ are compared.

    Raises:
        UsageError: If one is no release.
        ReleaseError: If one is damaged.
        AnnotationError: If a file of one cannot be read.
    """
    first, second = Release(before), Release(after)
    for release in (first, second) if verify else ():
        _verify(release)
    both = [video_id for video_id in first.ids if video_id in second.origins.videos]
    labels = _labels(first, second, both)
    same = first.sums == second.sums
    origins = differences(first.origins, second.origins)
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
    paths = first.sums.keys() | second.sums.keys()
    differing = {path for path in paths if first.sums.get(path) != second.sums.get(path)}
    return Diff(
        same=same,
        files=len(paths) - len(differing),
        all_files=len(paths),
        documents=tuple(sorted(path for path in differing if "/" not in path)),
        origins=tuple(_touching(one, found) for one in origins),
        only_before=tuple(name for name in first.ids if name not in second.origins.videos),
        only_after=tuple(name for name in second.ids if name not in first.origins.videos),
        identical=len(both) - len(changed),
        statistics=() if same else statistics(first, second, tallies),
        interviews=found,
    )


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
