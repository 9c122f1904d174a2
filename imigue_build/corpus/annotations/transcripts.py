"""Readers of transcripts with times: JSON, TextGrid, STM, CTM, SRT and WebVTT."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from imigue_build.core.errors import abridged
from imigue_build.corpus.annotations import json_forms
from imigue_build.corpus.annotations.sources import (
    GivenText,
    LabelledSpan,
    Tier,
    TimedSegment,
    bounded,
    columns_of_lines,
    line_error,
    lines,
    seconds,
    select_recording,
    stm,
    textgrid,
)

SUFFIXES: Final = (".json", ".TextGrid", ".textgrid", ".stm", ".ctm", ".srt", ".vtt")
_NOT_TEXT: Final = ("diarization", "overlap", "vad")
_CUE: Final = re.compile(
    r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})(?:\s|$)"
)
_MARKUP: Final = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_VOICE: Final = re.compile(r"<v(?:\.[^ <>]*)? ([^<>]+)>")
_WORDS_SUFFIX: Final = re.compile(r"[\s-]*words$", re.IGNORECASE)


def read_segments(path: Path, video_id: str) -> list[TimedSegment]:
    """The segments of a transcript; see `read_transcript`."""
    return read_transcript(path, video_id).segments


def read_transcript(path: Path, video_id: str) -> GivenText:
    """The segments of a transcript, in the file's order, each with its words.

    A segment has no words if the file times whole segments only. A file of words alone gives
    segments of one word. `speaker` is None if the file names none.

    Raises:
        AnnotationError: If the file cannot be read or describes another recording.
    """
    found = json_forms.read(path) if path.suffix.lower() == ".json" else GivenText(_read(path, video_id))
    for spans in ([segment for segment, _ in found.segments], [word for _, words in found.segments for word in words]):
        bounded(path, spans)
    return found


def _read(path: Path, video_id: str) -> list[TimedSegment]:
    match path.suffix.lower():
        case ".textgrid":
            return _tiers(path)
        case ".stm":
            return [(segment, []) for segment in stm(path, video_id)]
        case ".ctm":
            return [(word, [word]) for word in _ctm(path, video_id)]
    return [(segment, []) for segment in _cues(path)]


def _ctm(path: Path, video_id: str) -> list[LabelledSpan]:
    """Words of a CTM file: `recording channel start duration word [confidence]`."""
    words: list[tuple[str, LabelledSpan]] = []
    for number, columns in columns_of_lines(path, 5):
        start, duration = seconds(path, number, columns[2]), seconds(path, number, columns[3])
        confidence = seconds(path, number, columns[5]) if len(columns) > 5 else None
        words.append((columns[0], LabelledSpan(start, start + duration, columns[4], None, confidence)))
    if not words:
        return []
    name = select_recording(path, video_id, [name for name, _ in words])
    return [word for recording, word in words if recording == name]


def _cues(path: Path) -> Iterator[LabelledSpan]:
    """The cues of an SRT or WebVTT file."""
    times: tuple[float, float] | None = None
    cue_lines: list[str] = []
    for number, line in chain(lines(path), [(0, "")]):
        if "-->" in line:
            match = _CUE.match(line.strip())
            if match is None:
                raise line_error(path, number, f"{abridged(line.strip())!r} is not a pair of times")
            parts = [int(part or 0) for part in match.groups()]
            fraction = [int(part.ljust(3, "0")) / 1000 for part in (match[4], match[8])]
            times = (
                parts[0] * 3600 + parts[1] * 60 + parts[2] + fraction[0],
                parts[4] * 3600 + parts[5] * 60 + parts[6] + fraction[1],
            )
            cue_lines = []
        elif not line.strip():
            if times is not None:
                text = " ".join(cue_lines)
                voice = _VOICE.search(text)
                yield LabelledSpan(*times, _MARKUP.sub("", text), voice[1].strip() if voice else None)
            times = None
        else:
            cue_lines.append(line.strip())


def _tiers(path: Path) -> list[TimedSegment]:
    """The tiers whose names end in `words`, if any; else every text tier, one per speaker."""
    tiers = [tier for tier in textgrid(path) if not tier.name.lower().endswith("phones")]
    word_tiers = [tier for tier in tiers if tier.name.lower().endswith("words")]
    if word_tiers:
        return [(word, [word]) for tier in word_tiers for word in _of_speaker(tier, _WORDS_SUFFIX.sub("", tier.name))]
    text_tiers = [tier for tier in tiers if tier.name.lower() not in _NOT_TEXT]
    return [(segment, []) for tier in text_tiers for segment in _of_speaker(tier, tier.name)]


def _of_speaker(tier: Tier, speaker: str) -> list[LabelledSpan]:
    return [interval._replace(speaker=speaker or None) for interval in tier.intervals]
