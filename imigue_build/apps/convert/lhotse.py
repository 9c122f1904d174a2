"""Lhotse manifests: recordings, and a supervision for each segment with a clip, its words as an alignment.

Named as lhotse's own recipes name theirs (`imigue-speech_supervisions_train.jsonl.gz`); times are the recording's.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from imigue_build.apps.convert.formats import WHOLE, Add, Format, Place
from imigue_build.apps.convert.source import Interview, Recording, Row, between

PREFIX: Final = "imigue-speech"


@contextmanager
def _opened(place: Place) -> Iterator[Add]:
    part = place.split or WHOLE
    with ExitStack() as stack:
        recordings, supervisions = (
            stack.enter_context(_packed(place.root / f"{PREFIX}_{kind}_{part}.jsonl.gz"))
            for kind in ("recordings", "supervisions")
        )

        def add(interview: Interview) -> None:
            recording = interview.recording()
            recordings.write(_line(_recording(recording, interview.video_id, place)))
            supervisions.writelines(_line(_supervision(interview, row, recording)) for row in interview.segments)

        yield add


@contextmanager
def _packed(path: Path) -> Iterator[BinaryIO]:
    """A gzip file whose bytes depend on nothing but its content."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
        yield packed  # type: ignore[misc]


def _line(document: dict[str, Any]) -> bytes:
    return msgspec.json.encode(document) + b"\n"


def _recording(recording: Recording, video_id: str, place: Place) -> dict[str, Any]:
    return {
        "id": video_id,
        "sources": [{"type": "file", "channels": [0], "source": place.sound(recording.path)}],
        "sampling_rate": recording.rate,
        "num_samples": recording.samples,
        "duration": recording.seconds,
        "channel_ids": [0],
    }


def _supervision(interview: Interview, row: Row, recording: Recording) -> dict[str, Any]:
    """One segment; what has no place in a supervision is under `custom`."""
    end = min(row.end, recording.seconds)
    return {
        "id": row.name,
        "recording_id": row.video_id,
        "start": row.start,
        "duration": row.seconds if end == row.end else end - row.start,
        "channel": 0,
        "text": " ".join(word.word for word in row.words),
        "language": row.language,
        "speaker": interview.speaker(row),
        **({"gender": gender} if (gender := interview.gender(row)) else {}),
        "custom": {
            "role": row.role,
            "normalized_text": row.asr,
            "subject_nationality": interview.label.subject_nationality or None,
            "win_or_lose": interview.label.win_or_lose or None,
            "asr_confidence": row.asr_confidence,
            "role_confidence": row.role_confidence,
            "snr_db": row.snr_db,
            "overlap_s": row.overlap_s,
            "flags": row.flags,
        },
        "alignment": {
            "word": [[word.word, word.start, between(word.start, word.end), word.confidence] for word in row.words]
        },
    }


LHOTSE = Format("recordings and supervisions with word alignments", _opened, Interview.recording)
