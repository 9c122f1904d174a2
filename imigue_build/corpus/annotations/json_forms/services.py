"""Transcripts of web services: Deepgram, AssemblyAI, Google Speech-to-Text, Amazon Transcribe and others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from imigue_build.corpus.annotations.json_forms.rows import (
    Document,
    Part,
    Piece,
    Row,
    Source,
    confidence,
    first,
    in_seconds,
    named_language,
    piece,
    with_speakers,
)
from imigue_build.corpus.annotations.json_forms.times import seconds, span

_UNKNOWN: Final = "UU"
"""Whom Speechmatics does not know."""
_DEEPGRAM_WORD: Final = ("punctuated_word", "word")


def deepgram(source: Source) -> Document | None:
    """`{"results": {"channels": [{"alternatives": [{"transcript", "words"}]}], "utterances": [...]}}`."""
    results = _inner(source.content, "results")
    if not isinstance(results, dict) or not {"channels", "utterances"} & set(results):
        return None
    channels = source.rows(results.get("channels"), "channels")
    best = [_best(source, channel) for channel in channels]
    named = (named_language(row, "detected_language", "language") for row in (*channels, *best))
    language = next((found for found in named if found), None)
    words = [[piece(source, row, *_DEEPGRAM_WORD) for row in source.rows(one.get("words"), "words")] for one in best]
    spoken = {tuple(word.text for word in channel) for channel in words if channel}
    utterances = source.rows(results.get("utterances"), "utterances")
    if not spoken and utterances:
        return Document(tuple(_utterance(source, row, "transcript") for row in utterances), language=language)
    if not spoken:
        return Document(tuple(part for one in best for part in _sentences(source, one)), language=language)
    warnings: tuple[str, ...] = ()
    if len(spoken) == 1 and len(words) > 1:  # the same sound on every channel
        warnings = (f"its {len(words)} channels hold the same words: read once",)
        words = [next(channel for channel in words if channel)]
    if len([channel for channel in words if channel]) > 1:
        words = [[_on_channel(word, index) for word in channel] for index, channel in enumerate(words)]
    merged = sorted((word for channel in words for word in channel), key=lambda word: word.start or 0.0)
    pieces = merged if len(words) > 1 else [word for channel in words for word in channel]
    return Document(pieces=tuple(pieces), language=language, warnings=warnings)


def _sentences(source: Source, best: Row) -> Iterator[Part]:
    """The sentences of a channel without words; without those, its text, which has no times."""
    paragraphs = source.rows(_inner(best.get("paragraphs"), "paragraphs"), "paragraphs")
    for paragraph in paragraphs:
        for row in source.rows(paragraph.get("sentences"), "sentences"):
            yield Part(source.text(row, "text"), *span(row), source.speaker(paragraph))
    if not paragraphs and (text := source.text(best, "transcript")).strip():
        yield Part(text)


def _on_channel(word: Piece, channel: int) -> Piece:
    name = f"channel {channel}" if word.speaker is None else f"channel {channel} speaker {word.speaker}"
    return word._replace(speaker=name)


def _inner(content: Any, key: str) -> Any:
    return content.get(key) if isinstance(content, dict) else None


def _best(source: Source, row: Row) -> Row:
    """The first of a result's alternatives, which is the most probable."""
    alternatives = source.rows(row.get("alternatives"), "alternatives")
    return alternatives[0] if alternatives else {}


def _utterance(source: Source, row: Row, text: str) -> Part:
    words = source.rows(row.get("words"), "words")
    pieces = tuple(piece(source, word, *_DEEPGRAM_WORD, "text") for word in words)
    return Part(source.text(row, text), *span(row), source.speaker(row), pieces)


def assemblyai(source: Source) -> Document | None:
    """`{"text", "words": [{"text", "start", "end", "speaker"}], "utterances": [...]}`; times are milliseconds."""
    content = source.content
    if not isinstance(content, dict) or {"segments", "paragraphs"} & set(content):
        return None
    rows = source.rows(content.get("words"), "words")
    utterances = source.rows(content.get("utterances"), "utterances")
    if not utterances and not (rows and all("text" in row and "word" not in row for row in rows)):
        return None
    named = (named_language(row, "language_code", "language") for row in (content, *utterances[:1]))
    language = next((found for found in named if found), None)
    if utterances:
        parts = tuple(_utterance(source, row, "text") for row in utterances)
        return in_seconds(Document(parts, language=language))
    text = source.text(content, "text")
    parts = (Part(text),) if text.strip() else ()
    return in_seconds(Document(parts, tuple(piece(source, row, "text") for row in rows), language))


def channels(source: Source) -> Document | None:
    """`{"transcripts": [{"channel_index", "words": [...]}]}`, ElevenLabs' channels; or DeepSpeech's alternatives."""
    found = _inner(source.content, "transcripts")
    if not isinstance(found, list) or not all(
        isinstance(row, dict) and isinstance(row.get("words"), list) for row in found
    ):
        return None
    if not all("channel_index" in row for row in found):
        found = found[:1]
    pieces = []
    for row in found:
        own = [piece(source, word, "text", "word") for word in source.rows(row["words"], "words")]
        several = len(found) > 1 and isinstance(row["channel_index"], int)
        pieces += [_on_channel(word, row["channel_index"]) for word in own] if several else own
    language = next((named for row in found if (named := named_language(row, "language_code"))), None)
    if len(found) > 1:  # blanks between the words of one channel
        pieces = sorted((word for word in pieces if word.text.strip()), key=lambda word: word.start or 0.0)
    return Document(pieces=tuple(pieces), language=language)


def google(source: Source) -> Document | None:
    """`{"results": [{"alternatives": [{"transcript", "words": [{"startTime": "1.3s", "endTime", "word"}]}]}]}`.

    IBM's has the same shape, with the words in `timestamps` and the speakers in `speaker_labels`.
    """
    content = source.content
    if isinstance(content, dict) and isinstance(content.get("response"), dict):
        content = content["response"]
    results = _inner(content, "results")
    if not isinstance(results, list) or not all(isinstance(row, dict) for row in results):
        return None
    results = [row for row in results if "alternatives" in row]  # others say that nothing was heard
    if not results or any("type" in row for row in results):
        return None
    found = [(row, _best(source, row)) for row in results]
    words = [_google_words(source, best) for _, best in found]
    named = (named_language(row, "languageCode", "language_code") for row in results)
    language = next((found for found in named if found), None)
    last, earlier = (words[-1] if words else []), [word for own in words[:-1] for word in own]
    tagged = all(word.speaker for word in last) and not any(word.speaker for word in earlier)
    if earlier and tagged and _said(last)[: len(earlier)] == _said(earlier):
        return Document(pieces=tuple(last), language=language)  # all words again, with their speakers
    parts: list[Part] = []
    previous: float | None = 0.0
    channels = {first(row, "channelTag", "channel_tag") for row in results}
    for (row, best), own in zip(found, words, strict=True):
        end = seconds(first(row, "resultEndTime", "result_end_time", "resultEndOffset", "result_end_offset"))
        channel = first(row, "channelTag", "channel_tag")
        speaker = f"channel {channel}" if len(channels) > 1 and channel is not None else None
        parts.append(Part(source.text(best, "transcript"), None if own else previous, end, speaker, tuple(own)))
        previous = end
    if labels := source.rows(_inner(content, "speaker_labels"), "speaker_labels"):
        parts = [part._replace(pieces=with_speakers(source, part.pieces, labels)) for part in parts]
    return Document(tuple(parts), language=language)


def _said(words: Sequence[Piece]) -> list[str]:
    return [word.text for word in words]


def _google_words(source: Source, best: Row) -> list[Piece]:
    """The words of a result; IBM writes them as `["hello", 0.5, 0.9]`."""
    if rows := source.rows(best.get("timestamps"), "timestamps"):
        return [piece(source, row, "text") for row in rows]
    return [_google_word(source, word) for word in source.rows(best.get("words"), "words")]


def _google_word(source: Source, row: Row) -> Piece:
    start, end = (
        first(row, *(f"{edge}{suffix}" for suffix in ("Time", "_time", "Offset", "_offset")))
        for edge in ("start", "end")
    )
    speaker = source.speaker(row, "speakerLabel", "speaker_label", "speakerTag", "speaker_tag")
    begins = 0.0 if start is None and end is not None else seconds(start)  # a zero is left out
    return Piece(source.text(row, "word"), begins, seconds(end), None if speaker == "0" else speaker, confidence(row))


def items(source: Source) -> Document | None:
    """`{"results": {"items": [{"type", "start_time", "end_time", "alternatives"}], "speaker_labels": {...}}}`.

    Speechmatics has the items in `results` itself. Punctuation has no time, and belongs to the word before.
    """
    results = _inner(source.content, "results")
    rows = results.get("items") if isinstance(results, dict) else results
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "type" in row for row in rows):
        return None
    speakers = dict(_labelled(source, _inner(results, "speaker_labels")))
    streams = source.rows(_inner(_inner(results, "channel_labels"), "channels"), "channels")
    if streams and not any("channel_label" in row for row in rows):
        apart = [_pieces(source, source.rows(row.get("items"), "items"), speakers, row) for row in streams]
        pieces = sorted((piece for own in apart for piece in own), key=lambda piece: piece.start or 0.0)
    else:
        pieces = _pieces(source, rows, speakers, {})
    settings = _inner(_inner(source.content, "metadata"), "transcription_config")
    language = named_language(results, "language_code") or named_language(settings, "language")
    return Document(pieces=tuple(pieces), language=language)


def _pieces(source: Source, rows: Sequence[Row], speakers: Mapping[str, str], channel: Row) -> list[Piece]:
    """The words of items with their punctuation; `channel` names the channel of all of them."""
    pieces: list[Piece] = []
    before = ""
    for row in rows:
        best = _best(source, row)
        text = source.text(best, "content")
        if row["type"] == "punctuation" and row.get("attaches_to") == "next":
            before += text
            continue
        if row["type"] == "punctuation" and pieces:
            pieces[-1] = pieces[-1]._replace(text=pieces[-1].text + text)
            continue
        if not text:
            continue  # marks such as a change of speaker
        speaker = source.speaker(row, "speaker_label") or speakers.get(str(row.get("start_time")))
        speaker = speaker or source.speaker(best, "speaker")
        speaker = speaker or source.speaker({**channel, **row}, "channel_label", "channel")
        pieces.append(Piece(before + text, *span(row), None if speaker == _UNKNOWN else speaker, confidence(best)))
        before = ""
    return pieces


def _labelled(source: Source, labels: object) -> Iterator[tuple[str, str]]:
    """The speaker of each word, by the start of the word as the file writes it."""
    if not isinstance(labels, Mapping):
        return
    for segment in source.rows(labels.get("segments"), "segments"):
        for row in source.rows(segment.get("items"), "items"):
            speaker = source.speaker(row, "speaker_label") or source.speaker(segment, "speaker_label")
            if speaker:
                yield str(row.get("start_time")), speaker


def rev(source: Source) -> Document | None:
    """`{"monologues": [{"speaker", "elements": [{"type", "value", "ts", "end_ts"}]}]}`."""
    if _inner(source.content, "monologues") is None:
        return None
    parts = []
    for monologue in source.rows(source.content["monologues"], "monologues"):
        rows = source.rows(monologue.get("elements"), "elements")
        pieces = [
            Piece(source.text(row, "value"), seconds(row.get("ts")), seconds(row.get("end_ts")), None, confidence(row))
            for row in rows
        ]
        text = "".join(piece.text for piece in pieces)
        spoken = tuple(piece for piece, row in zip(pieces, rows, strict=True) if row.get("type") == "text")
        parts.append(Part(text, None, None, source.speaker(monologue, "speaker_info", "speaker"), spoken))
    return Document(tuple(parts), language=named_language(source.content, "language"))
