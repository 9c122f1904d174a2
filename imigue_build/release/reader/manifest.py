"""The manifest: where the rows of each interview are, and the rows of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from imigue_build.release.reader.files import Folder
from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.layout import MANIFEST, PROVENANCE
from imigue_build.release.schema.rows import LONGEST_LINE, Segment, parse_id, parse_segment
from imigue_build.release.schema.rttm import MOST_SPEAKERS

MOST_WORDS: Final = 200_000
"""Words, or rows, of one interview: nobody says as many in a day."""
_MOST_BYTES: Final = 1 << 26


class Place(NamedTuple):
    """Where the rows of an interview are: first byte, bytes, and the number of the first line, from 1."""

    at: int = 0
    length: int = 0
    line: int = 1


def places(folder: Folder, ids: Collection[str]) -> dict[str, Place]:
    """Where the rows of each interview are. Of the rows nothing is read but whose they are.

    Args:
        folder: Of the release.
        ids: Of its interviews.

    Raises:
        FormatError: If a line is no row of one of the interviews, or the rows are not sorted by interview.
    """
    found: dict[str, Place] = {}
    at, before = 0, ""
    for number, line in folder.lines(MANIFEST, LONGEST_LINE):
        try:
            video_id = parse_id(line)
        except FormatError as fault:
            raise FormatError(fault.why, number) from None
        if video_id not in ids:
            raise FormatError(f"{PROVENANCE} does not name the interview {video_id}", number)
        if video_id < before:
            raise FormatError(f"the rows are not sorted by interview: {video_id} after {before}", number)
        place = found.get(video_id, Place(at, 0, number))
        found[video_id] = place._replace(length=place.length + len(line))
        at, before = at + len(line), video_id
    return found


def lines(folder: Folder, place: Place) -> tuple[bytes, ...]:
    """The lines of an interview's rows, without their newlines.

    Raises:
        FormatError: If they are more than an interview can have.
    """
    if not place.length:
        return ()
    if place.length > _MOST_BYTES:
        raise FormatError(f"more than {_MOST_BYTES / 1e6:.2g} MB of one interview", place.line)
    with folder.opened(MANIFEST) as file:
        file.seek(place.at)
        return tuple(file.read(place.length).removesuffix(b"\n").split(b"\n"))


def segments(found: Sequence[bytes], video_id: str, first: int) -> tuple[Segment, ...]:
    """The rows in an interview's lines, sorted by start, end and speaker.

    Args:
        found: The lines.
        video_id: Of the interview.
        first: The number of the first line.

    Raises:
        FormatError: If a line is no such row, they are not sorted, or hold more than an interview can.
    """
    rows: list[Segment] = []
    roles: dict[str, str] = {}
    clips: set[str] = set()
    words = 0
    for number, line in enumerate(found, first):
        try:
            row = parse_segment(line)
        except FormatError as fault:
            raise FormatError(fault.why, number) from None
        if row.video_id != video_id:
            raise FormatError("the manifest was changed meanwhile", number)
        if rows and _order(row) < _order(rows[-1]):
            raise FormatError("it begins before the row above it", number)
        if roles.setdefault(row.speaker, row.role) != row.role:
            raise FormatError(f"{row.speaker} is both interviewee and interviewer", number)
        if row.clip in clips:
            raise FormatError(f"the clip {row.clip} is there already", number)
        if row.clip:
            clips.add(row.clip)
        rows.append(row)
        words += len(row.words)
        if max(words, len(rows)) > MOST_WORDS or len(roles) > MOST_SPEAKERS:
            raise FormatError("more words or speakers than an interview can have", number)
    return tuple(rows)


def _order(row: Segment) -> tuple[float, float, str]:
    return row.start, row.end, row.speaker
