"""How much GPU memory models take: an estimate.

Weights count by the bytes of the arithmetic; each 30 s chunk of a batch holds its cross-attention
keys and values, 1500 positions in every layer of the decoder. The constant was set so that
large-v2 comes out as faster-whisper's README has measured it (float16: 4.4 GiB, 5.9 with a batch
of 8; int8: 2.9 and 4.4). None of it was measured here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from imigue_build.config import FasterWhisperTranscribe, WhisperxTranscribe


class _Size(NamedTuple):
    """A Whisper: millions of weights, width and layers of its decoder."""

    million: int
    width: int
    layers: int


_LARGE: Final = _Size(1550, 1280, 32)
_SIZES: Final = {
    "tiny": _Size(39, 384, 4),
    "base": _Size(74, 512, 6),
    "small": _Size(244, 768, 12),
    "medium": _Size(769, 1024, 24),
    "distil-small": _Size(166, 768, 4),
    "distil-medium": _Size(394, 1024, 2),
    "distil-large": _Size(756, 1280, 2),
    "turbo": _Size(809, 1280, 4),
    "large-v3-turbo": _Size(809, 1280, 4),
}
_GIB: Final = 2**30
_FIXED: Final = 1.3
_WORKSPACE: Final = 0.03
"""GiB for each chunk beside its cross-attention: the encoder's activations."""
_WAV2VEC2: Final = 1.5
PYANNOTE: Final = 2.0
"""GiB for pyannote's nets."""


def transcriber(asr: WhisperxTranscribe | FasterWhisperTranscribe) -> tuple[float, float]:
    """GiB that a Whisper takes whatever its batch is (weights, the words' aligner, CUDA itself), and by chunk of it."""
    size = _size(asr.model)
    weights = size.million * 1e6 * _bytes(asr.compute_type) / _GIB
    aligner = _WAV2VEC2 if isinstance(asr, WhisperxTranscribe) and asr.word_times == "whisperx" else 0.0
    return _FIXED + weights + aligner, _WORKSPACE + 1500 * size.width * 2 * size.layers * 2 / _GIB


def batch(asr: WhisperxTranscribe | FasterWhisperTranscribe) -> int:
    """Chunks that go through a Whisper at once."""
    return asr.batch_size if isinstance(asr, WhisperxTranscribe) else 1


def needed(section: object) -> float:
    """GiB that the process of a stage takes on its GPU."""
    if isinstance(section, WhisperxTranscribe | FasterWhisperTranscribe):
        fixed, each = transcriber(section)
        return fixed + batch(section) * each
    return PYANNOTE


def _size(model: str) -> _Size:
    """The size of a model by its name; one whose name says nothing is taken as large."""
    name = (
        model.rsplit("/", 1)[-1].removeprefix("faster-").removeprefix("whisper-").replace("distil-whisper-", "distil-")
    )
    found = [known for known in _SIZES if name == known or name.startswith((f"{known}.", f"{known}-"))]
    return _SIZES[max(found, key=len)] if found else _LARGE


def _bytes(compute_type: str) -> int:
    """Bytes of one weight."""
    return 1 if compute_type.startswith("int8") else 4 if compute_type == "float32" else 2
