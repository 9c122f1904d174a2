"""ELAN's EAF 3.0: one file an interview, with the tiers of both TextGrids.

Words hang on the segments of their role and phones on words (`Included_In`), so that ELAN moves them together.
Times are whole milliseconds, as everywhere in a release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

from imigue_build.apps.convert.formats import Add, Format, Place
from imigue_build.apps.convert.source import Interview
from imigue_build.core.records import ROLES, Role, milliseconds
from imigue_build.corpus.annotations.sources import read_text, textgrid
from imigue_build.release.schema.layout import SEGMENT_TIERS, interview_files
from imigue_build.release.validate.textgrid import GrammarError, covers, parsed

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

_IN_ATTRIBUTES: Final = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}

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
        lines = _document(_tiers(interview), place.sound(interview.recording().path))
        path = place.folder / f"{interview.video_id}.eaf"
        path.write_bytes("".join(f"{line}\n" for line in lines).encode())

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
    found = _ours(read_text(path))
    if found is None:  # a release that somebody opened in Praat and saved
        found = {
            tier.name: [(milliseconds(one.start), milliseconds(one.end), one.text) for one in tier.intervals]
            for tier in textgrid(path)
        }
    return {
        name: [(start, end, text.translate(_UNWRITABLE)) for start, end, text in labels]
        for name, labels in found.items()
    }


def _ours(text: str) -> dict[str, list[_Label]] | None:
    """The labels of a TextGrid by tier, as a release has them; None where it is of another make.

    praatio reads the same of it, and takes four times as long.
    """
    try:
        tiers, end = parsed(text)
    except GrammarError:
        return None
    if len({tier.name for tier in tiers}) < len(tiers) or not all(covers(tier, end) for tier in tiers):
        return None
    labels = {tier.name: [(start, stop, text.strip()) for start, stop, text in tier.intervals] for tier in tiers}
    return {name: [label for label in found if label[2]] for name, found in labels.items()}


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


def _document(tiers: Sequence[_Tier], sound: str) -> Iterator[str]:
    """The lines of the file. They are put together here: a tree of elements takes six times as long."""
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
    """Time slots by time: each is given to one end of one annotation, as ELAN does."""

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
        value = f"<ANNOTATION_VALUE>{escape(text)}</ANNOTATION_VALUE>" if text else "<ANNOTATION_VALUE />"
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


ELAN = Format("an .eaf an interview: segments, words, phones, speakers, overlap", _opened, _reads)
