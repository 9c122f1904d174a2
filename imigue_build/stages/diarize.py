"""diarize: who spoke when; and roles: who of them is the interviewee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from imigue_build.backends import registry
from imigue_build.config import Diarize, RolesRule
from imigue_build.engine.stage import Done, Outcome, Task
from imigue_build.records import Diarization, Provenance
from imigue_build.roles import assign_roles
from imigue_build.stages.common import (
    AUDIO,
    DIARIZATION,
    ROLES,
    AudioWorker,
    ConfiguredStage,
    each,
    read_record,
    write_record,
)


@dataclass(frozen=True)
class DiarizeStage(ConfiguredStage[Diarize]):
    """Speakers and their turns, by the backend that the config names."""

    name: ClassVar[str] = "diarize"
    inputs: ClassVar[tuple[str, ...]] = (AUDIO,)

    def provenance(self) -> Provenance:
        return registry.diarizer(self.config).provenance()

    def open(self) -> AudioWorker[Diarization]:
        return AudioWorker(registry.diarizer(self.config).diarize, DIARIZATION, _remarks)


@dataclass(frozen=True)
class RolesStage(ConfiguredStage[RolesRule]):
    """Interviewee and interviewers among a diarization's speakers."""

    name: ClassVar[str] = "roles"
    inputs: ClassVar[tuple[str, ...]] = (f"diarize/{DIARIZATION}",)

    def provenance(self) -> Provenance:
        return Provenance()

    def open(self) -> RolesStage:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return each(tasks, self._assign)

    def _assign(self, task: Task) -> Done:
        diarization = read_record(task.inputs[self.inputs[0]], Diarization)
        write_record(task, ROLES, assign_roles(diarization))
        return Done(0.0)


def _remarks(diarization: Diarization) -> tuple[str, ...]:
    alone = len(diarization.speakers) == 1
    return ("only one speaker was found; he or she is released as the interviewee",) if alone else ()
