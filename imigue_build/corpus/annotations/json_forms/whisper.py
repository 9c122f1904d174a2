"""Transcripts of Whisper and the tools around it, and this project's own JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from imigue_build.core.errors import AnnotationError
from imigue_build.corpus.annotations.json_forms.rows import (
    SECONDS_PER_LETTER,
    Document,
    Part,
    Piece,
    Row,
    Source,
    first,
    named_language,
    piece,
    single_words,
    until_next,
    with_speakers,
)
from imigue_build.corpus.annotations.json_forms.times import seconds, span

_WORD: Final = ("punctuated_word", "word", "text", "Content")
_TEXT: Final = (
    *("text", "word", "transcript", "sentence", "segment", "body", "Content", "transcription", "lines"),
    *("alignedWord", "display"),
)
_SEGMENTS: Final = (
    *("segments", "sentences", "messages", "phrases", "fragments", "chunks", "utterances", "monologues"),
    *("turnLevelTranscription", "Transcript", "transcript", "prediction", "paragraphs", "turns"),
)
"""Lists of segments."""
_WORDS: Final = ("words", "word_segments", "wordLevelTranscription", "result", "tokens")
"""Lists of words beside the segments, or alone."""
_OWN_WORDS: Final = ("words", "result", "Items", "tokens")
"""Lists of words in a segment."""
_STAMPS: Final = {"timestamp", "timestamps"}
LANGUAGE: Final = ("language", "detected_language", "language_code", "languageCode", "LanguageCode", "locale", "lang")


def segments(source: Source) -> Document | None:
    """`{"segments": [{"start", "end", "text", "words"}]}`, `{"words": [...]}` beside it or alone; or a list.

    Whisper, faster-whisper, whisperX, OpenAI's verbose_json and this project's references write it; others have other
    names for its fields.
    """
    content = _object(source)
    if isinstance(content.get("segments"), dict):
        raise source.error("'segments' is not a list of objects")
    words = next((found for key in _WORDS if (found := _with_text(source, content.get(key)))), [])
    lists = (_with_text(source, content.get(key), *_OWN_WORDS) for key in _SEGMENTS if key != "turns" or not words)
    rows = next((found for found in lists if found), [])
    if not rows and not words:
        return None
    own = (content, content.get("info"), *rows[:1])
    language = next((named for row in own if (named := named_language(row, *LANGUAGE))), None)
    pieces = tuple(piece(source, row, *_WORD) for row in words)
    if isinstance(turns := content.get("paragraphs"), list):
        pieces = with_speakers(source, pieces, source.rows(turns, "paragraphs"))
    if rows and all("word" in row for row in rows):
        return Document(pieces=tuple(piece(source, row, *_WORD) for row in rows), language=language)
    return Document(tuple(_segment(source, row) for row in rows), pieces, language)


def _with_text(source: Source, value: object, *more: str) -> Sequence[Row]:
    """The rows of a list if any has a text or one of `more`; none of what is no list of rows."""
    if not isinstance(value, list) or (value and all(isinstance(row, int) for row in value)):
        return []
    rows = source.rows(value, "segments")
    return rows if any(key in row for row in rows for key in (*_TEXT, *more)) else []


def _object(source: Source) -> Row:
    """The transcript as an object; a list holds its segments, or its segments and what else is known of it."""
    match source.content:
        case [list() as rows, dict() as rest]:
            return {**rest, "segments": rows}
        case list() as rows:
            return {"segments": _manifest(source, rows)}
        case {"timestamp": {"word": list() as words} as times}:
            return {"words": words, "segments": times.get("segment")}
        case {"audio_filepath": _, "text": _} as row if not row.keys() & {*_SEGMENTS, *_WORDS}:
            return {"segments": _manifest(source, [row])}
        case {"alternatives": [dict() as best, *_]}:
            return best
        case dict() as content:
            return content
    return {}


def _manifest(source: Source, rows: list[Any]) -> list[Any]:
    """The rows of a list; in NeMo's manifests, of one audio file, in which a row without `offset` begins at 0."""
    if not all(isinstance(row, dict) and "audio_filepath" in row for row in rows):
        return rows
    if len({str(row["audio_filepath"]) for row in rows}) > 1:
        raise AnnotationError(f"{source.path} lists several audio files", "give the lines of the interview alone")
    return [{"offset": 0, **row} for row in rows]


def _segment(source: Source, row: Row) -> Part:
    words: list[Any] = next((row[key] for key in _OWN_WORDS if isinstance(row.get(key), list) and row[key]), [])
    if all(isinstance(word, int) for word in words):
        words = []  # the numbers of a recogniser's tokens
    pieces = tuple(piece(source, word, *_WORD) for word in source.rows(words, "words"))
    start, end = span(row)
    speaker = row.get("from") if isinstance(row.get("from"), dict) else None
    return Part(source.text(row, *_TEXT), start, end, source.speaker({"speaker": speaker, **row}), pieces)


def whisper_cpp(source: Source) -> Document | None:
    """`{"transcription": [{"offsets": {"from", "to"}, "timestamps", "text", "tokens"}]}`; offsets are milliseconds."""
    if not isinstance(source.content, dict) or not isinstance(source.content.get("transcription"), list):
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
    return Part(source.text(row, "text"), start, end, source.speaker(row), tuple(pieces))


def _offsets(row: Row) -> tuple[float | None, float | None]:
    offsets, stamps = row.get("offsets"), row.get("timestamps")
    if isinstance(offsets, dict):
        return seconds(offsets.get("from"), 1000), seconds(offsets.get("to"), 1000)
    if isinstance(stamps, dict):
        return span(stamps)
    return None, None


def pipeline(source: Source) -> Document | None:
    """`{"text", "chunks": [{"timestamp": [start, end], "text"}]}` of Hugging Face's pipeline, by segment or word."""
    content = source.content if isinstance(source.content, dict) else {"chunks": source.content}
    if "chunks" not in content:
        return None
    if not isinstance(content["chunks"], list) or not all(isinstance(row, dict) for row in content["chunks"]):
        return None
    rows = source.rows(content["chunks"], "chunks")
    if not any(_STAMPS & row.keys() for row in rows):
        return None
    turns = [
        {"start": start, "end": end, "speaker": source.speaker(row)}
        for row in source.rows(content.get("speakers"), "speakers")
        for start, end in [_pair(first(row, *_STAMPS))]
    ]
    pairs = [_pair(first(row, *_STAMPS)) for row in rows]
    ends = until_next([start for start, _ in pairs], None)
    chunks = []
    for row, (start, end), following in zip(rows, pairs, ends, strict=True):
        text = source.text(row, "text")
        if start is not None and end is None:  # the last one has no end where the recording cuts it
            end = start + SECONDS_PER_LETTER * len(text) if following is None else following
        chunks.append(Piece(text, start, end, source.speaker(row)))
    chunks = list(with_speakers(source, chunks, turns))
    language = next((found for row in (content, *rows) if (found := named_language(row, "language"))), None)
    if single_words(chunk.text for chunk in chunks):
        text = source.text(content, "text")
        return Document((Part(text),) if text.strip() else (), tuple(chunks), language)
    return Document(tuple(Part(*chunk[:4]) for chunk in chunks), language=language)


def _pair(value: object) -> tuple[float | None, float | None]:
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        return seconds(value[0]), seconds(value[1])
    return None, None
