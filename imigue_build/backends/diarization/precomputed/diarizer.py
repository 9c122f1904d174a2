"""Reads turns from files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from imigue_build.backends import given_files
from imigue_build.backends.base import SAMPLE_RATE, AudioTask
from imigue_build.core.errors import ImigueError
from imigue_build.core.records import Provenance
from imigue_build.corpus.annotations import turns

if TYPE_CHECKING:
    from imigue_build.backends.diarization.precomputed.settings import GivenDiarize
    from imigue_build.core.records import Diarization


class GivenDiarizer:
    """Reads turns from files."""

    def __init__(self, config: GivenDiarize) -> None:
        self._config = config

    def provenance(self) -> Provenance:
        """The tools that read the files; the files themselves are inputs.

        Raises:
            BackendError: If the folder does not exist.
        """
        return given_files.provenance(self._config.folder)

    def diarize(self, batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]:
        """The turns given for each interview, or the error."""
        return [self._interview(task) for task in batch]

    def _interview(self, task: AudioTask) -> Diarization | ImigueError:
        if task.given is None:
            return given_files.missing(self._config.folder, turns.SUFFIXES, task.video_id, turns.OF_ALL)
        try:
            warnings: list[str] = []
            found = turns.read_turns(task.given, task.video_id, len(task.audio) / SAMPLE_RATE, warnings.append)
            return replace(found, warnings=tuple(dict.fromkeys(warnings)))
        except ImigueError as error:
            return error
