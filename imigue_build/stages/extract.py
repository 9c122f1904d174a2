"""extract: the audio of a video as WAV, on the video's time line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from imigue_build.backends.media import ffmpeg
from imigue_build.config import Extract
from imigue_build.core.records import Provenance
from imigue_build.engine.stage import VIDEO, Done, Outcome, Task
from imigue_build.stages.common import AUDIO_16K, AUDIO_44K, RECORDING, ConfiguredStage, each, write_record


@dataclass(frozen=True)
class ExtractStage(ConfiguredStage[Extract]):
    """Decodes the best audio stream into a 44.1 kHz WAV (released) and a 16 kHz WAV (for the models)."""

    name: ClassVar[str] = "extract"
    version: ClassVar[int] = 2
    inputs: ClassVar[tuple[str, ...]] = (VIDEO,)

    def provenance(self) -> Provenance:
        return ffmpeg.provenance(self.config.ffmpeg)

    def open(self) -> ExtractStage:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return each(tasks, self._extract)

    def _extract(self, task: Task) -> Done:
        warnings: list[str] = []
        video = task.inputs[VIDEO]
        recording = ffmpeg.decode(video, task.out / AUDIO_44K, task.out / AUDIO_16K, self.config, warn=warnings.append)
        write_record(task, RECORDING, recording)
        return Done(recording.duration, tuple(warnings))
