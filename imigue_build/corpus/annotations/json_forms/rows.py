"""What the readers of JSON transcripts have in common: the document that they return, and checked access to rows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple, TypeVar

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations.json_forms.times import seconds, span, untimed

Row = Mapping[str, Any]

SECONDS_PER_LETTER: Final = 0.08
"""How long a text lasts of which a file says where it begins or ends, but not both."""
_FEWEST_LETTERS: Final = 0.06
"""Letters a second, at the median, below which times are milliseconds: nobody speaks that slowly."""
_TOKEN: Final = re.compile(r"<\|[^|<>]{0,40}\|>")
"""Tokens that steer a recogniser: `<|en|>`, `<|0.00|>`, `<|endoftext|>`."""
_MOST_AT_ONCE: Final = 20
"""Turns that are looked at for one time."""
_SPEAKER: Final = (
    "speaker",
    "speaker_name",
    "speakerName",
    "speaker_id",
    "speakerId",
    "speaker_label",
    "speakerLabel",
    "spk",
    "ParticipantRole",
)


class Piece(NamedTuple):
    """A word or a part of one, as a tool times it; start and end are None where the file gives no usable times."""

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    confidence: float | None = None


class Part(NamedTuple):
    """A segment: its text ("" where only its pieces are given), times in seconds, speaker and timed pieces."""

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    pieces: tuple[Piece, ...] = ()


Timed = TypeVar("Timed", Piece, Part)


class Document(NamedTuple):
    """A transcript as a tool wrote it.

    Attributes:
        parts: The segments in the file's order.
        pieces: Timed words that the file keeps apart from its segments.
        language: As the file names it, e.g. "en", "en-US" or "english".
        warnings: What was left out.
    """

    parts: tuple[Part, ...] = ()
    pieces: tuple[Piece, ...] = ()
    language: str | None = None
    warnings: tuple[str, ...] = ()

    def spans(self) -> Iterator[Part | Piece]:
        """All segments and words."""
        yield from self.parts
        yield from self.pieces
        for part in self.parts:
            yield from part.pieces


class Source(NamedTuple):
    """The decoded content of a file, with the path for errors."""

    path: Path
    content: Any

    def error(self, problem: str) -> AnnotationError:
        """The error that says what is wrong with the file."""
        return AnnotationError(f"{self.path}: {problem}", "correct it, or give the file in another format")

    def rows(self, value: object, name: str) -> Sequence[Row]:
        """A list of objects; null and a missing one are empty, and a tuple that Python wrote as a list is an object.

        Raises:
            AnnotationError: If it is anything else.
        """
        if value is None:
            return []
        found = [_row(row) for row in value] if isinstance(value, list) else [None]
        rows = [row for row in found if row is not None]
        if len(rows) < len(found):
            raise self.error(f"{name!r} is not a list of objects")
        return rows

    def text(self, row: Row, *keys: str) -> str:
        """The first of these fields that is there, without tokens that steer a recogniser; "" where none is.

        Raises:
            AnnotationError: If it is neither a text, a number nor a list of texts.
        """
        found = first(row, *keys)
        if found is None:
            return ""
        if isinstance(found, list) and all(isinstance(line, str) for line in found):
            found = " ".join(found)
        if isinstance(found, int | float) and not isinstance(found, bool):
            found = abridged(str(found))
        if not isinstance(found, str):
            raise self.error(f"{abridged(found)}: its text or speaker is not a string")
        return _TOKEN.sub("", found) if "<|" in found else found

    def speaker(self, row: Row, *keys: str) -> str | None:
        """The speaker's name, or number as text; None where the row names none.

        Raises:
            AnnotationError: If it is neither a string, a whole number nor an object with a name.
        """
        found = first(row, *(keys or _SPEAKER))
        if isinstance(found, dict):
            found = first(found, "name", "display_name", "label", "id")
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if isinstance(found, int) and not isinstance(found, bool):
            return abridged(str(found))
        if found is None:
            return None
        if not isinstance(found, str):
            raise self.error(f"{abridged(found)}: its text or speaker is not a string")
        return found or None


def _row(value: object) -> Row | None:
    """A row as an object; a tuple has two times before its text, or after it, and perhaps tuples of words."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return None
    at = next((index for index, field in enumerate(value) if isinstance(field, str)), None)
    if at is None:
        return None
    times = value[at - 2 : at] if at >= 2 else value[1:3]
    if len(times) != 2 or not all(isinstance(time, int | float) for time in times):
        return None
    words = [field for field in value[at + 1 :] if isinstance(field, list) and any(map(_row, field))]
    return {"start": times[0], "end": times[1], "text": value[at], **({"words": words[0]} if words else {})}


def first(row: Row, *keys: str) -> Any:
    """The first of these fields that is there and not null."""
    return next((row[key] for key in keys if row.get(key) is not None), None)


def named_language(row: object, *keys: str) -> str | None:
    """The language that an object names; None where it names none."""
    found = first(row, *keys) if isinstance(row, dict) else None
    return found if isinstance(found, str) and found.strip() else None


def confidence(row: Row) -> float | None:
    """The confidence that a row gives, in [0, 1] by the tools' definitions."""
    found = (seconds(row.get(key)) for key in ("confidence", "score", "probability", "conf"))
    return next((value for value in found if value is not None), None)


def in_seconds(document: Document) -> Document:
    """A document with its times in seconds where they are milliseconds."""
    rates = [
        len(one.text.strip()) / (one.end - one.start)
        for one in document.spans()
        if one.start is not None and one.end is not None and not untimed(one.start, one.end) and one.text.strip()
    ]
    if not rates or median(rates) >= _FEWEST_LETTERS:
        return document
    parts = (part._replace(pieces=tuple(map(_thousandth, part.pieces))) for part in document.parts)
    return document._replace(parts=tuple(map(_thousandth, parts)), pieces=tuple(map(_thousandth, document.pieces)))


def _thousandth(one: Timed) -> Timed:
    start, end = (None if time is None else time / 1000 for time in (one.start, one.end))
    return one._replace(start=start, end=end)


def piece(source: Source, row: Row, *text_keys: str) -> Piece:
    """A timed word with its times, `speaker` and `confidence`."""
    start, end = span(row)
    return Piece(source.text(row, *text_keys), start, end, source.speaker(row), confidence(row))


def with_speakers(source: Source, spans: Iterable[Timed], rows: Iterable[Row]) -> tuple[Timed, ...]:
    """Spans with the speakers of the rows at whose time they are, where they name none."""
    turns = sorted(
        (start, end, speaker)
        for row in rows
        for (start, end), speaker in [(span(row), source.speaker(row))]
        if start is not None and end is not None and speaker is not None
    )
    return tuple(_with_speaker(one, turns) for one in spans)


def _with_speaker(one: Timed, turns: Sequence[tuple[float, float, str]]) -> Timed:
    if one.speaker is not None or one.start is None or one.end is None:
        return one
    last = bisect_left(turns, (one.end,))
    near = turns[max(0, last - _MOST_AT_ONCE) : last]
    shared = [(min(one.end, end) - max(one.start, start), speaker) for start, end, speaker in near]
    most, speaker = max(shared, key=lambda pair: pair[0], default=(0.0, ""))
    return one._replace(speaker=speaker) if most > 0 else one


def until_next(starts: Sequence[float | None], last: float | None) -> list[float | None]:
    """For each start the next one, as an end; `last` for the last."""
    following = [after for _, after in pairwise(starts)]
    return [*following, last]


def single_words(texts: Iterable[str]) -> bool:
    """Whether each text is one word at most, and there are several: a tool set to time words, not segments."""
    counts = [len(text.split()) for text in texts]
    return sum(counts) > 1 and max(counts) <= 1
