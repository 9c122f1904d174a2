"""Reader of ELAN's annotation documents (EAF): tiers with the times of their annotations, and who they are of.

Annotations that hang on others have the time of these, or share it. A document type, which could define entities, is
refused: ELAN writes none. https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final, NamedTuple
from xml.parsers import expat

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.untrusted.files import Kind, read_bytes
from imigue_build.corpus.annotations.sources import MAX_TIME, LabelledSpan
from imigue_build.corpus.annotations.textgrid import Tier

_FILE: Final = Kind("the file", AnnotationError, "check the file")
_REMEDY: Final = "open it in ELAN and save it again, or export it as a TextGrid"
_MOST: Final = 1_000_000
"""Annotations, or time slots, of a file."""
_MOST_TIERS: Final = 500
_DEEPEST: Final = 20
"""Tiers that hang on each other, and elements within each other."""
_SYMBOLIC: Final = ("Symbolic_Subdivision", "Symbolic_Association")


class ElanTier(NamedTuple):
    """A tier, who it is of, and whether it says in other words or signs what the tier that it hangs on says."""

    tier: Tier
    participant: str | None
    repeats: bool


@dataclass(eq=False)
class _Annotation:
    name: str
    slots: tuple[str, str] | None
    parent: str | None
    text: str = ""


@dataclass(eq=False)
class _Tier:
    name: str
    kind: str
    parent: str | None
    participant: str | None
    annotations: list[_Annotation] = field(default_factory=list)


_Spans = dict[str, tuple[float, float]]
"""Start and end of annotations, by their ids."""


def elan(path: Path) -> list[ElanTier]:
    """The tiers of an ELAN file, without their empty annotations, in the order given.

    Raises:
        AnnotationError: If the file is not a valid annotation document.
    """
    document = _Document(path)
    document.parse(read_bytes(path, _FILE))
    spans: _Spans = {}
    for tier in _parents_first(path, document.tiers):
        spans |= _spans(path, tier, document, spans)
    texts = {tier.name: _has_letters(tier) for tier in document.tiers}
    return [
        ElanTier(
            Tier(tier.name, tuple(sorted(_labels(tier, spans)))),
            tier.participant,
            document.kinds.get(tier.kind) in _SYMBOLIC and texts.get(tier.parent or "", False),
        )
        for tier in document.tiers
    ]


class _Document:
    """What the elements of a file say."""

    def __init__(self, path: Path) -> None:
        self.tiers: list[_Tier] = []
        self.slots: dict[str, float | None] = {}
        self.kinds: dict[str, str] = {}
        """The constraint of each linguistic type that has one."""
        self._path, self._depth, self._count = path, 0, 0
        self._text: list[str] | None = None
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def parse(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, True)
        except (expat.ExpatError, ValueError, LookupError) as error:  # LookupError: an encoding that there is not
            raise self._error(abridged(str(error), 80)) from None
        if not self.tiers:
            raise self._error("it has no tier")

    def _error(self, problem: str) -> AnnotationError:
        return AnnotationError(f"{self._path} is not a valid ELAN file ({problem})", _REMEDY)

    def _doctype(self, *_: object) -> None:
        raise self._error("it has a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and name != "ANNOTATION_DOCUMENT":
            raise self._error(f"it begins with {abridged(name, 40)}")
        if self._depth > _DEEPEST:
            raise self._error("elements lie too deep in each other")
        match name:
            case "HEADER" if attributes.get("TIME_UNITS", "milliseconds") != "milliseconds":
                raise self._error(f"its times are {abridged(attributes['TIME_UNITS'], 40)}, not milliseconds")
            case "TIME_SLOT":
                self._counted()
                self.slots[attributes.get("TIME_SLOT_ID", "")] = self._time(attributes.get("TIME_VALUE"))
            case "TIER":
                named = (attributes.get("TIER_ID", ""), attributes.get("LINGUISTIC_TYPE_REF", ""))
                if len(self.tiers) >= _MOST_TIERS:
                    raise AnnotationError(
                        f"{self._path} has more than {_MOST_TIERS} tiers", "give one recording's file"
                    )
                self.tiers.append(_Tier(*named, attributes.get("PARENT_REF"), attributes.get("PARTICIPANT") or None))
            case "ALIGNABLE_ANNOTATION" | "REF_ANNOTATION" if self.tiers:
                self._counted()
                slots = attributes.get("TIME_SLOT_REF1", ""), attributes.get("TIME_SLOT_REF2", "")
                own = (slots, None) if name[0] == "A" else (None, attributes.get("ANNOTATION_REF", ""))
                self.tiers[-1].annotations.append(_Annotation(attributes.get("ANNOTATION_ID", ""), *own))
            case "ANNOTATION_VALUE" if self.tiers and self.tiers[-1].annotations:
                self._text = []
            case "LINGUISTIC_TYPE" if "CONSTRAINTS" in attributes:
                constraint = attributes["CONSTRAINTS"].replace(" ", "_")
                self.kinds[attributes.get("LINGUISTIC_TYPE_ID", "")] = constraint

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "ANNOTATION_VALUE" and self._text is not None:
            self.tiers[-1].annotations[-1].text = " ".join("".join(self._text).split())
            self._text = None

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _counted(self) -> None:
        self._count += 1
        if self._count > _MOST:
            raise AnnotationError(f"{self._path} has more than {_MOST} annotations", "give one recording's file")

    def _time(self, value: str | None) -> float | None:
        """Milliseconds as seconds; None where the slot has no time of its own."""
        if value is None:
            return None
        if not value.isascii() or not value.isdecimal() or not int(value[:20]) / 1000 < MAX_TIME:
            raise self._error(f"{abridged(value, 40)!r} is not a time in milliseconds")
        return int(value) / 1000


def _parents_first(path: Path, tiers: Sequence[_Tier]) -> list[_Tier]:
    """The tiers, each after the one that it hangs on."""
    done: list[_Tier] = []
    left = list(tiers)
    known = {tier.name for tier in tiers}
    for _ in range(_DEEPEST):
        names = {tier.name for tier in done}
        ready = [tier for tier in left if tier.parent is None or tier.parent in names or tier.parent not in known]
        done += ready
        left = [tier for tier in left if tier not in ready]
    if left:
        what = f"{path} is not a valid ELAN file (the tier {abridged(left[0].name, 40)!r} hangs on itself)"
        raise AnnotationError(what, _REMEDY)
    return done


def _spans(path: Path, tier: _Tier, document: _Document, known: _Spans) -> _Spans:
    """The times of a tier's annotations.

    Args:
        known: Those of the tiers before it.
    """
    times = _slot_times(tier, document.slots)
    found: _Spans = {}
    for annotation in tier.annotations:
        if annotation.slots is not None:
            begin, end = (times.get(slot) for slot in annotation.slots)
            if begin is None or end is None or end < begin:
                what = f"the annotation {abridged(annotation.name, 40)!r} has no time, or ends before it begins"
                raise AnnotationError(f"{path} is not a valid ELAN file ({what})", _REMEDY)
            found[annotation.name] = begin, end
    divides = document.kinds.get(tier.kind) == _SYMBOLIC[0]
    hanging = [annotation for annotation in tier.annotations if annotation.slots is None]
    for parent, group in groupby(hanging, key=lambda annotation: annotation.parent or ""):
        own = list(group)
        if parent not in known:
            what = f"an annotation hangs on {abridged(parent, 40)!r}, which is not there"
            raise AnnotationError(f"{path} is not a valid ELAN file ({what})", _REMEDY)
        start, end = known[parent]
        length = (end - start) / len(own)
        for place, annotation in enumerate(own):
            at = start + length * place
            found[annotation.name] = (at, at + length) if divides else (start, end)
    return found


def _slot_times(tier: _Tier, slots: dict[str, float | None]) -> dict[str, float | None]:
    """The times of a tier's slots; those without one share the time between their neighbours."""
    order = list(dict.fromkeys(slot for annotation in tier.annotations for slot in annotation.slots or ()))
    times = {slot: slots.get(slot) for slot in order}
    known = [place for place, slot in enumerate(order) if times[slot] is not None]
    for before, after in pairwise(known):
        first, last = times[order[before]], times[order[after]]
        if first is not None and last is not None:
            for place in range(before + 1, after):
                times[order[place]] = first + (last - first) * (place - before) / (after - before)
    return times


def _labels(tier: _Tier, spans: _Spans) -> Iterator[LabelledSpan]:
    return (LabelledSpan(*spans[own.name], own.text) for own in tier.annotations if own.text)


def _has_letters(tier: _Tier) -> bool:
    """Whether most annotations of a tier are text: those that others hang on may be numbers alone."""
    texts = [annotation.text for annotation in tier.annotations]
    return 2 * sum(any(map(str.isalpha, text)) for text in texts) > len(texts)
