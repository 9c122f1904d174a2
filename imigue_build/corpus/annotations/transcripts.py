"""Transcripts, with times, from files that are there already."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations.sources import (
    LATEST,
    Labelled,
    Tier,
    bounded,
    fault,
    fields,
    lines,
    of_recording,
    read_text,
    seconds,
    stm,
    textgrid,
)

SUFFIXES: Final = (".json", ".TextGrid", ".textgrid", ".stm", ".ctm", ".srt", ".vtt")
_NO_TEXT: Final = ("diarization", "overlap", "vad")
_CUE: Final = re.compile(
    r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})(?:\s|$)"
)
_MARKUP: Final = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_FORM: Final = 'give {"segments": [{"start", "end", "text"}]} or {"words": [{"start", "end", "word"}]}'
_VOICE: Final = re.compile(r"<v(?:\.[^ <>]*)? ([^<>]+)>")
_WORDS: Final = re.compile(r"[\s-]*words$", re.IGNORECASE)

GivenSegment = tuple[Labelled, list[Labelled]]
"""A segment and its words; none where the file gives times for whole segments only."""


def read_segments(path: Path, video_id: str) -> list[GivenSegment]:
    """The segments of a transcript, in the file's order, each with its words.

    The words of a segment are empty where the file gives times for whole segments only. A file
    of words alone gives segments of one word; `speaker` is None where the file names none.

    Raises:
        AnnotationError: If the file cannot be read or speaks of another recording.
    """
    found = _read(path, video_id)
    for labelled in ([segment for segment, _ in found], [word for _, words in found for word in words]):
        bounded(path, labelled)
    return found


def _read(path: Path, video_id: str) -> list[GivenSegment]:
    match path.suffix.lower():
        case ".json":
            return _json(path)
        case ".textgrid":
            return _tiers(path)
        case ".stm":
            return [(segment, []) for segment in stm(path, video_id)]
        case ".ctm":
            return [(word, [word]) for word in _ctm(path, video_id)]
    return [(segment, []) for segment in _cues(path)]


def _ctm(path: Path, video_id: str) -> list[Labelled]:
    """Words of a CTM file: `recording channel start duration word [confidence]`."""
    found: list[tuple[str, Labelled]] = []
    for number, columns in fields(path, 5):
        start, length = seconds(path, number, columns[2]), seconds(path, number, columns[3])
        known = seconds(path, number, columns[5]) if len(columns) > 5 else None
        found.append((columns[0], Labelled(start, start + length, columns[4], None, known)))
    if not found:
        return []
    name = of_recording(path, video_id, [name for name, _ in found])
    return [word for recording, word in found if recording == name]


def _cues(path: Path) -> Iterator[Labelled]:
    """Cues of an SRT or WebVTT file."""
    times: tuple[float, float] | None = None
    said: list[str] = []
    for number, line in chain(lines(path), [(0, "")]):
        if "-->" in line:
            match = _CUE.match(line.strip())
            if match is None:
                raise fault(path, number, f"{abridged(line.strip())!r} is no pair of times")
            parts = [int(part or 0) for part in match.groups()]
            fraction = [int(part.ljust(3, "0")) / 1000 for part in (match[4], match[8])]
            times = (
                parts[0] * 3600 + parts[1] * 60 + parts[2] + fraction[0],
                parts[4] * 3600 + parts[5] * 60 + parts[6] + fraction[1],
            )
            said = []
        elif not line.strip():
            if times is not None:
                whole = " ".join(said)
                voice = _VOICE.search(whole)
                yield Labelled(*times, _MARKUP.sub("", whole), voice[1].strip() if voice else None)
            times = None
        else:
            said.append(line.strip())


def _tiers(path: Path) -> list[GivenSegment]:
    """Tiers whose names end in `words` where there are any, else every tier of text, one a speaker."""
    tiers = [tier for tier in textgrid(path) if not tier.name.lower().endswith("phones")]
    worded = [tier for tier in tiers if tier.name.lower().endswith("words")]
    if worded:
        return [(one, [one]) for tier in worded for one in _spoken(tier, _WORDS.sub("", tier.name))]
    texts = [tier for tier in tiers if tier.name.lower() not in _NO_TEXT]
    return [(one, []) for tier in texts for one in _spoken(tier, tier.name)]


def _spoken(tier: Tier, speaker: str) -> list[Labelled]:
    return [one._replace(speaker=speaker or None) for one in tier.intervals]


def _json(path: Path) -> list[GivenSegment]:
    """`words` or `segments` with `words` or `text`, as whisperx, Whisper and this tool write them."""
    try:
        document = json.loads(read_text(path))
        json.dumps(document, ensure_ascii=False).encode()  # half a surrogate pair could be read and never written
    except (ValueError, RecursionError) as error:
        raise AnnotationError(f"{path} is no JSON ({str(error)[:200]})", "check the file") from error
    if isinstance(document, list):
        document = {"segments": document}
    if not isinstance(document, dict):
        raise AnnotationError(f"{path} holds neither segments nor words", _FORM)
    segments = _objects(path, document, "segments")
    if not any("text" in one or "words" in one or "word" in one for one in segments):
        if "words" in document:
            words = [_labelled(path, f"word {at}", one) for at, one in enumerate(_objects(path, document, "words"), 1)]
            return [(word, [word]) for word in words]
        segments = _objects(path, document, "turns")
    if not segments:
        raise AnnotationError(f"{path} holds neither segments nor words", _FORM)
    return [_segment(path, at, one) for at, one in enumerate(segments, 1)]


def _segment(path: Path, at: int, one: Mapping[str, Any]) -> GivenSegment:
    """A segment; words without times of their own (whisperx leaves digits so) take their neighbours'."""
    place = f"segment {at}"
    if "word" in one:
        word = _labelled(path, place, one)
        return word, [word]
    inner = _objects(path, one, "words")
    timed = [word for word in inner if word.get("start") is not None and word.get("end") is not None]
    if not timed:
        text = one.get("text") or " ".join(str(word.get("word", "")) for word in inner)
        return _labelled(path, place, {**one, "text": text}), []
    start, end = one.get("start", timed[0]["start"]), one.get("end", timed[-1]["end"])
    segment = _labelled(path, place, {**one, "start": start, "end": end, "text": ""})
    words: list[Labelled] = []
    waiting: list[str] = []

    def fill(until: float) -> None:
        """Gives the words that wait for times what lies between their neighbours."""
        before = words[-1].end if words else segment.start
        if waiting:
            words.append(Labelled(before, max(until, before), " ".join(waiting), segment.speaker))
            waiting.clear()

    for index, spoken in enumerate(inner, 1):
        if spoken.get("start") is None or spoken.get("end") is None:
            waiting.append(str(spoken.get("word", "")))
            continue
        placed = _labelled(path, f"{place}, word {index}", {"speaker": segment.speaker, **spoken})
        fill(placed.start)
        words.append(placed)
    fill(segment.end)
    return segment, words


def _labelled(path: Path, place: str, one: Mapping[str, Any]) -> Labelled:
    start, end = one.get("start"), one.get("end")
    if start is None or end is None or not _is_time(start) or not _is_time(end):
        what = f"start {abridged(start)} and end {abridged(end)} are no times in seconds"
        raise AnnotationError(f"{path}, {place}: {what}", _FORM)
    text = one.get("word", one.get("text", ""))
    speaker = one.get("speaker")
    known = next((one[name] for name in ("confidence", "score", "probability") if _is_time(one.get(name))), None)
    if not isinstance(text, str) or not isinstance(speaker, str | None):
        raise AnnotationError(f"{path}, {place}: its text or speaker is no text", _FORM)
    return Labelled(float(start), float(end), text, speaker, known)


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LATEST


def _objects(path: Path, document: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    found = document.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise AnnotationError(f"{path}: {key!r} is no list of objects", _FORM)
    return found
