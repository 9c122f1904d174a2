"""Reading a user's table row by row: a file of any size takes no more memory than its longest row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import open_regular, shown

_LONGEST: Final = 1 << 20
"""Longest line and field that is read, in characters: a longer one is no table, or a missing quotation mark."""


class Line(NamedTuple):
    """A row: its line in the file (of its end, from 1) and its fields by column."""

    number: int
    fields: dict[str, str]


def rows(path: Path, columns: Sequence[str] = (), encoding: str = "utf-8-sig") -> Iterator[Line]:
    """The rows of a CSV file (of a TSV file, where it is named so), blank lines left out.

    Args:
        path: The file; its first line names the columns.
        columns: Those that it must have.
        encoding: Of the file.

    Raises:
        UsageError: If it cannot be read, lacks a column, or a row does not fit the header; the line is named.
    """
    try:
        with open_regular(path) as data, io.TextIOWrapper(data, encoding, newline="") as file:
            yield from _rows(path, _lines(path, file), columns)
    except OSError as error:
        raise UsageError(f"{shown(path)} cannot be read ({error.strerror})", "name a readable CSV file") from None
    except UnicodeDecodeError as error:
        found = f"{shown(path)} is not in {encoding.upper()} (byte 0x{error.object[error.start]:02x})"
        raise UsageError(found, "save the table as CSV in UTF-8, or name its encoding") from None
    except LookupError:
        raise UsageError(f"there is no encoding {encoding!r}", "name one such as utf-8 or cp1252") from None


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    while line := file.readline(_LONGEST + 1):
        if len(line) > _LONGEST:
            raise UsageError(f"{shown(path)} has a line of more than {_LONGEST} characters", "name a CSV file")
        yield line


def _rows(path: Path, file: Iterator[str], columns: Sequence[str]) -> Iterator[Line]:
    before = csv.field_size_limit(_LONGEST)
    reader = csv.reader(file, strict=True, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    try:
        header = next((fields for fields in reader if fields), None)
        if header is None:
            raise UsageError(f"{shown(path)} is empty", "its first line must name the columns")
        header = [name.strip() for name in header]
        _check(path, header, columns)
        for fields in reader:
            if not fields:
                continue
            if len(fields) != len(header):
                found = f"{len(fields)} fields where the header has {len(header)}"
                remedy = "quote fields that hold commas"
                raise UsageError(f"{shown(path)}, line {reader.line_num}: {found}", remedy)
            yield Line(reader.line_num, dict(zip(header, fields, strict=True)))
    except csv.Error as error:
        raise UsageError(
            f"{shown(path)}, line {reader.line_num}: not CSV ({error})", "check the quotation marks"
        ) from None
    finally:
        csv.field_size_limit(before)


def _check(path: Path, header: list[str], columns: Sequence[str]) -> None:
    there = shown(", ".join(header))
    if missing := [name for name in columns if name not in header]:
        raise UsageError(f"{shown(path)} has no column {', '.join(missing)}", f"its columns are: {there[:300]}")
    if twice := sorted({name for name in header if header.count(name) > 1 and (name in columns or not columns)}):
        raise UsageError(f"{shown(path)} has the column {', '.join(twice)} twice", "keep one")
