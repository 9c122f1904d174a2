"""Transcripts of Azure: batch and fast transcription, and the results of its SDK."""

from __future__ import annotations

from typing import Any, Final

from imigue_build.corpus.annotations.json_forms.rows import Document, Part, Row, Source, first, named_language, piece
from imigue_build.corpus.annotations.json_forms.times import span

_WORD: Final = ("displayText", "word", "Word", "text")


def azure(source: Source) -> Document | None:
    """`{"recognizedPhrases": [{"offsetInTicks", "durationInTicks", "speaker", "nBest": [{"display", "words"}]}]}`.

    Fast transcription has `phrases` with their texts; the SDK gives one phrase a result, `{"Offset", "NBest"}`.
    """
    content = source.content
    phrases: Any = None
    if isinstance(content, dict):
        phrases = first(content, "recognizedPhrases", *(("phrases",) if "combinedPhrases" in content else ()))
        phrases = [content] if "NBest" in content else phrases
    elif isinstance(content, list) and any(isinstance(row, dict) and "NBest" in row for row in content):
        phrases = content
    if not isinstance(phrases, list):
        return None
    rows = source.rows(phrases, "recognizedPhrases")
    if not rows:
        return None
    channels = {row.get("channel") for row in rows if isinstance(row.get("channel"), int)}
    language = next((found for row in rows if (found := named_language(row, "locale"))), None)
    return Document(tuple(_phrase(source, row, len(channels) > 1) for row in rows), language=language)


def _phrase(source: Source, row: Row, several: bool) -> Part:
    best = next(iter(source.rows(first(row, "nBest", "NBest"), "nBest")), row)
    words = source.rows(first(best, "displayWords", "DisplayWords", "words", "Words"), "words")
    speaker = source.speaker(row, "speaker", "SpeakerId")
    if several and speaker is None:
        speaker = f"channel {row.get('channel')}"
    text = source.text(best, "display", "Display", "text", "DisplayText") or source.text(row, "DisplayText")
    return Part(text, *span(row), speaker, tuple(piece(source, word, *_WORD) for word in words))
