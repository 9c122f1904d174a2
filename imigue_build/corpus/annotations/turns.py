"""Readers of speaker turns: RTTM, STM and TextGrid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.core.errors import AnnotationError
from imigue_build.core.intervals import concurrent, merge
from imigue_build.core.records import Diarization, Overlap, Span, Speaker, Turn, milliseconds
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
    voices: dict[str, list[Span]] = {}
    for turn in found:
        start, end = _rounded(turn.start), _rounded(min(turn.end, duration))
        if start < end:
            voices.setdefault(turn.speaker or "", []).append(Span(start, end))
    spans = [(span, voice) for voice, own in voices.items() for span in merge(own)]
    if not spans:
        raise AnnotationError(f"{path} holds no turn", "give a file with turns")
    spans.sort(key=lambda one: (one[0].start, one[0].end, one[1]))
    names = {voice: f"SPEAKER_{number:02d}" for number, voice in enumerate(dict.fromkeys(voice for _, voice in spans))}
    turns = tuple(Turn(span.start, span.end, names[voice]) for span, voice in spans)
    return Diarization(
        turns=turns,
        exclusive=_exclusive(turns),
        overlap=_overlap(turns),
        speech=tuple(Span(span.start, span.end) for span in merge(turns)),
        speakers=tuple(_speaker(name, turns) for name in names.values()),
    )


def _exclusive(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """One speaker at a time: who talks first keeps the floor until his or her turn ends."""
    found: list[Turn] = []
    floor = 0.0
    for turn in turns:
        if turn.end > floor:
            found.append(Turn(max(turn.start, floor), turn.end, turn.speaker))
            floor = turn.end
    return tuple(found)


def _overlap(turns: Sequence[Turn]) -> tuple[Overlap, ...]:
    found: list[Overlap] = []
    for span, talking in concurrent(turns):
        speakers = tuple(sorted({turn.speaker for turn in talking}))
        if len(speakers) > 1:
            if found and found[-1].end == span.start and found[-1].speakers == speakers:
                found[-1] = Overlap(found[-1].start, span.end, speakers)
            else:
                found.append(Overlap(span.start, span.end, speakers))
    return tuple(found)


def _speaker(name: str, turns: Sequence[Turn]) -> Speaker:
    own = [turn.duration for turn in turns if turn.speaker == name]
    return Speaker(name, round(sum(own), 3), len(own))


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


def _rounded(time: float) -> float:
    return milliseconds(time) / 1000
