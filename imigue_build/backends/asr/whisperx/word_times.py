"""Word times for Whisper's chunks: by whisperx's aligner, or by Whisper's cross-attention."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from imigue_build.backends.asr.whisper.words import EARLY, AlignedText
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.gpu.torch_tools import first_line
from imigue_build.core.errors import BackendError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.gpu.batch_size import BatchSize

_HOP: Final = 160  # samples per frame of Whisper's spectrogram
_MIN_FRAMES: Final = 2  # one step of the encoder; faster-whisper finds no times in less
_MAX_TOKENS: Final = 440  # Whisper's decoder has 448 positions, some of which are used by the prompt


class TranscribedChunk(NamedTuple):
    """A chunk with its text: (samples,) float32 audio, which starts at second `start`."""

    text: str
    start: float
    audio: NDArray[np.float32]

    @property
    def duration(self) -> float:
        return len(self.audio) / SAMPLE_RATE


class WordAligner(Protocol):
    """Aligns words: for each chunk the pieces of its text, in order, in seconds of the recording."""

    def align(self, chunks: Sequence[TranscribedChunk]) -> list[list[AlignedText]]: ...


class Wav2Vec2Aligner:
    """whisperx's aligner with a CTC model from a local folder; one chunk at a time, so that chunks are independent.

    Args:
        folder: A wav2vec 2.0 model in the format of transformers.
        language: As Whisper names it.
        device: `cpu` or `cuda`.
        batch: The batch size of the Whisper model, which shares the GPU's memory.
    """

    def __init__(self, folder: Path, language: str, device: str, batch: BatchSize) -> None:
        import whisperx
        from whisperx import alignment

        # The aligner splits text into sentences, with data that it would download, and loses text at the splits.
        # Whole chunks are not split, and only words are needed.
        alignment.nltk_load = lambda name: _WholeText()
        self._align = whisperx.align
        self._device = device
        self._batch = batch
        try:
            self._model, self._metadata = whisperx.load_align_model(
                language_code=language, device=device, model_name=str(folder), model_cache_only=True
            )
        except Exception as error:
            message = f"the alignment model in {folder} cannot be loaded ({first_line(error)})"
            remedy = "check transcribe.align_model, or set transcribe.word_times: faster-whisper"
            raise BackendError(message, remedy) from error

    def align(self, chunks: Sequence[TranscribedChunk]) -> list[list[AlignedText]]:
        return [self._chunk(chunk) for chunk in chunks]

    def _chunk(self, chunk: TranscribedChunk) -> list[AlignedText]:
        text = " ".join(chunk.text.split())  # the aligner splits words at spaces only
        if not text:
            return []
        segment = {"text": text, "start": 0.0, "end": chunk.duration}
        result = self._batch.fit(
            lambda size: self._align([segment], self._model, self._metadata, chunk.audio, self._device)
        )
        return [
            AlignedText(
                word["word"], _shifted(word.get("start"), chunk), _shifted(word.get("end"), chunk), word.get("score")
            )
            for word in result["word_segments"]
        ]


class AttentionAligner:
    """faster-whisper's word times, from the cross-attention of the loaded Whisper model.

    Args:
        pipeline: whisperx's pipeline, with its language fixed.
        batch: The number of chunks that are encoded at once.
    """

    def __init__(self, pipeline: Any, batch: BatchSize) -> None:
        self._pipeline = pipeline
        self._batch = batch

    def align(self, chunks: Sequence[TranscribedChunk]) -> list[list[AlignedText]]:
        """The pieces are groups of the model's tokens, about one word each."""
        aligned: list[list[AlignedText]] = []

        def align_rest(size: int) -> None:
            while len(aligned) < len(chunks):
                group = chunks[len(aligned) : len(aligned) + size]
                aligned.extend(self._group(group))

        self._batch.fit(align_rest)
        return aligned

    def _group(self, chunks: Sequence[TranscribedChunk]) -> list[list[AlignedText]]:
        import numpy as np

        model, tokenizer = self._pipeline.model, self._pipeline.tokenizer
        features = [self._pipeline.preprocess({"inputs": chunk.audio})["inputs"] for chunk in chunks]
        encoded = model.encode(np.stack([np.asarray(feature) for feature in features]))
        tokens = [tokenizer.encode(chunk.text)[:_MAX_TOKENS] for chunk in chunks]
        frames = [max(len(chunk.audio) // _HOP, _MIN_FRAMES) for chunk in chunks]
        return [
            [
                AlignedText(
                    word["word"],
                    _shifted(word["start"] + EARLY, chunk),
                    _shifted(word["end"] + EARLY, chunk),
                    word["probability"],
                )
                for word in words
            ]
            for chunk, words in zip(chunks, model.find_alignment(tokenizer, tokens, encoded, frames), strict=True)
        ]


class _WholeText:
    """Replaces the sentence splitter: the text is one sentence."""

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def _shifted(seconds: float | None, chunk: TranscribedChunk) -> float | None:
    return None if seconds is None else float(seconds) + chunk.start
