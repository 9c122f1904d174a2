"""Which interviews of a release a person should check first, and why. It reads the release alone."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from imigue_build.release.reader import InterviewError, Release


class Item(NamedTuple):
    """An interview to check; `confidence` is of its roles, in [0, 1]."""

    video_id: str
    reason: str
    confidence: float


class Reviewed(NamedTuple):
    """The doubtful interviews, worst first; and why others could not be read, by id."""

    items: tuple[Item, ...]
    failed: dict[str, str]


def review(root: Path) -> Reviewed:
    """The interviews of a release with `Interview.doubts`.

    Raises:
        UsageError: If it is no release.
        ReleaseError: If its manifest or provenance cannot be read.
    """
    items: list[Item] = []
    failed: dict[str, str] = {}
    for interview in Release.open(root).interviews():
        try:
            if reasons := interview.doubts:
                items.append(Item(interview.video_id, "; ".join(reasons), interview.role_confidence or 0.0))
        except InterviewError as error:
            failed[interview.video_id] = str(error)
    return Reviewed(tuple(sorted(items, key=lambda item: (item.confidence, item.video_id))), failed)
