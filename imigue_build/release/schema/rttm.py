"""RTTM: the diarized turns in the form that scoring tools read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from imigue_build.core.records import Turn
from imigue_build.core.times import milliseconds
from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.layout import SPEAKER_NAME
from imigue_build.release.schema.rows import LATEST

MOST_TURNS: Final = 200_000
MOST_SPEAKERS: Final = 200
_TIME: Final = re.compile(r"\d{1,8}(?:\.\d{1,20})?", re.ASCII)


def line(video_id: str, start: float, end: float, speaker: str) -> str:
    """One turn: its start and its duration, in whole milliseconds.

    >>> line("0440", 0.5, 2.25, "SPEAKER_00")
    'SPEAKER 0440 1 0.500 1.750 <NA> <NA> SPEAKER_00 <NA> <NA>'
    """
    first, last = milliseconds(start), milliseconds(end)
    return f"SPEAKER {video_id} 1 {first / 1000:.3f} {(last - first) / 1000:.3f} <NA> <NA> {speaker} <NA> <NA>"


def write(video_id: str, turns: Iterable[Turn], length: int) -> str:
    """The file's content: one line a turn, sorted by start, end and speaker.

    Args:
        turns: May overlap; what lies outside the recording is cut.
        length: Of the recording, in milliseconds.
    """
    spans = sorted(
        (max(milliseconds(turn.start), 0), min(milliseconds(turn.end), length), turn.speaker) for turn in turns
    )
    found = (line(video_id, start / 1000, end / 1000, speaker) for start, end, speaker in spans if start < end)
    return "".join(f"{text}\n" for text in found)


def parse(text: str, video_id: str) -> tuple[Turn, ...]:
    """The turns in the file's content, sorted by start, end and speaker; seconds to the millisecond.

    Raises:
        FormatError: If a line is no turn of the interview, or there are more than an interview can have.
    """
    found: list[Turn] = []
    speakers: set[str] = set()
    for number, row in enumerate(text.split("\n"), 1):
        if row.strip():
            turn = _turn(row, video_id, number)
            found.append(turn)
            speakers.add(turn.speaker)
            if len(found) > MOST_TURNS or len(speakers) > MOST_SPEAKERS:
                raise FormatError("more turns or speakers than an interview can have", number)
    return tuple(sorted(found, key=lambda turn: (turn.start, turn.end, turn.speaker)))


def _turn(row: str, video_id: str, number: int) -> Turn:
    fields = row.split(None, 8)
    if len(fields) < 8 or fields[0] != "SPEAKER":
        raise FormatError("it is not 'SPEAKER id 1 start duration <NA> <NA> speaker <NA> <NA>'", number)
    if fields[1] != video_id:
        raise FormatError(f"it is about {fields[1]!r}", number)
    for time in fields[3:5]:
        if not _TIME.fullmatch(time) or float(time) >= LATEST:
            raise FormatError(f"{time!r} is no time in seconds", number)
    if not SPEAKER_NAME.fullmatch(fields[7]):
        raise FormatError(f"{fields[7]!r} is no id of a speaker", number)
    start = milliseconds(float(fields[3]))
    end = milliseconds(float(fields[3]) + float(fields[4]))
    if start >= end:
        raise FormatError("the turn has no length", number)
    return Turn(start / 1000, end / 1000, fields[7])
