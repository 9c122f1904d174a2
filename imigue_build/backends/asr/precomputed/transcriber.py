"""Reads transcripts from files; text without times is aligned with the speech."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from imigue_build.backends import given_files
from imigue_build.backends.asr.precomputed.clock_check import UndecidedError, corrected, find_error
from imigue_build.backends.asr.precomputed.placing import check_times, transcript
from imigue_build.backends.asr.precomputed.settings import suffixes
from imigue_build.backends.asr.precomputed.untimed import align_text
from imigue_build.backends.base import SAMPLE_RATE, Aligner, AudioTask, Transcriber
from imigue_build.backends.signal import silero_vad
from imigue_build.core.errors import ImigueError
from imigue_build.core.plurals import counted
from imigue_build.core.records import Provenance
from imigue_build.corpus.annotations import captions, plain, transcripts

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.asr.precomputed.settings import GivenTranscribe
    from imigue_build.core.records import Span, Transcript, Word
    from imigue_build.corpus.annotations.sources import GivenText


class GivenTranscriber:
    """Reads transcripts from files; text without times is aligned with the speech.

    Args:
        config: The section.
        asr: Recognises words, at which the text is anchored.
        aligner: Finds the exact times.
    """

    def __init__(self, config: GivenTranscribe, asr: Transcriber, aligner: Aligner) -> None:
        self._config, self._asr, self._aligner = config, asr, aligner

    def provenance(self) -> Provenance:
        """The tools that read the files and align text without times; the files themselves are inputs.

        Raises:
            BackendError: If the folder does not exist, or a part lacks something.
        """
        parts = [given_files.provenance(self._config.folder), self._asr.provenance(), self._aligner.provenance()]
        tools = {name: version for part in reversed(parts) for name, version in part.tools.items()}
        return Provenance(tools, tuple(dict.fromkeys(model for part in parts for model in part.models)))

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        """The transcript given for each interview, or the error."""
        return [self._interview(task) for task in batch]

    def _interview(self, task: AudioTask) -> Transcript | ImigueError:
        if task.given is None:
            return given_files.missing(self._config.folder, suffixes(), task.video_id, transcripts.OF_ALL)
        try:
            if task.given.suffix == plain.SUFFIX and not captions.in_cues(task.given):
                tokens = plain.read_tokens(task.given)
                return align_text(task.given, tokens, task.audio, self._recognised(task), self._aligner)
            found = transcripts.read_transcript(task.given, task.video_id)
            probabilities = silero_vad.speech_probabilities(task.audio)
            duration, language = len(task.audio) / SAMPLE_RATE, self._config.language
            if self._config.clock != "ignore":
                found = self._clocked(task, task.given, found, probabilities)
            return transcript(task.given, found, probabilities, duration, language)
        except ImigueError as error:
            return error

    def _clocked(self, task: AudioTask, path: Path, found: GivenText, probabilities: NDArray[np.float32]) -> GivenText:
        """The transcript with what a comparison of its times with the sound says; corrected, if that is asked for.

        Raises:
            AnnotationError: If its times are wrong and not to be corrected, and some lie after the recording's end.
        """
        heard_language = getattr(self._config.asr, "language", None)
        shared = heard_language in (None, found.language or self._config.language)
        auto, name = self._config.clock == "auto", path.name
        listen = partial(self._heard, task)
        try:
            error = find_error(found.segments, probabilities, listen, shared) if found.segments else None
        except UndecidedError as reason:
            said = f"the clock of {name} could not be estimated, its times are as given: {reason}"
            return found._replace(warnings=(*found.warnings, said)) if auto else found
        if error is None:
            return found
        duration = len(task.audio) / SAMPLE_RATE
        if error.breaks:
            said = f"{name} {error}: correct the file, or cut it there"
        elif auto:
            segments, outside = corrected(found.segments, error.clock, duration)
            left_out = f"; left out, as outside of the recording: {counted(outside, 'segment')}" if outside else ""
            said = f"{name} {error}: its times are corrected{left_out}"
            found = found._replace(segments=segments)
        else:
            said = f"{name} {error}: add --set transcribe.clock=auto to correct its times"
            check_times(path, found.segments, duration, said)
        return found._replace(warnings=(*found.warnings, said))

    def _heard(self, task: AudioTask, stretches: Sequence[Span]) -> list[tuple[Word, ...]]:
        """The words that the ASR hears in stretches of the recording, on its clock."""
        parts = [task.audio[round(span.start * SAMPLE_RATE) : round(span.end * SAMPLE_RATE)] for span in stretches]
        heard = self._asr.transcribe([AudioTask(task.video_id, part) for part in parts])
        return [
            ()
            if isinstance(one, ImigueError)
            else tuple(replace(word, start=word.start + span.start, end=word.end + span.start) for word in one.words)
            for span, one in zip(stretches, heard, strict=True)
        ]

    def _recognised(self, task: AudioTask) -> Transcript:
        """The ASR's transcript.

        Raises:
            ImigueError: If the ASR fails on the interview.
        """
        (found,) = self._asr.transcribe([task])
        if isinstance(found, ImigueError):
            raise found
        return found
