"""The two TextGrids of an interview: one of segments, one of words and phones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imigue_build.core.records import ROLES, Diarization, Role, Span
from imigue_build.core.times import milliseconds
from imigue_build.release.build.segments import Row
from imigue_build.release.schema.layout import SEGMENT_TIERS, SPEECH_LABEL, WORD_TIERS, overlap_label
from imigue_build.release.schema.textgrid import Label, TextGrid, Tier, disjoint, write


def write_segments(path: Path, rows: Sequence[Row], diarization: Diarization, length: int) -> None:
    """The segment-level TextGrid: both roles' rows, who spoke, where several did, where anybody did.

    Args:
        rows: Of the whole interview; those of one role do not overlap.
        length: Of the recording, in milliseconds.
    """
    tiers = [[Label(row.start, row.end, row.raw) for row in rows if row.role == role] for role in ROLES]
    tiers.append([_label(turn, turn.speaker) for turn in diarization.exclusive])
    tiers.append([_label(region, overlap_label(region.speakers)) for region in diarization.overlap])
    tiers.append([_label(region, SPEECH_LABEL) for region in diarization.speech])
    _write(path, SEGMENT_TIERS, [disjoint(tier, length) for tier in tiers], length)


def write_words(path: Path, rows: Sequence[Row], length: int) -> None:
    """The word-level TextGrid: words and phones of each role; all four tiers, empty ones as well."""
    _write(path, WORD_TIERS, [tier for role in ROLES for tier in _words_and_phones(rows, role)], length)


def _words_and_phones(rows: Sequence[Row], role: Role) -> tuple[list[Label], list[Label]]:
    words = [word for row in rows if row.role == role for word in row.words]
    phones = [phone for word in words for phone in word.phones]
    return (
        [Label(word.start, word.end, word.word) for word in words],
        [Label(phone.start, phone.end, phone.phone) for phone in phones],
    )


def _label(span: Span, label: str) -> Label:
    return Label(milliseconds(span.start), milliseconds(span.end), label)


def _write(path: Path, names: Sequence[str], tiers: Sequence[Sequence[Label]], length: int) -> None:
    named = (Tier(name, tuple(labels)) for name, labels in zip(names, tiers, strict=True))
    write(path, TextGrid(length, tuple(named)))
