"""Transcripts in JSON, as tools and web services write them; each is recognised by its shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations.json_forms import languages, services, whisper, youtube
from imigue_build.corpus.annotations.json_forms.assembly import assemble
from imigue_build.corpus.annotations.json_forms.rows import Document, Source
from imigue_build.corpus.annotations.sources import GivenText, read_text

_FORMS: Final[dict[str, Callable[[Source], Document | None]]] = {
    "whisper.cpp (transcription)": whisper.whisper_cpp,
    "YouTube json3 (events)": youtube.json3,
    "Hugging Face pipeline (chunks)": whisper.pipeline,
    "Amazon Transcribe and Speechmatics (results with items)": services.items,
    "Deepgram (results.channels)": services.deepgram,
    "Google Speech-to-Text (results with alternatives)": services.google,
    "Rev (monologues)": services.rev,
    "AssemblyAI and ElevenLabs (words or utterances with text)": services.assemblyai,
    'Whisper, faster-whisper, whisperX, OpenAI: {"segments": [{"start", "end", "text"}]} '
    'or {"words": [{"start", "end", "word"}]}': whisper.segments,
}
"""What each shape is called, and its reader, which returns None for other shapes."""


def read(path: Path) -> GivenText:
    """The transcript in a JSON file.

    Raises:
        AnnotationError: If it is not JSON, has a shape that is not known, holds no words or no times.
    """
    source = Source(path, content(path))
    found = (reader(source) for reader in _FORMS.values())
    document = next((document for document in found if document is not None), None)
    if document is None:
        message = f"{path} holds neither segments nor words in a known form"
        raise AnnotationError(message, f"give one of: {'; '.join(reversed(_FORMS))}")
    segments, warnings = assemble(path, document)
    if not document.language:
        return GivenText(segments, None, tuple(warnings))
    language = languages.code(document.language)
    if language is None and document.language.lower() not in ("auto", "und", "multi", ""):
        warnings.append(
            f"it names the language {abridged(document.language)!r}, which is not known: the setting counts"
        )
    return GivenText(segments, language, tuple(warnings))


def content(path: Path) -> object:
    """The decoded content of a JSON file.

    Raises:
        AnnotationError: If it is not JSON.
    """
    try:
        decoded = json.loads(read_text(path))
        json.dumps(decoded, ensure_ascii=False).encode()  # rejects lone surrogates, which could not be written again
    except (ValueError, RecursionError) as error:
        raise AnnotationError(f"{path} is not valid JSON ({str(error)[:200]})", "check the file") from error
    return decoded
