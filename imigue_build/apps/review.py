"""What of a release a person should check first, and why. It reads the release alone."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from imigue_build.release.reader import Release
from imigue_build.release.reader.ranking import Item, ranked


class Reviewed(NamedTuple):
    """What may be wrong, worst first; and why interviews could not be read, by id."""

    items: tuple[Item, ...]
    failed: dict[str, str]


def review(root: Path, only: Collection[str] = ()) -> Reviewed:
    """The passages and interviews of a release that are doubtful.

    Args:
        root: Its folder.
        only: Ids of the interviews wanted; all by default.

    Raises:
        UsageError: If it is no release, or does not hold an interview of `only`.
        ReleaseError: If its manifest or provenance cannot be read.
    """
    failed: dict[str, str] = {}
    items = ranked(Release.open(root), only, failed)
    return Reviewed(tuple(items), failed)
