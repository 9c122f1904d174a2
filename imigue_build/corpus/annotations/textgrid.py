"""Reader of Praat TextGrids: every form that Praat saves, as text and binary, alone or in a collection."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations.praat_values import BINARY, BinaryValues, TextValues, Values
from imigue_build.corpus.annotations.sources import MAX_TIME, LabelledSpan, decoded, read_data

_MAX_TIERS: Final = 500
_MAX_LABELS: Final = 1_000_000
_MAX_OBJECTS: Final = 100
_ROUNDING: Final = 0.001
"""Seconds by which a time may be negative, or an end before its start: programs that add times make such errors."""
_CHRONOLOGICAL: Final = "Praat chronological TextGrid text file"
_INTERVALS, _POINTS = "IntervalTier", "TextTier"


class Tier(NamedTuple):
    """A tier without its empty labels; in a tier of points, labels have no duration."""

    name: str
    intervals: tuple[LabelledSpan, ...]
    points: bool = False


def textgrid(path: Path) -> list[Tier]:
    """The tiers of a TextGrid.

    Raises:
        AnnotationError: If the file is not a valid TextGrid, or a collection that does not hold exactly one.
    """
    data = read_data(path)
    values: Values
    if data.startswith(BINARY):
        values = BinaryValues(path, data)
    else:
        values = TextValues(path, decoded(path, data))
        form = values.text()
        if form == _CHRONOLOGICAL:
            return _Reader(path, values).chronological()
        if not form.startswith("ooTextFile"):
            raise values.error("it does not begin as a TextGrid")
    kind = values.name()
    if kind == "Collection":
        return _Reader(path, values).collection()
    if kind != "TextGrid":
        raise values.error("it does not begin as a TextGrid")
    return _Reader(path, values).grid()


class _Reader:
    """Reads tiers from values, within bounds."""

    def __init__(self, path: Path, values: Values) -> None:
        self._path, self._values = path, values
        self._left = _MAX_LABELS

    def grid(self) -> list[Tier]:
        """The tiers of the TextGrid that comes next."""
        self._time()
        self._time()
        if not self._values.flag():
            return []
        return [self._tier() for _ in range(self._count(_MAX_TIERS, "tiers"))]

    def collection(self) -> list[Tier]:
        """The tiers of the one TextGrid in a collection; objects of numbers beside it, such as sounds, are skipped."""
        found: list[list[Tier]] = []
        others: set[str] = set()
        for _ in range(self._count(_MAX_OBJECTS, "objects")):
            kind, _name = self._values.name(), self._values.text()
            if kind == "TextGrid":
                found.append(self.grid())
                continue
            others.add(kind)
            if not self._values.more_numbers():
                break
            while self._values.more_numbers():
                self._values.number()
        if len(found) != 1 or (others and not self._values_end()):
            beside = f" and {', '.join(sorted(map(abridged, others)))}" if others else ""
            what = f"{self._path} is a collection of {len(found)} TextGrids{beside}"
            raise AnnotationError(what, "select the interview's TextGrid alone in Praat and save it as a text file")
        return found[0]

    def chronological(self) -> list[Tier]:
        """The tiers of a file whose labels are in time order, each after the number of its tier."""
        self._time()
        self._time()
        heads = []
        for _ in range(self._count(_MAX_TIERS, "tiers")):
            heads.append((self._kind(), self._values.text()))
            self._time()
            self._time()
        labels: list[list[LabelledSpan]] = [[] for _ in heads]
        while self._values.more():
            self._take_label()
            number = self._count(len(heads), "tiers")
            if not number:
                raise self._values.error("0 is not the number of a tier")
            kind, name = heads[number - 1]
            labels[number - 1] += self._label(kind, name)
        return [Tier(name, tuple(own), kind == _POINTS) for (kind, name), own in zip(heads, labels, strict=True)]

    def _values_end(self) -> bool:
        return not self._values.more()

    def _tier(self) -> Tier:
        kind, name = self._kind(), self._values.text()
        self._time()
        self._time()
        labels: list[LabelledSpan] = []
        announced = self._count(_MAX_LABELS, "labels")
        found = 0
        while found < announced or self._values.more_numbers():  # some programs announce one too few
            self._take_label()
            labels += self._label(kind, name)
            found += 1
        return Tier(name, tuple(labels), kind == _POINTS)

    def _kind(self) -> str:
        kind = self._values.name()
        if kind not in (_INTERVALS, _POINTS):
            raise self._values.error(f"{abridged(kind, 40)!r} is no kind of tier")
        return kind

    def _label(self, kind: str, name: str) -> list[LabelledSpan]:
        """The label that comes next; none if it is empty."""
        start = self._time()
        end = self._time() if kind == _INTERVALS else start
        text = self._values.text()
        if end < start - _ROUNDING:
            raise self._values.error(f"an interval from {start} to {end} in the tier {abridged(name, 40)!r}")
        return [LabelledSpan(start, max(start, end), text)] if text else []

    def _take_label(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise AnnotationError(f"{self._path} has more than {_MAX_LABELS} labels", "give one recording's file")

    def _time(self) -> float:
        """The next number, a time of this recording in seconds."""
        value = self._values.number()
        if value < -_ROUNDING:
            raise self._values.error(f"{value} is a negative time")
        if not value < MAX_TIME:
            raise self._values.error(f"{value} is not a time in seconds")
        return max(value, 0.0)

    def _count(self, most: int, of: str) -> int:
        """The next number, of things that follow."""
        value = self._values.count()
        if value > most:
            raise AnnotationError(f"{self._path} has more than {most} {of}", "give the file of one recording")
        if value < 0 or value != int(value):
            raise self._values.error(f"{value} is not a number of {of}")
        return int(value)
