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
from typing import Any, Final

from imigue_build.apps.gestures.clock import Gesture
from imigue_build.apps.gestures.folder import TIMELINE
from imigue_build.apps.gestures.speech import Speech
from imigue_build.core.intervals import Timed
from imigue_build.release.schema.layout import overlap_label

_GROUP: Final = 100_000
"""Rows from which on what was gathered is written."""
_ALWAYS: Final = ("video_id", "kind", "start", "end")
_ORDER: Final = ("video_id", "start", "end", "kind")


class Timeline:
    """Writes the table, interview by interview, in the order of their ids; to be used in a `with`."""

    def __init__(self, folder: Path) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        text, seconds = pa.string(), pa.float64()
        kinds = {"video_id": text, "kind": text, "start": seconds, "end": seconds, "role": text, "speaker": text}
        kinds |= {"text": text, "class": pa.int16(), "label_id": text, "confidence": seconds, "segment_id": text}
        about = {"format": "imigue-build timeline 1", "times": "seconds", "sorted": ", ".join(_ORDER)}
        fields = [pa.field(name, kind, nullable=name not in _ALWAYS) for name, kind in kinds.items()]
        self._schema = pa.schema(fields, metadata=about)
        self._writer = parquet.ParquetWriter(folder / TIMELINE, self._schema, compression="zstd")
        self._columns: dict[str, list[Any]] = {name: [] for name in kinds}

    def __enter__(self) -> Timeline:
        return self

    def __exit__(self, *raised: object) -> None:
        if raised[0] is None:
            self._flush()
        self._writer.close()

    def add(self, speech: Speech, gestures: Sequence[Gesture]) -> None:
        """One interview."""
        before = len(self._columns["start"])
        rows = speech.rows
        words = [(row, word) for row in rows for word in row.words]
        self._add("vad", speech.vad)
        self._add("overlap", speech.overlap, speaker=[overlap_label(item.speakers) for item in speech.overlap])
        self._add("turn", speech.turns, role=[o.role for o in speech.turns], speaker=[o.speaker for o in speech.turns])
        self._add(
            "segment",
            rows,
            role=[row.role for row in rows],
            speaker=[row.speaker for row in rows],
            text=[row.raw for row in rows],
            confidence=[row.asr_confidence for row in rows],
            segment_id=[row.segment_id for row in rows],
        )
        self._add(
            "word",
            [word for _, word in words],
            role=[row.role for row, _ in words],
            speaker=[row.speaker for row, _ in words],
            text=[word.word for _, word in words],
            confidence=[word.confidence for _, word in words],
            segment_id=[row.segment_id for row, _ in words],
        )
        made: dict[str, Any] = {
            "class": [gesture.number for gesture in gestures],
            "label_id": [o.label_id for o in gestures],
        }
        self._add("gesture", gestures, role=["interviewee"] * len(gestures), text=[o.name for o in gestures], **made)
        self._columns["video_id"] += [speech.video_id] * (len(self._columns["start"]) - before)
        if len(self._columns["start"]) >= _GROUP:
            self._flush()

    def _add(self, kind: str, intervals: Sequence[Timed], **columns: Sequence[Any]) -> None:
        """Intervals of a kind, by column; what is not given is null."""
        given: dict[str, Sequence[Any]] = {
            "kind": [kind] * len(intervals),
            "start": [interval.start for interval in intervals],
            "end": [interval.end for interval in intervals],
            **columns,
        }
        for name, column in self._columns.items():
            if name != "video_id":
                column += given.get(name, [None] * len(intervals))

    def _flush(self) -> None:
        import pyarrow as pa

        table = pa.Table.from_pydict(self._columns, schema=self._schema)
        order = [(name, "ascending") for name in (*_ORDER, "role", "speaker", "class", "label_id", "text")]
        self._writer.write_table(table.sort_by(order), row_group_size=_GROUP)
        self._columns = {name: [] for name in self._columns}
