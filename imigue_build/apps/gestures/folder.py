"""What lies where in the folder that gestures are written to."""

from __future__ import annotations

from typing import Final

GESTURES: Final = "gestures.jsonl"
STATISTICS: Final = "statistics.json"
TABLE: Final = "statistics.csv"
PROBLEMS: Final = "problems.csv"
TIMELINE: Final = "timeline.parquet"
FORMAT: Final = "imigue-build gestures 1"
"""What `STATISTICS` says of itself under `format`."""


def grid(video_id: str) -> str:
    """The place of an interview's TextGrid.

    >>> grid("0440")
    '0440/0440.gestures.TextGrid'
    """
    return f"{video_id}/{video_id}.gestures.TextGrid"
