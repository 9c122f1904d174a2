"""The multimodal time line: every interval of every interview, speech and gestures, as one Parquet table.

| column | what it is |
|---|---|
| `video_id` | the interview |
| `kind` | `segment` (a manifest row), `word`, `turn`, `overlap`, `vad` or `gesture` |
| `start`, `end` | seconds of the recording |
| `role` | `interviewee` or `interviewer`; a gesture is the interviewee's; null for overlap and vad |
| `speaker` | the diarized speaker; null for gestures and vad, several joined by `+` for overlap |
| `text` | a segment's raw text, a word, a gesture's name, else null |
| `class` | of gestures, 1 to 31 or 99 |
| `label_id` | of gestures, as the labels have it |
| `confidence` | of words and segments, in [0, 1], where it is known |
| `segment_id` | of segments and words that have a clip |

Sorted by video_id, start, end, kind. The same release and labels give the same bytes with the same pyarrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from imigue_build.gestures.clock import Gesture
from imigue_build.gestures.speech import Speech
from imigue_build.release.layout import overlap_label

NAME: Final = "timeline.parquet"
_GROUP: Final = 100_000
"""Rows from which on what was gathered is written."""


class _Interval(NamedTuple):
    start: float
    end: float
    kind: str
    role: str | None = None
    speaker: str | None = None
    text: str | None = None
    number: int | None = None
    label_id: str | None = None
    confidence: float | None = None
    segment_id: str | None = None


class Timeline:
    """Writes the table, interview by interview, in the order of their ids; to be used in a `with`."""

    def __init__(self, folder: Path) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        text, seconds = pa.string(), pa.float64()
        fields = {"video_id": text, "kind": text, "start": seconds, "end": seconds, "role": text, "speaker": text}
        fields |= {"text": text, "class": pa.int16(), "label_id": text, "confidence": pa.float32(), "segment_id": text}
        optional = set(fields) - {"video_id", "kind", "start", "end"}
        about = {"format": "imigue-build timeline 1", "times": "seconds", "sorted": "video_id, start, end, kind"}
        columns = [pa.field(name, kind, nullable=name in optional) for name, kind in fields.items()]
        self._schema = pa.schema(columns, metadata=about)
        self._writer = parquet.ParquetWriter(folder / NAME, self._schema, compression="zstd")
        self._rows: list[tuple[str, _Interval]] = []

    def __enter__(self) -> Timeline:
        return self

    def __exit__(self, *raised: object) -> None:
        if raised[0] is None:
            self._flush()
        self._writer.close()

    def add(self, speech: Speech, gestures: Sequence[Gesture]) -> None:
        """One interview."""
        self._rows += [(speech.video_id, one) for one in sorted(_intervals(speech, gestures), key=_order)]
        if len(self._rows) >= _GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        columns: dict[str, list[Any]] = {"video_id": [name for name, _ in self._rows]}
        for field in _Interval._fields:
            place = _Interval._fields.index(field)
            columns["class" if field == "number" else field] = [one[place] for _, one in self._rows]
        table = pa.table({name: columns[name] for name in self._schema.names}, schema=self._schema)
        self._writer.write_table(table, row_group_size=_GROUP)
        self._rows = []


def _order(one: _Interval) -> tuple[object, ...]:
    return one.start, one.end, one.kind, one.role or "", one.speaker or "", one.number or 0, one.text or ""


def _intervals(speech: Speech, gestures: Sequence[Gesture]) -> list[_Interval]:
    found = [_Interval(one.start, one.end, "vad") for one in speech.vad]
    found += [_Interval(one.start, one.end, "turn", one.role, one.speaker) for one in speech.turns]
    found += [_Interval(one.start, one.end, "overlap", None, overlap_label(one.speakers)) for one in speech.overlap]
    for row in speech.rows:
        own: dict[str, Any] = {"role": row.role, "speaker": row.speaker, "segment_id": row.segment_id}
        found.append(_Interval(row.start, row.end, "segment", text=row.raw, confidence=row.asr_confidence, **own))
        found += [
            _Interval(word.start, word.end, "word", text=word.word, confidence=word.confidence, **own)
            for word in row.words
        ]
    return found + [
        _Interval(one.start, one.end, "gesture", "interviewee", text=one.name, number=one.number, label_id=one.label_id)
        for one in gestures
    ]
