"""What MFA found: words and phones in TextGrids, and how well they fit in alignment_analysis.csv.

MFA does not say what it failed at. A segment has failed where its row of the table has no likelihood,
or where its words are not all in the output in their order.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.backends.alignment.mfa.corpus import Address, CorpusFile, Segment
from imigue_build.core.records import AlignmentQuality

_TABLE: Final = "alignment_analysis.csv"
_NO_PHONES: Final = frozenset(("", "spn", "sil", "sp", "<eps>"))
_NEAR: Final = 0.02  # seconds by which a row's begin may differ from ours
_QUALITY: Final = {
    "overall_log_likelihood": "log_likelihood",
    "speech_log_likelihood": "speech_log_likelihood",
    "phone_duration_deviation": "phone_duration_deviation",
    "snr": "snr_db",
}


class Mark(NamedTuple):
    """A labelled interval, in seconds."""

    start: float
    end: float
    label: str

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


class Sound(NamedTuple):
    """A spoken word as MFA placed it, in seconds of the recording; without phones where it knows none.

    `at` is the index of the written word in its utterance.
    """

    at: int
    word: Mark
    phones: tuple[Mark, ...]


class Placed(NamedTuple):
    """An utterance that MFA aligned: its spoken words in order, and the quality that MFA states.

    They lie between `start` and `end`, a stretch in which nothing else of this speaker was expected.
    """

    start: float
    end: float
    sounds: tuple[Sound, ...]
    quality: AlignmentQuality | None


class _Row(NamedTuple):
    file: str
    speaker: str
    begin: float
    quality: AlignmentQuality


def read(folder: Path, corpus_files: Sequence[CorpusFile]) -> dict[Address, Placed]:
    """What MFA aligned of the corpus of some corpus_files, whose output is in `folder`."""
    rows = _table(folder / _TABLE)
    placed: dict[Address, Placed] = {}
    for corpus_file in corpus_files:
        for segment, sounds in _corpus_file(folder, corpus_file).items():
            quality = _quality(rows, corpus_file, segment)
            if quality is None or quality.log_likelihood is not None:
                placed |= _shared(segment, sounds, quality)
    return placed


def _corpus_file(folder: Path, corpus_file: CorpusFile) -> dict[Segment, tuple[Sound, ...]]:
    """The segments of a corpus_file of which all words are in the output."""
    tiers = _grid(folder / f"{corpus_file.name}.TextGrid", corpus_file.offset)
    speakers = dict.fromkeys(segment.speaker for segment in corpus_file.segments)
    found = {name: _speaker(tiers, name, corpus_file.segments) for name in speakers}
    if "words" in tiers:  # one speaker alone was aligned, and MFA does not say which
        plain = {
            name: _segments(tiers["words"], tiers.get("phones", ()), name, corpus_file.segments) for name in speakers
        }
        best = max(speakers, key=lambda name: len(plain[name]))
        found[best] = plain[best]
    return {segment: sounds for segments in found.values() for segment, sounds in segments.items()}


def _shared(segment: Segment, sounds: Sequence[Sound], quality: AlignmentQuality | None) -> dict[Address, Placed]:
    """A segment's words, by the utterances that they belong to; each has half of the pause to the next one."""
    groups = [
        [
            sound
            for sound, spoken in zip(sounds, segment.spoken, strict=True)
            if (segment.task, spoken.utterance) == address
        ]
        for address in segment.addresses
    ]
    middles = [(one[-1].word.end + two[0].word.start) / 2 for one, two in pairwise(groups)]
    edges = [segment.start, *middles, segment.end]
    return {
        address: Placed(start, end, tuple(group), quality)
        for address, group, (start, end) in zip(segment.addresses, groups, pairwise(edges), strict=True)
    }


def _speaker(
    tiers: Mapping[str, Sequence[Mark]], name: str, segments: Sequence[Segment]
) -> dict[Segment, tuple[Sound, ...]]:
    return _segments(tiers.get(f"{name} - words", ()), tiers.get(f"{name} - phones", ()), name, segments)


def _segments(
    words: Sequence[Mark], phones: Sequence[Mark], speaker: str, segments: Sequence[Segment]
) -> dict[Segment, tuple[Sound, ...]]:
    """Those segments of a speaker of which all words are there, with their words."""
    found: dict[Segment, tuple[Sound, ...]] = {}
    for segment in segments:
        if segment.speaker != speaker:
            continue
        inside = [mark for mark in words if segment.start <= mark.middle < segment.end]
        if len(inside) == len(segment.spoken) and all(
            mark.label == spoken.entry.key or mark.label.startswith("<")
            for mark, spoken in zip(inside, segment.spoken, strict=True)
        ):
            heard = [phone for phone in phones if segment.start <= phone.middle < segment.end]
            found[segment] = tuple(
                Sound(spoken.word, mark, _within(mark, heard))
                for mark, spoken in zip(inside, segment.spoken, strict=True)
            )
    return found


def _within(word: Mark, phones: Sequence[Mark]) -> tuple[Mark, ...]:
    """The phones of a word; none where one of them is a noise."""
    own = tuple(phone for phone in phones if word.start <= phone.middle < word.end)
    return () if any(phone.label in _NO_PHONES for phone in own) else own


def _quality(rows: Sequence[_Row], corpus_file: CorpusFile, segment: Segment) -> AlignmentQuality | None:
    """What the table says of a segment; None where it says nothing: some versions write no table."""
    begin = segment.start - corpus_file.offset
    near = [
        row
        for row in rows
        if row.file == corpus_file.name and row.speaker == segment.speaker and abs(row.begin - begin) <= _NEAR
    ]
    return min(near, key=lambda row: abs(row.begin - begin)).quality if near else None


def _grid(path: Path, offset: float) -> dict[str, list[Mark]]:
    """The tiers of a TextGrid with their labelled intervals, on the recording's clock; none where it is missing."""
    from praatio.textgrid import openTextgrid

    try:
        grid = openTextgrid(str(path), False, reportingMode="silence", duplicateNamesMode="rename")
    except Exception:  # a file that is missing or that cannot be read: what was in it has failed
        return {}
    return {tier.name: [_mark(offset, *entry) for entry in tier.entries] for tier in grid.tiers}


def _mark(offset: float, start: float, end: float, label: str) -> Mark:
    return Mark(float(start) + offset, float(end) + offset, label.strip())


def _table(path: Path) -> list[_Row]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [_row(row) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error):  # some versions write none
        return []


def _row(row: Mapping[str, str]) -> _Row:
    quality = AlignmentQuality(**{ours: _number(row.get(theirs)) for theirs, ours in _QUALITY.items()})
    begin = _number(row.get("begin"))
    return _Row(row.get("file", ""), row.get("speaker", ""), -1.0 if begin is None else begin, quality)


def _number(text: str | None) -> float | None:
    """A cell's number; None where it is blank or no finite one."""
    from math import isfinite

    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None
