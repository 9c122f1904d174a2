"""What WORK has of an interview that corrections are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

from imigue_build.core.record_json import decode
from imigue_build.core.records import Diarization, Record, Recording, Roles, Transcript
from imigue_build.store.workspace import Workspace

_RECORDING: Final = "extract/recording.json"
_TRANSCRIPT: Final = "transcribe/transcript.json"
_DIARIZATION: Final = "diarize/diarization.json"
_SPEAKERS: Final = "speakers/diarization.json"
_ROLES: Final = "speakers/roles.json"
R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Artifacts:
    """The records of an interview; None for what is not there yet."""

    work: Workspace
    video_id: str

    @cached_property
    def recording(self) -> Recording | None:
        return self._read(_RECORDING, Recording)

    @cached_property
    def transcript(self) -> Transcript | None:
        return self._read(_TRANSCRIPT, Transcript)

    @cached_property
    def diarization(self) -> Diarization | None:
        """As the diarizer found it."""
        return self._read(_DIARIZATION, Diarization)

    @cached_property
    def speakers(self) -> Diarization | None:
        """With the corrections of the last run."""
        return self._read(_SPEAKERS, Diarization)

    @cached_property
    def roles(self) -> Roles | None:
        return self._read(_ROLES, Roles)

    def _read(self, path: str, kind: type[R]) -> R | None:
        """The record of that kind at `<stage>/<file>`; None where there is none."""
        stage, _, file = path.partition("/")
        if self.work.completion(self.video_id, stage) is None:
            return None
        try:
            return decode((self.work.artifact(self.video_id, stage) / file).read_bytes(), kind)
        except (OSError, ValueError):
            return None
