"""CAM++ (Wang et al. 2023), speaker embeddings of up to two seconds of speech, as an ONNX graph.

Residual convolutions over the spectrogram, a densely connected time-delay network whose layers
are weighted by their context, and the mean and deviation over time. The context of a layer is its
mean over all frames and its mean over blocks of 100 frames. As nothing longer than that comes
here (two seconds are 99 frames behind the first layer's stride of 2) both are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.diarization.segmentation_onnx.graph import Graph

if TYPE_CHECKING:
    from imigue_build.backends.diarization.segmentation_onnx.weights import Weights

CHANNELS: Final = 80
"""Of the mel spectrogram."""
SIZE: Final = 192
"""Of an embedding."""
MOST_FRAMES: Final = 200
"""Frames of features that the graph is right for."""

_BLOCKS: Final = ((12, 1), (24, 2), (16, 2))
"""Layers and dilation of each dense block."""


def embedding_graph(weights: Weights) -> bytes:
    """The file: `features` (segments, frames, 80) to `embedding` (segments, 192), of any length.

    Raises:
        KeyError: If a tensor is missing.
    """
    import numpy as np

    graph = Graph()
    value = graph.add("Transpose", "features", perm=[0, 2, 1])
    value = graph.add("Unsqueeze", value, graph.constant(np.array([1], np.int64)))
    value = _front(graph, value, weights)
    value = _conv(graph, value, weights, "xvector.tdnn.linear", strides=[2], pads=[2, 2])
    value = _active(graph, value, weights, "xvector.tdnn.nonlinear.batchnorm")
    for block, (layers, dilation) in enumerate(_BLOCKS, 1):
        for layer in range(1, layers + 1):
            added = _dense_layer(graph, value, weights, f"xvector.block{block}.tdnnd{layer}", dilation)
            value = graph.add("Concat", value, added, axis=1)
        value = _active(graph, value, weights, f"xvector.transit{block}.nonlinear.batchnorm")
        value = _conv(graph, value, weights, f"xvector.transit{block}.linear")
    value = _statistics(graph, _active(graph, value, weights, "xvector.out_nonlinear.batchnorm"))
    value = _conv(graph, value, weights, "xvector.dense.linear")
    value = graph.batch_norm(value, weights, "xvector.dense.nonlinear.batchnorm")
    value = graph.add("Squeeze", value, graph.constant(np.array([2], np.int64)))
    return graph.serialized(("features", ("segments", "frames", CHANNELS)), (value, "embedding", ("segments", SIZE)))


def _conv(graph: Graph, value: str, weights: Weights, name: str, **attributes: list[int]) -> str:
    parts = [graph.constant(weights[f"{name}.{part}"]) for part in ("weight", "bias") if f"{name}.{part}" in weights]
    return graph.add("Conv", value, *parts, **attributes)


def _active(graph: Graph, value: str, weights: Weights, name: str) -> str:
    return graph.add("Relu", graph.batch_norm(value, weights, name))


def _front(graph: Graph, value: str, weights: Weights) -> str:
    """The residual convolutions: (segments, 1, 80, frames) to (segments, 320, frames)."""
    import numpy as np

    same = [1, 1, 1, 1]
    value = _active(graph, _conv(graph, value, weights, "head.conv1", pads=same), weights, "head.bn1")
    for name, stride in (("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1)):
        block = f"head.{name}"
        inner = _conv(graph, value, weights, f"{block}.conv1", pads=same, strides=[stride, 1])
        inner = _active(graph, inner, weights, f"{block}.bn1")
        inner = graph.batch_norm(_conv(graph, inner, weights, f"{block}.conv2", pads=same), weights, f"{block}.bn2")
        if stride > 1:
            value = _conv(graph, value, weights, f"{block}.shortcut.0", strides=[stride, 1])
            value = graph.batch_norm(value, weights, f"{block}.shortcut.1")
        value = graph.add("Relu", graph.add("Add", inner, value))
    value = _active(graph, _conv(graph, value, weights, "head.conv2", pads=same, strides=[2, 1]), weights, "head.bn2")
    return graph.add("Reshape", value, graph.constant(np.array([0, 320, -1], np.int64)))


def _dense_layer(graph: Graph, value: str, weights: Weights, name: str, dilation: int) -> str:
    """What a layer adds: 32 channels, each weighted by the context."""
    import numpy as np

    value = _active(graph, value, weights, f"{name}.nonlinear1.batchnorm")
    value = _active(graph, _conv(graph, value, weights, f"{name}.linear1"), weights, f"{name}.nonlinear2.batchnorm")
    local = _conv(
        graph, value, weights, f"{name}.cam_layer.linear_local", dilations=[dilation], pads=[dilation, dilation]
    )
    mean = graph.add("ReduceMean", value, axes=[2], keepdims=1)
    context = graph.add("Mul", mean, graph.constant(np.array(2, np.float32)))
    context = graph.add("Relu", _conv(graph, context, weights, f"{name}.cam_layer.linear1"))
    context = graph.add("Sigmoid", _conv(graph, context, weights, f"{name}.cam_layer.linear2"))
    return graph.add("Mul", local, context)


def _statistics(graph: Graph, value: str) -> str:
    """Mean and unbiased deviation over time: (segments, channels, frames) to (segments, 2 channels, 1)."""
    import numpy as np

    mean = graph.add("ReduceMean", value, axes=[2], keepdims=1)
    squares = graph.add("ReduceSumSquare", graph.add("Sub", value, mean), axes=[2], keepdims=1)
    frames = graph.add("Cast", graph.add("Shape", value, start=2, end=3), to=1)
    others = graph.add("Sub", frames, graph.constant(np.array([1], np.float32)))
    deviation = graph.add("Sqrt", graph.add("Div", squares, others))
    return graph.add("Concat", mean, deviation, axis=1)
