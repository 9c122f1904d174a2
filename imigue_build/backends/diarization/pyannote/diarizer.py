"""Who spoke when, by pyannote.audio's speaker diarization pipeline in a local folder.

Recordings go through it one after another, as waveforms in memory; its two nets take windows in
batches. Turns, exclusive turns, overlap and speech all come from the same pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.pyannote.settings import TOOLS, model
from imigue_build.backends.gpu import torch_tools
from imigue_build.backends.gpu.batch_size import BatchSize
from imigue_build.backends.gpu.torch_tools import first_line
from imigue_build.core.diarization import from_turns
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import Diarization, Provenance, Turn
from imigue_build.core.times import milliseconds
from imigue_build.models import Located, locate

if TYPE_CHECKING:
    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.backends.diarization.pyannote.settings import PyannoteDiarize

_FULL_SCALE: Final = 32768
_SHORTEST: Final = 1.0  # seconds; the nets' windows are several, and embeddings of less say nothing


class PyannoteDiarizer:
    """Diarizes recording by recording; the pipeline is loaded at first use.

    Args:
        config: The pipeline's folder, the device, windows at once, and bounds on the number of speakers.
    """

    def __init__(self, config: PyannoteDiarize) -> None:
        self._config = config
        self._batch = BatchSize(config.batch_size, "diarize.batch_size")
        self._loaded: Any = None
        self._known: Provenance | None = None

    def provenance(self) -> Provenance:
        """Versions of the tools, and the pipeline with the hash of its folder.

        Raises:
            BackendError: If a package or the pipeline is missing.
        """
        if self._known is None:
            self._known = Provenance(torch_tools.versions(TOOLS), (self._located().ref,))
        return self._known

    def diarize(self, batch: Sequence[AudioTask]) -> list[Diarization | ImigueError]:
        """Each recording's speakers and turns, or why it has none.

        Raises:
            BackendError: If a package or the pipeline is missing, which stops them all.
        """
        pipeline = self._pipeline()
        return [self._one(pipeline, task) for task in batch]

    def _one(self, pipeline: Any, task: AudioTask) -> Diarization | ImigueError:
        audio, bounds = task.audio, self._bounds(task.num_speakers)
        duration = len(audio) / SAMPLE_RATE
        nobody = BackendError(
            f"no speech was found in {duration:.1f} s of audio",
            "check that somebody speaks in it for a second at least",
        )
        if duration < _SHORTEST or not audio.any():
            return nobody
        try:
            found = self._batch.fit(lambda size: self._pass(pipeline, audio, size, bounds))
            diarization = _diarization(found, milliseconds(duration) / 1000)
        except ImigueError as error:
            return error
        except Exception as error:  # whatever it is, it is no reason to stop other interviews
            what = f"pyannote.audio failed ({first_line(error)})"
            return BackendError(what, "check the settings under diarize; if they are right, please report it")
        return diarization if diarization.turns else nobody

    def _pass(self, pipeline: Any, audio: Samples, size: int, bounds: dict[str, int]) -> Any:
        """pyannote's output for one recording, `size` windows at once in both nets."""
        import numpy as np
        import torch

        pipeline.segmentation_batch_size = size
        pipeline.embedding_batch_size = size
        waveform = torch.from_numpy(audio.astype(np.float32) / _FULL_SCALE)[None]  # (1, samples)
        return pipeline({"waveform": waveform, "sample_rate": SAMPLE_RATE}, **bounds)

    def _bounds(self, known: int | None) -> dict[str, int]:
        config = self._config
        known = known or config.num_speakers
        if known is not None:
            return {"num_speakers": known}
        return {"min_speakers": config.min_speakers, "max_speakers": config.max_speakers}

    def _pipeline(self) -> Any:
        if self._loaded is None:
            torch_tools.versions(TOOLS)
            torch_tools.prepare()
            device = torch_tools.device_of(self._config.device, "diarize")
            folder = self._located().path
            torch, audio = torch_tools.imported("torch"), torch_tools.imported("pyannote.audio")
            try:
                pipeline = audio.Pipeline.from_pretrained(folder)
                pipeline.to(torch.device(device))
            except Exception as error:
                what = f"the diarization pipeline in {folder} cannot be loaded ({first_line(error)})"
                raise BackendError(what, "check diarize.model; it is a folder with config.yaml and its nets") from error
            self._loaded = pipeline
        return self._loaded

    def _located(self) -> Located:
        return locate(model(self._config))


def _diarization(found: Any, duration: float) -> Diarization:
    """A `DiarizeOutput` as our record; filling short pauses may let turns of its exclusive view meet."""
    return from_turns(
        _turns(found.speaker_diarization),
        exclusive=_turns(found.exclusive_speaker_diarization),
        embeddings=_voices(found),
        duration=duration,
    )


def _turns(annotation: Any) -> Iterator[Turn]:
    for segment, _, who in annotation.itertracks(yield_label=True):
        yield Turn(segment.start, segment.end, str(who))


def _voices(found: Any) -> dict[str, tuple[float, ...]]:
    """pyannote's label -> unit vector; none where pyannote has none (it fills up with zeros or NaN)."""
    import numpy as np

    if found.speaker_embeddings is None:
        return {}
    voices = {}
    for who, vector in zip(found.speaker_diarization.labels(), np.asarray(found.speaker_embeddings), strict=False):
        length = float(np.linalg.norm(vector))
        if np.isfinite(length) and length > 0:
            voices[str(who)] = tuple(round(float(value), 6) for value in vector / length)
    return voices
