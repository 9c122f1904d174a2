"""RTTM: the diarized turns in the form that scoring tools read."""

from __future__ import annotations

from collections.abc import Iterable

from imigue_build.core.records import Turn, milliseconds
from imigue_build.release.schema.layout import rttm_line


def rttm(video_id: str, turns: Iterable[Turn], length: int) -> str:
    """One line a turn, sorted by start, end and speaker.

    Args:
        turns: May overlap; what lies outside the recording is cut.
        length: Of the recording, in milliseconds.
    """
    spans = sorted(
        (max(milliseconds(turn.start), 0), min(milliseconds(turn.end), length), turn.speaker) for turn in turns
    )
    lines = (rttm_line(video_id, start / 1000, end / 1000, speaker) for start, end, speaker in spans if start < end)
    return "".join(f"{line}\n" for line in lines)
