"""A WORK folder with what corrections are checked against, made up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imigue_build.core.record_json import encode
from imigue_build.core.records import (
    AlignedWord,
    Alignment,
    Provenance,
    Record,
    Role,
    Roles,
    Transcript,
    TranscriptSegment,
    Turn,
    Utterance,
    Word,
)
from imigue_build.store.completion import Identity
from imigue_build.store.workspace import Workspace
from tests.release.made import diarization, recording

A, B = "SPEAKER_00", "SPEAKER_01"
TURNS = (Turn(0.0, 5.0, A), Turn(6.0, 10.0, B), Turn(12.0, 20.0, A))
WORDS = ("how", "was", "it", "hard", "against", "Jokovic", "and", "long")


def workspace(root: Path, *video_ids: str) -> Workspace:
    """Interviews of 20 s in two voices; they say a word every two seconds, from 0.5 s on."""
    work = Workspace(root)
    work.prepare()
    for video_id in video_ids or ("0440",):
        add(work, video_id)
    return work


def add(work: Workspace, video_id: str, words: Sequence[str] = WORDS, later: float = 0.0) -> None:
    """An interview; the aligner has its words so many seconds later than the ASR."""
    said = tuple(Word(2 * at + 0.5, 2 * at + 1.0, word) for at, word in enumerate(words))
    found = diarization(TURNS)
    roles: dict[str, Role] = {A: "interviewee", B: "interviewer"}
    _publish(work, video_id, "extract", {"recording.json": recording(20.0)})
    transcript = Transcript("en", (TranscriptSegment(0.0, 20.0, said),))
    _publish(work, video_id, "transcribe", {"transcript.json": transcript})
    _publish(work, video_id, "diarize", {"diarization.json": found})
    aligned = tuple(AlignedWord(word.start + later, word.end + later, word.word) for word in said)
    _publish(work, video_id, "align", {"alignment.json": Alignment("en", (Utterance(0.0, 20.0, A, aligned),))})
    seconds = {one.speaker: one.seconds for one in found.speakers}
    who = Roles(roles, 0.9, "longest-speaking-time", seconds)
    _publish(work, video_id, "speakers", {"diarization.json": found, "roles.json": who})


def _publish(work: Workspace, video_id: str, stage: str, records: dict[str, Record]) -> None:
    folder = work.stage_folder(video_id, stage)
    for name, record in records.items():
        (folder / name).write_bytes(encode(record))
    work.publish(folder, video_id, Identity(stage, 1, {}, {}, Provenance()), 1.0, 20.0, ())
