"""Tables of labels as text: reading one, cutting it into cells, and saying which of its lines are at fault."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import MOST_LISTED, UsageError
from imigue_build.core.untrusted import csv_tables as tables
from imigue_build.core.untrusted.files import Kind, read_bytes, shown

_LABELS: Final = Kind("labels", UsageError, "name a readable CSV file")


_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}


class Fault(NamedTuple):
    """What is wrong on a line, and how to mend it."""

    line: int
    what: str


def decoded(path: Path) -> tuple[str, tuple[str, ...]]:
    """A table's text, and a warning if it is not in UTF-8.

    Raises:
        UsageError: If it cannot be read, or is no text.
    """
    data = read_bytes(path, _LABELS)
    if b"\0" in data:
        utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        found = "is in UTF-16" if utf16 else "is a binary file, not CSV"
        raise UsageError(f"{shown(path)} {found}", "save the table as CSV in UTF-8")
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{data[error.start]:02x} in line {line}"
        return data.decode("latin-1"), (f"{shown(path)} is not in UTF-8 ({found}): read as Latin-1",)


def cells(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV text as (line number, fields), rows without any content left out.

    Raises:
        UsageError: If it is no CSV; the line is named.
    """
    line = 0
    try:
        for line, fields in tables.rows(text):
            if any(field.strip() for field in fields):
                yield line, fields
    except csv.Error as error:
        line += 1
        raise faulty(path, [Fault(line, f"not CSV ({error}); check the quotation marks")]) from None


def other_separator(fields: Sequence[str], columns: Collection[str]) -> str | None:
    """What separates the columns of a header that was cut at commas, where its cells then hold all `columns`.

    >>> other_separator(["video_id;class"], {"video_id", "class"})
    'semicolons'
    """
    for separator, plural in _SEPARATORS.items():
        if set(columns) <= {name.strip().strip('"').lower() for name in separator.join(fields).split(separator)}:
            return plural
    return None


def plain(field: str) -> str:
    """A field on one line, without spaces around it."""
    return " ".join(field.split())


def faulty(path: Path, faults: Sequence[Fault]) -> UsageError:
    """The error of a file with these faults."""
    lines = [f"line {line}: {what}" for line, what in sorted(faults)]
    if len(lines) == 1:
        return UsageError(f"{shown(path)}, {lines[0]}")
    hidden = [f"... and {len(lines) - MOST_LISTED} more"] if len(lines) > MOST_LISTED else []
    return UsageError(f"{shown(path)} has {len(lines)} faults:\n  " + "\n  ".join(lines[:MOST_LISTED] + hidden))
