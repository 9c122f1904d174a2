"""speakers: who speaks when once a person's corrections are applied, and who of them is the interviewee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from msgspec.structs import replace

from imigue_build.config import RolesRule
from imigue_build.core.records import Diarization, Provenance
from imigue_build.corpus.overrides import correct_roles, merge_speakers
from imigue_build.engine.stage import Done, Outcome, Task
from imigue_build.stages.common import (
    DIARIZATION,
    ROLES,
    ConfiguredStage,
    each,
    read_override,
    read_record,
    unfit,
    write_record,
)
from imigue_build.stages.roles import assign_roles

_ONE_SPEAKER = "only one speaker was found; he or she is released as the interviewee"


@dataclass(frozen=True)
class SpeakersStage(ConfiguredStage[RolesRule]):
    """Applies merges to the diarization, then assigns the roles.

    Writes two files: the corrected Diarization, on which align depends, and Roles. So a corrected role does not
    run align again.
    """

    name: ClassVar[str] = "speakers"
    inputs: ClassVar[tuple[str, ...]] = (f"diarize/{DIARIZATION}",)

    def provenance(self) -> Provenance:
        return Provenance()

    def open(self) -> SpeakersStage:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return each(tasks, self._run)

    def _run(self, task: Task) -> Done:
        override = read_override(task)
        found = read_record(task.inputs[self.inputs[0]], Diarization)
        diarization, merges = merge_speakers(found, override)
        roles, fixes = correct_roles(assign_roles(diarization), diarization, override)
        corrections = (*merges, *fixes)
        write_record(task, DIARIZATION, diarization)
        write_record(task, ROLES, replace(roles, corrections=corrections))
        alone = (_ONE_SPEAKER,) if len(diarization.speakers) == 1 else ()
        return Done(0.0, (*alone, *unfit(corrections)))
