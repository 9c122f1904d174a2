"""How much GPU memory a Whisper takes: an estimate.

Weights count by the bytes of the arithmetic; each 30 s chunk of a batch holds its cross-attention
keys and values, 1500 positions in every layer of the decoder. The constant was set so that
large-v2 comes out as faster-whisper's README has measured it (float16: 4.4 GiB, 5.9 with a batch
of 8; int8: 2.9 and 4.4). None of it was measured here.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from imigue_build.backends.spec import GpuMemory


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
_SMALLER: Final = "--set transcribe.compute_type=int8_float16, or a smaller model: --set transcribe.model=medium"


def whisper(model: str, compute_type: str, batch: int | None = None, aligner: bool = False) -> GpuMemory:
    """What a Whisper takes: weights, CUDA itself, and more for each chunk of its batch.

    Args:
        model: A size, a hub's name or a folder.
        compute_type: Of its arithmetic.
        batch: Chunks at once; None where that is no setting.
        aligner: Whether whisperx's own aligner is loaded as well.
    """
    size = _size(model)
    weights = size.million * 1e6 * _bytes(compute_type) / _GIB
    each = _WORKSPACE + 1500 * size.width * 2 * size.layers * 2 / _GIB
    fixed = _FIXED + weights + (_WAV2VEC2 if aligner else 0.0)
    what = f"{model} in {compute_type}, batch {batch or 1}"
    return GpuMemory(fixed, each, batch or 1, "batch_size" if batch else "", what, _SMALLER)


def gpu_use(device: str, compute_type: str) -> Literal["no", "auto", "yes"]:
    """Whether a GPU is used: float16 is arithmetic of GPUs alone."""
    if device == "cpu":
        return "no"
    return "yes" if device == "cuda" or "float16" in compute_type else "auto"


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
