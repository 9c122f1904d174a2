"""Reading a release, which may have come from anywhere: its tables line by line, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from imigue_build.core.errors import ReleaseError, UsageError, abridged
from imigue_build.core.untrusted.files import open_regular, shown
from imigue_build.release.schema.layout import MANIFEST

REMEDY: Final = "see what `imigue-build validate` says of the release"
_LONGEST: Final = 16 << 20
"""Bytes of a line: a segment of the recording, which holds words of minutes at the most."""

T = TypeVar("T")


class Line(NamedTuple):
    """A line of a file, counted from 1; its bytes hold the newline."""

    number: int
    data: bytes


def check_release(root: Path) -> None:
    """Raises `UsageError` where there is no release."""
    if not (root / MANIFEST).is_file():
        what = f"{shown(root)} is no release: it holds no {MANIFEST}"
        raise UsageError(what, "name the folder that run-all was given as --release, or that was downloaded")


def lines(path: Path) -> Iterator[Line]:
    """The lines of a release's file, one at a time in memory.

    Raises:
        ReleaseError: If it cannot be read, or a line is longer than any of a release.
    """
    try:
        with open_regular(path) as file:
            number = 0
            while data := file.readline(_LONGEST + 1):
                number += 1
                if len(data) > _LONGEST:
                    raise ReleaseError(f"{shown(path)}, line {number}: more than {_LONGEST} bytes", REMEDY)
                yield Line(number, data)
    except OSError as error:
        raise ReleaseError(f"{shown(path)} cannot be read ({error.strerror})", "check the folder") from error


def decoded(path: Path, line: Line, kind: type[T], fault: Callable[[T], str] = lambda row: "") -> T:
    """What a line of JSON holds; of its keys those that `kind` has.

    Args:
        path: The file, for messages.
        line: The line.
        kind: A msgspec structure.
        fault: What keeps such a row from being used; empty where nothing does.

    Raises:
        ReleaseError: If it is no such row.
    """
    try:
        row = msgspec.json.decode(line.data, type=kind)
        wrong = fault(row)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        wrong = str(error)
    if wrong:
        raise ReleaseError(f"{shown(path)}, line {line.number}: {abridged(wrong)}", REMEDY)
    return row


def read_rows(path: Path, kind: type[T], fault: Callable[[T], str] = lambda row: "") -> Iterator[T]:
    """The rows of a file of JSON lines, as `decoded` reads them.

    Raises:
        ReleaseError: As `lines` and `decoded`.
    """
    return (decoded(path, line, kind, fault) for line in lines(path))
