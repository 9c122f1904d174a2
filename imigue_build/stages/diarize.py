"""diarize: who spoke when; and roles: who of them is the interviewee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from msgspec.structs import replace

from imigue_build.backends import registry
from imigue_build.backends.base import AudioTask
from imigue_build.config import Diarize, RolesRule
from imigue_build.core.errors import ImigueError
from imigue_build.core.records import Correction, Diarization, Provenance
from imigue_build.corpus.overrides import correct_roles, merge_speakers
from imigue_build.engine.stage import Done, Outcome, Task
from imigue_build.stages.common import (
    AUDIO,
    DIARIZATION,
    ROLES,
    AudioWorker,
    ConfiguredStage,
    each,
    read_override,
    read_record,
    unfit,
    write_record,
)
from imigue_build.stages.role_rule import assign_roles


@dataclass(frozen=True)
class DiarizeStage(ConfiguredStage[Diarize]):
    """Speakers and their turns, by the backend that the config names."""

    name: ClassVar[str] = "diarize"
    inputs: ClassVar[tuple[str, ...]] = (AUDIO,)

    def provenance(self) -> Provenance:
        return registry.diarizer(self.config).provenance()

    def open(self) -> AudioWorker[Diarization]:
        backend = registry.diarizer(self.config)

        def diarize(batch: list[AudioTask]) -> list[Diarization | ImigueError]:
            return [_checked(task, found) for task, found in zip(batch, backend.diarize(batch), strict=True)]

        return AudioWorker(diarize, DIARIZATION, _remarks)


@dataclass(frozen=True)
class RolesStage(ConfiguredStage[RolesRule]):
    """Interviewee and interviewers among a diarization's speakers."""

    name: ClassVar[str] = "roles"
    version: ClassVar[int] = 2
    inputs: ClassVar[tuple[str, ...]] = (f"diarize/{DIARIZATION}",)

    def provenance(self) -> Provenance:
        return Provenance()

    def open(self) -> RolesStage:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return each(tasks, self._assign)

    def _assign(self, task: Task) -> Done:
        override = read_override(task)
        diarization = merge_speakers(read_record(task.inputs[self.inputs[0]], Diarization), override)
        roles = correct_roles(assign_roles(diarization), diarization, override)
        write_record(task, ROLES, roles)
        return Done(0.0, unfit(roles.corrections))


def _checked(task: AudioTask, found: Diarization | ImigueError) -> Diarization | ImigueError:
    """The diarization with a note whether it has as many speakers as a person said."""
    if task.num_speakers is None or isinstance(found, ImigueError):
        return found
    applied = len(found.speakers) == task.num_speakers
    return replace(found, corrections=(Correction("num_speakers", f"there are {task.num_speakers} speakers", applied),))


def _remarks(diarization: Diarization) -> tuple[str, ...]:
    alone = ("only one speaker was found; he or she is released as the interviewee",)
    return (*(alone if len(diarization.speakers) == 1 else ()), *unfit(diarization.corrections))
