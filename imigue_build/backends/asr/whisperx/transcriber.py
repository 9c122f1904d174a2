"""Whisper through whisperx: the stretches of speech of many interviews go through the model in one batch.

whisperx's VAD cuts each interview into chunks of up to 30 s; every chunk is decoded on its own, so
what is batched together changes no result beyond the rounding of the device. Text keeps the
model's punctuation and case, and what is suspect about it is flagged (`whisper_guards`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from imigue_build.backends.asr.whisper_text.guards import outside, repeated, text_flags
from imigue_build.backends.asr.whisper_text.words import placed_words
from imigue_build.backends.asr.whisperx.word_times import AttentionPlacer, Said, Wav2Vec2Placer, WordPlacer
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.gpu import torch_tools
from imigue_build.backends.gpu.batch_size import BatchSize
from imigue_build.backends.gpu.torch_tools import first_line
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import ModelRef, Provenance, Span, Transcript, TranscriptSegment, Word
from imigue_build.models import Located, Wanted, locate
from imigue_build.store.disk import guarded, sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import AudioTask, Samples
    from imigue_build.config import WhisperxTranscribe

_TOOLS: Final = ("whisperx", "faster-whisper", "ctranslate2", "torch", "pyannote.audio")
_ALIGNER_TOOLS: Final = ("torchaudio", "transformers")
_FILES: Final = ("model.bin", "tokenizer.json")  # without the second, faster-whisper asks the network for one
_FULL_SCALE: Final = 32768
_REPORT: Final = "check the settings under transcribe; if they are right, please report it"

T = TypeVar("T")


@dataclass
class _Chunk:
    """Speech within one recording: where, its audio, what the VAD heard in it, and Whisper's text."""

    start: float
    end: float
    audio: NDArray[np.float32]
    speech: tuple[Span, ...]
    text: str = ""
    log_probability: float | None = None


class WhisperxTranscriber:
    """Transcribes batches of recordings; the models are loaded at first use.

    Args:
        config: The model, the device, how many chunks at once, and who places the words.
    """

    def __init__(self, config: WhisperxTranscribe) -> None:
        self._config = config
        self._batch = BatchSize(config.batch_size, "transcribe.batch_size")
        self._loaded: tuple[Any, WordPlacer] | None = None
        self._known: Provenance | None = None

    def provenance(self) -> Provenance:
        """Versions of the tools; Whisper's model, the VAD's, and the aligner's where it has one.

        Raises:
            BackendError: If a package or a model is missing.
        """
        if self._known is None:
            placed_by_whisperx = self._config.word_times == "whisperx"
            tools = torch_tools.versions(_TOOLS + (_ALIGNER_TOOLS if placed_by_whisperx else ()))
            models = (self._whisper().ref, _vad_model(tools["whisperx"]))
            self._known = Provenance(tools, (*models, self._aligner().ref) if placed_by_whisperx else models)
        return self._known

    def transcribe(self, batch: Sequence[AudioTask]) -> list[Transcript | ImigueError]:
        """The transcript of each recording, or the error that stopped that recording alone.

        Raises:
            BackendError: If a package or a model is missing, which stops them all.
        """
        pipeline, placer = self._models()
        heard = [_attempt(partial(self._chunks, pipeline, task.audio)) for task in batch]
        decoded = self._decoded(pipeline, heard)
        return [
            found if isinstance(found, ImigueError) else _attempt(partial(self._transcript, placer, found))
            for found in decoded
        ]

    def _chunks(self, pipeline: Any, audio: Samples) -> list[_Chunk]:
        """What the VAD takes for speech, in chunks.

        Raises:
            BackendError: If it takes nothing for speech.
        """
        import numpy as np

        duration = len(audio) / SAMPLE_RATE
        heard = audio.astype(np.float32) / np.float32(_FULL_SCALE)
        vad, settings = pipeline.vad_model, self._config.vad
        found = []
        if len(audio):
            waveform = {"waveform": vad.preprocess_audio(heard), "sample_rate": SAMPLE_RATE}
            scores = self._batch.fit(lambda size: vad(waveform))
            found = vad.merge_chunks(scores, settings.chunk, onset=settings.onset, offset=settings.offset)
        chunks = [_chunk(one["start"], min(one["end"], duration), one["segments"], heard) for one in found]
        chunks = [chunk for chunk in chunks if len(chunk.audio)]
        if not chunks:
            raise BackendError(
                f"no speech was found in {duration:.1f} s of audio",
                "check that somebody speaks in it, or lower transcribe.vad.onset",
            )
        return chunks

    def _decoded(self, pipeline: Any, heard: Sequence[list[_Chunk] | ImigueError]) -> list[list[_Chunk] | ImigueError]:
        """The chunks with their texts: all in one go, or interview by interview where that fails."""
        whole = [chunk for chunks in heard if not isinstance(chunks, ImigueError) for chunk in chunks]
        if not isinstance(_attempt(partial(self._decode, pipeline, whole)), ImigueError):
            return list(heard)
        return [
            chunks if isinstance(chunks, ImigueError) else _attempt(partial(self._decode, pipeline, chunks))
            for chunks in heard
        ]

    def _decode(self, pipeline: Any, chunks: list[_Chunk]) -> list[_Chunk]:
        """Writes Whisper's text into the chunks; a batch that was decoded before the memory ran out is kept."""
        done = 0

        def rest(size: int) -> None:
            nonlocal done
            inputs = ({"inputs": chunk.audio} for chunk in chunks[done:])
            for found in pipeline(inputs, batch_size=size, num_workers=0):
                text, log_probability = found["text"], found["avg_logprob"]
                alone = isinstance(text, list)  # so it answers where the batch size is 1
                chunks[done].text = text[0] if alone else text
                chunks[done].log_probability = float(log_probability[0] if alone else log_probability)
                done += 1

        if chunks:
            self._batch.fit(rest)
        return chunks

    def _transcript(self, placer: WordPlacer, chunks: list[_Chunk]) -> Transcript:
        """Words with times, confidence and flags.

        Raises:
            BackendError: If Whisper wrote nothing.
        """
        said = [chunk for chunk in chunks if chunk.text.strip()]
        if not said:
            raise BackendError("no words were recognised", "check that somebody speaks in it, and in which language")
        placed = placer.place([Said(chunk.text, chunk.start, chunk.audio) for chunk in said])
        words = [
            placed_words(chunk.text, pieces, chunk.start, chunk.end) for chunk, pieces in zip(said, placed, strict=True)
        ]
        return Transcript(self._config.language, self._segments(said, words, [s for c in chunks for s in c.speech]))

    def _segments(
        self, chunks: Sequence[_Chunk], words: Sequence[list[Word]], speech: Sequence[Span]
    ) -> tuple[TranscriptSegment, ...]:
        """One segment a chunk, the words with their flags."""
        guards = self._config.guards
        alike = repeated([word.word for group in words for word in group], guards.repeats)
        segments, count = [], 0
        for chunk, group in zip(chunks, words, strict=True):
            common = text_flags(chunk.text, chunk.log_probability, guards)
            flagged = []
            for word, silent in zip(group, outside(group, speech), strict=True):
                own = (*(("repetition",) if count in alike else ()), *common, *(("no_speech",) if silent else ()))
                flagged.append(Word(word.start, word.end, word.word, word.confidence, own))
                count += 1
            confidence = None if chunk.log_probability is None else min(exp(chunk.log_probability), 1.0)
            segments.append(TranscriptSegment(group[0].start, group[-1].end, tuple(flagged), confidence))
        return tuple(segments)

    def _models(self) -> tuple[Any, WordPlacer]:
        """whisperx's pipeline, and who places the words; loaded once."""
        if self._loaded is None:
            torch_tools.versions(_TOOLS)
            torch_tools.prepare()
            device = torch_tools.device_of(self._config.device, "transcribe")
            pipeline = self._pipeline(self._whisper().path, device)
            placer: WordPlacer = (
                Wav2Vec2Placer(self._aligner().path, self._config.language, device, self._batch)
                if self._config.word_times == "whisperx"
                else AttentionPlacer(pipeline, self._batch)
            )
            self._loaded = (pipeline, placer)
        return self._loaded

    def _pipeline(self, folder: Path, device: str) -> Any:
        import whisperx

        config = self._config
        try:
            return whisperx.load_model(
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
                threads=0,  # as many as the process was given
            )
        except Exception as error:
            what = f"the Whisper model {config.model} cannot be loaded ({first_line(error)})"
            remedy = "check transcribe.model and transcribe.compute_type (int8 or float32 without a GPU)"
            raise BackendError(what, remedy) from error

    def _whisper(self) -> Located:
        found = locate(Wanted("whisper", self._config.model, self._config.revision))
        for name in _FILES:
            if not (found.path / name).is_file():
                what = f"{found.path} is no Whisper model in CTranslate2 form (it holds no {name})"
                raise BackendError(what, "convert it with ct2-transformers-converter --copy_files tokenizer.json")
        return found

    def _aligner(self) -> Located:
        return locate(Wanted("wav2vec2", self._config.align_model, self._config.align_revision))


def _attempt(work: Callable[[], T]) -> T | ImigueError:
    """What `work` returns, or its error: whatever it is, it is no reason to stop other interviews."""
    try:
        return work()
    except ImigueError as error:
        return error
    except Exception as error:
        return BackendError(f"whisperx failed ({first_line(error)})", _REPORT)


def _chunk(start: float, end: float, speech: Sequence[tuple[float, float]], audio: NDArray[np.float32]) -> _Chunk:
    part = audio[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
    return _Chunk(start, end, part, tuple(Span(begin, finish) for begin, finish in speech))


def _vad_model(version: str) -> ModelRef:
    """The VAD net in whisperx's wheel; whisperx is found without importing it."""
    spec = find_spec("whisperx")
    places = spec.submodule_search_locations if spec else None
    path = Path(next(iter(places or [""]))) / "assets" / "pytorch_model.bin"
    with guarded(f"cannot read whisperx's VAD net {path}"):
        return ModelRef("whisperx VAD", version, sha256(path))
