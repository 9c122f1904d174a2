"""MFA's results: words and phones in TextGrids, and quality measures in alignment_analysis.csv.

MFA does not report which segments failed. A segment has failed if its row of the table has no likelihood, if the output
lacks some of its words, or if a word whose pronunciation MFA was given has no phones: MFA took it for noise.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.backends.alignment.mfa.corpus import Address, CorpusFile, Segment
from imigue_build.core.records import AlignmentQuality

_TABLE: Final = "alignment_analysis.csv"
_NO_PHONES: Final = frozenset(("", "spn", "sil", "sp", "<eps>"))
_BEGIN_TOLERANCE: Final = 0.02  # seconds
_QUALITY: Final = {
    "overall_log_likelihood": "log_likelihood",
    "snr": "snr_db",
}
"""The columns that depend on the utterance alone: the others depend on what else was aligned in the run."""


class LabelledInterval(NamedTuple):
    """A labelled interval, in seconds."""

    start: float
    end: float
    label: str

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


class TimedWord(NamedTuple):
    """A spoken word with MFA's times, in seconds of the recording; without phones if its phones are unknown.

    `word_index` is that of the written word in its utterance.
    """

    word_index: int
    word: LabelledInterval
    phones: tuple[LabelledInterval, ...]


class TimedUtterance(NamedTuple):
    """An utterance that MFA aligned: its spoken words in order, and the quality that MFA reports.

    No other speech of this speaker is expected between `start` and `end`.
    """

    start: float
    end: float
    words: tuple[TimedWord, ...]
    quality: AlignmentQuality | None


class _Row(NamedTuple):
    file: str
    speaker: str
    begin: float
    quality: AlignmentQuality


def read(
    folder: Path, corpus_files: Sequence[CorpusFile], pronounced: Collection[str]
) -> dict[Address, TimedUtterance]:
    """The aligned utterances of a corpus, from MFA's output in `folder`; those without any phones are not aligned.

    Args:
        pronounced: The keys of the words whose pronunciation MFA was given.
    """
    rows = _table(folder / _TABLE)
    aligned: dict[Address, TimedUtterance] = {}
    for corpus_file in corpus_files:
        for segment, words in _aligned_segments(folder, corpus_file).items():
            quality = _quality(rows, corpus_file, segment)
            heard = all(
                timed.phones or word.entry.key not in pronounced
                for timed, word in zip(words, segment.words, strict=True)
            )
            if heard and (quality is None or quality.log_likelihood is not None):
                aligned |= _split(segment, words, quality)
    return {
        address: utterance for address, utterance in aligned.items() if any(word.phones for word in utterance.words)
    }


def _aligned_segments(folder: Path, corpus_file: CorpusFile) -> dict[Segment, tuple[TimedWord, ...]]:
    """The segments of a corpus file whose words are all in the output."""
    tiers = _textgrid(folder / f"{corpus_file.name}.TextGrid", corpus_file.offset)
    speakers = dict.fromkeys(segment.speaker for segment in corpus_file.segments)
    found = {name: _of_speaker(tiers, name, corpus_file.segments) for name in speakers}
    if "words" in tiers:  # only one speaker was aligned, and MFA does not say which
        unnamed = {
            name: _complete_segments(tiers["words"], tiers.get("phones", ()), name, corpus_file.segments)
            for name in speakers
        }
        best = max(speakers, key=lambda name: len(unnamed[name]))
        found[best] = unnamed[best]
    return {segment: words for segments in found.values() for segment, words in segments.items()}


def _split(
    segment: Segment, words: Sequence[TimedWord], quality: AlignmentQuality | None
) -> dict[Address, TimedUtterance]:
    """A segment's words by utterance; neighbouring utterances share the pause between them equally."""
    groups = [
        [timed for timed, word in zip(words, segment.words, strict=True) if (segment.task, word.utterance) == address]
        for address in segment.addresses
    ]
    middles = [(first[-1].word.end + second[0].word.start) / 2 for first, second in pairwise(groups)]
    edges = [segment.start, *middles, segment.end]
    return {
        address: TimedUtterance(start, end, tuple(group), quality)
        for address, group, (start, end) in zip(segment.addresses, groups, pairwise(edges), strict=True)
    }


def _of_speaker(
    tiers: Mapping[str, Sequence[LabelledInterval]], name: str, segments: Sequence[Segment]
) -> dict[Segment, tuple[TimedWord, ...]]:
    return _complete_segments(tiers.get(f"{name} - words", ()), tiers.get(f"{name} - phones", ()), name, segments)


def _complete_segments(
    words: Sequence[LabelledInterval], phones: Sequence[LabelledInterval], speaker: str, segments: Sequence[Segment]
) -> dict[Segment, tuple[TimedWord, ...]]:
    """The segments of a speaker whose words are all in the output, with their words."""
    found: dict[Segment, tuple[TimedWord, ...]] = {}
    for segment in segments:
        if segment.speaker != speaker:
            continue
        inside = [interval for interval in words if segment.start <= interval.middle < segment.end]
        if len(inside) == len(segment.words) and all(
            interval.label == word.entry.key or interval.label.startswith("<")
            for interval, word in zip(inside, segment.words, strict=True)
        ):
            phones_inside = [phone for phone in phones if segment.start <= phone.middle < segment.end]
            found[segment] = tuple(
                TimedWord(word.word, interval, _phones_of(interval, phones_inside))
                for interval, word in zip(inside, segment.words, strict=True)
            )
    return found


def _phones_of(word: LabelledInterval, phones: Sequence[LabelledInterval]) -> tuple[LabelledInterval, ...]:
    """The phones of a word; empty if one of them is noise."""
    own = tuple(phone for phone in phones if word.start <= phone.middle < word.end)
    return () if any(phone.label in _NO_PHONES for phone in own) else own


def _quality(rows: Sequence[_Row], corpus_file: CorpusFile, segment: Segment) -> AlignmentQuality | None:
    """The quality of a segment by the table; None if the table lacks it, as in versions that write no table."""
    begin = segment.start - corpus_file.offset
    matching = [
        row
        for row in rows
        if row.file == corpus_file.name
        and row.speaker == segment.speaker
        and abs(row.begin - begin) <= _BEGIN_TOLERANCE
    ]
    return min(matching, key=lambda row: abs(row.begin - begin)).quality if matching else None


def _textgrid(path: Path, offset: float) -> dict[str, list[LabelledInterval]]:
    """The tiers of a TextGrid with their intervals, on the recording's clock; empty if it is missing or unreadable."""
    from praatio.textgrid import openTextgrid

    try:
        grid = openTextgrid(str(path), False, reportingMode="silence", duplicateNamesMode="rename")
    except Exception:  # praatio raises many types; the segments of such a file have failed
        return {}
    return {tier.name: [_interval(offset, *entry) for entry in tier.entries] for tier in grid.tiers}


def _interval(offset: float, start: float, end: float, label: str) -> LabelledInterval:
    return LabelledInterval(float(start) + offset, float(end) + offset, label.strip())


def _table(path: Path) -> list[_Row]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [_row(row) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error):  # some versions write none
        return []


def _row(row: Mapping[str, str]) -> _Row:
    quality = AlignmentQuality(**{key: _number(row.get(column)) for column, key in _QUALITY.items()})
    begin = _number(row.get("begin"))
    return _Row(row.get("file", ""), row.get("speaker", ""), -1.0 if begin is None else begin, quality)


def _number(text: str | None) -> float | None:
    """The number in a cell; None if it is blank, not a number or not finite."""
    from math import isfinite

    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None
