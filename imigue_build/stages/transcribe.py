"""transcribe: what was said, with times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imigue_build.audio import read_wav
from imigue_build.backends import registry
from imigue_build.backends.base import SAMPLE_RATE, Transcriber
from imigue_build.config import Transcribe
from imigue_build.engine.stage import ONE_CORE, Done, Outcome, Resources, Task
from imigue_build.records import Provenance, Transcript
from imigue_build.stages.common import AUDIO_16K, TRANSCRIPT, batched, write_record

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples


@dataclass(frozen=True)
class TranscribeStage:
    """ASR of the whole recording, by the backend that the config names."""

    config: Transcribe
    name: str = "transcribe"
    version: int = 1
    inputs: tuple[str, ...] = (f"extract/{AUDIO_16K}",)
    resources: Resources = ONE_CORE
    batch: int = 1

    def settings(self) -> dict[str, Any]:
        return self.config.model_dump(mode="json")

    def provenance(self) -> Provenance:
        return registry.transcriber(self.config).provenance()

    def open(self) -> TranscribeWorker:
        return TranscribeWorker(self, registry.transcriber(self.config))


@dataclass(frozen=True)
class TranscribeWorker:
    """The stage with its backend."""

    stage: TranscribeStage
    backend: Transcriber

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return batched(tasks, self._load, self.backend.transcribe, self._finish)

    def _load(self, task: Task) -> Samples:
        return read_wav(task.inputs[self.stage.inputs[0]])

    def _finish(self, task: Task, audio: Samples, transcript: Transcript) -> Done:
        write_record(task, TRANSCRIPT, transcript)
        return Done(len(audio) / SAMPLE_RATE)
