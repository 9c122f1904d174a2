"""Readers of speaker turns: RTTM, STM and TextGrid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.core.diarization import from_turns
from imigue_build.core.errors import AnnotationError
from imigue_build.core.records import Diarization, Turn
from imigue_build.corpus.annotations.sources import (
    LabelledSpan,
    bounded,
    columns_of_lines,
    seconds,
    select_recording,
    stm,
    textgrid,
)

SUFFIXES: Final = (".rttm", ".stm", ".TextGrid", ".textgrid")
_TOLERANCE: Final = 1.0
"""Seconds by which a turn may begin after the end of the recording."""
_RELEASED_TIER: Final = "diarization"
_NO_SPEAKERS: Final = ("overlap", "vad")


def read_turns(path: Path, video_id: str, duration: float) -> Diarization:
    """The diarization in an RTTM, STM or TextGrid file.

    Args:
        duration: Of the recording, in seconds; turns are cut at it.

    Raises:
        AnnotationError: If the file cannot be read, holds no turn, or describes another recording.
    """
    suffix = path.suffix.lower()
    found = rttm(path, video_id) if suffix == ".rttm" else stm(path, video_id) if suffix == ".stm" else _tiers(path)
    return diarization(path, bounded(path, found), duration)


def diarization(path: Path, found: Sequence[LabelledSpan], duration: float) -> Diarization:
    """The diarization of turns in any order; those of one speaker that touch become one."""
    late = [turn for turn in found if turn.start > duration + _TOLERANCE]
    if late:
        what = f"{path}: a turn at {late[0].start:.1f} s, but the recording lasts {duration:.1f} s"
        raise AnnotationError(what, "give this recording's own turns, in seconds")
    result = from_turns((Turn(turn.start, turn.end, turn.speaker or "") for turn in found), duration=duration)
    if not result.turns:
        raise AnnotationError(f"{path} holds no turn", "give a file with turns")
    return result


def rttm(path: Path, video_id: str) -> list[LabelledSpan]:
    """The turns of an RTTM file, unchanged.

    Raises:
        AnnotationError: If the file cannot be read or describes another recording.
    """
    turns: list[tuple[str, LabelledSpan]] = []
    for number, columns in columns_of_lines(path, 1):
        if columns[0].upper() != "SPEAKER":
            continue
        if len(columns) < 8:
            raise AnnotationError(
                f"{path}, line {number}: {len(columns)} columns, expected at least 8", "give an RTTM file"
            )
        start, duration = seconds(path, number, columns[3]), seconds(path, number, columns[4])
        turns.append((columns[1], LabelledSpan(start, start + duration, "", columns[7])))
    if not turns:
        return []
    name = select_recording(path, video_id, [name for name, _ in turns])
    return [turn for recording, turn in turns if recording == name]


def _tiers(path: Path) -> list[LabelledSpan]:
    """The tier `diarization` with speakers as labels, as in a release, if there is one; else one tier per speaker."""
    tiers = textgrid(path)
    for tier in tiers:
        if tier.name.lower() == _RELEASED_TIER:
            return [interval._replace(speaker=interval.text) for interval in tier.intervals]
    speaker_tiers = [
        tier
        for tier in tiers
        if tier.name.lower() not in _NO_SPEAKERS and not tier.name.lower().endswith(("phones", "words"))
    ]
    return [interval._replace(speaker=tier.name) for tier in speaker_tiers for interval in tier.intervals]
