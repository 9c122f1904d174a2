"""The values of a file that Praat saved, one after the other: texts, numbers and flags, from text or from binary.

By Praat's rule for text files, only texts in double quotes, numbers with blanks around them and flags such as
`<exists>` count; all else (`xmin =`, `intervals [1]:`) is for people. So long and short files are read alike.
https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations.trigraphs import spelled_out

BINARY: Final = b"ooBinaryFile"
# Possessive (*+, ?+), so that no text takes more time than its length.
_TOKEN: Final = re.compile(
    r'"(?P<text>[^"]*+(?:""[^"]*+)*+)"|(?P<number>[-+]?\d++(?:\.\d*+)?+(?:[eE][-+]?\d++)?+)(?!\S)|<[^<>\s]*+>'
    r'|(?P<open>")|(?<!\S)![^\n]*+|[^\s"<]++|<'
)
_REMEDY: Final = "open it in Praat and save it as a text file"
_WIDE: Final = 0xFFFF
"""Stands in place of a length before a text that is not ASCII."""


class Values(Protocol):
    """What both kinds of files have in common."""

    def name(self) -> str:
        """The next name of a class, without its version."""

    def text(self) -> str:
        """The next text, with blanks as single ones."""

    def number(self) -> float:
        """The next number."""

    def count(self) -> float:
        """The next number, of things that follow."""

    def flag(self) -> bool:
        """Whether what follows is there."""

    def more_numbers(self) -> bool:
        """Whether a number follows."""

    def more(self) -> bool:
        """Whether anything follows."""

    def error(self, problem: str) -> AnnotationError:
        """The error for the value read last."""


class TextValues:
    """The values of a text file."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text
        self._at = 0
        self._tokens: Iterator[re.Match[str]] = (
            token for token in _TOKEN.finditer(text) if token.lastgroup is not None
        )
        self._ahead = next(self._tokens, None)

    def name(self) -> str:
        return self.text().partition(" ")[0]

    def text(self) -> str:
        return _plain(self._next("text").replace('""', '"'))

    def number(self) -> float:
        return float(self._next("number"))

    def count(self) -> float:
        return self.number()

    def flag(self) -> bool:
        return True  # where it is not, no number of things follows

    def more_numbers(self) -> bool:
        return self._ahead is not None and self._ahead["number"] is not None

    def more(self) -> bool:
        return self._ahead is not None

    def error(self, problem: str) -> AnnotationError:
        line = self._text.count("\n", 0, self._at) + 1
        return AnnotationError(f"{self._path} is not a valid TextGrid (line {line}: {problem})", _REMEDY)

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


class BinaryValues:
    """The values of a binary file: big-endian numbers, texts after their lengths."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path, self._data = path, data
        self._at = len(BINARY)

    def name(self) -> str:
        return self._bytes(self._whole(">B")).decode("latin-1").partition(" ")[0]

    def text(self) -> str:
        length = self._whole(">H")
        if length != _WIDE:
            return _plain(self._bytes(length).decode("latin-1"))
        length, start = self._whole(">H"), self._at
        for _ in range(length):  # of characters, some of which take two units
            if 0xD800 <= self._whole(">H") < 0xDC00:
                self._whole(">H")
        try:
            return _plain(self._data[start : self._at].decode("utf-16-be"))
        except UnicodeDecodeError:
            raise self.error("a text is not UTF-16") from None

    def number(self) -> float:
        (number,) = struct.unpack(">d", self._bytes(8))
        return float(number)

    def count(self) -> float:
        return self._whole(">i")

    def flag(self) -> bool:
        return bool(self._whole(">B"))

    def more_numbers(self) -> bool:
        return False  # a binary file has as many things as it announces

    def more(self) -> bool:
        return self._at < len(self._data)

    def error(self, problem: str) -> AnnotationError:
        return AnnotationError(f"{self._path} is not a valid TextGrid (byte {self._at}: {problem})", _REMEDY)

    def _whole(self, form: str) -> int:
        (number,) = struct.unpack(form, self._bytes(struct.calcsize(form)))
        return int(number)

    def _bytes(self, length: int) -> bytes:
        end = self._at + length
        if end > len(self._data):
            raise self.error("it ends too early")
        found, self._at = self._data[self._at : end], end
        return found


def _plain(text: str) -> str:
    return " ".join(spelled_out(text).split())
