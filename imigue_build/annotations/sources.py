"""Reading files of labels that people have: what their formats share.

Every reader gives spans in seconds. `LabelError` says what is wrong with a file, and on which line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.errors import AnnotationError
from imigue_build.userfiles import Kind, read_bytes

_FILE: Final = Kind("the file", AnnotationError, "check the file")
LATEST: Final = 1e9
"""Seconds; no recording is that long."""
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


def fault(path: Path, line: int, what: str) -> AnnotationError:
    """The error of a line, counted from 1."""
    return AnnotationError(f"{path}, line {line}: {what}", "correct the line, or give the file in another format")


def fields(path: Path, least: int, most_splits: int = -1) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file of columns, with their numbers; comments and empty lines are left out.

    Args:
        least: How many columns a line has at the least.
        most_splits: After how many columns the rest of a line is one.
    """
    for number, line in enumerate(read_text(path).splitlines(), 1):
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
        raise fault(path, line, f"{text!r} is no time in seconds")
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


def textgrid(path: Path) -> list[Tier]:
    """The interval tiers of a TextGrid.

    Raises:
        AnnotationError: If it is none.
    """
    from praatio import textgrid as praat
    from praatio.utilities.errors import PraatioException

    read_text(path)
    try:
        grid = praat.openTextgrid(str(path), False, reportingMode="silence", duplicateNamesMode="rename")
        return [
            Tier(name, tuple(Labelled(one.start, one.end, one.label.strip()) for one in grid.getTier(name).entries))
            for name in grid.tierNames
            if isinstance(grid.getTier(name), praat.IntervalTier)
        ]
    except (PraatioException, ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError) as error:
        what = " ".join(str(error).split())[:200]
        raise AnnotationError(f"{path} is no readable TextGrid ({what})", "open it in Praat and save it") from error
