"""Reads transcripts from files; text without times is aligned with the speech."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imigue_build.backends import given_files
from imigue_build.backends.asr.precomputed.placing import transcript
from imigue_build.backends.asr.precomputed.settings import suffixes
from imigue_build.backends.asr.precomputed.untimed import align_text
from imigue_build.backends.base import Aligner, AudioTask, Transcriber
from imigue_build.core.errors import ImigueError
from imigue_build.core.records import Provenance
from imigue_build.corpus.annotations import captions, plain, transcripts

if TYPE_CHECKING:
    from imigue_build.backends.asr.precomputed.settings import GivenTranscribe
    from imigue_build.core.records import Transcript


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
            return transcript(task.given, found, task.audio, self._config.language)
        except ImigueError as error:
            return error

    def _recognised(self, task: AudioTask) -> Transcript:
        """The ASR's transcript.

        Raises:
            ImigueError: If the ASR fails on the interview.
        """
        (found,) = self._asr.transcribe([task])
        if isinstance(found, ImigueError):
            raise found
        return found
