"""align: every word with its speaker, its exact times and its phones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

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
from imigue_build.text.lexicon import NO_LEXICON, read_lexicon

LEXICON: Final = "lexicon"
"""The input that is a file of the user's pronunciations."""
_SHOWN: Final = 5
_MEANING: Final[dict[str, str]] = {
    "unaligned": "could not be aligned and keep the ASR's times",
    "too_short": "are too short to be aligned",
    "wide_beam": "could only be aligned with a wide beam",
    "poor_fit": "do not sound like their text",
}


@dataclass(frozen=True)
class AlignStage(ConfiguredStage[Align]):
    """Attribution by the exclusive turns, then forced alignment by the backend that the config names."""

    name: ClassVar[str] = "align"
    version: ClassVar[int] = 2
    inputs: ClassVar[tuple[str, ...]] = (AUDIO, f"transcribe/{TRANSCRIPT}", f"diarize/{DIARIZATION}")

    def given(self, video_id: str) -> Mapping[str, Path]:
        """The lexicon, for every interview."""
        return {LEXICON: Path(self.config.lexicon)} if self.config.lexicon else {}

    def provenance(self) -> Provenance:
        for path in self.given("").values():
            read_lexicon(path)  # its faults are told before anything runs
        return registry.aligner(self.config).provenance()

    def open(self) -> AlignWorker:
        return AlignWorker(self, registry.aligner(self.config))


@dataclass(frozen=True)
class AlignWorker:
    """The stage with its backend."""

    stage: AlignStage
    backend: Aligner

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return batched(tasks, self._load, self._align, self._finish)

    def _load(self, task: Task) -> AlignmentTask:
        lexicon = read_lexicon(task.inputs[LEXICON]) if LEXICON in task.inputs else NO_LEXICON
        audio, transcript, diarization = (task.inputs[name] for name in self.stage.inputs)
        text = read_record(transcript, Transcript)
        speakers = read_record(diarization, Diarization)
        if not speakers.exclusive:
            raise BackendError("the diarization has no turns", "listen to the recording: there may be no speech in it")
        config = self.stage.config
        grouped = utterances(attribute(text, speakers), config.pause, config.max_utterance)
        return AlignmentTask(task.video_id, text.language, read_wav(audio), grouped, lexicon)

    def _align(self, interviews: list[AlignmentTask]) -> list[Alignment | ImigueError]:
        results = self.backend.align(interviews)
        return [
            result if isinstance(result, ImigueError) else Alignment(interview.language, result)
            for interview, result in zip(interviews, results, strict=True)
        ]

    def _finish(self, task: Task, interview: AlignmentTask, alignment: Alignment) -> Done:
        before = [word.word for utterance in interview.utterances for word in utterance.words]
        after = [word.word for utterance in alignment.utterances for word in utterance.words]
        if before != after:
            raise BackendError("the aligner lost or changed words", "please report it, with the recording's transcript")
        write_record(task, ALIGNMENT, alignment)
        return Done(len(interview.audio) / SAMPLE_RATE, _remarks(alignment))


def _remarks(alignment: Alignment) -> tuple[str, ...]:
    """One warning for each kind of suspect alignment, with the places."""
    found: dict[str, list[str]] = {}
    for utterance in alignment.utterances:
        for flag in utterance.flags:
            found.setdefault(flag, []).append(f"{utterance.start:.1f}-{utterance.end:.1f} s")
    total = len(alignment.utterances)
    return tuple(
        f"{len(at)} of {total} utterances {_MEANING[flag]}: {_shown(at)}" for flag, at in sorted(found.items())
    )


def _shown(places: list[str]) -> str:
    return ", ".join(places[:_SHOWN]) + (", ... (alignment.json has all)" if len(places) > _SHOWN else "")
