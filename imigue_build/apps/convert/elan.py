"""ELAN's EAF 3.0: one file an interview, with the tiers of both TextGrids.

Words are parts of the segments of their role and phones of words (`Included_In`), so that ELAN moves them together.
Times are whole milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Final, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

from imigue_build.apps.convert.formats import Destination, Entry, Format, Write
from imigue_build.core.records import ROLES, Role
from imigue_build.core.times import milliseconds
from imigue_build.release.reader import Interview
from imigue_build.release.schema.layout import SEGMENT_TIERS
from imigue_build.release.schema.textgrid import Label

_SCHEMA: Final = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
_DATE: Final = "1970-01-01T00:00:00+00:00"
"""EAF wants one; the same release gives the same bytes on every day."""
_TYPES: Final = {"segments": "", "regions": "", "words": "Included_In", "phones": "Included_In"}
_CONSTRAINTS: Final = {
    "Time_Subdivision": "Time subdivision of parent annotation's time interval, no time gaps allowed within this "
    "interval",
    "Symbolic_Subdivision": "Symbolic subdivision of a parent annotation. Annotations refering to the same parent "
    "are ordered",
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": "Time alignable annotations within the parent annotation's time interval, gaps are allowed",
}
_UNWRITABLE: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))
"""Control characters that XML does not have."""
_IN_ATTRIBUTES: Final = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}


class _Tier(NamedTuple):
    """A tier with its labels, and the tier that they are parts of."""

    name: str
    kind: str
    labels: Sequence[Label]
    parent: str | None = None
    who: str = ""


@contextmanager
def _writer(destination: Destination) -> Iterator[Write]:
    def write(entry: Entry) -> None:
        interview = entry.interview
        lines = _document(_tiers(interview), destination.audio(interview.path("wav")))
        path = destination.folder / f"{interview.video_id}.eaf"
        path.write_bytes("".join(f"{line}\n" for line in lines).encode())

    yield write


def _check(entry: Entry) -> None:
    entry.interview.samples()
    _ = entry.interview.segment_grid, entry.interview.word_grid


def _tiers(interview: Interview) -> list[_Tier]:
    tiers = [tier for role in ROLES for tier in _of_role(interview, role)]
    regions = interview.segment_grid
    return tiers + [_Tier(name, "regions", regions.labels(name)) for name in SEGMENT_TIERS if name not in ROLES]


def _of_role(interview: Interview, role: Role) -> list[_Tier]:
    """The segments, words and phones of a role. Segments and words are the manifest's, which phones lie in."""
    rows = [segment for segment in interview.segments if segment.role == role]
    segments = sorted(Label(milliseconds(row.start), milliseconds(row.end), row.raw) for row in rows)
    words = [Label(milliseconds(word.start), milliseconds(word.end), word.word) for row in rows for word in row.words]
    phones = interview.word_grid.labels(f"{role} - phones")
    return [
        _Tier(role, "segments", segments, who=role),
        _Tier(f"{role} - words", "words", sorted(words), role, role),
        _Tier(f"{role} - phones", "phones", phones, f"{role} - words", role),
    ]


def _document(tiers: Sequence[_Tier], sound: str) -> Iterator[str]:
    """The lines of the file; an XML library takes six times as long."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    attributes = {"xmlns:xsi": _INSTANCE, "AUTHOR": "imigue-build", "DATE": _DATE, "FORMAT": "3.0", "VERSION": "3.0"}
    yield f"<ANNOTATION_DOCUMENT{_written(attributes | {'xsi:noNamespaceSchemaLocation': _SCHEMA})}>"
    yield f" <HEADER{_written({'MEDIA_FILE': '', 'TIME_UNITS': 'milliseconds'})}>"
    yield f"  <MEDIA_DESCRIPTOR{_written(_media(sound))} />"
    yield " </HEADER>"
    times = sorted(time for tier in tiers for label in tier.labels for time in label[:2])
    yield " <TIME_ORDER>" if times else " <TIME_ORDER />"
    for number, time in enumerate(times, 1):
        yield f'  <TIME_SLOT TIME_SLOT_ID="ts{number}" TIME_VALUE="{time}" />'
    if times:
        yield " </TIME_ORDER>"
    free = _Slots(times)
    numbers = count(1)
    for tier in tiers:
        yield from _of_tier(tier, free, numbers)
    for kind, constraint in _TYPES.items():
        about = {"LINGUISTIC_TYPE_ID": kind, "TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false"}
        yield f" <LINGUISTIC_TYPE{_written(about | ({'CONSTRAINTS': constraint} if constraint else {}))} />"
    for name, text in _CONSTRAINTS.items():
        yield f" <CONSTRAINT{_written({'STEREOTYPE': name, 'DESCRIPTION': text})} />"
    yield "</ANNOTATION_DOCUMENT>"


class _Slots:
    """Time slots by time in milliseconds: each is given to one end of one annotation, as ELAN does."""

    def __init__(self, times: Sequence[int]) -> None:
        self._free: dict[int, list[int]] = {}
        for number, time in enumerate(times, 1):
            self._free.setdefault(time, []).append(number)

    def take(self, time: int) -> int:
        return self._free[time].pop(0)


def _of_tier(tier: _Tier, slots: _Slots, numbers: Iterator[int]) -> Iterator[str]:
    named = {"TIER_ID": tier.name, "LINGUISTIC_TYPE_REF": tier.kind}
    named |= {"PARENT_REF": tier.parent} if tier.parent else {}
    named |= {"PARTICIPANT": tier.who} if tier.who else {}
    yield f" <TIER{_written(named)}>" if tier.labels else f" <TIER{_written(named)} />"
    for start, end, text in tier.labels:
        slot, other = slots.take(start), slots.take(end)
        shown = escape(text.translate(_UNWRITABLE))
        value = f"<ANNOTATION_VALUE>{shown}</ANNOTATION_VALUE>" if shown else "<ANNOTATION_VALUE />"
        yield (
            f'  <ANNOTATION>\n   <ALIGNABLE_ANNOTATION ANNOTATION_ID="a{next(numbers)}" TIME_SLOT_REF1="ts{slot}"'
            f' TIME_SLOT_REF2="ts{other}">\n    {value}\n   </ALIGNABLE_ANNOTATION>\n  </ANNOTATION>'
        )
    if tier.labels:
        yield " </TIER>"


def _written(attributes: Mapping[str, str]) -> str:
    return "".join(f' {name}="{escape(value, _IN_ATTRIBUTES)}"' for name, value in attributes.items())


def _media(sound: str) -> dict[str, str]:
    """Where the WAV is; a relative path is taken from the EAF file's folder."""
    url = f"file://{quote(sound)}" if sound.startswith("/") else quote(sound)
    relative = {} if sound.startswith("/") else {"RELATIVE_MEDIA_URL": url}
    return {"MEDIA_URL": url, "MIME_TYPE": "audio/x-wav", **relative}


ELAN = Format("an .eaf an interview: segments, words, phones, speakers, overlap", _writer, _check)
