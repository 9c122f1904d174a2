"""What a person wants to have corrected, as keys and values of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from imigue_build.core.errors import UsageError
from imigue_build.core.plurals import counted
from imigue_build.core.records import Role
from imigue_build.pipeline.override.artifacts import Artifacts


@dataclass(frozen=True)
class Changes:
    """The corrections to write; a voice is a time in seconds at which it speaks, or a speaker's label.

    Attributes:
        speakers: Start and end of stretches in seconds, and the voice that alone speaks there.
        words: A time at or near the word, the word, and what it is.
        undo: Corrections to take away first: numbers or texts as they are listed, or `last` for the last command's.
    """

    swap_roles: bool = False
    interviewee: float | str | None = None
    interviewer: tuple[float | str, ...] = ()
    num_speakers: int | None = None
    merge: tuple[tuple[float | str, ...], ...] = ()
    speakers: tuple[tuple[float, float, float | str], ...] = ()
    words: tuple[tuple[float, str, str], ...] = ()
    drop: tuple[tuple[float, float], ...] = ()
    comment: str = ""
    undo: tuple[str, ...] = ()

    def document(self, found: Artifacts) -> dict[str, Any]:
        """The changes as keys and values of the file.

        Raises:
            UsageError: If it is not clear what a swap of the roles would do.
        """
        roles: list[tuple[float | str, Role]] = [(voice, "interviewer") for voice in self.interviewer]
        if self.interviewee is not None:
            roles.append((self.interviewee, "interviewee"))
        if self.swap_roles:
            roles += _swapped(found)
        document: dict[str, Any] = {
            "num_speakers": self.num_speakers,
            "merge_speakers": [list(voices) for voices in self.merge],
            "speakers": [{"start": start, "end": end, "voice": voice} for start, end, voice in self.speakers],
            "roles": [{"voice": voice, "role": role} for voice, role in roles],
            "words": [{"at": found.heard(at, was), "was": was, "now": now} for at, was, now in self.words],
            "drop": [{"start": start, "end": end} for start, end in self.drop],
        }
        return {key: value for key, value in document.items() if value}


def _swapped(found: Artifacts) -> list[tuple[float | str, Role]]:
    """The two roles exchanged; each voice is named by the middle of its longest exclusive turn."""
    speakers, roles = found.speakers, found.roles
    if speakers is None or roles is None:
        raise UsageError(f"{found.video_id} has no roles yet", "run `imigue-build align` first")
    if len(roles.roles) != 2 or set(roles.roles.values()) != {"interviewee", "interviewer"}:
        what = f"{found.video_id} has {counted(len(roles.roles), 'speaker')}, so it is not clear who takes whose role"
        raise UsageError(what, "name the interviewee: --interviewee with a time in seconds, or a label")
    other: dict[Role, Role] = {"interviewee": "interviewer", "interviewer": "interviewee"}
    swapped: list[tuple[float | str, Role]] = []
    for speaker, role in sorted(roles.roles.items()):
        own = [turn for turn in speakers.exclusive if turn.speaker == speaker]
        longest = max(own, key=lambda turn: turn.duration, default=None)
        swapped.append((round(longest.middle, 2) if longest else speaker, other[role]))
    return swapped
