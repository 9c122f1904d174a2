"""Shared parsing of annotation files: text, lines, columns and times.

Times are seconds. `AnnotationError` says what is wrong with a file, and on which line.
"""

from __future__ import annotations

import io
import logging
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.plurals import counted
from imigue_build.core.untrusted.files import Kind, read_bytes

log_warning: Final = logging.getLogger(__name__).warning
Warn = Callable[[str], None]
"""Takes what a user should know of a file that is read: what is left out, and why."""
_FILE: Final = Kind("the file", AnnotationError, "check the file")
DAMAGED: Final = "\ufffd"
"""Stands for bytes that are no UTF-8, in a text that is; tools that cut texts into bytes write them."""
MAX_TIME: Final = 1e9
"""Seconds; no recording is that long."""
_ROUNDING: Final = 0.001
"""Seconds by which a time may be negative: programs that subtract times make such errors."""
MAX_LINES: Final = 1_000_000
MAX_WORDS: Final = 200_000
"""Words or turns of one recording; more than a day of speech has."""
_MAX_SPEAKERS: Final = 200
_MAX_WORD_LENGTH: Final = 1000
"""Characters; in languages written without spaces a "word" is a whole segment."""
_COMMENT: Final = (";;", "#")
_AT_LINE_END: Final = re.compile(r"\u00ad[ \t]*\r?\n[ \t]*(?=[^\W\d_])")
_UNSEEN: Final = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF))
"""Soft hyphens, marks of direction and of width nought, which tools put before names, numbers and texts."""


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


def read_text(path: Path) -> str:
    """The content of a text file.

    Raises:
        AnnotationError: If it cannot be read or is too large to be a transcript.
    """
    return decoded(path, read_data(path))


def read_data(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        AnnotationError: If it cannot be read or is too large to be a transcript.
    """
    return read_bytes(path, _FILE)


def decoded(path: Path, data: bytes) -> str:
    """The text in the bytes of a file, by its byte order mark or its first characters.

    Raises:
        AnnotationError: If it has no encoding that is known.
    """
    for encoding in (_utf16(data),) if _utf16(data) else ("utf-8-sig", "cp1252"):
        if encoding == "cp1252" and (damaged := _damaged_utf8(data)) is not None:
            return damaged
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AnnotationError(f"{path} is not a text file", "save it as UTF-8")


def _utf16(data: bytes) -> str:
    """The encoding of text in UTF-16, which begins with its mark or with a letter of ASCII; "" for other text."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if len(data) > 1 and (not data[0]) != (not data[1]):
        return "utf-16-le" if data[0] else "utf-16-be"
    return ""


def _damaged_utf8(data: bytes) -> str | None:
    """Text with some bytes that are no UTF-8 (U+FFFD), among others that are; None where it has another encoding."""
    text = data.decode("utf-8", "replace")
    return text if any(char > "\x7f" and char != DAMAGED for char in text) else None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, counted from 1, without characters that are not seen.

    A soft hyphen at the end of a line joins the halves of a word.

    Raises:
        AnnotationError: If it cannot be read or has more than `MAX_LINES` lines.
    """
    text = _AT_LINE_END.sub("", read_text(path)).translate(_UNSEEN)
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
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
            raise line_error(path, number, f"{counted(len(columns), 'column')}, expected at least {min_columns}")
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
    if not -_ROUNDING < value < MAX_TIME:
        hint = ": write a point for the comma" if re.fullmatch(r"\d+,\d+", text) else ""
        raise line_error(path, line, f"{abridged(text)!r} is not a time in seconds{hint}")
    return max(value, 0.0)


def select_recording(path: Path, video_id: str, names: Sequence[str], warn: Warn = log_warning) -> str:
    """The name under which a file lists this recording: the one that is the id, or its only name.

    Raises:
        AnnotationError: If the file lists several recordings, none with this id, or another interview alone.
    """
    recordings = list(dict.fromkeys(names))
    own = [name for name in recordings if _is_of(name, video_id)]
    if len(own) > 1:
        listed = ", ".join(repr(abridged(name, 80)) for name in own[:3])
        raise AnnotationError(f"{path} lists {video_id} under several names: {listed}", "use one of them")
    if own:
        return own[0]
    remedy = "use the interview's id as its name"
    if len(recordings) > 1:
        raise AnnotationError(f"{path} lists {len(recordings)} recordings, but not {video_id}", remedy)
    if recordings[0].isdecimal() and video_id.isdecimal():
        raise AnnotationError(f"{path} is about the recording {abridged(recordings[0])}, not {video_id}", remedy)
    warn(f"{path.name} is about the recording {abridged(recordings[0], 80)!r}: it is taken for {video_id}")
    return recordings[0]


def _is_of(name: str, video_id: str) -> bool:
    """Whether a file means an interview by its id, the id without leading zeros, or the path of a media file."""
    stem = name.replace("\\", "/").rpartition("/")[2]
    stems = {stem, stem.rpartition(".")[0]}
    return any(found == video_id or (found.isdecimal() and found.zfill(4) == video_id) for found in stems)
