"""Segments and words with times, from the document that a reader returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.corpus.annotations.json_forms.rows import SECONDS_PER_LETTER, Document, Part, Piece
from imigue_build.corpus.annotations.json_forms.spelling import spell, times
from imigue_build.corpus.annotations.json_forms.times import untimed
from imigue_build.corpus.annotations.sources import DAMAGED, MAX_TIME, LabelledSpan, TimedSegment

_SHORTEST: Final = 0.02
"""Seconds that an untimed word gets at least; a smaller gap between its neighbours is taken as none."""
_MOST_SHOWN: Final = 5


class _Entry(NamedTuple):
    """A word, or the text of a segment without word times.

    `segment` is the number of a word's segment (None for a list of words alone), `limits` are its times.
    """

    text: str
    start: float | None
    end: float | None
    speaker: str | None
    confidence: float | None
    whole: bool
    segment: int | None = None
    limits: tuple[float | None, float | None] = (None, None)

    @property
    def untimed(self) -> bool:
        return untimed(self.start, self.end)


def assemble(path: Path, document: Document) -> tuple[list[TimedSegment], list[str]]:
    """The segments of a document, and warnings; of a list of words alone, every word is a segment.

    What has no usable times is placed between its neighbours.

    Raises:
        AnnotationError: If nothing in the file has times.
    """
    warnings = list(document.warnings)
    entries: list[_Entry] = []
    replaced: list[str] = []
    for parts, pieces in _runs(document):
        found, other = _entries(parts, pieces, len(entries))
        entries += found
        replaced += other
    if replaced:
        shown = ", ".join(repr(abridged(word)) for word in replaced[:_MOST_SHOWN])
        more = f" and {len(replaced) - _MOST_SHOWN} more" if len(replaced) > _MOST_SHOWN else ""
        warnings.append(f"the text of its segments counts where its timed words differ: {shown}{more} left out")
    if damaged := sum(DAMAGED in entry.text for entry in entries):
        warnings.append(f"bytes that are no UTF-8 in {damaged} of its words and segments: check their letters")
    for whole, noun in ((False, "word"), (True, "segment")):
        these = [entry.untimed for entry in entries if entry.whole == whole]
        if any(these):
            have = "has" if sum(these) == 1 else "have"
            warnings.append(
                f"{sum(these)} of {len(these)} {noun}s {have} no usable times: placed between the neighbours"
            )
    if entries and all(entry.untimed for entry in entries):
        message = f"{path}: none of its {len(entries)} words and segments has usable times"
        raise AnnotationError(message, "correct it, or give its text without times as .txt")
    return list(_segments(_placed(entries))), warnings


def _segments(placed: Iterable[tuple[_Entry, LabelledSpan]]) -> Iterator[TimedSegment]:
    """Segments of words with the words' times."""
    for (whole, segment), group in groupby(placed, lambda pair: (pair[0].whole, pair[0].segment)):
        spans = [span for _, span in group]
        if whole or segment is None:
            yield from ((span, [] if whole else [span]) for span in spans)
            continue
        start, end = min(span.start for span in spans), max(span.end for span in spans)
        speakers = {span.speaker for span in spans}
        yield LabelledSpan(start, end, "", speakers.pop() if len(speakers) == 1 else None), spans


def _runs(document: Document) -> list[tuple[Sequence[Part], Sequence[Piece]]]:
    """Segments with the pieces that time them."""
    if document.pieces and not any(part.pieces for part in document.parts):
        return [(document.parts, document.pieces)]
    return [([part], part.pieces) for part in document.parts]


def _entries(parts: Sequence[Part], pieces: Sequence[Piece], number: int) -> tuple[list[_Entry], list[str]]:
    """The words of a run of segments, and the timed words that their text replaces; `number` is its first segment's."""
    if all(untimed(piece.start, piece.end) for piece in pieces) and parts:
        entries = []
        for part in parts:
            text = part.text if part.text.strip() else " ".join(piece.text.strip() for piece in part.pieces)
            speaker = part.speaker or next((piece.speaker for piece in part.pieces if piece.speaker), None)
            if text.strip():
                entries.append(_Entry(text, part.start, part.end, speaker, None, True))
        return entries, []
    words, replaced = spell(parts, pieces)
    entries = []
    for text, own, index in words:
        part = parts[index] if parts else Part("")
        speaker = next((piece.speaker for piece in own if piece.speaker), part.speaker)
        trust = [piece.confidence for piece in own if piece.confidence is not None]
        segment = number + index if parts else None
        limits = (None, None) if untimed(part.start, part.end) else (part.start, part.end)
        entries.append(_Entry(text, *times(own), speaker, min(trust, default=None), False, segment, limits))
    return entries, replaced


def _placed(entries: Sequence[_Entry]) -> Iterator[tuple[_Entry, LabelledSpan]]:
    """The entries in order, each with its span; consecutive untimed words share one."""
    runs = [list(run) for _, run in groupby(entries, lambda entry: (entry.untimed, entry.whole, entry.segment))]
    known: LabelledSpan | None = None
    for index, run in enumerate(runs):
        if not run[0].untimed:
            for entry in run:
                known = LabelledSpan(entry.start or 0.0, entry.end or 0.0, entry.text, entry.speaker, entry.confidence)
                yield entry, known
            continue
        after = next((later[0] for later in runs[index + 1 :] if not later[0].untimed), None)
        for _, same in groupby(run, lambda entry: entry.speaker):
            group = list(same)
            text = " ".join(entry.text for entry in group)
            start, end = _gap(len(text) * SECONDS_PER_LETTER, known, after, group[0].limits)
            speaker = group[0].speaker
            if speaker is None and known is not None and after is not None and known.speaker == after.speaker:
                speaker = known.speaker
            span = LabelledSpan(start, end, text, speaker, None, timed=False)
            known = span
            yield group[0], span


def _gap(
    needed: float, before: LabelledSpan | None, after: _Entry | None, limits: tuple[float | None, float | None]
) -> tuple[float, float]:
    """The time between two neighbours and within the segment, for words that need about `needed` seconds."""
    floor, ceiling = limits
    if floor is not None and ceiling is not None:  # somebody else talks on: no neighbour in this segment
        if before is not None and before.start < floor and before.end >= ceiling:
            before = None
        if after is not None and (after.start or 0.0) <= floor and (after.end or 0.0) > ceiling:
            after = None
    starts = [time for time in (before.end if before else None, floor) if time is not None]
    ends = [time for time in (after.start if after else None, ceiling) if time is not None]
    start, end = max(starts, default=None), min(ends, default=None)
    if start is None:
        start = max(0.0, (end or 0.0) - needed)
    if end is None:
        end = start + needed
    if end - start < _SHORTEST and before is not None:  # no gap: the second half of the word before
        start = min(start, (before.start + before.end) / 2)
    if end - start < _SHORTEST and after is not None and after.start is not None and after.end is not None:
        end = max(end, (after.start + after.end) / 2)
    return min(start, end), min(max(end, start + _SHORTEST), MAX_TIME)
