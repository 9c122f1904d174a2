"""An interview as one of the two releases has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from imigue_build.core.errors import ReleaseError
from imigue_build.core.untrusted.files import shown
from imigue_build.release.reader import DroppedSegment, InterviewError, Release, Segment, Turn
from imigue_build.release.schema.textgrid import Label

_TIERS: Final = ("diarization", "overlap", "vad")
"""What the TextGrid of an interview says of its turns."""


@dataclass(frozen=True)
class Side:
    """An interview in one of the releases.

    Attributes:
        segments: Its rows of the manifest.
        lines: The lines that hold them.
        turns: Its diarized turns.
        tiers: The labels of the tiers that belong to the turns.
        dropped: What filters dropped.
        sums: The SHA-256 of each of its files, by path in the release.
    """

    segments: tuple[Segment, ...]
    lines: tuple[bytes, ...]
    turns: tuple[Turn, ...]
    tiers: tuple[tuple[Label, ...], ...]
    dropped: tuple[DroppedSegment, ...]
    sums: Mapping[str, str]


def read(release: Release, video_id: str, sums: Mapping[str, str]) -> Side:
    """One interview of a release; its files are compared with their sums.

    Raises:
        ReleaseError: If one of its files cannot be read, or is not the one that was summed.
    """
    with naming(release):
        interview = release.interview(video_id)
        for file in ("rttm", "segments"):
            release.verify(interview.path(file))
        grid = interview.segment_grid
        return Side(
            segments=interview.segments,
            lines=interview.lines,
            turns=interview.turns,
            tiers=tuple(grid.labels(tier) for tier in _TIERS),
            dropped=interview.dropped,
            sums=sums,
        )


@contextmanager
def naming(release: Release) -> Iterator[None]:
    """Names the release in the errors of its interviews, since two releases are read."""
    try:
        yield
    except InterviewError as error:
        raise ReleaseError(f"{shown(release.root)}: {error.what}", error.remedy) from error
