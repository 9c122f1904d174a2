"""The ONNX graphs against the same networks in plain numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imigue_build.backends.diarization.segmentation_onnx.embedding_network import MOST_FRAMES, embedding_graph
from imigue_build.backends.diarization.segmentation_onnx.segmentation_network import segmentation_graph
from imigue_build.backends.diarization.segmentation_onnx.weights import (
    EMBEDDING,
    SEGMENTATION,
    published_file,
    published_weights,
)
from tests.backends.diarization.segmentation_onnx import reference

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOUND = np.random.default_rng(1).normal(0, 0.1, 991 + 270 * 30).astype(np.float32)


def run(graph: bytes, name: str, value: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {name: value})[0])


def test_segmentation_equals_numpy() -> None:
    weights = reference.segmentation_weights()
    found = run(segmentation_graph(weights), "sound", np.stack([SOUND, 0.3 * SOUND[::-1]])[:, None])
    assert found.shape == (2, 31, 7)
    for row, sound in zip(found, (SOUND, 0.3 * SOUND[::-1]), strict=True):
        np.testing.assert_allclose(row, reference.segmentation(weights, sound.astype(np.float64)), atol=2e-4)
    assert found.std(axis=1).min() > 0.001  # it is not the same everywhere


@pytest.mark.parametrize("frames", [10, MOST_FRAMES])
def test_embedding_equals_numpy(frames: int) -> None:
    weights = reference.embedding_weights()
    features = np.random.default_rng(frames).normal(0, 2, (frames, 80)).astype(np.float32)
    found = run(embedding_graph(weights), "features", features[None])
    expected = reference.embedding(weights, features.astype(np.float64))
    np.testing.assert_allclose(found[0], expected, atol=2e-3 * np.abs(expected).max())


def test_the_same_weights_give_the_same_bytes() -> None:
    weights = reference.segmentation_weights()
    assert segmentation_graph(weights) == segmentation_graph(dict(reversed(weights.items())))


@pytest.mark.skipif(published_file(SEGMENTATION) is None, reason="the weights are not installed")
def test_the_published_weights_fit_both_networks() -> None:
    """Compared with numpy on noise; that they are the right networks is shown by the diarizer's results."""
    weights = published_weights(SEGMENTATION)
    found = run(segmentation_graph(weights), "sound", SOUND[None, None])
    np.testing.assert_allclose(found[0], reference.segmentation(weights, SOUND.astype(np.float64)), atol=2e-4)
    weights = published_weights(EMBEDDING)
    features = np.random.default_rng(2).normal(0, 2, (80, 80)).astype(np.float32)
    found = run(embedding_graph(weights), "features", features[None])
    np.testing.assert_allclose(found[0], reference.embedding(weights, features.astype(np.float64)), atol=1e-3)
