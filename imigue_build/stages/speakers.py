"""speakers: who speaks when once a person's corrections are applied, and who of them is the interviewee."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from msgspec.structs import replace

from imigue_build.config import RolesRule
from imigue_build.core.records import Diarization, Provenance, Transcript
from imigue_build.corpus.labels import Players
from imigue_build.engine.stage import Done, GivenFile, Outcome, Task
from imigue_build.stages.common import (
    DIARIZATION,
    ROLES,
    TRANSCRIPT,
    ConfiguredStage,
    each,
    read_override,
    read_record,
    unfit,
    write_record,
)
from imigue_build.stages.naming import NOBODY, named_roles
from imigue_build.stages.roles import assign_roles, contradictions

PLAYER: Final = "player"
"""Name of the input that is the player's name in the labels."""
TURNS: Final = "turns"
"""Name of the input that is the corrections of the diarization alone."""
_OF_TURNS: Final = ("merge_speakers", "speakers")
"""Their kinds."""
_REMEDY: Final = "roles.follow_names=false goes by speaking time, `imigue-build override` says who is who"
_ONE_SPEAKER = "only one speaker was found; he or she is released as the interviewee"


@dataclass(frozen=True)
class SpeakersStage(ConfiguredStage[RolesRule]):
    """Applies corrections to the diarization, then assigns the roles.

    Writes two files: the corrected Diarization, on which align depends, and Roles. So a corrected role does not
    run align again.

    Attributes:
        players: Who is interviewed, by the labels.
    """

    players: Players | None = None
    name: ClassVar[str] = "speakers"
    version: ClassVar[int] = 2
    inputs: ClassVar[tuple[str, ...]] = (f"diarize/{DIARIZATION}", f"transcribe/{TRANSCRIPT}")

    @property
    def made_from(self) -> Mapping[str, tuple[str, ...]]:
        """The corrected Diarization does not depend on the roles."""
        return {DIARIZATION: (f"diarize/{DIARIZATION}", TURNS)}

    def given(self, video_id: str) -> Mapping[str, GivenFile]:
        """The corrections, and the player's name alone: another change of the labels does not run the stage again."""
        found = {**super().given(video_id), **self._corrections(video_id, {TURNS: _OF_TURNS})}
        name = self._player(video_id)
        if self.players is not None and name is not None:
            found[PLAYER] = GivenFile(self.players.path, hashlib.sha256(name.encode()).hexdigest())
        return found

    def provenance(self) -> Provenance:
        return Provenance()

    def open(self) -> SpeakersStage:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return each(tasks, self._run)

    def _run(self, task: Task) -> Done:
        from imigue_build.corpus.overrides import correct_roles, correct_turns

        override = read_override(task)
        diarized, transcribed = (task.inputs[name] for name in self.inputs)
        diarization, turns = correct_turns(read_record(diarized, Diarization), override)
        named = NOBODY
        if self.config.follow_names:
            named = named_roles(diarization, read_record(transcribed, Transcript), self._player(task.video_id))
        assigned = assign_roles(diarization, named)
        corrected, fixes = correct_roles(assigned, diarization, override)
        corrections = (*turns, *fixes)
        roles = replace(corrected, corrections=corrections)
        write_record(task, DIARIZATION, diarization)
        write_record(task, ROLES, roles)
        alone = (_ONE_SPEAKER,) if len(diarization.speakers) == 1 else ()
        doubts = () if roles.by_person else contradictions(assigned, named, names=True)
        return Done(0.0, (*alone, *(f"{doubt}; {_REMEDY}" for doubt in doubts), *unfit(corrections)))

    def _player(self, video_id: str) -> str | None:
        return self.players.names.get(video_id) if self.players is not None and self.config.follow_names else None
