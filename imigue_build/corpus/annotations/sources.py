"""Shared parsing of annotation files: text, columns, STM and TextGrid.

Times are seconds. `AnnotationError` says what is wrong with a file, and on which line.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.untrusted.files import Kind, read_bytes

_FILE: Final = Kind("the file", AnnotationError, "check the file")
DAMAGED: Final = "\ufffd"
"""Stands for bytes that are no UTF-8, in a text that is; tools that cut texts into bytes write them."""
MAX_TIME: Final = 1e9
"""Seconds; no recording is that long."""
MAX_LINES: Final = 1_000_000
MAX_WORDS: Final = 200_000
"""Words or turns of one recording; more than a day of speech has."""
_MAX_SPEAKERS: Final = 200
_MAX_WORD_LENGTH: Final = 1000
"""Characters; in languages written without spaces a "word" is a whole segment."""
_MAX_TIERS: Final = 500
_ITEM: Final = re.compile(r"item ?\[")
_INTERVALS: Final = re.compile(r"intervals ?\[")
_POINTS: Final = re.compile(r"points ?\[")
_LABEL: Final = re.compile(r'(?:text|mark|name) ?= ?"')
_MAX_LABELS: Final = 8
"""Text fields of one interval. An interval has one, but its text may contain what looks like others."""
_NEGATIVE: Final = re.compile(r"^[ \t]*(?:xmin|xmax|number) ?= ?-[0.]*[1-9]", re.MULTILINE)
_COMMENT: Final = (";;", "#")


class LabelledSpan(NamedTuple):
    """A time interval with its text (may be empty) and, if known, its speaker and confidence.

    `timed` is false where the file gives no times for it, and its neighbours do.
    """

    start: float
    end: float
    text: str
    speaker: str | None = None
    confidence: float | None = None
    timed: bool = True


TimedSegment = tuple[LabelledSpan, list[LabelledSpan]]
"""A segment and its words; no words if the file has no word times."""


class GivenText(NamedTuple):
    """A transcript from a file: its segments, the ISO 639 code of its language if it names one, and warnings."""

    segments: list[TimedSegment]
    language: str | None = None
    warnings: tuple[str, ...] = ()


class Tier(NamedTuple):
    """An interval tier of a TextGrid, without its empty intervals."""

    name: str
    intervals: tuple[LabelledSpan, ...]


def read_text(path: Path) -> str:
    """The content of a text file.

    Raises:
        AnnotationError: If it cannot be read or is too large to be a transcript.
    """
    data = read_bytes(path, _FILE)
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        if encoding == "cp1252" and (damaged := _damaged_utf8(data)) is not None:
            return damaged
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AnnotationError(f"{path} is not a text file", "save it as UTF-8")


def _damaged_utf8(data: bytes) -> str | None:
    """Text with some bytes that are no UTF-8 (U+FFFD), among others that are; None where it has another encoding."""
    text = data.decode("utf-8", "replace")
    return text if any(char > "\x7f" and char != DAMAGED for char in text) else None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, counted from 1.

    Raises:
        AnnotationError: If it cannot be read or has more than `MAX_LINES` lines.
    """
    for number, line in enumerate(io.StringIO(read_text(path), newline=None), 1):
        if number > MAX_LINES:
            raise AnnotationError(f"{path} has more than {MAX_LINES} lines", "give a transcript file")
        yield number, line.rstrip("\n")


def bounded(path: Path, spans: Iterable[LabelledSpan]) -> list[LabelledSpan]:
    """The spans of a file, after a check of their number: later steps take quadratic time.

    Raises:
        AnnotationError: If there are more words, turns or speakers than one recording can have.
    """
    checked = list(spans)
    words = [word for span in checked for word in span.text.split()]
    if max(len(checked), len(words)) > MAX_WORDS:
        raise AnnotationError(f"{path} holds more than {MAX_WORDS} words or turns", "give the file of one recording")
    if any(len(word) > _MAX_WORD_LENGTH for word in words):
        message = f"{path} holds a word of more than {_MAX_WORD_LENGTH} characters"
        raise AnnotationError(message, "put spaces between the words")
    if len({span.speaker for span in checked}) > _MAX_SPEAKERS:
        raise AnnotationError(f"{path} names more than {_MAX_SPEAKERS} speakers", "give the file of one recording")
    return checked


def line_error(path: Path, line: int, problem: str) -> AnnotationError:
    """The error for a line, counted from 1."""
    return AnnotationError(f"{path}, line {line}: {problem}", "correct the line, or give the file in another format")


def columns_of_lines(path: Path, min_columns: int, max_splits: int = -1) -> Iterator[tuple[int, list[str]]]:
    """The columns of each line, with its number; skips comments and empty lines.

    Args:
        min_columns: A line with fewer columns is an error.
        max_splits: After this many columns, the rest of a line is one column.
    """
    for number, line in lines(path):
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            continue
        columns = line.split(None, max_splits)
        if len(columns) < min_columns:
            raise line_error(path, number, f"{len(columns)} columns, expected at least {min_columns}")
        yield number, columns


def seconds(path: Path, line: int, text: str) -> float:
    """Parses a time.

    Raises:
        AnnotationError: If it is not a time in seconds.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < MAX_TIME:
        raise line_error(path, line, f"{abridged(text)!r} is not a time in seconds")
    return value


def select_recording(path: Path, video_id: str, names: Sequence[str]) -> str:
    """The name under which a file lists this recording: its only name, or the one that equals the id.

    Raises:
        AnnotationError: If the file lists several recordings, none with this id.
    """
    recordings = list(dict.fromkeys(names))
    if len(recordings) == 1:
        return recordings[0]
    for name in recordings:
        if name == video_id or (name.isdigit() and name.zfill(4) == video_id):
            return name
    raise AnnotationError(
        f"{path} lists {len(recordings)} recordings, but not {video_id}", "use the interview's id as its name"
    )


def stm(path: Path, video_id: str) -> list[LabelledSpan]:
    """The segments of an STM file: `recording channel speaker start end [<labels>] text`."""
    found: list[tuple[str, LabelledSpan]] = []
    for number, columns in columns_of_lines(path, 5, max_splits=5):
        start, end = seconds(path, number, columns[3]), seconds(path, number, columns[4])
        text = columns[5].strip() if len(columns) > 5 else ""
        if text.startswith("<") and ">" in text:
            text = text.partition(">")[2].strip()
        if columns[2].lower() != "inter_segment_gap":
            found.append((columns[0], LabelledSpan(start, end, text, columns[2])))
    if not found:
        return []
    name = select_recording(path, video_id, [name for name, _ in found])
    return [segment for recording, segment in found if recording == name]


def _check_textgrid(path: Path, text: str) -> None:
    """Rejects what takes praatio quadratic time, and negative times, whose sign it ignores."""
    tiers = _ITEM.split(text)
    if max(len(tiers), text.count('"IntervalTier"') + text.count('"TextTier"')) > _MAX_TIERS:
        raise AnnotationError(f"{path} has more than {_MAX_TIERS} tiers", "give the file of one recording")
    for tier in tiers:
        separator = _INTERVALS if 'class = "IntervalTier"' in tier else _POINTS
        if any(len(_LABEL.findall(part)) > _MAX_LABELS for part in separator.split(tier)):
            raise AnnotationError(
                f"{path} is not a valid TextGrid (nested text fields)", "open it in Praat and save it"
            )
    if _NEGATIVE.search(text):
        raise AnnotationError(f"{path} has a negative time", "correct it in Praat: times start at 0")


def textgrid(path: Path) -> list[Tier]:
    """The interval tiers of a TextGrid.

    Raises:
        AnnotationError: If the file is not a valid TextGrid.
    """
    from praatio import textgrid as praat
    from praatio.utilities.errors import PraatioException

    _check_textgrid(path, read_text(path))
    try:
        grid = praat.openTextgrid(str(path), False, reportingMode="silence", duplicateNamesMode="rename")
        tiers = [
            Tier(
                name,
                tuple(
                    LabelledSpan(entry.start, entry.end, entry.label.strip()) for entry in grid.getTier(name).entries
                ),
            )
            for name in grid.tierNames
            if isinstance(grid.getTier(name), praat.IntervalTier)
        ]
    except (PraatioException, ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise AnnotationError(f"{path} is not a valid TextGrid ({reason})", "open it in Praat and save it") from error
    for tier in tiers:
        for span in tier.intervals:
            if not 0 <= span.start <= span.end < MAX_TIME:
                place = f"{path}, tier {abridged(tier.name)!r}"
                message = f"{place}: {span.start} to {span.end} is not a valid interval in seconds"
                raise AnnotationError(message, "correct it in Praat: times start at 0")
    return tiers
