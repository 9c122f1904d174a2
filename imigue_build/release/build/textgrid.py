"""Praat TextGrids, in long format: one of segments, one of words and phones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from imigue_build.core.records import ROLES, Diarization, Role, Span, milliseconds
from imigue_build.release.build.segments import Row
from imigue_build.release.schema.layout import SEGMENT_TIERS, SPEECH_LABEL, WORD_TIERS, overlap_label

Label = tuple[int, int, str]
"""An interval with its label: start and end in milliseconds."""


def write_segments(path: Path, rows: Sequence[Row], diarization: Diarization, length: int) -> None:
    """The segment-level TextGrid: both roles' rows, who spoke, where several did, where anybody did.

    Args:
        rows: Of the whole interview; those of one role do not overlap.
        length: Of the recording, in milliseconds.
    """
    tiers: list[list[Label]] = [[(row.start, row.end, row.raw) for row in rows if row.role == role] for role in ROLES]
    tiers.append([_label(turn, turn.speaker) for turn in diarization.exclusive])
    tiers.append([_label(region, overlap_label(region.speakers)) for region in diarization.overlap])
    tiers.append([_label(region, SPEECH_LABEL) for region in diarization.speech])
    _write(path, SEGMENT_TIERS, [_disjoint(tier, length) for tier in tiers], length)


def write_words(path: Path, rows: Sequence[Row], length: int) -> None:
    """The word-level TextGrid: words and phones of each role; all four tiers, empty ones as well."""
    tiers = [tier for role in ROLES for tier in _words_and_phones(rows, role)]
    _write(path, WORD_TIERS, tiers, length)


def _words_and_phones(rows: Sequence[Row], role: Role) -> tuple[list[Label], list[Label]]:
    words = [word for row in rows if row.role == role for word in row.words]
    phones = [phone for word in words for phone in word.phones]
    return (
        [(word.start, word.end, word.word) for word in words],
        [(phone.start, phone.end, phone.phone) for phone in phones],
    )


def _label(span: Span, label: str) -> Label:
    return milliseconds(span.start), milliseconds(span.end), label


def _disjoint(labels: Iterable[Label], length: int) -> list[Label]:
    """Sorted, within the recording, and each from the end of the one before at the earliest."""
    kept: list[Label] = []
    at = 0
    for start, end, label in sorted(labels):
        start, end = max(start, at), min(end, length)
        if start < end:
            kept.append((start, end, label))
            at = end
    return kept


def _write(path: Path, names: Sequence[str], tiers: Sequence[Sequence[Label]], length: int) -> None:
    from praatio.textgrid import IntervalTier, Textgrid
    from praatio.utilities.constants import Interval

    grid = Textgrid(0.0, length / 1000)
    for name, labels in zip(names, tiers, strict=True):
        intervals = [Interval(start / 1000, end / 1000, label) for start, end, label in labels]
        grid.addTier(IntervalTier(name, intervals, 0.0, length / 1000))
    grid.save(str(path), format="long_textgrid", includeBlankSpaces=True, reportingMode="error")
