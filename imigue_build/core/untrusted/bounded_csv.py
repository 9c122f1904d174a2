"""Text files and CSV tables from outside: read line by line, within limits, in any usual encoding.

A file is in UTF-8, or in UTF-16 if it says so by a byte-order mark; anything else is read as Windows-1252, and
`TextFile.warnings` says so. Errors name the line.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from imigue_build.core.errors import MOST_LISTED, ImigueError, UsageError
from imigue_build.core.untrusted.csv_rows import LONGEST_ROW, MAX_LINES, CsvError, Row, parse
from imigue_build.core.untrusted.files import Kind, open_regular, shown

_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
"""What commands a terminal, and is no white space."""
TABLE: Final = Kind("table", UsageError, "name a readable CSV file")
_MAX_COLUMNS: Final = 1000
_PART: Final = 1 << 20
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}


class Record(NamedTuple):
    """A row below a header: the number of its first line, from 1, and its cells by column name in lower case."""

    line: int
    fields: dict[str, str]


class Fault(NamedTuple):
    """What is wrong on a line, and how to correct it."""

    line: int
    what: str


class TextFile:
    """A text file from outside; it is opened anew for each reading.

    Args:
        path: The file.
        kind: What it is read as: its name in messages, the class of errors, the most bytes.
        encoding: Its encoding, where the user names one.
        max_lines: The number of lines above which it cannot be the right file.

    Raises:
        ImigueError: Of the kind's class, if it cannot be read, is too large or is no text.
    """

    def __init__(self, path: Path, kind: Kind = TABLE, encoding: str | None = None, max_lines: int = MAX_LINES) -> None:
        self.path = path
        self.kind = kind
        self._max_lines = max_lines
        self.warnings: tuple[str, ...] = ()
        self.encoding = encoding or self._detected()

    def text(self) -> str:
        """All of it, whatever the length of its lines; line ends are as they are."""
        with self._decoded() as file:
            return file.read()

    def lines(self) -> Iterator[str]:
        """The lines, with their ends as they are."""
        with self._decoded() as file:
            number = 0
            while line := file.readline(LONGEST_ROW + 1):
                number += 1
                if number > self._max_lines:
                    raise self._refused(f"has more than {self._max_lines} lines", "name the right file")
                if len(line) > LONGEST_ROW:
                    raise self.faulty([Fault(number, f"more than {LONGEST_ROW} characters")])
                if "\0" in line:
                    raise self._no_text()
                yield line

    def rows(self) -> Iterator[Row]:
        """The rows that hold anything, cut at commas, or at tabs in a file that is named `.tsv`."""
        separator = "\t" if self.path.suffix.lower() == ".tsv" else ","
        try:
            for row in parse(self.lines(), separator, skipinitialspace=True, max_lines=self._max_lines):
                if any(map(str.strip, row.fields)):
                    yield row
        except CsvError as error:
            raise self.faulty([Fault(error.line, f"not CSV ({error}); check the quotation marks")]) from None

    def table(self, columns: Sequence[str]) -> Iterator[Record]:
        """The rows below the header.

        Args:
            columns: Names that the header must hold; case does not matter, and there may be more, in any order.
        """
        rows = self.rows()
        header = next(rows, None)
        if header is None:
            raise self._refused("is empty", f"it begins with the line {','.join(columns)}")
        self.places(header, columns)
        names = [column_name(field) for field in header.fields]
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise self.faulty([_twice(header, name) for name in twice])
        for row in rows:
            if fault := misfit(row, header):
                faults = [fault, *(other for row in rows if (other := misfit(row, header)))]
                raise self.faulty(faults)
            yield Record(row.line, dict(zip(names, row.fields, strict=True)))

    def places(self, header: Row, columns: Sequence[str]) -> dict[str, int]:
        """Where in the header each of the columns is."""
        if len(header.fields) > _MAX_COLUMNS:
            raise self.faulty([Fault(header.line, f"{len(header.fields)} columns; at most {_MAX_COLUMNS} are read")])
        names = [column_name(field) for field in header.fields]
        wanted = [column_name(column) for column in columns]
        if missing := [column for column in wanted if column not in names]:
            if plural := other_separator(header.fields, wanted):
                raise self.faulty(
                    [Fault(header.line, f"columns are separated by {plural}; save the table with commas")]
                )
            found = shown(",".join(header.fields))[:120]
            expected = f"expected {','.join(columns)} (more columns and another order are fine)"
            raise self.faulty([Fault(header.line, f"no column {', '.join(missing)} in '{found}'; {expected}")])
        if twice := sorted({column for column in wanted if names.count(column) > 1}):
            raise self.faulty([_twice(header, name) for name in twice])
        return {column: names.index(column) for column in wanted}

    def faulty(self, faults: Sequence[Fault]) -> ImigueError:
        """The error of a file with these faults."""
        lines = [f"line {line}: {what}" for line, what in sorted(faults)]
        if len(lines) == 1:
            return self.kind.error(f"{shown(self.path)}, {lines[0]}")
        hidden = [f"... and {len(lines) - MOST_LISTED} more"] if len(lines) > MOST_LISTED else []
        listed = "\n  ".join(lines[:MOST_LISTED] + hidden)
        return self.kind.error(f"{shown(self.path)} has {len(lines)} faults:\n  {listed}")

    def _detected(self) -> str:
        """The encoding, by all bytes of the file; `warnings` says where it is not UTF-8."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        size, line, wrong, marked = 0, 1, "", False
        with self._opened() as file:
            while True:
                part = file.read(_PART)
                marked = marked or (not size and part.startswith(_UTF16))
                size += len(part)
                if size > self.kind.most_bytes:
                    found = f"cannot be read (larger than {self.kind.most_bytes / 1e6:.2g} MB)"
                    raise self._refused(found, "give the right file")
                if b"\0" in part and not marked:
                    raise self._no_text()
                if not (marked or wrong):
                    try:
                        decoder.decode(part, final=not part)
                    except UnicodeDecodeError as error:
                        at = line + error.object.count(b"\n", 0, error.start)
                        wrong = f"byte 0x{error.object[error.start]:02x} in line {at}"
                if not part:
                    break
                line += part.count(b"\n")
        if marked:
            return "utf-16"
        if wrong:
            self.warnings = (f"{shown(self.path.name)} is not in UTF-8 ({wrong}): read as Windows-1252",)
        return "cp1252" if wrong else "utf-8-sig"

    @contextmanager
    def _decoded(self) -> Iterator[TextIO]:
        try:
            with self._opened() as data, io.TextIOWrapper(data, self.encoding, newline="") as file:
                yield file
        except UnicodeDecodeError as error:
            found = f"is not in {self.encoding.upper()} (byte 0x{error.object[error.start]:02x})"
            raise self._refused(found, "save the table as CSV in UTF-8, or name its encoding") from None
        except LookupError:
            raise UsageError(f"there is no encoding {self.encoding!r}", "name one such as utf-8 or cp1252") from None

    @contextmanager
    def _opened(self) -> Iterator[BufferedReader]:
        try:
            with open_regular(self.path) as file:
                yield file
        except UnicodeError:
            raise
        except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
            why = (isinstance(error, OSError) and error.strerror) or str(error)
            what = f"{self.kind.name} {shown(self.path)} cannot be read ({why})"
            raise self.kind.error(what, self.kind.remedy) from None

    def _no_text(self) -> ImigueError:
        return self._refused("is a binary file, not text", "save the table as CSV in UTF-8")

    def _refused(self, found: str, remedy: str) -> ImigueError:
        return self.kind.error(f"{shown(self.path)} {found}", remedy)


def misfit(row: Row, header: Row) -> Fault | None:
    """The fault of a row that has more or fewer cells than the header; None where it fits."""
    if len(row.fields) == len(header.fields):
        return None
    found = f"{len(row.fields)} fields where the header has {len(header.fields)}; quote fields that hold commas"
    return Fault(row.line, found)


def other_separator(fields: Sequence[str], columns: Collection[str]) -> str | None:
    """What separates the columns of a header that was cut at commas, where its cells then hold all `columns`.

    >>> other_separator(["video_id;class"], {"video_id", "class"})
    'semicolons'
    """
    for separator, plural in _SEPARATORS.items():
        if set(columns) <= {column_name(name.strip().strip('"')) for name in separator.join(fields).split(separator)}:
            return plural
    return None


def plain(field: str) -> str:
    """A cell on one line, without spaces around it."""
    return " ".join(_CONTROL.sub("", field).split())


def column_name(field: str) -> str:
    """The name of a column: on one line, without spaces around it, in lower case."""
    return plain(field).lower()


def _twice(header: Row, name: str) -> Fault:
    return Fault(header.line, f"column {name} is there twice; keep one")
