"""The two networks, run by onnxruntime on one thread.

The graphs are built in memory from the published weights (about a second), so that no file of
theirs can be stale. Inputs go through in batches of fixed sizes, so that no bit of a result
depends on what else is in a recording.
"""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.diarization.segmentation_onnx.embedding_network import embedding_graph
from imigue_build.backends.diarization.segmentation_onnx.segmentation_network import segmentation_graph
from imigue_build.backends.diarization.segmentation_onnx.weights import (
    EMBEDDING,
    REMEDY,
    SEGMENTATION,
    published_weights,
)
from imigue_build.core.errors import BackendError
from imigue_build.core.records import ModelRef, Provenance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOOLS: Final = ("numpy", "onnx", "onnxruntime")


class Networks:
    """Segmentation and speaker embedding; each is loaded at first use."""

    def classes(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """(windows, samples) in [-1, 1] to (windows, frames, 7) probabilities, as `segmentation_graph` says."""
        return self._run(self._segmentation, "sound", sound[:, None])

    def voices(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(pieces, frames, 80) log mel energies of zero mean, up to 200 frames, to (pieces, 192)."""
        return self._run(self._embedding, "features", features)

    @cached_property
    def _segmentation(self) -> Any:
        return _session(segmentation_graph(published_weights(SEGMENTATION)))

    @cached_property
    def _embedding(self) -> Any:
        return _session(embedding_graph(published_weights(EMBEDDING)))

    @staticmethod
    def _run(session: Any, name: str, value: NDArray[np.float32]) -> NDArray[np.float32]:
        import numpy as np

        return np.asarray(session.run(None, {name: value})[0], np.float32)

    @staticmethod
    def provenance() -> Provenance:
        """Versions of the tools, and both models with the digests that their files must have."""
        models = tuple(ModelRef(file.model, file.revision, file.sha256) for file in (SEGMENTATION, EMBEDDING))
        return Provenance({name: version(name) for name in TOOLS}, models)


def _session(graph: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise BackendError(f"onnxruntime cannot be loaded: {error}", REMEDY) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.use_deterministic_compute = True
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
