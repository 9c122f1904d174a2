"""pyannote's segmentation-3.0 (Plaquet and Bredin 2023) as an ONNX graph.

A window of sound to seven probabilities a frame: nobody, one of three local speakers, two of them.
SincNet (band-pass filters, then two convolutions), four bidirectional LSTM layers, three linear ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.diarization.segmentation_onnx.graph import Graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.segmentation_onnx.weights import Weights

FRAME_STEP: Final = 270
"""Samples between two frames: 10 x 3 x 3 x 3, the strides of SincNet."""
RECEPTIVE_FIELD: Final = 991
"""Samples that the convolutions see for one frame."""
CLASSES: Final = 7
"""Nobody; local speakers 0, 1, 2; both of 0 and 1, 0 and 2, 1 and 2."""

_SLOPE: Final = 0.01
_LAYERS: Final = 4
_HIDDEN: Final = 128
_LOWEST_HZ: Final = 50.0
_NARROWEST_HZ: Final = 50.0
_NYQUIST_HZ: Final = 8000.0


def segmentation_graph(weights: Weights) -> bytes:
    """The file: `sound` (windows, 1, samples) in [-1, 1] to `classes` (windows, frames, 7), rows that sum to 1.

    Raises:
        KeyError: If a tensor is missing.
    """
    graph = Graph()
    value = _normalized(graph, "sound", weights, "sincnet.wav_norm1d")
    value = graph.add("Conv", value, graph.constant(sinc_filters(weights)), strides=[10])
    value = graph.add("Abs", value)
    value = _pooled(graph, value, weights, 0)
    for layer in (1, 2):
        kernel, bias = (weights[f"sincnet.conv1d.{layer}.{part}"] for part in ("weight", "bias"))
        value = graph.add("Conv", value, graph.constant(kernel), graph.constant(bias))
        value = _pooled(graph, value, weights, layer)
    value = graph.add("Transpose", value, perm=[2, 0, 1])  # (frames, windows, channels), as LSTM takes it
    for layer in range(_LAYERS):
        value = _lstm(graph, value, weights, layer)
    value = graph.add("Transpose", value, perm=[1, 0, 2])
    for name in ("linear.0", "linear.1"):
        value = graph.add("LeakyRelu", _linear(graph, value, weights, name), alpha=_SLOPE)
    value = graph.add("Softmax", _linear(graph, value, weights, "classifier"), axis=-1)
    return graph.serialized(("sound", ("windows", 1, "samples")), (value, "classes", ("windows", "frames", CLASSES)))


def sinc_filters(weights: Weights) -> NDArray[np.float32]:
    """(80, 1, 251) band-pass filters (Ravanelli and Bengio 2018): 40 even ones, then 40 odd ones."""
    import numpy as np

    prefix = "sincnet.conv1d.0.filterbank"
    low = _LOWEST_HZ + np.abs(weights[f"{prefix}.low_hz_"].astype(np.float64))  # (40, 1)
    band = _NARROWEST_HZ + np.abs(weights[f"{prefix}.band_hz_"].astype(np.float64))
    high = np.clip(low + band, _LOWEST_HZ, _NYQUIST_HZ)
    times = weights[f"{prefix}.n_"].astype(np.float64).reshape(1, -1)  # (1, 125), 2 pi seconds before the middle
    taper = weights[f"{prefix}.window_"].astype(np.float64).reshape(1, -1)
    even = (np.sin(high * times) - np.sin(low * times)) / (times / 2) * taper
    odd = (np.cos(low * times) - np.cos(high * times)) / (times / 2) * taper
    middle = 2 * (high - low)
    whole = np.concatenate(
        [
            np.concatenate([even, middle, even[:, ::-1]], axis=1),
            np.concatenate([odd, np.zeros_like(middle), -odd[:, ::-1]], axis=1),
        ]
    )
    return np.asarray(whole / np.concatenate([middle, middle]), np.float32)[:, None]


def _normalized(graph: Graph, value: str, weights: Weights, name: str) -> str:
    scale, shift = (graph.constant(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
    return graph.add("InstanceNormalization", value, scale, shift, epsilon=1e-5)


def _pooled(graph: Graph, value: str, weights: Weights, layer: int) -> str:
    value = graph.add("MaxPool", value, kernel_shape=[3], strides=[3])
    value = _normalized(graph, value, weights, f"sincnet.norm1d.{layer}")
    return graph.add("LeakyRelu", value, alpha=_SLOPE)


def _lstm(graph: Graph, value: str, weights: Weights, layer: int) -> str:
    """One bidirectional layer: (frames, windows, channels) to (frames, windows, 256)."""
    import numpy as np

    names = [f"l{layer}", f"l{layer}_reverse"]
    inputs = np.stack([_gates(weights[f"lstm.weight_ih_{name}"]) for name in names])
    states = np.stack([_gates(weights[f"lstm.weight_hh_{name}"]) for name in names])
    biases = [[_gates(weights[f"lstm.bias_{part}_{name}"]) for part in ("ih", "hh")] for name in names]
    parts = [graph.constant(array) for array in (inputs, states, np.array(biases).reshape(2, -1))]
    value = graph.add("LSTM", value, *parts, direction="bidirectional", hidden_size=_HIDDEN)
    value = graph.add("Transpose", value, perm=[0, 2, 1, 3])  # from (frames, directions, windows, 128)
    return graph.add("Reshape", value, graph.constant(np.array([0, 0, 2 * _HIDDEN], np.int64)))


def _gates(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """From torch's order of gates (input, forget, cell, output) to ONNX's (input, output, forget, cell)."""
    import numpy as np

    into, forget, cell, out = np.split(rows, 4)
    return np.concatenate([into, out, forget, cell])


def _linear(graph: Graph, value: str, weights: Weights, name: str) -> str:
    value = graph.add("MatMul", value, graph.constant(weights[f"{name}.weight"].T))
    return graph.add("Add", value, graph.constant(weights[f"{name}.bias"]))
