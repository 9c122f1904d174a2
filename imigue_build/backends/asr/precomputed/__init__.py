"""Uses given transcripts and diarizations instead of running a model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from imigue_build.backends import registry
from imigue_build.backends.asr.precomputed.placing import transcript
from imigue_build.backends.asr.precomputed.untimed import align_text
from imigue_build.backends.base import SAMPLE_RATE, AudioTask
from imigue_build.backends.signal import silero_vad
from imigue_build.config import GivenDiarize, GivenTranscribe
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Provenance
from imigue_build.corpus.annotations import plain, transcripts, turns

if TYPE_CHECKING:
    from imigue_build.core.records import Diarization, Transcript


def find(config: GivenTranscribe | GivenDiarize, video_id: str) -> Path | None:
    """The file given for an interview, named by its id or, if that is a number, without leading zeros; None if missing.

    If there are several, the first in the order of the formats is used.
    """
    short = video_id.lstrip("0") or "0"
    stems = [video_id, short] if video_id.isdigit() else [video_id]
    places = (Path(config.folder) / f"{stem}{suffix}" for suffix in _suffixes(config) for stem in stems)
    return next((path for path in places if os.path.lexists(path)), None)


class GivenTranscriber:
    """Reads transcripts from files; text without times is aligned with the speech."""

    def __init__(self, config: GivenTranscribe) -> None:
        self._config = config
        self._asr = registry.transcriber(config.asr)

    def provenance(self) -> Provenance:
        """The tools that read the files and align text without times; the files themselves are inputs.

        Raises:
            BackendError: If the folder does not exist, or the ASR lacks something.
        """
        asr = self._asr.provenance()
        own = _provenance(self._config)
        return Provenance({**asr.tools, **own.tools}, tuple(dict.fromkeys((*own.models, *asr.models))))

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        """The transcript given for each interview, or the error."""
        return [self._interview(task) for task in batch]

    def _interview(self, task: AudioTask) -> Transcript | ImigueError:
        if task.given is None:
            return _missing(self._config, task.video_id)
        try:
            if task.given.suffix == plain.SUFFIX:
                return align_text(task.given, plain.read_tokens(task.given), task.audio, self._recognised(task))
            segments = transcripts.read_segments(task.given, task.video_id)
            return transcript(task.given, segments, task.audio, self._config.language)
        except ImigueError as error:
            return error

    def _recognised(self, task: AudioTask) -> Transcript:
        """The ASR's transcript.

        Raises:
            ImigueError: If the ASR fails on the interview.
        """
        (transcript,) = self._asr.transcribe([task])
        if isinstance(transcript, ImigueError):
            raise transcript
        return transcript


class GivenDiarizer:
    """Reads turns from files."""

    def __init__(self, config: GivenDiarize) -> None:
        self._config = config

    def provenance(self) -> Provenance:
        """The tools that read the files; the files themselves are inputs.

        Raises:
            BackendError: If the folder does not exist.
        """
        return _provenance(self._config)

    def diarize(self, batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]:
        """The turns given for each interview, or the error."""
        return [self._interview(task) for task in batch]

    def _interview(self, task: AudioTask) -> Diarization | ImigueError:
        if task.given is None:
            return _missing(self._config, task.video_id)
        try:
            return turns.read_turns(task.given, task.video_id, len(task.audio) / SAMPLE_RATE)
        except ImigueError as error:
            return error


def _suffixes(config: GivenTranscribe | GivenDiarize) -> tuple[str, ...]:
    return (*transcripts.SUFFIXES, plain.SUFFIX) if isinstance(config, GivenTranscribe) else turns.SUFFIXES


def _provenance(config: GivenTranscribe | GivenDiarize) -> Provenance:
    if not Path(config.folder).is_dir():
        raise BackendError(f"the folder of given labels {config.folder} does not exist", "name an existing one")
    vad = silero_vad.provenance()
    return Provenance({"praatio": version("praatio"), **vad.tools}, vad.models)


def _missing(config: GivenTranscribe | GivenDiarize, video_id: str) -> BackendError:
    formats = ", ".join(f"{video_id}{suffix}" for suffix in _suffixes(config) if suffix != ".textgrid")
    return BackendError(f"no file is given for it in {config.folder}", f"put one of {formats} there")
