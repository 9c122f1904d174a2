"""Readers of speaker turns: RTTM, STM, TextGrid, ELAN and tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.core.diarization import from_turns
from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.records import Diarization, Turn
from imigue_build.corpus.annotations import tables, tier_files, tiers
from imigue_build.corpus.annotations.rttm import rttm
from imigue_build.corpus.annotations.sources import LabelledSpan, Warn, bounded, log_warning
from imigue_build.corpus.annotations.stm import stm

SUFFIXES: Final = (".rttm", ".stm", *tier_files.SUFFIXES, *tables.SUFFIXES)
OF_ALL: Final = ("turns.rttm", "turns.stm", "turns.csv", "turns.tsv")
"""Names of files of all interviews, where none is named by the interview."""
_LONGEST_NAME: Final = 100
"""Characters of a speaker's name that are kept."""
_TOLERANCE: Final = 1.0
"""Seconds by which a turn may begin after the end of the recording."""


def read_turns(path: Path, video_id: str, duration: float, warn: Warn = log_warning) -> Diarization:
    """The diarization in a file.

    Args:
        duration: Of the recording, in seconds; turns are cut at it.
        warn: Gets what is left out.

    Raises:
        AnnotationError: If the file cannot be read, holds no turn, or describes another recording.
    """
    match path.suffix.lower():
        case ".rttm":
            found = rttm(path, video_id, warn)
        case ".stm":
            found = stm(path, video_id, warn)
        case ".csv" | ".tsv":
            found = tables.turns(path, video_id, warn)
        case _:
            found = tiers.turns(tier_files.sorted_tiers(path), path.name, warn)
    late = [turn.end for turn in found if turn.end > duration + _TOLERANCE]
    result = diarization(path, bounded(path, found), duration)
    if late:
        what = f"{len(late)} of {len(found)} turns end after the recording, up to {max(late):.1f} s"
        warn(f"{path.name}: {what}: they are cut at {duration:.1f} s")
    return result


def diarization(path: Path, found: Sequence[LabelledSpan], duration: float) -> Diarization:
    """The diarization of turns in any order; those of one speaker that touch become one."""
    late = [turn for turn in found if turn.start > duration + _TOLERANCE]
    if late:
        what = f"{path}: a turn at {late[0].start:.1f} s, but the recording lasts {duration:.1f} s"
        raise AnnotationError(what, "give this recording's own turns, in seconds")
    turns = [Turn(turn.start, turn.end, turn.speaker or "") for turn in found]
    names = {turn.speaker: abridged(turn.speaker, _LONGEST_NAME) for turn in turns if turn.speaker}
    result = from_turns(turns, names=names, duration=duration)
    if not result.turns:
        raise AnnotationError(f"{path} holds no turn", "give a file with turns")
    return result
