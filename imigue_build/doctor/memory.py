"""How much GPU memory a config takes: an estimate.

Weights count by the bytes of the arithmetic; each 30 s chunk of a batch holds its cross-attention
keys and values, 1500 positions in every layer of the decoder. The constant was set so that
large-v2 comes out as faster-whisper's README has measured it (float16: 4.4 GiB, 5.9 with a batch
of 8; int8: 2.9 and 4.4). None of it was measured here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from imigue_build.config import Config, FasterWhisperTranscribe, PyannoteDiarize, WhisperxTranscribe
from imigue_build.doctor.check import Check


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
_PYANNOTE: Final = 2.0


def memory(config: Config, gib: float) -> list[Check]:
    """Whether `gib` of GPU memory are enough; an out-of-memory halves the batch, so it is not needed to fit.

    Where the models fit not even with a batch of one, the config cannot run.
    """
    asr = config.recogniser
    if not isinstance(asr, WhisperxTranscribe | FasterWhisperTranscribe) or asr.device == "cpu" or gib <= 0:
        return []
    batch = asr.batch_size if isinstance(asr, WhisperxTranscribe) else 1
    fixed, each = _fixed(config, asr), _each(_size(asr.model))
    total = fixed + batch * each
    fits = int((gib - fixed) / each) if gib > fixed else 0
    detail = f"estimated: {total:.1f} GiB for {asr.model} in {asr.compute_type}, batch {batch}; the GPU has {gib:.1f}"
    remedy = f"--set transcribe.batch_size={fits}"
    if fits < 1:
        remedy = "--set transcribe.compute_type=int8_float16, or a smaller model: --set transcribe.model=medium"
    return [Check("GPU memory", total <= gib, detail, remedy, needed=fits < 1)]


def _fixed(config: Config, asr: WhisperxTranscribe | FasterWhisperTranscribe) -> float:
    """GiB that do not depend on the batch: weights, CUDA itself, and the other stages' nets on the same GPU."""
    weights = _size(asr.model).million * 1e6 * _bytes(asr.compute_type) / _GIB
    aligner = _WAV2VEC2 if isinstance(asr, WhisperxTranscribe) and asr.word_times == "whisperx" else 0.0
    diarizer = _PYANNOTE if isinstance(config.diarize, PyannoteDiarize) and config.diarize.device != "cpu" else 0.0
    return _FIXED + weights + aligner + diarizer


def _each(size: _Size) -> float:
    """GiB for one chunk of a batch."""
    return _WORKSPACE + 1500 * size.width * 2 * size.layers * 2 / _GIB


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
