"""Speaker embeddings of short windows of speech, without torch.

Two kinds behind one protocol. `resemblyzer` is the GE2E speaker encoder (Wan et al. 2018) whose
weights the Resemblyzer wheel carries: the file is found and read without importing the package,
and mel spectrogram and LSTM are computed in numpy. `builtin` describes a window by statistics of
its cepstra; it needs no model and separates speakers less well.
"""

from __future__ import annotations

import hashlib
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from imigue_build.backends.speaker_embedding.weights import damaged, read_weights
from imigue_build.core.errors import BackendError
from imigue_build.core.extras import folder_of
from imigue_build.core.records import ModelRef, Provenance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples

    Features = NDArray[np.float32]  # (frames, channels)
    Indices = NDArray[np.int64]  # (windows, frames per window): rows of the features
    Embeddings = NDArray[np.float32]  # (windows, size), unit rows

EmbeddingKind = Literal["resemblyzer", "builtin"]

FRAME_SAMPLES: Final = 160
"""Samples between two frames of features: 10 ms at 16 kHz."""
RESEMBLYZER_REMEDY: Final = (
    "get it with `pip install --no-deps resemblyzer==0.1.4` (without its dependencies, which pull torch)"
)

_PACKAGE: Final = "resemblyzer"
_WEIGHTS_FILE: Final = "pretrained.pt"
_FFT: Final = 400
_CHANNELS: Final = 40
_HIDDEN: Final = 256
_LAYERS: Final = 3
_BATCH: Final = 128
"""Windows per forward pass; the last ones of a recording go in batches of `_SMALL_BATCH`, up to two of them."""
_SMALL_BATCH: Final = 32
_STFT_FRAMES: Final = 8192
_CEPSTRA: Final = 20


class SpeakerEmbedding(Protocol):
    """Speaker embeddings as unit vectors.

    `typical_similarity` is the mean cosine of two 1.6 s windows of one speaker; two clusters with a normalised
    similarity of at least `merge_threshold` are one speaker (see `dvector.clustering`).
    """

    kind: EmbeddingKind
    typical_similarity: float
    merge_threshold: float

    def features(self, audio: Samples, gain: float) -> Features: ...

    def embed(self, features: Features, windows: Indices) -> Embeddings: ...

    def provenance(self) -> Provenance: ...


def resemblyzer_weights() -> Path | None:
    """The weights file in the installed Resemblyzer wheel, or None; the package is not imported."""
    folder = folder_of(_PACKAGE)
    return folder / _WEIGHTS_FILE if folder is not None and (folder / _WEIGHTS_FILE).is_file() else None


def embedding_kind() -> EmbeddingKind:
    """The kind that `auto` selects on this machine."""
    return "builtin" if resemblyzer_weights() is None else "resemblyzer"


def load_embedding(kind: Literal["auto", "resemblyzer", "builtin"] = "auto") -> SpeakerEmbedding:
    """Loads an embedding; `auto` is the best that is available.

    Raises:
        BackendError: If Resemblyzer's weights are asked for and missing, or are damaged.
    """
    path = resemblyzer_weights()
    if kind == "builtin" or (kind == "auto" and path is None):
        return CepstralStatistics()
    if path is None:
        raise BackendError("the weights of the speaker embedding `resemblyzer` were not found", RESEMBLYZER_REMEDY)
    return Resemblyzer(path)


class _Matrices(NamedTuple):
    """Per layer, the weights of its input and its previous output, and its bias; likewise for the projection."""

    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]]
    output: tuple[NDArray[np.float32], NDArray[np.float32]]


class Resemblyzer:
    """The GE2E encoder: three LSTM layers over a power mel spectrogram, 256 dimensions."""

    kind: EmbeddingKind = "resemblyzer"
    typical_similarity = 0.78
    merge_threshold = 0.92

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _matrices(self) -> _Matrices:
        """The weights in the layout of the matrix products; read at first use.

        Raises:
            BackendError: If the file is damaged.
        """
        import numpy as np

        path = self._path
        weights = read_weights(path)
        # all gates can then use tanh: sigmoid(x) = (1 + tanh(x / 2)) / 2.
        halves = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], np.float32), _HIDDEN)
        layers = []
        try:
            for layer in range(_LAYERS):
                both = [weights[f"lstm.weight_{part}_l{layer}"] for part in ("ih", "hh")]
                bias = weights[f"lstm.bias_ih_l{layer}"] + weights[f"lstm.bias_hh_l{layer}"]
                matrix = np.ascontiguousarray((np.concatenate(both, axis=1) * halves[:, None]).T)
                layers.append((matrix, bias * halves))
            output = np.ascontiguousarray(weights["linear.weight"].T), weights["linear.bias"]
            shapes = [matrix.shape for matrix, _ in layers] + [output[0].shape]
        except (KeyError, ValueError) as error:
            raise damaged(path, error) from error
        inputs = [_CHANNELS] + [_HIDDEN] * (_LAYERS - 1)
        if shapes != [(size + _HIDDEN, 4 * _HIDDEN) for size in inputs] + [(_HIDDEN, _HIDDEN)]:
            raise damaged(path, ValueError("matrices of other sizes than the encoder's"))
        return _Matrices(layers, output)

    def features(self, audio: Samples, gain: float) -> Features:
        """The power mel spectrogram of audio amplified by `gain`: (1 + samples // 160, 40)."""
        return mel_spectrogram(audio, gain)

    def embed(self, features: Features, windows: Indices) -> Embeddings:
        """One unit vector for each window.

        Args:
            features: (frames, 40).
            windows: (windows, frames a window) the rows of `features` that a window reads.
        """
        import numpy as np

        out = np.empty((len(windows), _HIDDEN), np.float32)
        first = 0
        while first < len(windows):
            size = _BATCH if len(windows) - first > 2 * _SMALL_BATCH else _SMALL_BATCH
            chosen = windows[first : first + size]
            batch = np.zeros((size, windows.shape[1], features.shape[1]), np.float32)
            batch[: len(chosen)] = features[chosen]
            out[first : first + len(chosen)] = self._forward(batch)[: len(chosen)]
            first += size
        return out

    def _forward(self, batch: NDArray[np.float32]) -> Embeddings:
        """(windows, frames, 40) to (windows, 256): all layers advance frame by frame."""
        import numpy as np

        layers, output = self._matrices
        count, frames, channels = batch.shape
        sizes = [channels] + [_HIDDEN] * (_LAYERS - 1)
        # A row of `inputs` is a layer's input followed by its previous output.
        inputs = [np.zeros((count, size + _HIDDEN), np.float32) for size in sizes]
        cells = [np.zeros((count, _HIDDEN), np.float32) for _ in sizes]
        gates = np.empty((count, 4 * _HIDDEN), np.float32)
        into, forget, new, out = (gates[:, k * _HIDDEN : (k + 1) * _HIDDEN] for k in range(4))
        hidden = np.zeros((count, _HIDDEN), np.float32)
        for frame in range(frames):
            inputs[0][:, :channels] = batch[:, frame]
            for layer, (matrix, bias) in enumerate(layers):
                np.matmul(inputs[layer], matrix, out=gates)
                np.tanh(np.add(gates, bias, out=gates), out=gates)
                for gate in (into, forget, out):
                    gate *= np.float32(0.5)
                    gate += np.float32(0.5)
                cells[layer] *= forget
                cells[layer] += into * new
                hidden = np.tanh(cells[layer]) * out
                inputs[layer][:, -_HIDDEN:] = hidden
                if layer + 1 < _LAYERS:
                    inputs[layer + 1][:, :_HIDDEN] = hidden
        return unit_rows(np.maximum(hidden @ output[0] + output[1], np.float32(0)))

    def provenance(self) -> Provenance:
        """The wheel's version and its weights with the hash of their file."""
        release = _release()
        digest = hashlib.sha256(self._path.read_bytes()).hexdigest()
        model = ModelRef(name="resemblyzer-ge2e", revision=release, sha256=digest)
        return Provenance(tools={_PACKAGE: release}, models=(model,))


class CepstralStatistics:
    """The mean of 19 cepstral coefficients over the window, each scaled to unit deviation in the recording.

    The zeroth, the level, is left out.
    """

    kind: EmbeddingKind = "builtin"
    typical_similarity = 0.90
    merge_threshold = 0.89

    def features(self, audio: Samples, gain: float) -> Features:
        """Cepstra of the log mel spectrum, of unit deviation: (1 + samples // 160, 19)."""
        import numpy as np

        logs = np.log(mel_spectrogram(audio, gain) + np.float32(1e-7))
        orders = np.arange(1, _CEPSTRA)[:, None] * (np.arange(_CHANNELS) + 0.5) * np.pi / _CHANNELS
        cepstra = logs @ (np.cos(orders) / np.sqrt(_CHANNELS)).astype(np.float32).T
        return np.asarray(cepstra / np.maximum(cepstra.std(axis=0), 1e-3), np.float32)

    def embed(self, features: Features, windows: Indices) -> Embeddings:
        """One unit vector for each window; `windows` as in `Resemblyzer.embed`."""
        import numpy as np

        out = np.empty((len(windows), features.shape[1]), np.float32)
        for first in range(0, len(windows), _BATCH):
            chosen = features[windows[first : first + _BATCH]]
            out[first : first + len(chosen)] = chosen.mean(axis=1)
        return unit_rows(out)

    def provenance(self) -> Provenance:
        """Empty: it uses no tool and no model but numpy."""
        return Provenance()


def mel_spectrogram(audio: Samples, gain: float = 1.0) -> Features:
    """Power mel spectrogram equal to librosa's `melspectrogram` with Slaney's scale.

    Args:
        audio: (samples,) 16-bit PCM at 16 kHz.
        gain: Factor on the amplitude.

    Returns:
        (1 + samples // 160, 40); frame i is centred on sample 160 i.
    """
    import numpy as np

    frames = 1 + len(audio) // FRAME_SAMPLES
    taper = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FFT) / _FFT)).astype(np.float32)
    bank = _mel_bank().T
    out = np.empty((frames, _CHANNELS), np.float32)
    for first in range(0, frames, _STFT_FRAMES):  # so that hours of audio are never held as floats
        count = min(_STFT_FRAMES, frames - first)
        start = first * FRAME_SAMPLES - _FFT // 2
        part = audio[max(start, 0) : start + (count - 1) * FRAME_SAMPLES + _FFT]
        padded = np.zeros((count - 1) * FRAME_SAMPLES + _FFT, np.float32)
        padded[max(-start, 0) : max(-start, 0) + len(part)] = part
        padded *= np.float32(gain / 32768)
        cut = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::FRAME_SAMPLES]
        spectrum = np.fft.rfft(cut * taper)
        out[first : first + count] = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ bank
    return out


@cache
def _mel_bank() -> NDArray[np.float32]:
    """(40, 201) triangular filters of equal area, linear below 1 kHz and logarithmic above (Slaney 1998)."""
    import numpy as np

    log_step = np.log(6.4) / 27
    mels = np.linspace(0.0, 15 + np.log(8.0) / log_step, _CHANNELS + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(log_step * (np.maximum(mels, 15) - 15)))
    offsets = edges[:, None] - np.linspace(0.0, 8000.0, _FFT // 2 + 1)
    widths = np.diff(edges)
    rising, falling = -offsets[:-2] / widths[:-1, None], offsets[2:] / widths[1:, None]
    area = (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * area, np.float32)


def _release() -> str:
    """The installed wheel's version; empty if its metadata is missing."""
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:
        return ""


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to unit length; rows of zeros are unchanged."""
    import numpy as np

    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), np.float32)
