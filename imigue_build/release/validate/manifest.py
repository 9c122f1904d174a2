"""Rules about `manifest.jsonl`: the format of its rows, their order, their words, their numbering.

The manifest of hundreds of hours does not fit in memory: `index_manifest` reads it once and records the positions of
each interview's rows; `read_rows` decodes the rows of one interview.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise
from typing import BinaryIO, NamedTuple

import msgspec

from imigue_build.core.records import ROLES, Role
from imigue_build.core.untrusted.files import open_regular
from imigue_build.release.schema.layout import MANIFEST, segment_name
from imigue_build.release.validate.base import (
    MAX_TEXT_BYTES,
    UNDECODABLE,
    Faults,
    Interview,
    Tree,
    seconds,
    shown,
    unreadable,
)
from imigue_build.release.validate.row import Row, RowKey, Word, parse_row

_VIDEO = re.compile(rb'"video_id"\s*:\s*"([^"\\]*)"')


class Rows(NamedTuple):
    """The positions of the interviews' rows: id -> (line number, byte offset, bytes) in file order.

    `damaged` has the interviews with an unreadable row; rules that need all rows are not applied to them.
    """

    positions: dict[str, list[tuple[int, int, int]]]
    damaged: set[str]


def index_manifest(tree: Tree, folders: list[str], faults: Faults) -> Rows | None:
    """Reads the manifest once; None if it cannot be read."""
    if not tree.has_file(MANIFEST, faults):
        return None
    rows = Rows({}, set())
    known = set(folders)
    unknown: set[str] = set()
    last: RowKey | None = None
    after_damage = False
    try:
        with open_regular(tree.root / MANIFEST) as handle:
            for number, offset, line in _lines(handle, faults):
                try:
                    key = msgspec.json.decode(line, type=RowKey)
                except UNDECODABLE as error:
                    faults.add(MANIFEST, "manifest-json", f"line {number}: {error}")
                    match = _VIDEO.search(line)
                    rows.damaged.update([match[1].decode("utf-8", "replace")] if match else [])
                    rows.damaged.update([last.video_id] if last and not match else [])
                    after_damage = not match
                    continue
                if after_damage:
                    rows.damaged.add(key.video_id)
                    after_damage = False
                if last and _order(key) < _order(last):
                    faults.add(MANIFEST, "manifest-sorted", f"line {number} must come before the line above")
                last = key
                if key.video_id in known:
                    rows.positions.setdefault(key.video_id, []).append((number, offset, len(line)))
                elif key.video_id not in unknown:
                    unknown.add(key.video_id)
                    faults.add(MANIFEST, "manifest-video", f"line {number}: {shown(key.video_id)} has no folder")
    except OSError as error:
        unreadable(MANIFEST, error, faults)
        return None
    return rows


def _order(key: RowKey) -> tuple[str, float, float, str]:
    return key.video_id, key.start, key.end, key.speaker


def _lines(handle: BinaryIO, faults: Faults) -> Iterator[tuple[int, int, bytes]]:
    """Number, offset and content of each line; adds faults of the text format."""
    offset, line = 0, b"\n"
    for number, line in enumerate(iter(partial(handle.readline, MAX_TEXT_BYTES), b""), 1):
        if len(line) == MAX_TEXT_BYTES:
            raise OSError(errno.EFBIG, f"line {number} is longer than any row")
        if number == 1 and line.startswith(b"\xef\xbb\xbf"):
            faults.add(MANIFEST, "text-bom", "it begins with a byte order mark")
            line, offset = line[3:], 3
        if b"\r" in line:
            faults.add_once(MANIFEST, "text-newlines", f"line {number} has a carriage return")
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            faults.add(MANIFEST, "text-utf8", f"line {number}, byte {error.start} is not UTF-8")
        yield number, offset, line
        offset += len(line)
    if not line.endswith(b"\n"):
        faults.add(MANIFEST, "text-final-newline", "its last line has no line feed")


def read_rows(interview: Interview, rows: Rows, duration: int | None) -> list[Row] | None:
    """The interview's rows in file order, each checked on its own; None if one could not be read."""
    complete = interview.video_id not in rows.damaged
    read: list[Row] = []
    try:
        with open(interview.tree.root / MANIFEST, "rb") as handle:
            for number, offset, length in rows.positions.get(interview.video_id, []):
                handle.seek(offset)
                row = parse_row(handle.read(length), number, duration, interview.faults)
                if row:
                    read.append(row)
                else:
                    complete = False
    except OSError as error:
        unreadable(MANIFEST, error, interview.faults)
        return None
    return read if complete else None


def in_time(rows: Iterable[Row]) -> list[Row]:
    """Rows sorted by start, end and speaker."""
    return sorted(rows, key=lambda row: row[:3])


def check_numbering(rows: list[Row], faults: Faults) -> None:
    """Segments are numbered per role in time order from 001 without gaps."""
    for role in ROLES:
        clips = [row for row in in_time(rows) if row.role == role and row.segment_id is not None]
        for number, row in enumerate(clips, 1):
            expected = segment_name(number, len(clips))
            if row.segment_id != expected:
                faults.add(
                    MANIFEST,
                    "segment-numbers",
                    f"line {row.line}: {role} {shown(str(row.segment_id))} should be {expected}",
                )
                break


def check_role_confidence(rows: list[Row], faults: Faults) -> None:
    """How clear the roles are is said of an interview as a whole: of each row the same."""
    known = [row for row in rows if row.role_confidence is not None]
    for row in known:
        if row.role_confidence != known[0].role_confidence:
            message = f"line {row.line}: role_confidence is {row.role_confidence}, in line {known[0].line} another"
            faults.add(MANIFEST, "row-roles", message)
            break


def words_of(rows: list[Row], role: Role) -> list[Word]:
    """The words of a role as in its words tier: sorted by start, end, speaker."""
    return sorted(word for row in rows if row.role == role for word in row.words)


def check_words(rows: list[Row], video_id: str, faults: Faults) -> dict[Role, list[Word]]:
    """No two words of a role overlap; returns the words of the roles for which this holds."""
    disjoint: dict[Role, list[Word]] = {}
    for role in ROLES:
        words = words_of(rows, role)
        clashes = [(a, b) for a, b in pairwise(words) if b.start < a.end]
        for first, second in clashes:
            faults.add(
                MANIFEST,
                "words-overlap",
                f"{video_id} {role}: {shown(first.word)} until {seconds(first.end)} and "
                f"{shown(second.word)} from {seconds(second.start)} overlap",
            )
        if not clashes:
            disjoint[role] = words
    return disjoint
