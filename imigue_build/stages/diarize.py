"""diarize: who spoke when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from msgspec.structs import replace

from imigue_build.backends import registry
from imigue_build.backends.base import AudioTask
from imigue_build.config import Diarize
from imigue_build.core.errors import ImigueError
from imigue_build.core.records import Correction, Diarization
from imigue_build.stages.common import AUDIO, BALANCE, DIARIZATION, AudioWorker, BackendStage, unfit


@dataclass(frozen=True)
class DiarizeStage(BackendStage[Diarize]):
    """Speakers and their turns, by the configured backend."""

    name: ClassVar[str] = "diarize"
    version: ClassVar[int] = 10
    inputs: ClassVar[tuple[str, ...]] = (AUDIO, BALANCE)

    def open(self) -> AudioWorker[Diarization]:
        backend = registry.diarizer(self.config)

        def diarize(batch: list[AudioTask]) -> list[Diarization | ImigueError]:
            return [_with_correction(task, found) for task, found in zip(batch, backend.diarize(batch), strict=True)]

        return AudioWorker(diarize, DIARIZATION, _warnings)


def _warnings(found: Diarization) -> tuple[str, ...]:
    return (*found.warnings, *unfit(found.corrections))


def _with_correction(task: AudioTask, found: Diarization | ImigueError) -> Diarization | ImigueError:
    """The diarization, with a correction that says whether it has the number of speakers that a person gave."""
    if task.num_speakers is None or isinstance(found, ImigueError):
        return found
    from imigue_build.corpus.overrides.texts import number

    applied = len(found.speakers) == task.num_speakers
    return replace(found, corrections=(Correction("num_speakers", number(task.num_speakers), applied),))
