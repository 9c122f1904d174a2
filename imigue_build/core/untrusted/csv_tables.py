"""CSV tables: read line by line within limits, and written so that no spreadsheet runs what is in a cell.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return is a formula to spreadsheets. It
is written with an apostrophe before it, which they take for "this is text"; `restored` takes it away
again, so that what was read from such a table is what was written into it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

MAX_LINES: Final = 300_000
LONGEST_LINE: Final = 200_000
"""Characters; a field alone may have 131,072, which is the csv module's own limit."""
_MOST_LINES_OF_A_ROW: Final = 1000
_FORMULA: Final = re.compile("(^|;)('*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")
"""Also where spreadsheets of some countries cut: at semicolons; and in full width."""
_SHIELDED: Final = re.compile("(^|;)'('*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")


def rows(text: str, skipinitialspace: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table, empty ones included, each with the number of its first line.

    Raises:
        csv.Error: If it is no CSV, or larger than a table can be.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True, skipinitialspace=skipinitialspace)
    first = 1
    for fields in reader:
        yield first, fields
        first = reader.line_num + 1
        lines.of_row = 0


class _Lines:
    """The lines of a text, counted."""

    def __init__(self, text: str) -> None:
        self._lines = enumerate(io.StringIO(text, newline=""), 1)
        self.of_row = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        number, line = next(self._lines)
        self.of_row += 1
        if number > MAX_LINES:
            raise csv.Error(f"more than {MAX_LINES} lines")
        if len(line) > LONGEST_LINE:
            raise csv.Error(f"a line of more than {LONGEST_LINE} characters")
        if self.of_row > _MOST_LINES_OF_A_ROW:
            raise csv.Error("a quotation mark that is not closed")
        return line


def shielded(cell: str) -> str:
    """A cell as it is written: as it is, unless a spreadsheet would take it for a formula."""
    return _FORMULA.sub(r"\1'\2", cell)


def restored(cell: str) -> str:
    """The cell that `shielded` was given."""
    return _SHIELDED.sub(r"\1\2", cell)
