"""Reader of Praat TextGrids: every text form that Praat reads.

By Praat's rule for text files, only texts in double quotes, numbers with blanks around them and flags such as
`<exists>` count; all else (`xmin =`, `intervals [1]:`) is for people. So long and short files are read alike.
https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations.sources import MAX_TIME, LabelledSpan, read_text

_MAX_TIERS: Final = 500
_MAX_LABELS: Final = 1_000_000
# Possessive (*+, ?+), so that no text takes more time than its length.
_TOKEN: Final = re.compile(
    r'"(?P<text>[^"]*+(?:""[^"]*+)*+)"|(?P<number>[-+]?\d++(?:\.\d*+)?+(?:[eE][-+]?\d++)?+)(?!\S)|<[^<>\s]*+>'
    r'|(?P<open>")|(?<!\S)![^\n]*+|[^\s"<]++|<'
)
_REMEDY: Final = "open it in Praat and save it as a text file"


class Tier(NamedTuple):
    """A tier without its empty labels; in a tier of points, labels have no duration."""

    name: str
    intervals: tuple[LabelledSpan, ...]
    points: bool = False


def textgrid(path: Path) -> list[Tier]:
    """The tiers of a TextGrid.

    Raises:
        AnnotationError: If the file is not a valid TextGrid.
    """
    text = read_text(path)
    if text.startswith("ooBinaryFile"):
        raise AnnotationError(f"{path} is a binary TextGrid", _REMEDY)
    values = _Values(path, text)
    if not values.text().startswith("ooTextFile") or values.text() != "TextGrid":
        raise values.error("it does not begin as a TextGrid")
    values.number()
    values.number()
    count = values.count(_MAX_TIERS, "tiers")
    return [_tier(values) for _ in range(count)]


class _Values:
    """The texts and numbers of a file, one after the other."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text
        self._at = 0
        self._left = _MAX_LABELS
        self._tokens: Iterator[re.Match[str]] = (
            token for token in _TOKEN.finditer(text) if token.lastgroup is not None
        )
        self._ahead = next(self._tokens, None)

    def text(self) -> str:
        """The next text, with blanks as single ones."""
        found = self._next("text")
        return " ".join(found.replace('""', '"').split())

    def number(self) -> float:
        """The next number, a time of this recording in seconds."""
        value = float(self._next("number"))
        if value < 0:
            raise AnnotationError(
                f"{self._path}, line {self._line()}: a negative time", "correct it in Praat: times start at 0"
            )
        if not value < MAX_TIME:
            raise self.error(f"{value} is not a time in seconds")
        return value

    def count(self, most: int, of: str) -> int:
        """The next number, of things that follow."""
        value = float(self._next("number"))
        if value > most:
            raise AnnotationError(f"{self._path} has more than {most} {of}", "give the file of one recording")
        if value < 0 or value != int(value):
            raise self.error(f"{value} is not a number of {of}")
        return int(value)

    def labels(self) -> Iterator[None]:
        """Once for each label of a tier, of which the number comes first; some programs write one that is too small.

        Raises:
            AnnotationError: If there are fewer labels than announced, or more than one recording has.
        """
        announced = self.count(_MAX_LABELS, "labels")
        found = 0
        while found < announced or (self._ahead is not None and self._ahead["number"] is not None):
            self._left -= 1
            if self._left < 0:
                raise AnnotationError(f"{self._path} has more than {_MAX_LABELS} labels", "give one recording's file")
            yield
            found += 1

    def error(self, problem: str) -> AnnotationError:
        return AnnotationError(f"{self._path} is not a valid TextGrid (line {self._line()}: {problem})", _REMEDY)

    def _next(self, kind: str) -> str:
        token, self._ahead = self._ahead, next(self._tokens, None)
        if token is None:
            raise self.error("it ends too early")
        self._at = token.start()
        if token["open"]:
            raise self.error("a quotation mark is not closed")
        if token[kind] is None:
            raise self.error(f"a {kind} is expected, not {abridged(token[0], 40)}")
        return token[kind]

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1


def _tier(values: _Values) -> Tier:
    kind = values.text()
    if kind not in ("IntervalTier", "TextTier"):
        raise values.error(f"{abridged(kind, 40)!r} is no kind of tier")
    name = values.text()
    values.number()
    values.number()
    labels: list[LabelledSpan] = []
    for _ in values.labels():
        start = values.number()
        end = values.number() if kind == "IntervalTier" else start
        text = values.text()
        if end < start:
            raise values.error(f"an interval from {start} to {end} in the tier {abridged(name, 40)!r}")
        if text:
            labels.append(LabelledSpan(start, end, text))
    return Tier(name, tuple(labels), kind == "TextTier")
