"""align: every word with its speaker, its exact times and its phones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from imigue_build.audio import read_wav
from imigue_build.backends import registry
from imigue_build.backends.base import SAMPLE_RATE, Aligner, AlignmentTask
from imigue_build.config import Align
from imigue_build.engine.stage import Done, Outcome, Task
from imigue_build.errors import BackendError, ImigueError
from imigue_build.records import Alignment, Diarization, Provenance, Transcript
from imigue_build.stages.attribution import attribute, utterances
from imigue_build.stages.common import (
    ALIGNMENT,
    AUDIO,
    DIARIZATION,
    TRANSCRIPT,
    ConfiguredStage,
    batched,
    read_record,
    write_record,
)


@dataclass(frozen=True)
class AlignStage(ConfiguredStage[Align]):
    """Attribution by the exclusive turns, then forced alignment by the backend that the config names."""

    name: ClassVar[str] = "align"
    inputs: ClassVar[tuple[str, ...]] = (AUDIO, f"transcribe/{TRANSCRIPT}", f"diarize/{DIARIZATION}")

    def provenance(self) -> Provenance:
        return registry.aligner(self.config).provenance()

    def open(self) -> AlignWorker:
        return AlignWorker(self, registry.aligner(self.config))


@dataclass(frozen=True)
class _Interview:
    language: str
    task: AlignmentTask


@dataclass(frozen=True)
class AlignWorker:
    """The stage with its backend."""

    stage: AlignStage
    backend: Aligner

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return batched(tasks, self._load, self._align, self._finish)

    def _load(self, task: Task) -> _Interview:
        audio, transcript, diarization = (task.inputs[name] for name in self.stage.inputs)
        text = read_record(transcript, Transcript)
        turns = read_record(diarization, Diarization).exclusive
        if not turns:
            raise BackendError("the diarization has no turns", "listen to the recording: there may be no speech in it")
        config = self.stage.config
        grouped = utterances(text.words, attribute(text.words, turns), config.pause, config.max_utterance)
        return _Interview(text.language, AlignmentTask(read_wav(audio), grouped))

    def _align(self, interviews: list[_Interview]) -> list[Alignment | ImigueError]:
        results = self.backend.align([interview.task for interview in interviews])
        return [
            result if isinstance(result, ImigueError) else Alignment(interview.language, result)
            for interview, result in zip(interviews, results, strict=True)
        ]

    def _finish(self, task: Task, interview: _Interview, alignment: Alignment) -> Done:
        before = [word.word for utterance in interview.task.utterances for word in utterance.words]
        after = [word.word for utterance in alignment.utterances for word in utterance.words]
        if before != after:
            raise BackendError("the aligner lost or changed words", "please report it, with the recording's transcript")
        write_record(task, ALIGNMENT, alignment)
        return Done(len(interview.task.audio) / SAMPLE_RATE)
