"""Transcripts in JSON, as tools and web services write them; each is recognised by its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations.json_forms import azure, languages, services, whisper, youtube
from imigue_build.corpus.annotations.json_forms.assembly import assemble
from imigue_build.corpus.annotations.json_forms.rows import Document, Source, in_seconds
from imigue_build.corpus.annotations.json_forms.times import untimed
from imigue_build.corpus.annotations.sources import GivenText, read_text

_FORMS: Final[dict[str, Callable[[Source], Document | None]]] = {
    "Azure (recognizedPhrases, phrases or NBest)": azure.azure,
    "whisper.cpp (transcription)": whisper.whisper_cpp,
    "YouTube json3 (events)": youtube.json3,
    "Hugging Face pipeline (chunks)": whisper.pipeline,
    "Amazon Transcribe and Speechmatics (results with items)": services.items,
    "Deepgram (results.channels)": services.deepgram,
    "Google Speech-to-Text and IBM (results with alternatives)": services.google,
    "Rev (monologues)": services.rev,
    "ElevenLabs, several channels (transcripts with words)": services.channels,
    "AssemblyAI, ElevenLabs and Gladia (words or utterances with text)": services.assemblyai,
    'Whisper, faster-whisper, whisperX, OpenAI, NeMo, Vosk and others: {"segments": [{"start", "end", "text"}]} '
    'or {"words": [{"start", "end", "word"}]}': whisper.segments,
}
"""What each shape is called, and its reader, which returns None for other shapes."""
_DEEPEST: Final = 5
"""Objects within each other in which a transcript is looked for."""
_MOST_OBJECTS: Final = 200
_BLANKS: Final = re.compile(r"\s*")
_BEGINNING: Final = 1000
"""Characters that show in which notation a text is."""


def read(path: Path) -> GivenText:
    """The transcript in a JSON file, or in one with a JSON value a line.

    Raises:
        AnnotationError: If it is not JSON, has a shape that is not known, holds no words or no times.
    """
    document = _document(Source(path, content(path)))
    if document is None:
        message = f"{path} holds neither segments nor words in a known form"
        raise AnnotationError(message, f"give one of: {'; '.join(reversed(_FORMS))}")
    scaled = in_seconds(document)
    segments, warnings = assemble(path, scaled)
    if scaled is not document:
        warnings.insert(0, "its times are taken for milliseconds: as seconds, nobody would speak that slowly")
    if not document.language:
        return GivenText(segments, None, tuple(warnings))
    language = languages.code(document.language)
    if language is None and document.language.lower() not in ("auto", "und", "multi", ""):
        warnings.append(
            f"it names the language {abridged(document.language)!r}, which is not known: the setting counts"
        )
    return GivenText(segments, language, tuple(warnings))


def _document(source: Source) -> Document | None:
    """The transcript in a form that is known; services put it into an object of a request, job or file.

    Raises:
        AnnotationError: If there are several.
    """
    layer: list[Source] = [source]
    for _ in range(_DEEPEST):
        found = [document for one in layer if (document := _recognised(one)) and (one is source or _is_timed(document))]
        if len(found) > 1:
            raise AnnotationError(f"{source.path} holds {len(found)} transcripts", "give the file of one recording")
        if found:
            return found[0]
        layer = [
            Source(source.path, value)
            for one in layer
            for value in _values(one.content)
            if isinstance(value, dict) or (isinstance(value, list) and all(isinstance(row, dict) for row in value))
        ][:_MOST_OBJECTS]
    return None


def _is_timed(document: Document) -> bool:
    return any(not untimed(one.start, one.end) for one in document.spans())


def _recognised(source: Source) -> Document | None:
    found = (reader(source) for reader in _FORMS.values())
    return next((document for document in found if document is not None), None)


def _values(content: object) -> Iterable[object]:
    """What is one layer deeper: the values of an object or of a short list."""
    if isinstance(content, list):
        return content[:_MOST_OBJECTS]
    return content.values() if isinstance(content, dict) else ()


def content(path: Path) -> object:
    """The decoded content of a JSON file; of several values, as JSON Lines has them, a list.

    Raises:
        AnnotationError: If it is not JSON.
    """
    text = read_text(path)
    try:
        decoded = _decoded(text)
        json.dumps(decoded, ensure_ascii=False).encode()  # rejects lone surrogates, which could not be written again
    except (ValueError, RecursionError) as error:
        problem = _known_problem(text, error) or str(error)[:200]
        raise AnnotationError(f"{path} is not valid JSON ({problem})", "check the file") from error
    return decoded


def _known_problem(text: str, error: BaseException) -> str:
    """What is wrong with a text that is nearly JSON; "" where that is not known."""
    if re.match(r"\s*\[?\s*\{\s*'", text[:_BEGINNING]):
        return "it is Python's notation: write it with json.dump"
    if (
        isinstance(error, json.JSONDecodeError)
        and text[: error.pos].rstrip().endswith(",")
        and text[error.pos : error.pos + 1] in ("]", "}")
    ):
        return f"line {error.lineno}: a comma after the last item"
    return ""


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data"):
            raise
    decoder, values, at = json.JSONDecoder(), list[object](), 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        values.append(value)
        at = _BLANKS.match(text, end).end()  # type: ignore[union-attr]  # it matches everywhere
    return values
