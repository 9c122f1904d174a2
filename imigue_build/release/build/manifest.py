"""An interview's contribution to the whole release: its manifest rows, and the facts that the card sums up."""

from __future__ import annotations

from imigue_build.core.records import Correction, Record, Role
from imigue_build.release.build.quality import Quality
from imigue_build.release.build.segments import Row
from imigue_build.release.reader.composition import RoleFigures
from imigue_build.release.schema.layout import clip_path
from imigue_build.release.schema.provenance import Audio, RoleRule
from imigue_build.release.schema.rows import DroppedSegment, Segment, Word


class InterviewFacts(Record, frozen=True):
    """One interview in numbers; seconds. `cased` and `punctuated` say what its transcript has.

    `filtered` says whether segments could be dropped, `dropped` which were; `roles_by` is there where names decided who
    is the interviewee.
    """

    video_id: str
    duration: float
    audio: Audio
    language: str
    overlap: float | None
    role_confidence: float
    role_reasons: tuple[str, ...]
    asr_confidence: float | None
    cased: bool
    punctuated: bool
    roles: dict[Role, RoleFigures]
    corrections: tuple[Correction, ...] = ()
    filtered: bool = False
    dropped: tuple[DroppedSegment, ...] = ()
    roles_by: RoleRule | None = None


def segment_of(video_id: str, row: Row, asr: str, role_confidence: float, quality: Quality, language: str) -> Segment:
    """One row of `manifest.jsonl`."""
    return Segment(
        video_id=video_id,
        role=row.role,
        segment_id=row.segment_id,
        speaker=row.speaker,
        start=row.start / 1000,
        end=row.end / 1000,
        clip=clip_path(video_id, row.role, row.segment_id) if row.segment_id else None,
        raw=row.raw,
        asr=asr,
        words=tuple(
            Word(word.word, word.start / 1000, word.end / 1000, word.aligned, word.confidence) for word in row.words
        ),
        asr_confidence=quality.asr_confidence,
        role_confidence=role_confidence,
        snr_db=quality.snr_db,
        overlap_s=quality.overlap_s,
        language=language,
        aligned=quality.aligned,
        clipping=quality.clipping,
        words_per_second=quality.words_per_second,
        alignment=quality.alignment,
        flags=quality.flags,
    )
