"""One interview of the release: its folder, its manifest rows, its facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from imigue_build.config import Export, Filters
from imigue_build.core.errors import MediaError
from imigue_build.core.record_json import encode
from imigue_build.core.records import ROLES, Alignment, Correction, Diarization, Recording, Roles, Span
from imigue_build.core.times import milliseconds
from imigue_build.core.wav import read_wav
from imigue_build.release.build.manifest import InterviewFacts, segment_of
from imigue_build.release.build.quality import filtered, measure
from imigue_build.release.build.segments import Row, rows
from imigue_build.release.build.sound import Sound
from imigue_build.release.build.textgrid import write_segments, write_words
from imigue_build.release.reader.composition import asr_confidence, overlap_seconds, role_figures
from imigue_build.release.schema import rttm
from imigue_build.release.schema.layout import SAMPLE_RATE, clip_files, interview_files, transcript_line
from imigue_build.release.schema.provenance import Audio, RoleRule
from imigue_build.release.schema.rows import Segment, segment_line
from imigue_build.store.disk import link_or_copy
from imigue_build.text.normalise import normalise

RELEASE: Final = "release"
"""The folder, in the artifact, that becomes the interview's folder in the release."""
ROWS: Final = "rows.jsonl"
FACTS: Final = "facts.json"


def write_interview(
    folder: Path,
    video_id: str,
    audio_44k: Path,
    recording: Recording,
    alignment: Alignment,
    diarization: Diarization,
    roles: Roles,
    settings: Export,
    dropped: Sequence[Span] = (),
    corrections: Sequence[Correction] = (),
    named_by: RoleRule | None = None,
) -> None:
    """Writes an interview into an artifact's folder: `release/`, `rows.jsonl`, `facts.json`.

    `dropped` spans are left out of the clips; `corrections` are a person's, to be listed; `named_by` says by which rule
    names decided who is the interviewee.
    The recording is hard-linked where the file system can. The same input gives the same bytes.

    Raises:
        BackendError: If there are more words than the recording has room for.
        MediaError: If the recording holds no sound.
    """
    samples = read_wav(audio_44k)
    if not len(samples):
        raise MediaError(f"the recording of {video_id} holds no sound", "check the video")
    duration = len(samples) / SAMPLE_RATE
    length = milliseconds(duration)
    sound = Sound(samples)
    noise = sound.noise([*diarization.speech, Span(0.0, recording.audio_offset)])
    cut = rows(alignment, diarization, roles, settings, duration, dropped)
    qualities = [measure(row, sound, noise, diarization.detects_overlap) for row in cut]
    measured, left = filtered(video_id, cut, qualities, settings.filters)
    found = [row for row, _ in measured]
    target = folder / RELEASE
    for role in ROLES:
        (target / role).mkdir(parents=True)
    files = interview_files(video_id)
    link_or_copy(audio_44k, target / files.wav)
    write_segments(target / files.segments, found, diarization, length)
    write_words(target / files.words, found, length)
    _write(target / files.rttm, rttm.write(video_id, diarization.turns, length))
    _write(target / files.transcript, "".join(f"{line}\n" for line in _turns(found)))

    normalised = [normalise(row.raw) for row in found]
    _write(target / files.raw, "".join(f"{row.raw}\n" for row in found))
    _write(target / files.asr, "".join(f"{text}\n" for text in normalised))
    segments = [
        segment_of(video_id, row, asr, roles.confidence, quality, alignment.language)
        for (row, quality), asr in zip(measured, normalised, strict=True)
    ]
    with open(folder / ROWS, "wb") as manifest:
        for row, segment in zip(found, segments, strict=True):
            _write_segment(target / row.role, row, segment.asr, sound)
            manifest.write(segment_line(segment))
    facts = replace(
        _facts(video_id, duration, recording, segments, alignment.language, diarization, roles),
        corrections=tuple(corrections),
        filtered=settings.filters != Filters(),
        dropped=tuple(left),
        roles_by=named_by,
    )
    (folder / FACTS).write_bytes(encode(facts))


def _write_segment(folder: Path, row: Row, asr: str, sound: Sound) -> None:
    if row.segment_id is None:
        return
    files = clip_files(row.segment_id)
    sound.write_clip(folder / files.wav, row.start, row.end)
    _write(folder / files.raw, f"{row.raw}\n")
    _write(folder / files.asr, f"{asr}\n")


def _turns(found: Iterable[Row]) -> Iterable[str]:
    """The lines of the readable transcript, one for consecutive rows of a speaker."""
    for _, group in groupby(found, key=lambda row: row.speaker):
        turn = list(group)
        text = " ".join(row.raw for row in turn)
        yield transcript_line(turn[0].start / 1000, turn[-1].end / 1000, turn[0].role, text)


def _facts(
    video_id: str,
    duration: float,
    recording: Recording,
    segments: Sequence[Segment],
    language: str,
    diarization: Diarization,
    roles: Roles,
) -> InterviewFacts:
    words = [word.word for segment in segments for word in segment.words]
    return InterviewFacts(
        video_id=video_id,
        duration=milliseconds(duration) / 1000,
        audio=Audio(
            recording.audio_streams,
            recording.tracks_used,
            recording.channels,
            recording.channels_used,
            recording.reasons,
        ),
        language=language,
        overlap=overlap_seconds(diarization.overlap) if diarization.detects_overlap else None,
        role_confidence=roles.confidence,
        role_reasons=roles.reasons,
        asr_confidence=asr_confidence(segments),
        cased=any(word != word.lower() for word in words),
        punctuated=any(word[-1] in ".,?!" for word in words),
        roles={role: role_figures(role, segments, diarization.turns, roles.roles) for role in ROLES},
    )


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
