"""The rows of a CSV text, numbered by their lines, within limits."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

MAX_LINES: Final = 300_000
"""Lines of a table that is held in memory."""
LONGEST_ROW: Final = 1 << 20
"""Characters of a row, so also of a line and of a cell."""
_MAX_LINES_OF_A_ROW: Final = 1000

csv.field_size_limit(LONGEST_ROW)  # of the whole process, so it is set once; `parse` keeps rows below it


class Row(NamedTuple):
    """A row of a table: the number of its first line, from 1, and its cells."""

    line: int
    fields: list[str]


class CsvError(ValueError):
    """A text that is no CSV, or a row that is larger than any that is meant; `line` is the row's first."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def parse(
    lines: Iterable[str], separator: str = ",", skipinitialspace: bool = False, max_lines: int = MAX_LINES
) -> Iterator[Row]:
    """The rows of a CSV text, empty ones included.

    Args:
        lines: With their ends.
        separator: Between the cells of a row.
        skipinitialspace: Whether spaces after a separator are left out.
        max_lines: The number of lines above which it is no table.

    Raises:
        CsvError: If it is no CSV, or larger than a table can be.

    >>> list(parse(["a,b\\n", '"1\\n', '2",3\\n']))
    [Row(line=1, fields=['a', 'b']), Row(line=2, fields=['1\\n2', '3'])]
    """
    bounded = _Bounded(lines, max_lines)
    reader = csv.reader(bounded, strict=True, delimiter=separator, skipinitialspace=skipinitialspace)
    first = 1
    try:
        for fields in reader:
            yield Row(first, fields)
            first = reader.line_num + 1
            bounded.row_lines = bounded.row_length = 0
    except csv.Error as error:
        raise CsvError(first, str(error)) from None


class _Bounded:
    """Lines, counted by the row: a quotation mark that is not closed ends with an error, not with the memory."""

    def __init__(self, lines: Iterable[str], max_lines: int) -> None:
        self._lines = enumerate(lines, 1)
        self._max_lines = max_lines
        self.row_lines = 0
        self.row_length = 0

    def __iter__(self) -> _Bounded:
        return self

    def __next__(self) -> str:
        number, line = next(self._lines)
        self.row_lines += 1
        self.row_length += len(line)
        if number > self._max_lines:
            raise csv.Error(f"more than {self._max_lines} lines")
        if self.row_lines > _MAX_LINES_OF_A_ROW or (self.row_lines > 1 and self.row_length > LONGEST_ROW):
            raise csv.Error("a quotation mark that is not closed")
        if self.row_length > LONGEST_ROW:
            raise csv.Error(f"a line of more than {LONGEST_ROW} characters")
        return line
