"""Readers of transcripts with times: JSON, TextGrid, STM, CTM, SRT and WebVTT."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from imigue_build.corpus.annotations import captions, json_forms, plain
from imigue_build.corpus.annotations.labelled import with_speakers
from imigue_build.corpus.annotations.sources import (
    GivenText,
    LabelledSpan,
    Tier,
    TimedSegment,
    bounded,
    columns_of_lines,
    seconds,
    select_recording,
    stm,
    textgrid,
)

SUFFIXES: Final = (".json", ".TextGrid", ".textgrid", ".stm", ".ctm", *captions.SUFFIXES)
_IN_TEXT: Final = (".json", ".textgrid")
"""Formats whose texts may name who speaks; cues are read with their labels."""
_NOT_TEXT: Final = ("diarization", "overlap", "vad")
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
    match path.suffix.lower():
        case ".json":
            found = json_forms.read(path)
        case suffix if suffix in (*captions.SUFFIXES, plain.SUFFIX):
            found = captions.read(path)
        case _:
            found = GivenText(_read(path, video_id))
    if path.suffix.lower() in _IN_TEXT:
        found = found._replace(segments=with_speakers(found.segments))
    for spans in ([segment for segment, _ in found.segments], [word for _, words in found.segments for word in words]):
        bounded(path, spans)
    return found


def _read(path: Path, video_id: str) -> list[TimedSegment]:
    match path.suffix.lower():
        case ".textgrid":
            return _tiers(path)
        case ".stm":
            return [(segment, []) for segment in stm(path, video_id)]
    return [(word, [word]) for word in _ctm(path, video_id)]


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
