"""`imigue-build diff`: what changed between two releases, and because of which setting, tool, model or input.

Of what is the same by `SHA256SUMS` only the tables at the top are read, and of the rest the sizes are compared.
Interviews are compared one at a time, in the memory of one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from imigue_build.apps.diff import files, labels, side
from imigue_build.apps.diff.interview import compare
from imigue_build.apps.diff.origins import differences, interviews
from imigue_build.apps.diff.result import UNEXPLAINED, Diff, Interview, Origin
from imigue_build.apps.diff.statistics import Tally, statistics
from imigue_build.release.reader import Release

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
    for release in (first, second) if verify else ():
        for path in release.sums:
            release.verify(path)
    kept = frozenset((*first.ids, *second.ids) if only is None else only)
    first_ids, second_ids = ([video_id for video_id in release.ids if video_id in kept] for release in (first, second))
    both = [video_id for video_id in first_ids if video_id in second.provenance.videos]
    unequal, all_files = files.differing(first, second, kept, only is None)
    files.check_equal(first, second, kept, unequal)
    same = first.sums == second.sums
    tallies = (Tally(), Tally()) if same else (Tally.of(first), Tally.of(second))
    changed_labels = labels.differing(first, second, both)
    made = differences(first.provenance, second.provenance, both)
    found = _interviews(first, second, tallies, both, made, changed_labels, progress)
    return Diff(
        same=not unequal and not found and first_ids == second_ids,
        files=all_files - len(unequal),
        all_files=all_files,
        documents=tuple(sorted(path for path in unequal if "/" not in path)),
        origins=(*(_touching(origin, found) for origin in made), *labels.origins(first, second, both, changed_labels)),
        only_before=tuple(video_id for video_id in first_ids if video_id not in second.provenance.videos),
        only_after=tuple(video_id for video_id in second_ids if video_id not in first.provenance.videos),
        identical=len(both) - len(found),
        statistics=() if same or only is not None else statistics(first, second, tallies),
        interviews=found,
    )


def _interviews(
    first: Release,
    second: Release,
    tallies: tuple[Tally, Tally],
    both: Sequence[str],
    origins: Sequence[Origin],
    changed_labels: labels.Differing,
    progress: Callable[[int, int], None],
) -> dict[str, Interview]:
    """The interviews that differ, compared."""
    sums = files.by_interview(first), files.by_interview(second)
    changed = [
        video_id
        for video_id in both
        if sums[0].get(video_id) != sums[1].get(video_id)
        or tallies[0].digests.get(video_id) != tallies[1].digests.get(video_id)
        or first.dropped.get(video_id) != second.dropped.get(video_id)
        or video_id in changed_labels
    ]
    concerned = [(origin, interviews(origin, both)) for origin in origins]
    found: dict[str, Interview] = {}
    for number, video_id in enumerate(changed):
        progress(number, len(changed))
        before = side.read(first, video_id, sums[0].get(video_id, {}))
        after = side.read(second, video_id, sums[1].get(video_id, {}))
        own = [origin for origin, ids in concerned if video_id in ids]
        found[video_id] = compare(video_id, before, after, own, changed_labels.get(video_id, {}), MOST_PLACES)
    return found


def _touching(origin: Origin, found: dict[str, Interview]) -> Origin:
    """The difference with the interviews in which it may be a cause of what changed."""
    touched = [
        video_id
        for video_id, interview in found.items()
        if any(origin.name in names for names in interview.because.values())
    ]
    return replace(origin, touched=tuple(touched))
