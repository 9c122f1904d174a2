"""Whisper through whisperx: the speech of many interviews goes through the model in one batch.

whisperx's VAD cuts each interview into chunks of up to 30 s. Every chunk is decoded independently, so the batch
does not change a result beyond the rounding of the device. Text keeps the model's punctuation and case, and suspect
text is flagged (`whisper.guards`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from imigue_build.backends.asr.whisper.guards import Passage, flagged_segments
from imigue_build.backends.asr.whisper.words import timed_words
from imigue_build.backends.asr.whisperx.settings import ALIGNER_TOOLS, TOOLS, aligner, whisper
from imigue_build.backends.asr.whisperx.word_times import (
    AttentionAligner,
    TranscribedChunk,
    Wav2Vec2Aligner,
    WordAligner,
)
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.gpu import torch_tools
from imigue_build.backends.gpu.batch_size import BatchSize
from imigue_build.backends.gpu.torch_tools import first_line
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import ModelRef, Provenance, Span, Transcript
from imigue_build.models import Located, locate
from imigue_build.store.disk import guarded, sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.asr.whisperx.settings import WhisperxTranscribe
    from imigue_build.backends.base import AudioTask, Samples

_FULL_SCALE: Final = 32768
_REPORT: Final = "check the settings under transcribe; if they are right, please report it"

T = TypeVar("T")


@dataclass
class _Chunk:
    """A chunk of a recording: its times, its audio, the VAD's speech regions in it, and Whisper's text."""

    start: float
    end: float
    audio: NDArray[np.float32]
    speech: tuple[Span, ...]
    text: str = ""
    log_probability: float | None = None


class WhisperxTranscriber:
    """Transcribes batches of recordings; the models are loaded at first use.

    Args:
        config: The model, the device, the batch size, and the word aligner.
    """

    def __init__(self, config: WhisperxTranscribe) -> None:
        self._config = config
        self._batch = BatchSize(config.batch_size, "transcribe.batch_size")
        self._loaded: tuple[Any, WordAligner] | None = None
        self._known: Provenance | None = None

    def provenance(self) -> Provenance:
        """Versions of the tools; Whisper's model, the VAD's model, and the aligner's if it has one.

        Raises:
            BackendError: If a package or a model is missing.
        """
        if self._known is None:
            aligned_by_whisperx = self._config.word_times == "whisperx"
            tools = torch_tools.versions(TOOLS + (ALIGNER_TOOLS if aligned_by_whisperx else ()))
            models = (self._whisper().ref, _vad_model(tools["whisperx"]))
            self._known = Provenance(tools, (*models, self._aligner().ref) if aligned_by_whisperx else models)
        return self._known

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        """The transcript of each recording, or the error of that recording.

        Raises:
            BackendError: If a package or a model is missing; then no recording can be transcribed.
        """
        pipeline, aligner = self._models()
        chunks = [_attempt(partial(self._chunks, pipeline, task.audio)) for task in batch]
        return [
            decoded if isinstance(decoded, ImigueError) else _attempt(partial(self._transcript, aligner, decoded))
            for decoded in self._decoded(pipeline, chunks)
        ]

    def _chunks(self, pipeline: Any, audio: Samples) -> list[_Chunk]:
        """The speech of a recording, in chunks.

        Raises:
            BackendError: If the VAD finds no speech.
        """
        import numpy as np

        duration = len(audio) / SAMPLE_RATE
        signal = audio.astype(np.float32) / np.float32(_FULL_SCALE)
        vad, settings = pipeline.vad_model, self._config.vad
        speech = []
        if len(audio):
            waveform = {"waveform": vad.preprocess_audio(signal), "sample_rate": SAMPLE_RATE}
            scores = self._batch.fit(lambda size: vad(waveform))
            speech = vad.merge_chunks(scores, settings.chunk, onset=settings.onset, offset=settings.offset)
        chunks = [_chunk(part["start"], min(part["end"], duration), part["segments"], signal) for part in speech]
        chunks = [chunk for chunk in chunks if len(chunk.audio)]
        if not chunks:
            raise BackendError(
                f"no speech was found in {duration:.1f} s of audio",
                "check that somebody speaks in it, or lower transcribe.vad.onset",
            )
        return chunks

    def _decoded(self, pipeline: Any, groups: Sequence[list[_Chunk] | ImigueError]) -> list[list[_Chunk] | ImigueError]:
        """The chunks with their texts: all in one batch, or interview by interview if that fails."""
        all_chunks = [chunk for chunks in groups if not isinstance(chunks, ImigueError) for chunk in chunks]
        if not isinstance(_attempt(partial(self._decode, pipeline, all_chunks)), ImigueError):
            return list(groups)
        return [
            chunks if isinstance(chunks, ImigueError) else _attempt(partial(self._decode, pipeline, chunks))
            for chunks in groups
        ]

    def _decode(self, pipeline: Any, chunks: list[_Chunk]) -> list[_Chunk]:
        """Sets the text of each chunk; results of a batch before the memory ran out are kept."""
        done = 0

        def decode_rest(size: int) -> None:
            nonlocal done
            inputs = ({"inputs": chunk.audio} for chunk in chunks[done:])
            for result in pipeline(inputs, batch_size=size, num_workers=0):
                text, log_probability = result["text"], result["avg_logprob"]
                is_list = isinstance(text, list)  # as with a batch size of 1
                chunks[done].text = text[0] if is_list else text
                chunks[done].log_probability = float(log_probability[0] if is_list else log_probability)
                done += 1

        if chunks:
            self._batch.fit(decode_rest)
        return chunks

    def _transcript(self, aligner: WordAligner, chunks: list[_Chunk]) -> Transcript:
        """Words with times, confidence and flags.

        Raises:
            BackendError: If Whisper recognised no words.
        """
        with_text = [chunk for chunk in chunks if chunk.text.strip()]
        if not with_text:
            raise BackendError("no words were recognised", "check that somebody speaks in it, and in which language")
        aligned = aligner.align([TranscribedChunk(chunk.text, chunk.start, chunk.audio) for chunk in with_text])
        words = [
            timed_words(chunk.text, pieces, chunk.start, chunk.end)
            for chunk, pieces in zip(with_text, aligned, strict=True)
        ]
        speech = [span for chunk in chunks for span in chunk.speech]
        passages = [
            Passage(chunk.text, chunk.log_probability, group) for chunk, group in zip(with_text, words, strict=True)
        ]
        return Transcript(self._config.language, flagged_segments(passages, speech, self._config.guards))

    def _models(self) -> tuple[Any, WordAligner]:
        """whisperx's pipeline and the word aligner; loaded once."""
        if self._loaded is None:
            torch_tools.versions(TOOLS)
            torch_tools.prepare()
            device = torch_tools.device_of(self._config.device, "transcribe")
            pipeline = self._pipeline(self._whisper().path, device)
            aligner: WordAligner = (
                Wav2Vec2Aligner(self._aligner().path, self._config.language, device, self._batch)
                if self._config.word_times == "whisperx"
                else AttentionAligner(pipeline, self._batch)
            )
            self._loaded = (pipeline, aligner)
        return self._loaded

    def _pipeline(self, folder: Path, device: str) -> Any:
        asr = torch_tools.imported("whisperx.asr")
        config = self._config
        try:
            return asr.load_model(
                str(folder),
                device,
                compute_type=config.compute_type,
                language=config.language,
                asr_options={
                    "beam_size": config.beam_size,
                    "initial_prompt": config.initial_prompt,
                    "hotwords": config.hotwords,
                },
                vad_method="pyannote",
                vad_options={"vad_onset": config.vad.onset, "vad_offset": config.vad.offset},
                local_files_only=True,
                threads=0,  # as many as the process may use
            )
        except Exception as error:
            message = f"the Whisper model {config.model} cannot be loaded ({first_line(error)})"
            remedy = "check transcribe.model and transcribe.compute_type (int8 or float32 without a GPU)"
            raise BackendError(message, remedy) from error

    def _whisper(self) -> Located:
        return locate(whisper(self._config))

    def _aligner(self) -> Located:
        return locate(aligner(self._config))


def _attempt(work: Callable[[], T]) -> T | ImigueError:
    """The result of `work`, or its error, so that it does not stop other interviews."""
    try:
        return work()
    except ImigueError as error:
        return error
    except Exception as error:
        return BackendError(f"whisperx failed ({first_line(error)})", _REPORT)


def _chunk(start: float, end: float, speech: Sequence[tuple[float, float]], audio: NDArray[np.float32]) -> _Chunk:
    samples = audio[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
    return _Chunk(start, end, samples, tuple(Span(first, last) for first, last in speech))


def _vad_model(version: str) -> ModelRef:
    """The VAD model in whisperx's wheel, found without importing it."""
    spec = find_spec("whisperx")
    locations = spec.submodule_search_locations if spec else None
    path = Path(next(iter(locations or [""]))) / "assets" / "pytorch_model.bin"
    with guarded(f"cannot read whisperx's VAD model {path}"):
        return ModelRef("whisperx VAD", version, sha256(path))
