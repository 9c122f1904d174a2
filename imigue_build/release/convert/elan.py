"""ELAN's EAF 3.0: one file an interview, with the tiers of both TextGrids.

Words hang on the segments of their role and phones on words (`Included_In`), so that ELAN moves them together.
Times are whole milliseconds, as everywhere in a release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree

from imigue_build.annotations.sources import textgrid
from imigue_build.records import ROLES, Role, milliseconds
from imigue_build.release.convert.formats import Add, Format, Place
from imigue_build.release.convert.source import Interview
from imigue_build.release.layout import SEGMENT_TIERS, interview_files

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'
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
"""Control characters that XML does not have; no reader of TextGrids shows them."""

_Label = tuple[int, int, str]


class _Tier(NamedTuple):
    """A tier with its annotations (start, end in ms, text), and what it hangs on."""

    name: str
    kind: str
    labels: Sequence[_Label]
    parent: str | None = None
    who: str = ""


@contextmanager
def _opened(place: Place) -> Iterator[Add]:
    def add(interview: Interview) -> None:
        document = _document(_tiers(interview), place.sound(interview.recording().path))
        ElementTree.indent(document, " ")
        path = place.folder / f"{interview.video_id}.eaf"
        text = ElementTree.tostring(document, "unicode")  # encoding piece by piece takes twice as long
        path.write_bytes(f"{_DECLARATION}\n{text}\n".encode())

    yield add


def _reads(interview: Interview) -> None:
    interview.recording()
    _grids(interview)


def _grids(interview: Interview) -> tuple[dict[str, list[_Label]], dict[str, list[_Label]]]:
    """The tiers of the TextGrid of segments, and of that of words."""
    names = interview_files(interview.video_id)
    segments, words = (_grid(interview.release / interview.video_id / name) for name in (names.segments, names.words))
    return segments, words


def _grid(path: Path) -> dict[str, list[_Label]]:
    return {
        tier.name: [
            (milliseconds(one.start), milliseconds(one.end), one.text.translate(_UNWRITABLE)) for one in tier.intervals
        ]
        for tier in textgrid(path)
    }


def _tiers(interview: Interview) -> list[_Tier]:
    regions, phones = _grids(interview)
    found = [tier for role in ROLES for tier in _of_role(interview, role, phones)]
    found += [_Tier(name, "regions", regions.get(name, ())) for name in SEGMENT_TIERS if name not in ROLES]
    return found


def _of_role(interview: Interview, role: Role, grid: dict[str, list[_Label]]) -> list[_Tier]:
    """The segments, words and phones of a role. Segments and words are the manifest's, which phones lie in."""
    rows = [row for row in interview.rows if row.role == role]
    words = [(milliseconds(word.start), milliseconds(word.end), word.word) for row in rows for word in row.words]
    segments = [(milliseconds(row.start), milliseconds(row.end), row.raw.translate(_UNWRITABLE)) for row in rows]
    return [
        _Tier(role, "segments", sorted(segments), who=role),
        _Tier(f"{role} - words", "words", sorted(words), role, role),
        _Tier(f"{role} - phones", "phones", grid.get(f"{role} - phones", ()), f"{role} - words", role),
    ]


def _document(tiers: Sequence[_Tier], sound: str) -> ElementTree.Element:
    root = ElementTree.Element("ANNOTATION_DOCUMENT", {"AUTHOR": "imigue-build", "DATE": _DATE, "FORMAT": "3.0"})
    root.attrib |= {"VERSION": "3.0", f"{{{_INSTANCE}}}noNamespaceSchemaLocation": _SCHEMA}
    header = ElementTree.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    ElementTree.SubElement(header, "MEDIA_DESCRIPTOR", _media(sound))
    slots = ElementTree.SubElement(root, "TIME_ORDER")
    times = sorted(time for tier in tiers for label in tier.labels for time in label[:2])
    for number, time in enumerate(times, 1):
        ElementTree.SubElement(slots, "TIME_SLOT", {"TIME_SLOT_ID": f"ts{number}", "TIME_VALUE": str(time)})
    free = _Slots(times)
    numbers = count(1)
    for tier in tiers:
        _write(root, tier, free, numbers)
    for kind, constraint in _TYPES.items():
        about = {"LINGUISTIC_TYPE_ID": kind, "TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false"}
        ElementTree.SubElement(root, "LINGUISTIC_TYPE", about | ({"CONSTRAINTS": constraint} if constraint else {}))
    for name, text in _CONSTRAINTS.items():
        ElementTree.SubElement(root, "CONSTRAINT", {"STEREOTYPE": name, "DESCRIPTION": text})
    return root


class _Slots:
    """Time slots by time: each is given to one end of one annotation, as ELAN does."""

    def __init__(self, times: Sequence[int]) -> None:
        self._free: dict[int, list[int]] = {}
        for number, time in enumerate(times, 1):
            self._free.setdefault(time, []).append(number)

    def take(self, time: int) -> str:
        return f"ts{self._free[time].pop(0)}"


def _write(root: ElementTree.Element, tier: _Tier, slots: _Slots, numbers: Iterator[int]) -> None:
    named = {"TIER_ID": tier.name, "LINGUISTIC_TYPE_REF": tier.kind}
    named |= {"PARENT_REF": tier.parent} if tier.parent else {}
    written = ElementTree.SubElement(root, "TIER", named | ({"PARTICIPANT": tier.who} if tier.who else {}))
    for start, end, text in tier.labels:
        annotation = ElementTree.SubElement(written, "ANNOTATION")
        aligned = {"ANNOTATION_ID": f"a{next(numbers)}"}
        aligned |= {"TIME_SLOT_REF1": slots.take(start), "TIME_SLOT_REF2": slots.take(end)}
        value = ElementTree.SubElement(
            ElementTree.SubElement(annotation, "ALIGNABLE_ANNOTATION", aligned), "ANNOTATION_VALUE"
        )
        value.text = text


def _media(sound: str) -> dict[str, str]:
    """Where the WAV is; a relative path is taken from the EAF file's folder."""
    url = f"file://{quote(sound)}" if sound.startswith("/") else quote(sound)
    relative = {} if sound.startswith("/") else {"RELATIVE_MEDIA_URL": url}
    return {"MEDIA_URL": url, "MIME_TYPE": "audio/x-wav", **relative}


ELAN = Format("an .eaf an interview: segments, words, phones, speakers, overlap", _opened, _reads)
