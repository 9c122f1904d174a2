"""Transcripts and diarizations that are there already, in the place of a tool's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imigue_build.backends.base import AudioTask
from imigue_build.config import GivenDiarize, GivenTranscribe
from imigue_build.errors import ImigueError
from imigue_build.records import Diarization, Provenance, Transcript


def find(config: GivenTranscribe | GivenDiarize, video_id: str) -> Path | None:
    """The file given for an interview; None where there is none."""
    return None


class GivenTranscriber:
    def __init__(self, config: GivenTranscribe) -> None: ...
    def provenance(self) -> Provenance:
        return Provenance()

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        raise NotImplementedError


class GivenDiarizer:
    def __init__(self, config: GivenDiarize) -> None: ...
    def provenance(self) -> Provenance:
        return Provenance()

    def diarize(self, batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]:
        raise NotImplementedError
