"""transcribe: speech recognition, words with times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from imigue_build.backends import registry
from imigue_build.config import Transcribe
from imigue_build.core.records import Transcript
from imigue_build.stages.common import AUDIO, TRANSCRIPT, AudioWorker, BackendStage


@dataclass(frozen=True)
class TranscribeStage(BackendStage[Transcribe]):
    """ASR of the whole recording, by the configured backend."""

    name: ClassVar[str] = "transcribe"
    version: ClassVar[int] = 13
    inputs: ClassVar[tuple[str, ...]] = (AUDIO,)

    def open(self) -> AudioWorker[Transcript]:
        return AudioWorker(registry.transcriber(self.config).transcribe, TRANSCRIPT, _warnings)


def _warnings(transcript: Transcript) -> tuple[str, ...]:
    unplaced = (f"could not be placed in the recording: {text}" for text in transcript.unplaced)
    return (*transcript.warnings, *unplaced)
