"""Readers of transcripts with times: JSON, TextGrid, STM, CTM, SRT and WebVTT."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations import captions, plain
from imigue_build.corpus.annotations.labelled import with_speakers
from imigue_build.corpus.annotations.sources import (
    MAX_TIME,
    GivenText,
    LabelledSpan,
    Tier,
    TimedSegment,
    bounded,
    columns_of_lines,
    read_text,
    seconds,
    select_recording,
    stm,
    textgrid,
)

SUFFIXES: Final = (".json", ".TextGrid", ".textgrid", ".stm", ".ctm", *captions.SUFFIXES)
_IN_TEXT: Final = (".json", ".textgrid")
"""Formats whose texts may name who speaks; cues are read with their labels."""
_NOT_TEXT: Final = ("diarization", "overlap", "vad")
_EXPECTED: Final = 'give {"segments": [{"start", "end", "text"}]} or {"words": [{"start", "end", "word"}]}'
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
    in_cues = path.suffix.lower() in (*captions.SUFFIXES, plain.SUFFIX)
    found = captions.read(path) if in_cues else GivenText(_read(path, video_id))
    if path.suffix.lower() in _IN_TEXT:
        found = found._replace(segments=with_speakers(found.segments))
    for spans in ([segment for segment, _ in found.segments], [word for _, words in found.segments for word in words]):
        bounded(path, spans)
    return found


def _read(path: Path, video_id: str) -> list[TimedSegment]:
    match path.suffix.lower():
        case ".json":
            return _json(path)
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


def _json(path: Path) -> list[TimedSegment]:
    """Reads `words`, or `segments` with `words` or `text`, as written by ASR programs and this one."""
    try:
        document = json.loads(read_text(path))
        json.dumps(document, ensure_ascii=False).encode()  # rejects lone surrogates, which could not be written again
    except (ValueError, RecursionError) as error:
        raise AnnotationError(f"{path} is not valid JSON ({str(error)[:200]})", "check the file") from error
    if isinstance(document, list):
        document = {"segments": document}
    if not isinstance(document, dict):
        raise AnnotationError(f"{path} holds neither segments nor words", _EXPECTED)
    segments = _objects(path, document, "segments")
    if not any("text" in segment or "words" in segment or "word" in segment for segment in segments):
        if "words" in document:
            rows = enumerate(_objects(path, document, "words"), 1)
            return [(word, [word]) for word in (_span(path, f"word {number}", row) for number, row in rows)]
        segments = _objects(path, document, "turns")
    if not segments:
        raise AnnotationError(f"{path} holds neither segments nor words", _EXPECTED)
    return [_segment(path, number, segment) for number, segment in enumerate(segments, 1)]


def _segment(path: Path, number: int, row: Mapping[str, Any]) -> TimedSegment:
    """A segment. Words without times (some programs do not time digits) fill the gap between their neighbours."""
    place = f"segment {number}"
    if "word" in row:
        word = _span(path, place, row)
        return word, [word]
    word_rows = _objects(path, row, "words")
    timed = [word for word in word_rows if word.get("start") is not None and word.get("end") is not None]
    if not timed:
        text = row.get("text") or " ".join(str(word.get("word", "")) for word in word_rows)
        return _span(path, place, {**row, "text": text}), []
    start, end = row.get("start", timed[0]["start"]), row.get("end", timed[-1]["end"])
    segment = _span(path, place, {**row, "start": start, "end": end, "text": ""})
    words: list[LabelledSpan] = []
    untimed: list[str] = []

    def fill_gap(until: float) -> None:
        """Gives the untimed words the interval up to `until`."""
        start = words[-1].end if words else segment.start
        if untimed:
            words.append(LabelledSpan(start, max(until, start), " ".join(untimed), segment.speaker))
            untimed.clear()

    for index, word_row in enumerate(word_rows, 1):
        if word_row.get("start") is None or word_row.get("end") is None:
            untimed.append(str(word_row.get("word", "")))
            continue
        word = _span(path, f"{place}, word {index}", {"speaker": segment.speaker, **word_row})
        fill_gap(word.start)
        words.append(word)
    fill_gap(segment.end)
    return segment, words


def _span(path: Path, place: str, row: Mapping[str, Any]) -> LabelledSpan:
    start, end = row.get("start"), row.get("end")
    if start is None or end is None or not _is_time(start) or not _is_time(end):
        problem = f"start {abridged(start)} and end {abridged(end)} are not times in seconds"
        raise AnnotationError(f"{path}, {place}: {problem}", _EXPECTED)
    text = row.get("word", row.get("text", ""))
    speaker = row.get("speaker")
    confidence = next((row[key] for key in ("confidence", "score", "probability") if _is_time(row.get(key))), None)
    if not isinstance(text, str) or not isinstance(speaker, str | None):
        raise AnnotationError(f"{path}, {place}: its text or speaker is not a string", _EXPECTED)
    return LabelledSpan(float(start), float(end), text, speaker, confidence)


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_TIME


def _objects(path: Path, document: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    rows = document.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AnnotationError(f"{path}: {key!r} is not a list of objects", _EXPECTED)
    return rows
