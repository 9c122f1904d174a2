"""What the readers of JSON transcripts have in common: the document that they return, and checked access to rows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations.sources import MAX_TIME

Row = Mapping[str, Any]

SECONDS_PER_LETTER: Final = 0.08
"""How long a text lasts of which a file says where it begins or ends, but not both."""
_CLOCK: Final = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,2}):)?(\d{1,9}(?:[.,]\d{1,9})?)s?", re.ASCII)
"""`1.3`, `1.300s`, `02:03.5` or `00:02:03,500`."""
_MILLISECONDS: Final = 10
"""No word lasts this many seconds at the median, so whole numbers that give more are milliseconds."""


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


class Source(NamedTuple):
    """The decoded content of a file, with the path for errors."""

    path: Path
    content: Any

    def error(self, problem: str) -> AnnotationError:
        """The error that says what is wrong with the file."""
        return AnnotationError(f"{self.path}: {problem}", "correct it, or give the file in another format")

    def rows(self, value: object, name: str) -> Sequence[Row]:
        """A list of objects; null and a missing one are empty.

        Raises:
            AnnotationError: If it is anything else.
        """
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.error(f"{name!r} is not a list of objects")
        return value

    def text(self, row: Row, *keys: str) -> str:
        """The first of these fields that is there; "" where none is.

        Raises:
            AnnotationError: If it is no string.
        """
        found = first(row, *keys)
        if found is None:
            return ""
        if not isinstance(found, str):
            raise self.error(f"{abridged(found)}: its text or speaker is not a string")
        return found

    def speaker(self, row: Row, *keys: str) -> str | None:
        """The speaker's name, or number as text; None where the row names none.

        Raises:
            AnnotationError: If it is neither a string nor a whole number.
        """
        found = first(row, *(keys or ("speaker",)))
        if isinstance(found, int) and not isinstance(found, bool):
            return abridged(str(found))
        if found is None:
            return None
        if not isinstance(found, str):
            raise self.error(f"{abridged(found)}: its text or speaker is not a string")
        return found or None


def first(row: Row, *keys: str) -> Any:
    """The first of these fields that is there and not null."""
    return next((row[key] for key in keys if row.get(key) is not None), None)


def seconds(value: object, unit: float = 1.0) -> float | None:
    """A time as tools write it: a number, a text, or an object of seconds and nanos; None where it is not usable.

    Args:
        unit: Units in a second, for numbers.
    """
    if isinstance(value, dict):
        whole, rest = seconds(value.get("seconds", 0)), seconds(value.get("nanos", 0))
        value = None if whole is None or rest is None else whole + rest / 1e9
    if isinstance(value, str) and (match := _CLOCK.fullmatch(value.strip())):
        value = int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + float(match[3].replace(",", "."))
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value / unit if 0 <= value < MAX_TIME * unit else None


def named_language(row: object, *keys: str) -> str | None:
    """The language that an object names; None where it names none."""
    found = first(row, *keys) if isinstance(row, dict) else None
    return found if isinstance(found, str) and found.strip() else None


def confidence(row: Row) -> float | None:
    """The confidence that a row gives, in [0, 1] by the tools' definitions."""
    found = (seconds(row.get(key)) for key in ("confidence", "score", "probability", "conf"))
    return next((value for value in found if value is not None), None)


def unit_of(rows: Iterable[Row]) -> float:
    """1000 where the rows of words are timed in milliseconds, else 1."""
    times = [(row.get("start"), row.get("end")) for row in rows]
    spans = sorted(end - start for start, end in times if isinstance(start, int) and isinstance(end, int))
    return 1000.0 if spans and len(spans) == len(times) and spans[len(spans) // 2] > _MILLISECONDS else 1.0


def piece(source: Source, row: Row, *text_keys: str, unit: float = 1.0) -> Piece:
    """A timed word with the fields `start`, `end`, `speaker` and `confidence`."""
    start, end = seconds(row.get("start"), unit), seconds(row.get("end"), unit)
    speaker = source.speaker(row, "speaker", "speaker_id")
    return Piece(source.text(row, *text_keys), start, end, speaker, confidence(row))


def untimed(start: float | None, end: float | None) -> bool:
    """Whether a pair of times is missing, reversed or empty."""
    return start is None or end is None or not start < end or math.isnan(end - start)


def until_next(starts: Sequence[float | None], last: float | None) -> list[float | None]:
    """For each start the next one, as an end; `last` for the last."""
    following = [after for _, after in pairwise(starts)]
    return [*following, last]


def single_words(texts: Iterable[str]) -> bool:
    """Whether each text is one word at most, and there are several: a tool set to time words, not segments."""
    counts = [len(text.split()) for text in texts]
    return sum(counts) > 1 and max(counts) <= 1
