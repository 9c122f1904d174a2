"""Lhotse manifests: recordings, and a supervision for each segment with a clip, its words as an alignment.

Named as lhotse's own recipes name theirs, by the corpus (`imigue-speech_supervisions_train.jsonl.gz`; without a name
`corpus_...`); times are seconds from the
start of the recording.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from imigue_build.apps.convert.formats import WHOLE, Destination, Entry, Format, Write, check_recording
from imigue_build.release.reader import Segment
from imigue_build.release.schema.layout import SAMPLE_RATE

NAMELESS: Final = "corpus"
"""The name of files of a corpus that has no name."""


@contextmanager
def _writer(destination: Destination) -> Iterator[Write]:
    part, name = destination.split or WHOLE, destination.corpus.file_name(NAMELESS)
    with ExitStack() as stack:
        recordings, supervisions = (
            stack.enter_context(_packed(destination.root / f"{name}_{kind}_{part}.jsonl.gz"))
            for kind in ("recordings", "supervisions")
        )

        def write(entry: Entry) -> None:
            samples = entry.interview.samples()
            recordings.write(_line(_recording(entry, samples, destination)))
            for segment in entry.interview.clips:
                supervisions.write(_line(_supervision(entry, segment, samples / SAMPLE_RATE)))

        yield write


@contextmanager
def _packed(path: Path) -> Iterator[BinaryIO]:
    """A gzip file whose bytes depend on nothing but its content."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
        yield packed  # type: ignore[misc]


def _line(document: dict[str, Any]) -> bytes:
    return msgspec.json.encode(document) + b"\n"


def _recording(entry: Entry, samples: int, destination: Destination) -> dict[str, Any]:
    path = destination.audio(entry.interview.path("wav"))
    return {
        "id": entry.interview.video_id,
        "sources": [{"type": "file", "channels": [0], "source": path}],
        "sampling_rate": SAMPLE_RATE,
        "num_samples": samples,
        "duration": samples / SAMPLE_RATE,
        "channel_ids": [0],
    }


def _supervision(entry: Entry, segment: Segment, length: float) -> dict[str, Any]:
    """A segment of a recording of `length` seconds; what has no place in a supervision is under `custom`."""
    end = min(segment.end, length)
    label = entry.interview.label
    return {
        "id": entry.utterance_id(segment),
        "recording_id": segment.video_id,
        "start": segment.start,
        "duration": segment.duration if end == segment.end else end - segment.start,
        "channel": 0,
        "text": segment.raw,
        "language": segment.language,
        "speaker": entry.speaker(segment),
        **({"gender": gender} if (gender := entry.gender(segment)) else {}),
        "custom": {
            "role": segment.role,
            "normalized_text": segment.asr,
            "subject_nationality": label.subject_nationality or None,
            "win_or_lose": label.win_or_lose or None,
            "asr_confidence": segment.asr_confidence,
            "role_confidence": segment.role_confidence,
            "snr_db": segment.snr_db,
            "overlap_s": segment.overlap_s,
            "flags": segment.flags,
        },
        "alignment": {
            "word": [[word.word, word.start, word.duration, word.confidence] for word in segment.words],
        },
    }


LHOTSE = Format("recordings and supervisions with word alignments", _writer, check_recording)
