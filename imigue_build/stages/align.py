"""align: every word with its speaker, its exact times and its phones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from imigue_build.backends import registry
from imigue_build.backends.base import SAMPLE_RATE, Aligner, AlignmentTask
from imigue_build.config import Align
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Alignment, Correction, Diarization, Provenance, Transcript
from imigue_build.core.wav import read_wav
from imigue_build.engine.stage import Done, GivenFile, Outcome, Task
from imigue_build.stages.attribution import attribute, utterances
from imigue_build.stages.common import (
    ALIGNMENT,
    AUDIO,
    DIARIZATION,
    TRANSCRIPT,
    BackendStage,
    batched,
    digest,
    read_override,
    read_record,
    unfit,
    write_record,
)

LEXICON: Final = "lexicon"
"""Name of the input with the user's pronunciations."""
_MOST_SHOWN: Final = 5
_MEANING: Final[dict[str, str]] = {
    "unaligned": "could not be aligned and keep the ASR's times",
    "too_short": "are too short to align",
    "wide_beam": "could only be aligned with a wide beam",
    "poor_fit": "do not sound like their text and may not match it",
}


@dataclass(frozen=True)
class AlignStage(BackendStage[Align]):
    """Gives each word a speaker, by turns and sentences; then forced alignment by the configured backend."""

    name: ClassVar[str] = "align"
    version: ClassVar[int] = 11
    inputs: ClassVar[tuple[str, ...]] = (AUDIO, f"transcribe/{TRANSCRIPT}", f"speakers/{DIARIZATION}")

    def given(self, video_id: str) -> Mapping[str, GivenFile]:
        """The lexicon, the same for every interview, and the corrections."""
        path = self.config.lexicon
        own = {LEXICON: GivenFile(Path(path), digest(Path(path)))} if path else {}
        return {**super().given(video_id), **own}

    def provenance(self) -> Provenance:
        if self.config.lexicon:
            from imigue_build.text.lexicon import read_lexicon

            read_lexicon(Path(self.config.lexicon))  # its faults are reported before anything runs
        return super().provenance()

    def open(self) -> AlignWorker:
        return AlignWorker(self, registry.aligner(self.config))


@dataclass(frozen=True)
class _Interview:
    task: AlignmentTask
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class AlignWorker:
    """The stage with its backend."""

    stage: AlignStage
    backend: Aligner

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return batched(tasks, self._load, self._align, self._finish)

    def _load(self, task: Task) -> _Interview:
        from imigue_build.corpus.overrides import correct_words, corrected_turns
        from imigue_build.text.lexicon import NO_LEXICON, read_lexicon

        audio, transcript, diarization = (task.inputs[name] for name in self.stage.inputs)
        lexicon = read_lexicon(task.inputs[LEXICON]) if LEXICON in task.inputs else NO_LEXICON
        override = read_override(task)
        text, corrections = correct_words(read_record(transcript, Transcript), override)
        speakers = read_record(diarization, Diarization)
        if not speakers.exclusive:
            raise BackendError("the diarization has no turns", "listen to the recording: there may be no speech in it")
        config = self.stage.config
        words = attribute(text, speakers, corrected_turns(speakers, override))
        grouped = utterances(words, config.pause, config.max_utterance)
        work = AlignmentTask(task.video_id, text.language, read_wav(audio), grouped, lexicon)
        return _Interview(work, corrections)

    def _align(self, interviews: list[_Interview]) -> list[Alignment | ImigueError]:
        results = self.backend.align([interview.task for interview in interviews])
        return [
            result
            if isinstance(result, ImigueError)
            else Alignment(interview.task.language, result, interview.corrections)
            for interview, result in zip(interviews, results, strict=True)
        ]

    def _finish(self, task: Task, interview: _Interview, alignment: Alignment) -> Done:
        before = [word.word for utterance in interview.task.utterances for word in utterance.words]
        after = [word.word for utterance in alignment.utterances for word in utterance.words]
        if before != after:
            raise BackendError(
                "the aligner lost or changed words",
                "this is a defect: please report it, with the transcript of the recording",
            )
        write_record(task, ALIGNMENT, alignment)
        warnings = (*_warnings(alignment), *unfit(alignment.corrections))
        return Done(len(interview.task.audio) / SAMPLE_RATE, warnings)


def _warnings(alignment: Alignment) -> tuple[str, ...]:
    """One warning for each kind of suspect alignment, with the times of the utterances."""
    places: dict[str, list[str]] = {}
    for utterance in alignment.utterances:
        for flag in utterance.flags:
            places.setdefault(flag, []).append(f"{utterance.start:.1f}-{utterance.end:.1f} s")
    total = len(alignment.utterances)
    if alignment.language != "en" and total and len(places.get("unaligned", ())) == total:
        return (f"no forced alignment in the language {alignment.language}: all words keep the ASR's times",)
    return tuple(
        f"{len(times)} of {total} utterances {_MEANING[flag]}: {_shown(times)}"
        for flag, times in sorted(places.items())
    )


def _shown(times: list[str]) -> str:
    return ", ".join(times[:_MOST_SHOWN]) + (", ... (alignment.json has all)" if len(times) > _MOST_SHOWN else "")
