"""Transcripts of Whisper and the tools around it, and this project's own JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from imigue_build.corpus.annotations.json_forms.rows import (
    SECONDS_PER_LETTER,
    Document,
    Part,
    Piece,
    Row,
    Source,
    named_language,
    piece,
    seconds,
    single_words,
    until_next,
)

_WORD: Final = ("word", "text")


def segments(source: Source) -> Document | None:
    """`{"segments": [{"start", "end", "text", "words"}]}`, `{"words": [...]}` beside it or alone; or a list.

    Whisper, faster-whisper, whisperX, OpenAI's verbose_json and this project's references write it.
    """
    content = _object(source.content)
    rows = source.rows(content.get("segments"), "segments")
    lists = (source.rows(content.get(key), key) for key in ("words", "word_segments", "result"))
    apart = next((words for words in lists if words), [])
    pieces = tuple(piece(source, row, *_WORD) for row in apart)
    if not any(key in row for row in rows for key in ("text", "words", "word")):
        rows = [] if apart else source.rows(content.get("turns"), "turns")
    if not rows and not pieces:
        return None
    language = named_language(content, "language", "detected_language", "language_code")
    if rows and all("word" in row for row in rows):
        return Document(pieces=tuple(piece(source, row, *_WORD) for row in rows), language=language)
    return Document(tuple(_segment(source, row) for row in rows), pieces, language)


def _object(content: Any) -> Row:
    """The transcript as an object; a list holds its segments, or its segments and what else is known of it."""
    if isinstance(content, list):
        match content:
            case [list() as rows, dict() as rest]:
                return {**rest, "segments": rows}
        return {"segments": content}
    return content if isinstance(content, dict) else {}


def _segment(source: Source, row: Row) -> Part:
    pieces = tuple(piece(source, word, *_WORD) for word in source.rows(row.get("words"), "words"))
    text = source.text(row, "text", "word")
    return Part(text, seconds(row.get("start")), seconds(row.get("end")), source.speaker(row), pieces)


def whisper_cpp(source: Source) -> Document | None:
    """`{"transcription": [{"offsets": {"from", "to"}, "timestamps", "text", "tokens"}]}`; offsets are milliseconds."""
    if not isinstance(source.content, dict) or "transcription" not in source.content:
        return None
    rows = source.rows(source.content["transcription"], "transcription")
    parts = [_part(source, row) for row in rows]
    language = named_language(source.content.get("result"), "language")
    if not any(part.pieces for part in parts) and single_words(part.text for part in parts):
        words = tuple(Piece(part.text, part.start, part.end, part.speaker) for part in parts)
        return Document(pieces=words, language=language)
    return Document(tuple(parts), language=language)


def _part(source: Source, row: Row) -> Part:
    tokens = source.rows(row.get("tokens"), "tokens")
    pieces = []
    for token in tokens:
        text = source.text(token, "text")
        if not text.startswith("[_"):  # marks such as [_BEG_] and [_TT_150]
            start, end = _offsets(token)
            pieces.append(Piece(text, start, end, None, seconds(token.get("p"))))
    start, end = _offsets(row)
    speaker = source.speaker(row)
    return Part(source.text(row, "text"), start, end, None if speaker == "?" else speaker, tuple(pieces))


def _offsets(row: Row) -> tuple[float | None, float | None]:
    offsets, stamps = row.get("offsets"), row.get("timestamps")
    if isinstance(offsets, dict):
        return seconds(offsets.get("from"), 1000), seconds(offsets.get("to"), 1000)
    if isinstance(stamps, dict):
        return seconds(stamps.get("from")), seconds(stamps.get("to"))
    return None, None


def pipeline(source: Source) -> Document | None:
    """`{"text", "chunks": [{"timestamp": [start, end], "text"}]}` of Hugging Face's pipeline, by segment or word."""
    content = source.content if isinstance(source.content, dict) else {"chunks": source.content}
    if "chunks" not in content:
        return None
    if not isinstance(content["chunks"], list) or not all(isinstance(row, dict) for row in content["chunks"]):
        return None
    rows = source.rows(content["chunks"], "chunks")
    if not any("timestamp" in row for row in rows):
        return None
    pairs = [_pair(row.get("timestamp")) for row in rows]
    ends = until_next([start for start, _ in pairs], None)
    chunks = []
    for row, (start, end), following in zip(rows, pairs, ends, strict=True):
        text = source.text(row, "text")
        if start is not None and end is None:  # the last one has no end where the recording cuts it
            end = start + SECONDS_PER_LETTER * len(text) if following is None else following
        chunks.append(Piece(text, start, end, source.speaker(row)))
    language = next((found for row in (content, *rows) if (found := named_language(row, "language"))), None)
    if single_words(chunk.text for chunk in chunks):
        text = source.text(content, "text")
        return Document((Part(text),) if text.strip() else (), tuple(chunks), language)
    return Document(tuple(Part(*chunk[:4]) for chunk in chunks), language=language)


def _pair(value: object) -> tuple[float | None, float | None]:
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        return seconds(value[0]), seconds(value[1])
    return None, None
