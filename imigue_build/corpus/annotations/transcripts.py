"""Readers of transcripts with times: JSON, TextGrid, STM, CTM, SRT and WebVTT."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations import tiers
from imigue_build.corpus.annotations.marks import is_silence
from imigue_build.corpus.annotations.sources import (
    MAX_TIME,
    GivenText,
    LabelledSpan,
    TimedSegment,
    Warn,
    bounded,
    line_error,
    lines,
    log_warning,
    read_text,
)
from imigue_build.corpus.annotations.stm import ctm, stm
from imigue_build.corpus.annotations.textgrid import textgrid
from imigue_build.corpus.annotations.tier_kinds import Kind, sort

SUFFIXES: Final = (".json", ".TextGrid", ".textgrid", ".stm", ".ctm", ".srt", ".vtt")
_CUE: Final = re.compile(
    r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})(?:\s|$)"
)
_MARKUP: Final = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_EXPECTED: Final = 'give {"segments": [{"start", "end", "text"}]} or {"words": [{"start", "end", "word"}]}'
_VOICE: Final = re.compile(r"<v(?:\.[^ <>]*)? ([^<>]+)>")


def read_segments(path: Path, video_id: str) -> list[TimedSegment]:
    """The segments of a transcript; see `read_transcript`. Warnings are logged."""
    found = read_transcript(path, video_id)
    for warning in found.warnings:
        log_warning(warning)
    return found.segments


def read_transcript(path: Path, video_id: str) -> GivenText:
    """The segments of a transcript, in the file's order, each with its words.

    A segment has no words if the file times whole segments only. A file of words alone gives
    segments of one word. `speaker` is None if the file names none.

    Raises:
        AnnotationError: If the file cannot be read or describes another recording.
    """
    warnings: list[str] = []
    found = GivenText(_read(path, video_id, warnings.append))
    spoken = list(_without_silences(found.segments))
    for spans in ([segment for segment, _ in spoken], [word for _, words in spoken for word in words]):
        bounded(path, spans)
    return found._replace(segments=spoken, warnings=(*found.warnings, *dict.fromkeys(warnings)))


def _without_silences(segments: Iterable[TimedSegment]) -> Iterator[TimedSegment]:
    """The segments without words that are an aligner's labels of silence."""
    for segment, words in segments:
        spoken = [word for word in words if not is_silence(word.text)]
        if spoken or not words:
            yield segment, spoken


def _read(path: Path, video_id: str, warn: Warn) -> list[TimedSegment]:
    match path.suffix.lower():
        case ".json":
            return _json(path)
        case ".textgrid":
            return _tiers(path, warn)
        case ".stm":
            return [(segment, []) for segment in stm(path, video_id, warn)]
        case ".ctm":
            return [(word, [word]) for word in ctm(path, video_id, warn)]
    return [(segment, []) for segment in _cues(path)]


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


def _tiers(path: Path, warn: Warn) -> list[TimedSegment]:
    found = tiers.text_tiers(sort(textgrid(path)), path.name, warn)
    return [
        (interval, [interval] if item.kind is Kind.WORDS else []) for item in found for interval in item.tier.intervals
    ]


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
