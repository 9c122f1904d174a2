"""diarize: who spoke when; and roles: who of them is the interviewee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imigue_build.audio import read_wav
from imigue_build.backends import registry
from imigue_build.backends.base import SAMPLE_RATE, Diarizer
from imigue_build.config import Diarize, RolesRule
from imigue_build.engine.stage import ONE_CORE, Done, Outcome, Resources, Task
from imigue_build.records import Diarization, Provenance
from imigue_build.roles import assign_roles
from imigue_build.stages.common import AUDIO_16K, DIARIZATION, ROLES, batched, each, read_record, write_record

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples


@dataclass(frozen=True)
class DiarizeStage:
    """Speakers and their turns, by the backend that the config names."""

    config: Diarize
    name: str = "diarize"
    version: int = 1
    inputs: tuple[str, ...] = (f"extract/{AUDIO_16K}",)
    resources: Resources = ONE_CORE
    batch: int = 1

    def settings(self) -> dict[str, Any]:
        return self.config.model_dump(mode="json")

    def provenance(self) -> Provenance:
        return registry.diarizer(self.config).provenance()

    def open(self) -> DiarizeWorker:
        return DiarizeWorker(self, registry.diarizer(self.config))


@dataclass(frozen=True)
class DiarizeWorker:
    """The stage with its backend."""

    stage: DiarizeStage
    backend: Diarizer

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return batched(tasks, self._load, self.backend.diarize, self._finish)

    def _load(self, task: Task) -> Samples:
        return read_wav(task.inputs[self.stage.inputs[0]])

    def _finish(self, task: Task, audio: Samples, diarization: Diarization) -> Done:
        write_record(task, DIARIZATION, diarization)
        alone = len(diarization.speakers) == 1
        warnings = ("only one speaker was found; he or she is released as the interviewee",) if alone else ()
        return Done(len(audio) / SAMPLE_RATE, warnings)


@dataclass(frozen=True)
class RolesStage:
    """Interviewee and interviewers among a diarization's speakers."""

    config: RolesRule
    name: str = "roles"
    version: int = 1
    inputs: tuple[str, ...] = (f"diarize/{DIARIZATION}",)
    resources: Resources = ONE_CORE
    batch: int = 1

    def settings(self) -> dict[str, Any]:
        return self.config.model_dump(mode="json")

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
