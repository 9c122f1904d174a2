"""Rules about a single row of `manifest.jsonl`: its format, times, words and numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from imigue_build.core.records import Flag, Role
from imigue_build.release.schema.layout import MANIFEST, MIN_WORD_MS, SPEAKER_PATTERN, clip_path
from imigue_build.release.validate.base import MAX_SECONDS, UNDECODABLE, Faults, control_in, seconds, shown, whole_ms

_ANNOTATION = re.compile(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>")  # "[laughter]" is written and not spoken
_OF_PHONES = ("fit", "phone_duration_deviation")
"""Measures of an alignment that there are of phones alone."""
_LARGEST = 1e6
"""No measure is as large, in whatever unit."""
_ROUNDING = 0.001
"""By which a printed share may differ from the one that it was rounded from."""
_Report = Callable[[str, str], None]


class RowKey(msgspec.Struct):
    """The sort key of a row, as in JSON."""

    video_id: str
    start: float
    end: float
    speaker: str


class _JsonWord(msgspec.Struct):
    word: str
    start: float
    end: float
    aligned: bool
    confidence: float | None


class _JsonRow(RowKey):
    role: Role
    segment_id: str | None
    clip: str | None
    raw: str
    asr: str
    words: list[_JsonWord]
    asr_confidence: float | None
    role_confidence: float | None
    snr_db: float | None
    overlap_s: float | None
    language: str
    aligned: float | None = None
    clipping: float | None = None
    words_per_second: float | None = None
    alignment: dict[str, float] | None = None
    flags: list[Flag] = []


class Word(NamedTuple):
    """A word of a row: milliseconds, its speaker, its written form. Sorted as in a words tier."""

    start: int
    end: int
    speaker: str
    word: str
    aligned: bool


class Row(NamedTuple):
    """A manifest row with a valid format: times in milliseconds, `line` counted from 1. Sorted by time.

    `by_phones` says whether it has a measure of its phones.
    """

    start: int
    end: int
    speaker: str
    role: Role
    segment_id: str | None
    raw: str
    asr: str
    words: tuple[Word, ...]
    overlap_s: float | None
    role_confidence: float | None
    by_phones: bool
    line: int


def parse_row(line: bytes, number: int, duration: int | None, faults: Faults) -> Row | None:
    def report(rule: str, message: str) -> None:
        faults.add(MANIFEST, rule, f"line {number}: {message}")

    try:
        row = msgspec.json.decode(line, type=_JsonRow)
    except UNDECODABLE as error:
        report("manifest-json", str(error))
        return None
    start, end = whole_ms(row.start), whole_ms(row.end)
    if start is None or end is None or start >= end:
        report("row-times", f"{row.start} to {row.end} s is not an interval in whole milliseconds")
        return None
    if duration is not None and end > duration + 1:
        report("row-times", f"it ends at {row.end} s, after the recording ({seconds(duration)} s)")
    words = _words(row, start, end, report)
    if words is None:
        return None
    _check_texts(row, report)
    _check_numbers(row, report)
    _check_clip_name(row, report)
    if not SPEAKER_PATTERN.fullmatch(row.speaker):
        report("speaker-name", f"{shown(row.speaker)} is not of the form SPEAKER_00")
    return Row(
        start,
        end,
        row.speaker,
        row.role,
        row.segment_id,
        row.raw,
        row.asr,
        tuple(words),
        row.overlap_s,
        row.role_confidence,
        any((row.alignment or {}).get(name) is not None for name in _OF_PHONES),
        number,
    )


def _words(row: _JsonRow, start: int, end: int, report: _Report) -> list[Word] | None:
    """The words of the row; None if one has no valid time."""
    words = []
    for number, word in enumerate(row.words, 1):
        first, last = whole_ms(word.start), whole_ms(word.end)
        name = f"word {number} {shown(word.word)}"
        if first is None or last is None or first >= last:
            report("word-times", f"{name}: {word.start} to {word.end} s is not an interval in whole milliseconds")
            return None
        if first < start or last > end:
            report("word-times", f"{name} at {word.start} to {word.end} s is outside its row")
        if last - first < MIN_WORD_MS:
            report("word-length", f"{name} lasts {last - first} ms, less than {MIN_WORD_MS}")
        if not word.word or control_in(word.word) or any(letter.isspace() for letter in word.word):
            report("word-token", f"{name} is not a single token")
        words.append(Word(first, last, row.speaker, word.word, word.aligned))
    return words


def _check_texts(row: _JsonRow, report: _Report) -> None:
    joined = " ".join(word.word for word in row.words)
    if row.raw != joined:
        report("row-text", f"raw {shown(row.raw)} is not its words joined, {shown(joined)}")
    forbidden = "".join(sorted(letter for letter in set(row.asr) if not _is_normalised(letter)))
    if forbidden or row.asr != row.asr.lower():
        message = f"{shown(row.asr)} is not lower case without punctuation and digits"
        report("row-asr", message + f" ({forbidden!a})" * bool(forbidden))
    elif row.asr != " ".join(row.asr.split()):
        report("row-asr", f"{shown(row.asr)} has superfluous spaces")
    elif not row.asr and any(letter.isalnum() for letter in _ANNOTATION.sub("", row.raw)):
        report("row-asr", f"it is empty, but the raw text is {shown(row.raw)}")
    if not re.fullmatch(r"[a-z]{2,3}", row.language):
        report("row-language", f"{shown(row.language)} is not an ISO 639 code")


def _is_normalised(letter: str) -> bool:
    """Whether normalised text may contain a character: letters, combining marks, apostrophes, spaces."""
    return letter in " '\u2019" or unicodedata.category(letter)[0] in "LM"


def _check_numbers(row: _JsonRow, report: _Report) -> None:
    shares = {name: getattr(row, name) for name in ("asr_confidence", "role_confidence", "aligned", "clipping")}
    shares |= {f"the confidence of word {number}": word.confidence for number, word in enumerate(row.words, 1)}
    beyond = {name: value for name, value in shares.items() if value is not None and not 0 <= value <= 1}
    for name, value in beyond.items():
        report("confidence-range", f"{name} is {value}, which is not in [0, 1]")
    if row.overlap_s is not None and not 0 <= row.overlap_s < MAX_SECONDS:
        report("row-overlap", f"overlap_s {row.overlap_s:g} is no number of seconds")
    if not beyond and row.words:
        _check_measures(row, report)
    measures = {"snr_db": row.snr_db, "words_per_second": row.words_per_second, **(row.alignment or {})}
    for name, measure in measures.items():
        if measure is not None and not abs(measure) < _LARGEST:
            report("row-measures", f"{shown(name)} is {measure:g}, which nothing measures")


def _check_measures(row: _JsonRow, report: _Report) -> None:
    """What a row says of its words as a whole is what they say."""
    known = [word.confidence for word in row.words if word.confidence is not None]
    mean = sum(known) / len(known) if known else None
    if (mean is None) != (row.asr_confidence is None) or abs((mean or 0.0) - (row.asr_confidence or 0.0)) > _ROUNDING:
        report("row-measures", f"asr_confidence is {row.asr_confidence}, the mean of its words is {mean}")
    share = sum(word.aligned for word in row.words) / len(row.words)
    if row.aligned is not None and abs(row.aligned - share) > _ROUNDING:
        report("row-measures", f"aligned is {row.aligned}, of its words {share:.4f} are")
    spoken = row.words[-1].end - row.words[0].start
    rate = len(row.words) / spoken if spoken > 0 else 0.0
    if row.words_per_second is not None and rate and abs(row.words_per_second - rate) > 10 * _ROUNDING:
        report("row-measures", f"words_per_second is {row.words_per_second}, by its words it is {rate:.2f}")


def _check_clip_name(row: _JsonRow, report: _Report) -> None:
    if row.segment_id is None or row.clip is None:
        if row.segment_id is not row.clip:
            report("row-clip", "segment_id and clip must both be null or both be set")
        return
    expected = clip_path(row.video_id, row.role, row.segment_id)
    if row.clip != expected:
        report("row-clip", f"clip is {shown(row.clip)}, not {shown(expected)}")
