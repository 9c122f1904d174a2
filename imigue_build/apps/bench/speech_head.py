"""Classification and regression heads of pretrained speech emotion models, applied to pooled encoder features.

In transformers' sequence classifiers everything before the mean over time is linear, so the head can be applied to
the mean; the dimensional models of Wagner et al. (2023) take the mean first. So the cached features of an encoder are
all that a model needs. (The means exclude padding.)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imigue_build.apps.bench.features import FeatureSpec
from imigue_build.apps.bench.pretrained import ENCODER
from imigue_build.backends.gpu.torch_tools import first_line
from imigue_build.core.errors import BackendError
from imigue_build.models import Wanted, locate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Weights = dict[str, NDArray[np.float32]]

DIMENSIONS: Final = ("arousal", "dominance", "valence")
_ALIASES: Final = {"activation": "arousal", "control": "dominance", "pleasure": "valence"}
_HEADS: Final = ("projector.", "classifier.", "layer_weights")
_DENSE: Final = frozenset({"classifier.dense.weight", "classifier.out_proj.weight"})
_LINEAR: Final = frozenset({"projector.weight", "classifier.weight"})


@dataclass(frozen=True)
class SpeechHead:
    """The head of a model.

    `labels` are its outputs in order; `dimensional` means that they are values, not classes.
    """

    labels: tuple[str, ...]
    dimensional: bool
    about: dict[str, Any]
    weights: Weights

    def outputs(self, layers: NDArray[np.float32]) -> NDArray[np.float64]:
        """(utterances, labels) values or probabilities, from (utterances, layers, size) pooled features."""
        import numpy as np

        pooled = np.asarray(self._mix(layers), np.float64)
        if "classifier.dense.weight" in self.weights:
            found = self._linear("classifier.out_proj", np.tanh(self._linear("classifier.dense", pooled)))
        else:
            found = self._linear("classifier", self._linear("projector", pooled))
        if self.dimensional:
            return found
        powers = np.exp(found - found.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def _mix(self, layers: NDArray[np.float32]) -> NDArray[Any]:
        """The last layer, or the learnt weighted sum."""
        import numpy as np

        if "layer_weights" not in self.weights:
            return layers[:, -1]
        powers = np.exp(self.weights["layer_weights"] - self.weights["layer_weights"].max())
        return np.asarray(np.tensordot(layers, powers / powers.sum(), axes=(1, 0)))

    def _linear(self, name: str, values: NDArray[Any]) -> NDArray[np.float64]:
        import numpy as np

        found = values @ self.weights[f"{name}.weight"].T.astype(np.float64)
        bias = self.weights.get(f"{name}.bias")
        return np.asarray(found if bias is None else found + bias)


def open_head(spec: FeatureSpec) -> SpeechHead:
    """The head of a pretrained model whose encoder is named by `spec`.

    Raises:
        BackendError: If the model is not available, or has no supported head.
    """
    located = locate(Wanted(ENCODER, spec.name, spec.revision))
    try:
        config = json.loads((located.path / "config.json").read_bytes())
        weights = _weights(located.path)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise BackendError(
            f"{spec.name} cannot be read ({first_line(error)})", "name another, or fetch it again"
        ) from error
    if not (weights.keys() >= _DENSE or weights.keys() >= _LINEAR):
        what = f"{spec.name} has no supported emotion head (it has {', '.join(sorted(weights)) or 'none'})"
        raise BackendError(what, "name a sequence classifier of transformers, a dimensional model, or give a --probe")
    if not config.get("use_weighted_layer_sum"):
        weights.pop("layer_weights", None)
    count = len(weights.get("classifier.out_proj.weight", weights.get("classifier.weight", ())))
    given = config.get("id2label") or {}
    labels = tuple(_label(given.get(str(index), f"label_{index}")) for index in range(count))
    dimensional = config.get("problem_type") == "regression" or set(labels) <= set(DIMENSIONS)
    if len(set(labels)) < count or (count < 2 and not dimensional):
        raise BackendError(
            f"{spec.name} has the outputs {', '.join(labels)}", "name a model with two or more distinct ones"
        )
    about = {
        "name": located.ref.name,
        "revision": located.ref.revision,
        "sha256": located.ref.sha256,
        "outputs": list(labels),
        "kind": "dimensional" if dimensional else "categorical",
    }
    return SpeechHead(labels, dimensional, about, weights)


def _label(name: str) -> str:
    lower = str(name).strip().casefold()
    return _ALIASES.get(lower, lower)


def _weights(folder: Path) -> Weights:
    """The head's arrays by name, from safetensors or PyTorch files."""
    found: Weights = {}
    safe = sorted(folder.glob("model*.safetensors"))
    for path in safe:
        from safetensors import safe_open

        with safe_open(str(path), framework="np") as file:
            found |= {name: file.get_tensor(name) for name in file.keys() if name.startswith(_HEADS)}  # noqa: SIM118
    for path in () if safe else sorted(folder.glob("pytorch_model*.bin")):
        import torch

        tensors = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        found |= {name: item.float().numpy() for name, item in tensors.items() if name.startswith(_HEADS)}
    return found
