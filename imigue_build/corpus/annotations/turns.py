"""A diarization from turns that are there already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imigue_build.core.errors import AnnotationError
from imigue_build.core.intervals import concurrent, merge
from imigue_build.core.records import Diarization, Overlap, Span, Speaker, Turn, milliseconds
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


def _rounded(time: float) -> float:
    return milliseconds(time) / 1000
