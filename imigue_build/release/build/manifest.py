"""What an interview tells the whole release: its manifest rows, and the facts that the card sums up."""

from __future__ import annotations

from typing import Any

import msgspec

from imigue_build.core.records import Correction, Record, Role
from imigue_build.release.build.quality import Dropped, Quality
from imigue_build.release.build.segments import Row
from imigue_build.release.schema.layout import clip_path


class RoleFacts(Record, frozen=True):
    """One role of an interview: its speakers, their speaking time, and what became of their words.

    `seconds` is speaking time, overlap included; `clip_seconds` is what the segments hold.
    """

    speakers: int
    seconds: float
    segments: int
    clip_seconds: float
    words: int
    words_in_clips: int
    unaligned: int


class InterviewFacts(Record, frozen=True):
    """One interview in numbers; seconds. `cased` and `punctuated` say what its transcript has.

    `filtered` says whether segments could be dropped, `dropped` which were.
    """

    video_id: str
    duration: float
    language: str
    overlap: float
    role_confidence: float
    role_rule: str
    role_reasons: tuple[str, ...]
    asr_confidence: float | None
    cased: bool
    punctuated: bool
    roles: dict[Role, RoleFacts]
    corrections: tuple[Correction, ...] = ()
    filtered: bool = False
    dropped: tuple[Dropped, ...] = ()


def manifest_line(video_id: str, row: Row, asr: str, role_confidence: float, quality: Quality, language: str) -> bytes:
    """One row of `manifest.jsonl`, with its newline; times have three decimals."""
    document: dict[str, Any] = {
        "video_id": video_id,
        "role": row.role,
        "segment_id": row.segment_id,
        "speaker": row.speaker,
        "start": _seconds(row.start),
        "end": _seconds(row.end),
        "clip": clip_path(video_id, row.role, row.segment_id) if row.segment_id else None,
        "raw": row.raw,
        "asr": asr,
        "words": [
            {
                "word": word.word,
                "start": _seconds(word.start),
                "end": _seconds(word.end),
                "aligned": word.aligned,
                "confidence": word.confidence,
            }
            for word in row.words
        ],
        "asr_confidence": quality.asr_confidence,
        "role_confidence": role_confidence,
        "snr_db": quality.snr_db,
        "overlap_s": _seconds(row.overlap),
        "language": language,
        "aligned": quality.aligned,
        "clipping": quality.clipping,
        "words_per_second": quality.words_per_second,
        "alignment": quality.alignment,
        "flags": quality.flags,
    }
    return msgspec.json.encode(document) + b"\n"


def _seconds(ms: int) -> msgspec.Raw:
    return msgspec.Raw(f"{ms // 1000}.{ms % 1000:03d}".encode())
