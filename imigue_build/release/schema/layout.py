"""The release's names: its files, folders, tiers, and the form of its ids. Nothing here touches the disk."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from imigue_build.core.records import ROLES, Role
from imigue_build.core.times import milliseconds, samples_at

FORMAT_VERSION: Final = 1
SAMPLE_RATE: Final = 44_100
"""Rate of every WAV in a release, in Hz; all are 16-bit PCM, one channel."""
MAX_SEGMENT: Final = 30.0
"""Longest clip in seconds where `provenance.json` names no `export.max_segment`."""
MIN_WORD_MS: Final = 10
"""Shortest interval of a word in a words tier, in milliseconds."""

LABELS: Final = "labels.csv"
README: Final = "README.md"
MANIFEST: Final = "manifest.jsonl"
DROPPED: Final = "dropped.jsonl"
PROVENANCE: Final = "provenance.json"
SUMS: Final = "SHA256SUMS"
REQUIRED: Final = (LABELS, README, MANIFEST, PROVENANCE, SUMS)
"""Files that lie at the top of every release; `DROPPED` lies there only when filters are on."""
TABLES: Final = (PROVENANCE, MANIFEST, LABELS, DROPPED)
"""Files at the top that hold what is known of the interviews."""

LABELS_HEADER: Final = ("video_id", "subject_gender", "subject_nationality", "win_or_lose")
OUTCOMES: Final = ("", "Win", "Lose")

ID_PATTERN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""What an interview's id looks like; use `fullmatch` (a `$` would let a newline through)."""
SPEAKER_PATTERN: Final = re.compile(r"SPEAKER_\d{2,}")
"""How speakers are numbered."""
SPEAKER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What a reader takes for a speaker: releases of other makers may name them otherwise."""
SEGMENT_PATTERN: Final = re.compile(r"segment_\d{3,4}")

SEGMENT_TIERS: Final = ("interviewee", "interviewer", "diarization", "overlap", "vad")
WORD_TIERS: Final = (
    "interviewee - words",
    "interviewee - phones",
    "interviewer - words",
    "interviewer - phones",
)
SPEECH_LABEL: Final = "speech"
"""Label of an interval of the `vad` tier."""


class InterviewFiles(NamedTuple):
    """The names of the files in an interview's folder, besides its clips."""

    wav: str
    raw: str
    asr: str
    transcript: str
    segments: str
    words: str
    rttm: str


class ClipFiles(NamedTuple):
    """The names of one segment's files in its role's folder."""

    wav: str
    raw: str
    asr: str


def interview_files(video_id: str) -> InterviewFiles:
    """The names in the folder of `video_id`.

    >>> interview_files("0440").words
    '0440.words.TextGrid'
    """
    return InterviewFiles(
        wav=f"{video_id}.wav",
        raw=f"{video_id}.raw.txt",
        asr=f"{video_id}.asr.txt",
        transcript=f"{video_id}.txt",
        segments=f"{video_id}.TextGrid",
        words=f"{video_id}.words.TextGrid",
        rttm=f"{video_id}.rttm",
    )


def segment_name(number: int, total: int) -> str:
    """The id of a role's segment `number` (from 1) of `total`.

    >>> segment_name(1, 999), segment_name(1, 1000)
    ('segment_001', 'segment_0001')
    """
    return f"segment_{number:0{4 if total > 999 else 3}d}"


def clip_files(segment_id: str) -> ClipFiles:
    """The names of a segment's files."""
    return ClipFiles(f"{segment_id}.wav", f"{segment_id}.raw.txt", f"{segment_id}.asr.txt")


def is_in_layout(path: str) -> bool:
    """Whether a release may hold a file of this path, relative to it.

    >>> is_in_layout("0440/interviewee/segment_001.wav"), is_in_layout("0440/notes.txt")
    (True, False)
    """
    folder, *below = path.split("/")
    if not below:
        return folder in (*REQUIRED, DROPPED)
    if not ID_PATTERN.fullmatch(folder):
        return False
    if len(below) == 1:
        return below[0] in interview_files(folder)
    segment = below[1].partition(".")[0]
    of_segment = SEGMENT_PATTERN.fullmatch(segment) is not None and below[1] in clip_files(segment)
    return len(below) == 2 and below[0] in ROLES and of_segment


def clip_path(video_id: str, role: Role, segment_id: str) -> str:
    """A clip's path relative to the release, with forward slashes.

    >>> clip_path("0440", "interviewee", "segment_001")
    '0440/interviewee/segment_001.wav'
    """
    return f"{video_id}/{role}/{clip_files(segment_id).wav}"


def clip_samples(start: float, end: float) -> tuple[int, int]:
    """The samples [first, last) of the recording that a clip from `start` to `end` seconds holds."""
    return samples_at(milliseconds(start), SAMPLE_RATE), samples_at(milliseconds(end), SAMPLE_RATE)


def speaker_name(number: int) -> str:
    """The name of the speaker who was the `number`th (from 0) to appear.

    >>> speaker_name(0)
    'SPEAKER_00'
    """
    return f"SPEAKER_{number:02d}"


def overlap_label(speakers: tuple[str, ...]) -> str:
    """The label of an interval of the `overlap` tier.

    >>> overlap_label(("SPEAKER_01", "SPEAKER_00"))
    'SPEAKER_00+SPEAKER_01'
    """
    return "+".join(sorted(speakers))


def transcript_line(start: float, end: float, role: Role, text: str) -> str:
    """One turn of the readable transcript.

    >>> transcript_line(12.34, 15.02, "interviewer", "How did you feel?")
    '[12.340-15.020] INTERVIEWER: How did you feel?'
    """
    return f"[{start:.3f}-{end:.3f}] {role.upper()}: {text}"
