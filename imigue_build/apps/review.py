"""Which interviews of a release a person should check first, and why. It reads the release alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.release.reader import Interview, InterviewError, Release

DOUBTFUL: Final = 0.75
"""Below this confidence of its roles an interview is to be checked."""
_UNALIGNED: Final = 0.2


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
    """Finds the doubtful interviews of a release: by roles, corrections that no longer fit, words not aligned.

    Raises:
        UsageError: If it is no release.
        ReleaseError: If its manifest or provenance cannot be read.
    """
    items: list[Item] = []
    failed: dict[str, str] = {}
    for interview in Release.open(root).interviews():
        try:
            item = _item(interview)
        except InterviewError as error:
            failed[interview.video_id] = str(error)
        else:
            items += [item] if item else []
    return Reviewed(tuple(sorted(items, key=lambda item: (item.confidence, item.video_id))), failed)


def _item(interview: Interview) -> Item | None:
    confidence = interview.role_confidence or 0.0
    source = interview.source
    reasons = list(source.role_doubts) or (["the roles are not sure"] if confidence < DOUBTFUL else [])
    lost = [fix.text for kind in source.overrides.values() for fix in kind if not fix.applied]
    reasons += [f"a correction no longer fits: {text}" for text in lost]
    words = [word for segment in interview.segments for word in segment.words]
    unaligned = sum(not word.aligned for word in words) / len(words) if words else 1.0
    if unaligned > _UNALIGNED:
        reasons.append(f"{100 * unaligned:.0f} % of its words could not be aligned" if words else "it has no words")
    if not (confidence < DOUBTFUL or lost or unaligned > _UNALIGNED):
        return None
    return Item(interview.video_id, "; ".join(reasons), confidence)
