"""When the words of Whisper's chunks were said: by whisperx's aligner, or by Whisper's own attention."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from imigue_build.backends.asr.whisper_text.words import Piece
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.gpu.torch_tools import first_line
from imigue_build.core.errors import BackendError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.gpu.batch_size import BatchSize

_HOP: Final = 160  # samples a frame of Whisper's spectrogram
_FEWEST_FRAMES: Final = 2  # one step of the encoder; of less, faster-whisper cannot find a time
_MOST_TOKENS: Final = 440  # Whisper's decoder has 448 positions, a few of which go to the prompt


class Said(NamedTuple):
    """A chunk with its text: (samples,) float32 audio, which begins at second `start`."""

    text: str
    start: float
    audio: NDArray[np.float32]

    @property
    def duration(self) -> float:
        return len(self.audio) / SAMPLE_RATE


class WordPlacer(Protocol):
    """Places words: for each chunk the pieces of its text, in order, in seconds of the recording."""

    def place(self, chunks: Sequence[Said]) -> list[list[Piece]]: ...


class Wav2Vec2Placer:
    """whisperx's aligner with the CTC model in a local folder; one chunk at a time, so that nothing is shared.

    Args:
        folder: A wav2vec 2.0 in transformers' form.
        language: As Whisper writes it.
        device: `cpu` or `cuda`.
        batch: Of the Whisper model that has the rest of the GPU's memory.
    """

    def __init__(self, folder: Path, language: str, device: str, batch: BatchSize) -> None:
        import whisperx
        from whisperx import alignment

        # The aligner cuts text into sentences, with data that it would fetch from the network, and loses
        # text at the cuts. Whole chunks have no cuts, and words are all that is wanted of it.
        alignment.nltk_load = lambda name: _WholeText()
        self._align = whisperx.align
        self._device = device
        self._batch = batch
        try:
            self._model, self._metadata = whisperx.load_align_model(
                language_code=language, device=device, model_name=str(folder), model_cache_only=True
            )
        except Exception as error:
            what = f"the alignment model in {folder} cannot be loaded ({first_line(error)})"
            raise BackendError(
                what, "check transcribe.align_model, or set transcribe.word_times: faster-whisper"
            ) from error

    def place(self, chunks: Sequence[Said]) -> list[list[Piece]]:
        return [self._chunk(chunk) for chunk in chunks]

    def _chunk(self, chunk: Said) -> list[Piece]:
        text = " ".join(chunk.text.split())  # it divides words at blanks only
        if not text:
            return []
        segment = {"text": text, "start": 0.0, "end": chunk.duration}
        found = self._batch.fit(
            lambda size: self._align([segment], self._model, self._metadata, chunk.audio, self._device)
        )
        return [
            Piece(word["word"], _later(word.get("start"), chunk), _later(word.get("end"), chunk), word.get("score"))
            for word in found["word_segments"]
        ]


class AttentionPlacer:
    """faster-whisper's word times, from the cross-attention of the Whisper model that is loaded already.

    Args:
        pipeline: whisperx's pipeline, with its language fixed.
        batch: How many chunks are encoded at once.
    """

    def __init__(self, pipeline: Any, batch: BatchSize) -> None:
        self._pipeline = pipeline
        self._batch = batch

    def place(self, chunks: Sequence[Said]) -> list[list[Piece]]:
        """The pieces are groups of the model's tokens, about a word each."""
        found: list[list[Piece]] = []

        def rest(size: int) -> None:
            while len(found) < len(chunks):
                group = chunks[len(found) : len(found) + size]
                found.extend(self._group(group))

        self._batch.fit(rest)
        return found

    def _group(self, chunks: Sequence[Said]) -> list[list[Piece]]:
        import numpy as np

        model, tokenizer = self._pipeline.model, self._pipeline.tokenizer
        features = [self._pipeline.preprocess({"inputs": chunk.audio})["inputs"] for chunk in chunks]
        encoded = model.encode(np.stack([np.asarray(one) for one in features]))
        tokens = [tokenizer.encode(chunk.text)[:_MOST_TOKENS] for chunk in chunks]
        frames = [max(len(chunk.audio) // _HOP, _FEWEST_FRAMES) for chunk in chunks]
        return [
            [
                Piece(word["word"], _later(word["start"], chunk), _later(word["end"], chunk), word["probability"])
                for word in words
            ]
            for chunk, words in zip(chunks, model.find_alignment(tokenizer, tokens, encoded, frames), strict=True)
        ]


class _WholeText:
    """In the place of a sentence splitter: the text is one sentence."""

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def _later(seconds: float | None, chunk: Said) -> float | None:
    return None if seconds is None else float(seconds) + chunk.start
