"""Writes a person's corrections of an interview, and checks which of them fit what is in WORK."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from imigue_build.core.errors import UsageError
from imigue_build.core.plurals import counted
from imigue_build.core.record_json import decode
from imigue_build.core.records import Correction, Diarization, Record, Recording, Role, Roles, Transcript
from imigue_build.corpus import overrides
from imigue_build.corpus.overrides import Override
from imigue_build.corpus.overrides.write import added
from imigue_build.store.disk import guarded, write_atomically
from imigue_build.store.workspace import Workspace

_RECORDING: Final = "extract/recording.json"
_TRANSCRIPT: Final = "transcribe/transcript.json"
_DIARIZATION: Final = "diarize/diarization.json"
_SPEAKERS: Final = "speakers/diarization.json"
_ROLES: Final = "speakers/roles.json"
R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Changes:
    """The corrections to write; a voice is a time in seconds at which it speaks, or a speaker's label."""

    swap_roles: bool = False
    interviewee: float | str | None = None
    interviewer: tuple[float | str, ...] = ()
    num_speakers: int | None = None
    merge: tuple[tuple[float | str, ...], ...] = ()
    words: tuple[tuple[float, str, str], ...] = ()
    drop: tuple[tuple[float, float], ...] = ()
    comment: str = ""


def correct(work: Workspace, folder: Path, video_id: str, changes: Changes) -> tuple[Path, list[Correction]]:
    """Adds the changes to `folder/<video_id>.yaml`; the folder and the file are created if they are missing.

    Returns:
        The file, and all its corrections with whether each fits what is in WORK.

    Raises:
        UsageError: If there are no changes, WORK does not have the interview, or a swap is ambiguous.
        AnnotationError: If the file or the changes are invalid.
    """
    work.open()
    if video_id not in work.video_ids():
        raise UsageError(f"--work {work.root} has no interview {video_id}", "name one that `imigue-build status` lists")
    path = folder / f"{video_id}.yaml"
    before = overrides.text(path) if overrides.find(folder, video_id) else ""
    known = overrides.parse(before, path) if before.strip() else Override()
    document = _document(changes, work, video_id)
    if not document:
        raise UsageError("no correction is given", "see `imigue-build override --help`")
    today = date.today().isoformat()
    note = f"{today} {changes.comment or ', '.join(document)}"
    head = {"video_id": video_id, "date": today, "comment": f"{known.comment}; {note}" if known.comment else note}
    text = added(before, {**head, **document})
    found = overrides.parse(text, path)
    with guarded(f"cannot write {path}"):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
    return path, fitting(work, video_id, found)


def fitting(work: Workspace, video_id: str, override: Override) -> list[Correction]:
    """Every correction that can be checked, and whether it fits what is in WORK."""
    found: list[Correction] = []
    diarization = _read(work, video_id, _DIARIZATION, Diarization)
    if diarization is not None:
        merged, merges = overrides.merge_speakers(diarization, override)
        roles = _read(work, video_id, _ROLES, Roles) or Roles({}, 0.0, "", {})
        found += (*merges, *overrides.correct_roles(roles, merged, override)[1])
    transcript = _read(work, video_id, _TRANSCRIPT, Transcript)
    if transcript is not None:
        found += overrides.correct_words(transcript, override)[1]
    recording = _read(work, video_id, _RECORDING, Recording)
    if recording is not None:
        found += overrides.dropped_spans(override, recording.duration).values()
    return found


def _document(changes: Changes, work: Workspace, video_id: str) -> dict[str, Any]:
    """The changes as keys and values of the file."""
    roles: list[tuple[float | str, Role]] = [(voice, "interviewer") for voice in changes.interviewer]
    if changes.interviewee is not None:
        roles.append((changes.interviewee, "interviewee"))
    if changes.swap_roles:
        roles += _swapped(work, video_id)
    document: dict[str, Any] = {
        "num_speakers": changes.num_speakers,
        "merge_speakers": [list(voices) for voices in changes.merge],
        "roles": [{"voice": voice, "role": role} for voice, role in roles],
        "words": [{"at": at, "was": was, "now": now} for at, was, now in changes.words],
        "drop": [{"start": start, "end": end} for start, end in changes.drop],
    }
    return {key: value for key, value in document.items() if value}


def _swapped(work: Workspace, video_id: str) -> list[tuple[float | str, Role]]:
    """The two roles exchanged; each voice is named by the middle of its longest exclusive turn."""
    speakers, roles = _read(work, video_id, _SPEAKERS, Diarization), _read(work, video_id, _ROLES, Roles)
    if speakers is None or roles is None:
        raise UsageError(f"{video_id} has no roles yet", "run `imigue-build align` first")
    if len(roles.roles) != 2 or set(roles.roles.values()) != {"interviewee", "interviewer"}:
        what = f"{video_id} has {counted(len(roles.roles), 'speaker')}, so it is not clear who takes whose role"
        raise UsageError(what, "name the interviewee: --interviewee with a time in seconds, or a label")
    other: dict[Role, Role] = {"interviewee": "interviewer", "interviewer": "interviewee"}
    found: list[tuple[float | str, Role]] = []
    for speaker, role in sorted(roles.roles.items()):
        own = [turn for turn in speakers.exclusive if turn.speaker == speaker]
        longest = max(own, key=lambda turn: turn.duration, default=None)
        found.append((round(longest.middle, 2) if longest else speaker, other[role]))
    return found


def _read(work: Workspace, video_id: str, path: str, kind: type[R]) -> R | None:
    """The record of that kind at `<stage>/<file>`; None where there is none."""
    stage, _, file = path.partition("/")
    if work.completion(video_id, stage) is None:
        return None
    try:
        return decode((work.artifact(video_id, stage) / file).read_bytes(), kind)
    except (OSError, ValueError):
        return None
