"""Reading files of labels that people have: what their formats share.

Every reader gives spans in seconds. `LabelError` says what is wrong with a file, and on which line.
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
LATEST: Final = 1e9
"""Seconds; no recording is that long."""
MOST_LINES: Final = 1_000_000
MOST_WORDS: Final = 200_000
"""Words, or stretches of time, of one recording: nobody says as many in a day."""
_MOST_SPEAKERS: Final = 200
_LONGEST_WORD: Final = 1000
"""Characters; in languages without blanks it is a whole segment."""
_MOST_TIERS: Final = 500
_ITEM: Final = re.compile(r"item ?\[")
_INTERVALS: Final = re.compile(r"intervals ?\[")
_POINTS: Final = re.compile(r"points ?\[")
_LABEL: Final = re.compile(r'(?:text|mark|name) ?= ?"')
_MOST_LABELS: Final = 8
"""Of one interval; more than one can only be in its text."""
_NEGATIVE: Final = re.compile(r"^[ \t]*(?:xmin|xmax|number) ?= ?-[0.]*[1-9]", re.MULTILINE)
_COMMENT: Final = (";;", "#")


class Labelled(NamedTuple):
    """A stretch of time with what is written on it: text or nothing, and who speaks, if it is known."""

    start: float
    end: float
    text: str
    speaker: str | None = None
    confidence: float | None = None


class Tier(NamedTuple):
    """One interval tier of a TextGrid, without its empty intervals."""

    name: str
    intervals: tuple[Labelled, ...]


def read_text(path: Path) -> str:
    """The content of a text file.

    Raises:
        AnnotationError: If it cannot be read or is too large to be a transcript.
    """
    data = read_bytes(path, _FILE)
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AnnotationError(f"{path} is no text", "give it in UTF-8")


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, from 1.

    Raises:
        AnnotationError: If it cannot be read or has more lines than a transcript can have.
    """
    for number, line in enumerate(io.StringIO(read_text(path), newline=None), 1):
        if number > MOST_LINES:
            raise AnnotationError(f"{path} has more than {MOST_LINES} lines", "give the right file")
        yield number, line.rstrip("\n")


def bounded(path: Path, found: Iterable[Labelled]) -> list[Labelled]:
    """What was found in a file, if it can be of one recording: what comes later takes time with its square.

    Raises:
        AnnotationError: If it cannot.
    """
    kept = list(found)
    words = [word for one in kept for word in one.text.split()]
    if max(len(kept), len(words)) > MOST_WORDS:
        raise AnnotationError(f"{path} holds more than {MOST_WORDS} words or turns", "give the file of one recording")
    if any(len(word) > _LONGEST_WORD for word in words):
        what = f"{path} holds a word of more than {_LONGEST_WORD} characters"
        raise AnnotationError(what, "put blanks between the words")
    if len({one.speaker for one in kept}) > _MOST_SPEAKERS:
        raise AnnotationError(f"{path} names more than {_MOST_SPEAKERS} speakers", "give the file of one recording")
    return kept


def fault(path: Path, line: int, what: str) -> AnnotationError:
    """The error of a line, counted from 1."""
    return AnnotationError(f"{path}, line {line}: {what}", "correct the line, or give the file in another format")


def fields(path: Path, least: int, most_splits: int = -1) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file of columns, with their numbers; comments and empty lines are left out.

    Args:
        least: How many columns a line has at the least.
        most_splits: After how many columns the rest of a line is one.
    """
    for number, line in lines(path):
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            continue
        columns = line.split(None, most_splits)
        if len(columns) < least:
            raise fault(path, number, f"{len(columns)} columns, of at least {least}")
        yield number, columns


def seconds(path: Path, line: int, text: str) -> float:
    """A time of a line.

    Raises:
        AnnotationError: If it is no time.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < LATEST:
        raise fault(path, line, f"{abridged(text)!r} is no time in seconds")
    return value


def of_recording(path: Path, video_id: str, names: Sequence[str]) -> str:
    """Which of the recordings that a file speaks of is this one: the only one, or the one of its id.

    Raises:
        AnnotationError: If it speaks of several and of none by this id.
    """
    known = list(dict.fromkeys(names))
    if len(known) == 1:
        return known[0]
    for name in known:
        if name == video_id or (name.isdigit() and name.zfill(4) == video_id):
            return name
    raise AnnotationError(
        f"{path} speaks of {len(known)} recordings, and {video_id} is none of them", "name its lines by the id"
    )


def stm(path: Path, video_id: str) -> list[Labelled]:
    """The segments of an STM file: `recording channel speaker start end [<labels>] text`."""
    found: list[tuple[str, Labelled]] = []
    for number, columns in fields(path, 5, most_splits=5):
        start, end = seconds(path, number, columns[3]), seconds(path, number, columns[4])
        text = columns[5].strip() if len(columns) > 5 else ""
        if text.startswith("<") and ">" in text:
            text = text.partition(">")[2].strip()
        if columns[2].lower() != "inter_segment_gap":
            found.append((columns[0], Labelled(start, end, text, columns[2])))
    if not found:
        return []
    name = of_recording(path, video_id, [name for name, _ in found])
    return [segment for recording, segment in found if recording == name]


def _check_textgrid(path: Path, text: str) -> None:
    """Refuses what takes praatio time with its square, and the signs that it reads over."""
    tiers = _ITEM.split(text)
    if max(len(tiers), text.count('"IntervalTier"') + text.count('"TextTier"')) > _MOST_TIERS:
        raise AnnotationError(f"{path} has more than {_MOST_TIERS} tiers", "give the file of one recording")
    for tier in tiers:
        cut = _INTERVALS if 'class = "IntervalTier"' in tier else _POINTS
        if any(len(_LABEL.findall(part)) > _MOST_LABELS for part in cut.split(tier)):
            raise AnnotationError(f"{path} is no readable TextGrid (texts in a text)", "open it in Praat and save it")
    if _NEGATIVE.search(text):
        raise AnnotationError(f"{path} has a negative time", "correct it in Praat: times run from 0")


def textgrid(path: Path) -> list[Tier]:
    """The interval tiers of a TextGrid.

    Raises:
        AnnotationError: If it is none.
    """
    from praatio import textgrid as praat
    from praatio.utilities.errors import PraatioException

    _check_textgrid(path, read_text(path))
    try:
        grid = praat.openTextgrid(str(path), False, reportingMode="silence", duplicateNamesMode="rename")
        tiers = [
            Tier(name, tuple(Labelled(one.start, one.end, one.label.strip()) for one in grid.getTier(name).entries))
            for name in grid.tierNames
            if isinstance(grid.getTier(name), praat.IntervalTier)
        ]
    except (PraatioException, ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError) as error:
        what = " ".join(str(error).split())[:200]
        raise AnnotationError(f"{path} is no readable TextGrid ({what})", "open it in Praat and save it") from error
    for tier in tiers:
        for one in tier.intervals:
            if not 0 <= one.start <= one.end < LATEST:
                place = f"{path}, tier {abridged(tier.name)!r}"
                what = f"{place}: {one.start} to {one.end} is no stretch of time in seconds"
                raise AnnotationError(what, "correct it in Praat: times run from 0")
    return tiers
