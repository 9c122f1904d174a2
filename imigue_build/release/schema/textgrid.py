"""Praat TextGrids: written in long format, and read in Praat's long and short text formats."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.times import milliseconds
from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.rows import LATEST

LARGEST: Final = 1 << 26
"""Bytes of the largest file that is read: words and phones of a day."""
_MOST_TIERS: Final = 500
_MOST_INTERVALS: Final = 2_000_000

# Possessive (*+, ?+), so that no text takes more time than its length.
_NUMBER: Final = r"(-?\d{1,15}+(?:\.\d{1,30}+)?+(?:[eE][-+]?\d{1,3}+)?+)(?!\S)\s*+"
_TEXT: Final = r'"([^"]*+(?:""[^"]*+)*+)"\s*+'
_HEADER: Final = re.compile(
    r'\s*+File type = "ooTextFile"\s*+Object class = "TextGrid"\s*+'
    rf"(?:xmin ?= ?)?+{_NUMBER}(?:xmax ?= ?)?+{_NUMBER}(?:tiers\? ?)?+<exists>\s*+(?:size ?= ?)?+(\d{{1,9}}+)(?!\S)\s*+"
    r"(?:item ?\[\]:\s*+)?+"
)
_TIER: Final = re.compile(
    rf'(?:item ?\[\d{{1,9}}+\]:\s*+)?+(?:class ?= ?)?+"(IntervalTier|TextTier)"\s*+(?:name ?= ?)?+{_TEXT}'
    rf"(?:xmin ?= ?)?+{_NUMBER}(?:xmax ?= ?)?+{_NUMBER}(?:(?:intervals|points): ?size ?= ?)?+(\d{{1,9}}+)(?!\S)\s*+"
)
_INTERVAL: Final = re.compile(
    rf"(?:intervals ?\[\d{{1,9}}+\]:?\s*+)?+(?:xmin ?= ?)?+{_NUMBER}(?:xmax ?= ?)?+{_NUMBER}(?:text ?= ?)?+{_TEXT}"
)
_POINT: Final = re.compile(
    rf"(?:points ?\[\d{{1,9}}+\]:?\s*+)?+(?:(?:number|time) ?= ?)?+{_NUMBER}(?:(?:mark|text) ?= ?)?+{_TEXT}"
)


class Label(NamedTuple):
    """An interval with its text; `start` and `end` in milliseconds."""

    start: int
    end: int
    text: str


class Tier(NamedTuple):
    """An interval tier: its labels by start, which do not overlap; empty intervals are left out."""

    name: str
    labels: tuple[Label, ...]


class TextGrid(NamedTuple):
    """Tiers over [0, end]; milliseconds."""

    end: int
    tiers: tuple[Tier, ...]

    def labels(self, name: str) -> tuple[Label, ...]:
        """Those of a tier; none where there is no such tier."""
        return next((tier.labels for tier in self.tiers if tier.name == name), ())


def disjoint(labels: Iterable[Label], end: int) -> tuple[Label, ...]:
    """The labels sorted, within [0, end], and each from the end of the one before at the earliest."""
    kept: list[Label] = []
    at = 0
    for label in sorted(labels):
        start, stop = max(label.start, at), min(label.end, end)
        if start < stop:
            kept.append(Label(start, stop, label.text))
            at = stop
    return tuple(kept)


def write(path: Path, grid: TextGrid) -> None:
    """Writes a TextGrid in long format; every tier covers [0, end] without holes."""
    from praatio.textgrid import IntervalTier, Textgrid
    from praatio.utilities.constants import Interval

    end = grid.end / 1000
    document = Textgrid(0.0, end)
    for tier in grid.tiers:
        intervals = [Interval(label.start / 1000, label.end / 1000, label.text) for label in tier.labels]
        document.addTier(IntervalTier(tier.name, intervals, 0.0, end))
    document.save(str(path), format="long_textgrid", includeBlankSpaces=True, reportingMode="error")


def parse(data: bytes) -> TextGrid:
    """The TextGrid in a file's content, as a release has it or as Praat saves it; tiers of points are left out.

    Times are rounded to the millisecond; blanks around a text are taken away. It takes time and memory in proportion
    to the content.

    Raises:
        FormatError: If it is no such TextGrid, its intervals overlap or leave it, or two tiers have one name.
    """
    text = _text(data)
    header = _HEADER.match(text)
    if not header:
        raise FormatError("it does not begin as a TextGrid")
    end = _time(header[2])
    if _time(header[1]) != 0:
        raise FormatError(f"it begins at {header[1]}, not at 0")
    if int(header[3]) > _MOST_TIERS:
        raise FormatError(f"more than {_MOST_TIERS} tiers")
    at, left = header.end(), _MOST_INTERVALS
    tiers: list[Tier] = []
    for _ in range(int(header[3])):
        head = _TIER.match(text, at)
        if not head:
            raise FormatError("no tier begins here", _line(text, at))
        size = int(head[5])
        left -= size
        if left < 0:
            raise FormatError(f"more than {_MOST_INTERVALS:,} intervals")
        if head[1] == "TextTier":
            at = _skipped(text, head.end(), size)
            continue
        labels, at = _labels(text, head.end(), size, end)
        tiers.append(Tier(_unquoted(head[2]), labels))
    if at < len(text):
        raise FormatError("more follows than it announces", _line(text, at))
    if len({tier.name for tier in tiers}) < len(tiers):
        raise FormatError("two tiers have one name")
    return TextGrid(end, tuple(tiers))


def _text(data: bytes) -> str:
    """Praat saves in UTF-16 what is not ASCII."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"it is not in UTF-8 (byte {error.start})") from None


def _labels(text: str, at: int, size: int, end: int) -> tuple[tuple[Label, ...], int]:
    """The labels of the tier whose intervals begin at a place, and the place after them."""
    labels: list[Label] = []
    before = 0
    for _ in range(size):
        match = _INTERVAL.match(text, at)
        if not match:
            raise FormatError("no interval begins here", _line(text, at))
        start, stop = _time(match[1]), _time(match[2])
        label = _unquoted(match[3]).strip()
        if not before <= start <= stop <= end or (label and start == stop):
            what = f"the interval from {match[1]} to {match[2]} overlaps another, leaves its tier or has no length"
            raise FormatError(what, _line(text, at))
        if label:
            labels.append(Label(start, stop, label))
        before, at = stop, match.end()
    return tuple(labels), at


def _skipped(text: str, at: int, size: int) -> int:
    """The place after the points that begin at one."""
    for _ in range(size):
        match = _POINT.match(text, at)
        if not match:
            raise FormatError("no point begins here", _line(text, at))
        at = match.end()
    return at


def _time(number: str) -> int:
    """Milliseconds of a printed number of seconds."""
    seconds = float(number)
    if not 0 <= seconds < LATEST:
        raise FormatError(f"{number} is no time in seconds")
    return milliseconds(seconds)


def _unquoted(text: str) -> str:
    return text.replace('""', '"') if '""' in text else text


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
