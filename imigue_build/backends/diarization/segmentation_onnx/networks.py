"""The two networks, run by onnxruntime on one thread.

The graphs are built in memory from the published weights (about a second), so that no file of
theirs can be stale. Inputs go through in batches of fixed sizes, so that no bit of a result
depends on what else is in a recording.
"""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.diarization.segmentation_onnx.embedding_network import embedding_graph
from imigue_build.backends.diarization.segmentation_onnx.segmentation_network import segmentation_graph
from imigue_build.backends.diarization.segmentation_onnx.weights import (
    EMBEDDING,
    SEGMENTATION,
    Published,
    published_weights,
    require_file,
)
from imigue_build.core.errors import BackendError
from imigue_build.core.records import ModelRef, Provenance

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.segmentation_onnx.weights import Weights

_TOOLS: Final = ("numpy", "onnx", "onnxruntime")


class Networks:
    """Segmentation and speaker embedding; each is loaded at first use."""

    def segmentation(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """(windows, samples) in [-1, 1] to (windows, frames, 7) probabilities, as `segmentation_graph` says."""
        return self._run(self._segmentation_session, "sound", sound[:, None])

    def embeddings(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(segments, frames, 80) log mel energies of zero mean, up to 200 frames, to (segments, 192)."""
        return self._run(self._embedding_session, "features", features)

    @cached_property
    def _segmentation_session(self) -> Any:
        return _session(SEGMENTATION, segmentation_graph)

    @cached_property
    def _embedding_session(self) -> Any:
        return _session(EMBEDDING, embedding_graph)

    @staticmethod
    def _run(session: Any, name: str, value: NDArray[np.float32]) -> NDArray[np.float32]:
        import numpy as np

        return np.asarray(session.run(None, {name: value})[0], np.float32)

    @staticmethod
    def provenance() -> Provenance:
        """Versions of the tools, and both models with the digests that their files have when they are loaded.

        Raises:
            BackendError: If a package or a file of weights is missing.
        """
        for file in (SEGMENTATION, EMBEDDING):
            require_file(file)
        models = tuple(ModelRef(file.model, file.revision, file.sha256) for file in (SEGMENTATION, EMBEDDING))
        return Provenance(_versions(), models)


def _versions() -> dict[str, str]:
    found = {}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError as error:
            raise BackendError(f"the package {name} is not installed", f"pip install {name}") from error
    return found


def _session(published: Published, graph: Callable[[Weights], bytes]) -> Any:
    _versions()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.use_deterministic_compute = True
    weights = published_weights(published)
    return onnxruntime.InferenceSession(graph(weights), options, providers=["CPUExecutionProvider"])
