"""Tables of words, segments or turns (CSV, TSV), their columns found by their names.

`start`, `end` or `duration`, `word` or `text`, `speaker`, and `video_id` or `file` where a table has several
recordings. Times are seconds, milliseconds or clock times: by the column's name (`start_ms`), or by the rate of speech.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.untrusted.csv_rows import CsvError, Row, parse
from imigue_build.core.untrusted.formula_cells import restored
from imigue_build.corpus.annotations.cues import clock
from imigue_build.corpus.annotations.sources import (
    LabelledSpan,
    TimedSegment,
    Warn,
    line_error,
    lines,
    log_warning,
    seconds,
    select_recording,
)
from imigue_build.corpus.annotations.timecodes import with_decimals

SUFFIXES: Final = (".csv", ".tsv")
_COLUMNS: Final = {
    "recording": ("video_id", "recording(?:_id)?", "file(?:_?name|_id)?", "audio(?:_file)?", "media", "source"),
    "start": (
        *("(?:start|begin)(?:[ _]?time)?(?:[ _]?code)?", "onset", "t?min", "xmin", "from", "time_?(?:start|begin)"),
        *("(?:time_?code |tc )?in(?:[ _]?point)?", "beginn", "anfang", "d[e\u00e9]but", "inicio", "inizio"),
        *("time[ _]?stamp", "time[ _]?code", "time"),
    ),
    "end": (
        *("(?:end|stop)(?:[ _]?time)?(?:[ _]?code)?", "offset", "t?max", "xmax", "to", "time_?(?:end|stop)"),
        *("(?:time_?code |tc )?out(?:[ _]?point)?", "ende", "fine?"),
    ),
    "duration": ("duration", "dur", "length"),
    "text": (
        *("word", "text[eo]?", "testo", "transcript(?:ion)?", "utterance", "sentence", "content", "raw", "token"),
        *("dialog(?:ue)?", "subtitle", "caption", "annotation", "label"),
    ),
    "speaker": (
        *("speaker(?:[ _]?(?:id|name|label))?", "spk", "participant", "who", "sprecher(?:in)?", "locuteur", "hablante"),
        *("orador", "falante", "relatore", "role", "tier", "label"),
    ),
    "type": ("type",),
    "confidence": ("confidence", "probability", "conf", "score"),
}
"""Names of columns; of several with one meaning, the first in this order counts."""
_UNITS: Final = (
    r"(?:(?: - |[ _]*[(\[]?)"
    r"(?P<unit>s|sec|secs|seconds|ms|msec|milliseconds|ss\.msec|hh:mm:ss(?:[.:,](?:ms|ff))?)[)\]]?)?"
)
_CLOCK: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?")
_FEWEST_LETTERS: Final = 0.5
"""Letters in a unit of time, below which the unit is the millisecond: people say some 15 in a second."""
_SINGLE: Final = 0.9
"""Share of the rows with one word from which a table is one of words."""
_SECONDS_PER_LETTER: Final = 0.08
"""How long the last text of a table lasts that says where texts begin alone."""
_SEPARATOR: Final = re.compile(r"sep=(.)\s*")
"""The line with which Excel names what parts the cells."""
_MILLISECONDS: Final = frozenset({"ms", "mi"})
"""How the names of units begin that are thousandths."""
_WORDS: Final = frozenset({"word", "words"})
_PHONES: Final = frozenset({"phone", "phones"})
"""What a table of words and phones, as MFA writes it, has in the column `type`."""
_EXAMPLE: Final = "give it a header such as: start,end,word,speaker"


class _Table(NamedTuple):
    """The rows of a table, with the index of each known column and the units that the columns of times name."""

    path: Path
    columns: dict[str, int]
    units: dict[str, str]
    rows: list[Row]

    def cell(self, row: Row, column: str) -> str:
        at = self.columns.get(column, len(row.fields))
        return restored(row.fields[at]).strip() if at < len(row.fields) else ""


def table(path: Path, video_id: str, warn: Warn = log_warning) -> list[TimedSegment]:
    """The words of an interview, or its segments where the rows are such, in the file's order.

    Raises:
        AnnotationError: If the file cannot be read, lacks a column, or describes another recording.
    """
    found = _opened(path, ("start", "text"))
    kinds = [found.cell(row, "type").casefold() for row in found.rows]
    if not _WORDS.isdisjoint(kinds):
        kept = [row for row, kind in zip(found.rows, kinds, strict=True) if kind not in _PHONES]
        found = found._replace(rows=kept)
    if found.columns.get("speaker") == found.columns["text"]:
        del found.columns["speaker"]
    spans = [span for span in _spans(found, video_id, warn) if span.text]
    if sum(len(span.text.split()) == 1 for span in spans) >= _SINGLE * len(spans):
        return [(span, [span]) for span in spans]
    return [(span, []) for span in spans]


def turns(path: Path, video_id: str, warn: Warn = log_warning) -> list[LabelledSpan]:
    """The turns of an interview; rows that name nobody are left out with a warning.

    Raises:
        AnnotationError: If the file cannot be read, lacks a column, or describes another recording.
    """
    spans = _spans(_opened(path, ("start", "speaker", "end")), video_id, warn)
    named = [span._replace(text="", confidence=None) for span in spans if span.speaker]
    if len(named) < len(spans):
        warn(f"{path.name}: {len(spans) - len(named)} of {len(spans)} rows name no speaker and are left out")
    return named


def _opened(path: Path, needed: Sequence[str]) -> _Table:
    rows = [row for row in _rows(path) if any(cell.strip() for cell in row.fields)]
    header = [cell.strip().lower() for cell in rows[0].fields] if rows else []
    filled = {at for row in rows[1:] for at, cell in enumerate(row.fields) if cell.strip()}
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    for meaning, names in _COLUMNS.items():
        matches = ((at, re.fullmatch(rf"(?:{name}){_UNITS}", cell)) for name in names for at, cell in enumerate(header))
        known = [(at, match) for at, match in matches if match]
        if found := [pair for pair in known if pair[0] in filled] or known:
            columns[meaning] = found[0][0]
            units[meaning] = (found[0][1]["unit"] or "")[:2]
    missing = [name for name in needed if name not in columns and not (name == "end" and "duration" in columns)]
    if missing:
        what = f"{path} has no column {' and none '.join(map(repr, missing))} ({abridged(', '.join(header), 200)})"
        raise AnnotationError(what, _EXAMPLE)
    return _Table(path, columns, units, rows[1:])


def _rows(path: Path) -> Iterator[Row]:
    """The rows of a table; what tabs part is often written without regard to quotation marks."""
    text = [line for _, line in lines(path)]
    named = _SEPARATOR.fullmatch(text[0]) if text else None
    text[:1] = [""] if named else text[:1]
    header = next((line for line in text if line.strip()), "")
    separator = named[1] if named else max(("\t", ";", ",", "|"), key=header.count)
    try:
        yield from list(parse((f"{line}\n" for line in text), separator, max_lines=len(text) + 1))
    except CsvError as error:
        if separator != "\t":
            raise AnnotationError(f"{path}, line {error.line}: {error}", "correct the line, or save it again") from None
        yield from (Row(number, line.split("\t")) for number, line in enumerate(text, 1))


def _spans(found: _Table, video_id: str, warn: Warn) -> list[LabelledSpan]:
    """The rows of an interview, in seconds."""
    rows = found.rows
    if "recording" in found.columns and rows:
        names = [found.cell(row, "recording") for row in rows]
        own = select_recording(found.path, video_id, names, warn)
        rows = [row for row, name in zip(rows, names, strict=True) if name == own]
    texts = [found.cell(row, "text") for row in rows]
    times = _times(found, rows, texts, warn)
    factor = _factor(found.units, times, texts)
    return [
        LabelledSpan(start / factor, end / factor, text, found.cell(row, "speaker") or None, _confidence(found, row))
        for row, (start, end), text in zip(rows, times, texts, strict=True)
    ]


def _times(found: _Table, rows: Sequence[Row], texts: Sequence[str], warn: Warn) -> list[tuple[float, float]]:
    """Start and end of each row; a text of which only the start is known lasts until the next one begins."""
    cells, frames = with_decimals([found.cell(row, name) for row in rows for name in ("start", "end", "duration")])
    if frames:
        warn(f"the times of {found.path.name} count frames: {frames} a second are assumed")
    known = dict(zip(((row.line, name) for row in rows for name in ("start", "end", "duration")), cells, strict=True))

    milliseconds = any(unit in _MILLISECONDS for unit in found.units.values())

    def time(row: Row, name: str) -> float:
        cell, unit = known[row.line, name], found.units.get(name)
        scaled = ":" not in cell and (unit in _MILLISECONDS if unit else milliseconds)
        return _time(found.path, row.line, cell) / (1000 if scaled else 1)

    starts = [time(row, "start") for row in rows]
    if "end" in found.columns:
        ends = [time(row, "end") for row in rows]
    elif "duration" in found.columns:
        ends = [start + time(row, "duration") for row, start in zip(rows, starts, strict=True)]
    else:
        later = sorted(set(starts))
        following = dict(pairwise(later))
        ends = [
            following.get(start, start + _SECONDS_PER_LETTER * len(text))
            for start, text in zip(starts, texts, strict=True)
        ]
    for row, start, end in zip(rows, starts, ends, strict=True):
        if end < start:
            raise line_error(found.path, row.line, f"{start:g} to {end:g} ends before it begins")
    return list(zip(starts, ends, strict=True))


def _time(path: Path, line: int, cell: str) -> float:
    match = _CLOCK.fullmatch(cell)
    return clock(match.groups()) if match else seconds(path, line, cell.replace(",", ".").removesuffix("s"))


def _factor(units: Mapping[str, str], times: Sequence[tuple[float, float]], texts: Sequence[str]) -> int:
    """The times' units in a second."""
    if any(units.get(column) for column in ("start", "end", "duration")):
        return 1
    length = sum(end - start for start, end in times)
    letters = sum(map(len, texts))
    return 1000 if letters and letters < _FEWEST_LETTERS * length else 1


def _confidence(found: _Table, row: Row) -> float | None:
    cell = found.cell(row, "confidence")
    return seconds(found.path, row.line, cell) if cell else None
