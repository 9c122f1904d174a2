"""Tables, as CSV or Parquet: interviews, segments, words and turns, each with a column for the split.

Every word of the release is in `words`, also those in overlap. CSV cells that a spreadsheet would run get an
apostrophe before them, as in a release's `labels.csv`; Parquet holds them as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from imigue_build.apps.convert.formats import Destination, Entry, Format, Write, text_file
from imigue_build.core.untrusted.formula_cells import shielded
from imigue_build.core.untrusted.markdown import plain
from imigue_build.release.reader import CorpusText, Segment

_INTERVIEW: Final = {"video_id": (str, "id of the interview"), "split": (str, "train, dev, test; empty without splits")}
_ROW: Final = {
    **_INTERVIEW,
    "row": (int, "number of the manifest's row in its interview, from 1"),
    "role": (str, "interviewee or interviewer"),
    "segment_id": (str, "as in the release; empty where there is no clip, as in overlap"),
    "speaker": (str, "as in the release: SPEAKER_00"),
}
_SPAN: Final = {
    "start": (float, "seconds on the recording's clock"),
    "end": (float, "seconds on the recording's clock"),
}

COLUMNS: Final[dict[str, dict[str, tuple[type, str]]]] = {
    "interviews": {
        **_INTERVIEW,
        "subject_id": (str, "who is interviewed, where --subjects says so"),
        "subject_gender": (str, "as in labels.csv"),
        "subject_nationality": (str, "as in labels.csv"),
        "win_or_lose": (str, "Win, Lose or empty"),
        "duration": (float, "seconds of the recording"),
        "segments": (int, "rows with a clip"),
        "segment_seconds": (float, "seconds in clips"),
        "words": (int, "all words"),
    },
    "segments": {
        **_ROW,
        **_SPAN,
        "clip": (str, "path in the release; empty where there is none"),
        "raw": (str, "the text as written"),
        "asr": (str, "the same normalised"),
        "language": (str, "ISO 639-1"),
        "asr_confidence": (float, "0 to 1; empty where not known"),
        "role_confidence": (float, "0 to 1; empty where not known"),
        "snr_db": (float, "speech to pauses, dB; empty where not known"),
        "overlap_s": (float, "seconds in which several speak"),
        "flags": (str, "what is suspect, separated by spaces"),
    },
    "words": {
        **_ROW,
        "place": (int, "number of the word in its row, from 1"),
        "word": (str, "as written"),
        **_SPAN,
        "aligned": (bool, "false where the word keeps the ASR's times"),
        "confidence": (float, "0 to 1; empty where not known"),
    },
    "turns": {**_INTERVIEW, "speaker": (str, "SPEAKER_00"), **_SPAN},
}

_Cells = tuple[Any, ...]
_GROUP: Final = 50_000
"""Rows that are held before they are written to Parquet."""


def _check(entry: Entry) -> None:
    entry.interview.samples()
    _ = entry.interview.turns


def _rows(entry: Entry) -> Iterator[tuple[str, _Cells]]:
    """The rows of all tables that an interview gives, each with its table's name."""
    interview = entry.interview
    of = (interview.video_id, entry.split or None)
    yield "interviews", (*of, *_facts(entry))
    for number, segment in enumerate(interview.segments, 1):
        key = (*of, number, segment.role, segment.segment_id, segment.speaker)
        yield "segments", (*key, *_segment(segment))
        for place, word in enumerate(segment.words, 1):
            yield "words", (*key, place, word.word, word.start, word.end, word.aligned, word.confidence)
    for turn in interview.turns:
        yield "turns", (*of, turn.speaker, turn.start, turn.end)


def _facts(entry: Entry) -> _Cells:
    """The cells of `interviews` from `subject_id` on."""
    label, segments, clips = entry.interview.label, entry.interview.segments, entry.interview.clips
    known = (entry.subject, label.subject_gender, label.subject_nationality, label.win_or_lose)
    spoken = round(sum(segment.duration for segment in clips), 3)
    words = sum(len(segment.words) for segment in segments)
    return (*(fact or None for fact in known), entry.seconds(), len(clips), spoken, words)


def _segment(segment: Segment) -> _Cells:
    """The cells of `segments` from `start` on."""
    texts = (segment.raw, segment.asr, segment.language)
    measured = (segment.asr_confidence, segment.role_confidence, segment.snr_db, segment.overlap_s)
    return (segment.start, segment.end, segment.clip, *texts, *measured, " ".join(segment.flags) or None)


@contextmanager
def _as_csv(destination: Destination) -> Iterator[Write]:
    with ExitStack() as stack:
        tables = {}
        for name, columns in COLUMNS.items():
            file = stack.enter_context(text_file(destination.root / f"{name}.csv"))
            tables[name] = csv.writer(file, lineterminator="\n")
            tables[name].writerow(columns)

        def write(entry: Entry) -> None:
            for name, cells in _rows(entry):
                kinds = zip(COLUMNS[name].items(), cells, strict=True)
                tables[name].writerow([_cell(column, kind, cell) for (column, (kind, _)), cell in kinds])

        yield write


def _cell(column: str, kind: type, cell: Any) -> str:
    if cell is None:
        return ""
    if column in ("start", "end", "duration", "segment_seconds", "overlap_s"):
        return f"{cell:.3f}"
    return shielded(cell) if kind is str else str(cell).lower() if kind is bool else str(cell)


@contextmanager
def _as_parquet(destination: Destination) -> Iterator[Write]:
    from pyarrow import parquet

    with ExitStack() as stack:
        tables = {}
        for name in COLUMNS:
            writer = parquet.ParquetWriter(destination.root / f"{name}.parquet", _schema(name), compression="zstd")
            tables[name] = _Table(name, stack.enter_context(writer))

        def write(entry: Entry) -> None:
            for name, cells in _rows(entry):
                tables[name].add(cells)

        yield write
        for table in tables.values():
            table.flush()


def _schema(name: str) -> Any:
    import pyarrow as pa

    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    return pa.schema([(column, kinds[kind]) for column, (kind, _) in COLUMNS[name].items()])


class _Table:
    """A Parquet file that is written in groups of rows."""

    def __init__(self, name: str, writer: Any) -> None:
        self._writer, self._schema = writer, _schema(name)
        self._rows: list[_Cells] = []

    def add(self, cells: _Cells) -> None:
        self._rows.append(cells)
        if len(self._rows) >= _GROUP:
            self.flush()

    def flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            columns = [
                pa.array(values, field.type)
                for values, field in zip(zip(*self._rows, strict=True), self._schema, strict=True)
            ]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
            self._rows.clear()


def _finish(suffix: str) -> Callable[[Path, Sequence[str], CorpusText], None]:
    def finish(root: Path, splits: Sequence[str], corpus: CorpusText) -> None:
        with text_file(root / "README.md") as file:
            of = f": {plain(corpus.heading)}" if corpus.heading else ""
            file.write(f"# Tables of a release{of}\n\nTimes are seconds on the recording's clock.\n")
            for name, columns in COLUMNS.items():
                file.write(f"\n## {name}.{suffix}\n\n| column | what |\n|---|---|\n")
                file.writelines(f"| `{column}` | {about} |\n" for column, (_, about) in columns.items())

    return finish


CSV = Format("tables: interviews, segments, words, turns", _as_csv, _check, True, _finish("csv"))
PARQUET = Format("the same tables as Parquet", _as_parquet, _check, True, _finish("parquet"), extra="tables")
