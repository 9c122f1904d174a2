"""A diarization from turns that are there already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.core.diarization import from_turns
from imigue_build.core.errors import AnnotationError
from imigue_build.core.records import Diarization, Turn
from imigue_build.corpus.annotations.sources import Labelled, bounded, fields, of_recording, seconds, stm, textgrid

SUFFIXES: Final = (".rttm", ".stm", ".TextGrid", ".textgrid")
_LEEWAY: Final = 1.0
_OURS: Final = "diarization"
_NO_SPEAKERS: Final = ("overlap", "vad")


def read_turns(path: Path, video_id: str, duration: float) -> Diarization:
    """The diarization in an RTTM, STM or TextGrid file.

    Args:
        duration: Of the recording, in seconds; turns are cut to it.

    Raises:
        AnnotationError: If the file cannot be read, holds no turn, or speaks of another recording.
    """
    suffix = path.suffix.lower()
    found = rttm(path, video_id) if suffix == ".rttm" else stm(path, video_id) if suffix == ".stm" else _tiers(path)
    return diarization(path, bounded(path, found), duration)


def diarization(path: Path, found: Sequence[Labelled], duration: float) -> Diarization:
    """The diarization of turns in any order; those of one speaker that touch become one."""
    late = [turn for turn in found if turn.start > duration + _LEEWAY]
    if late:
        what = f"{path}: a turn at {late[0].start:.1f} s, but the recording lasts {duration:.1f} s"
        raise AnnotationError(what, "give this recording's own turns, in seconds")
    result = from_turns((Turn(turn.start, turn.end, turn.speaker or "") for turn in found), duration=duration)
    if not result.turns:
        raise AnnotationError(f"{path} holds no turn", "give a file with turns")
    return result


def rttm(path: Path, video_id: str) -> list[Labelled]:
    """The turns of an RTTM file, as they stand there.

    Raises:
        AnnotationError: If the file cannot be read or speaks of another recording.
    """
    found: list[tuple[str, Labelled]] = []
    for number, columns in fields(path, 1):
        if columns[0].upper() != "SPEAKER":
            continue
        if len(columns) < 8:
            raise AnnotationError(f"{path}, line {number}: {len(columns)} columns, of 8 or more", "give an RTTM file")
        start, length = seconds(path, number, columns[3]), seconds(path, number, columns[4])
        found.append((columns[1], Labelled(start, start + length, "", columns[7])))
    if not found:
        return []
    name = of_recording(path, video_id, [name for name, _ in found])
    return [turn for recording, turn in found if recording == name]


def _tiers(path: Path) -> list[Labelled]:
    """A tier `diarization` with speakers for labels, as in a release; else a tier a speaker."""
    tiers = textgrid(path)
    for tier in tiers:
        if tier.name.lower() == _OURS:
            return [one._replace(speaker=one.text) for one in tier.intervals]
    people = [
        tier
        for tier in tiers
        if tier.name.lower() not in _NO_SPEAKERS and not tier.name.lower().endswith(("phones", "words"))
    ]
    return [one._replace(speaker=tier.name) for tier in people for one in tier.intervals]
