"""extract: the audio of a video as WAV, on the video's time line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from imigue_build.backends.media import ffmpeg
from imigue_build.backends.signal import silero_vad
from imigue_build.config import Extract
from imigue_build.core.records import NO_BALANCE, Provenance
from imigue_build.engine.stage import VIDEO, Done, Outcome, Task
from imigue_build.stages.common import (
    AUDIO_16K,
    AUDIO_44K,
    BALANCE_FILE,
    RECORDING,
    ConfiguredStage,
    each,
    write_record,
)

_CHANNELS: Final = "channels.pcm"


@dataclass(frozen=True)
class ExtractStage(ConfiguredStage[Extract]):
    """Decodes the interview's audio into a 44.1 kHz WAV (released) and a 16 kHz WAV (for the models).

    Of two channels, or tracks, it also writes how much louder the one is than the other, over time.
    """

    name: ClassVar[str] = "extract"
    version: ClassVar[int] = 5
    inputs: ClassVar[tuple[str, ...]] = (VIDEO,)

    def provenance(self) -> Provenance:
        decoder, vad = ffmpeg.provenance(self.config.ffmpeg), silero_vad.provenance()
        return Provenance(decoder.tools | vad.tools, decoder.models + vad.models)

    def open(self) -> ExtractStage:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        return each(tasks, self._extract)

    def _extract(self, task: Task) -> Done:
        warnings: list[str] = []
        video = task.inputs[VIDEO]
        channels = task.out / _CHANNELS
        recording = ffmpeg.decode(
            video, task.out / AUDIO_44K, task.out / AUDIO_16K, self.config, channels=channels, warn=warnings.append
        )
        write_record(task, RECORDING, recording)
        write_record(task, BALANCE_FILE, ffmpeg.channel_balance(channels) if channels.is_file() else NO_BALANCE)
        channels.unlink(missing_ok=True)
        return Done(recording.duration, tuple(warnings))
