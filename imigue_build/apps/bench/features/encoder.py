"""Speech encoders from Hugging Face: the mean over time of every layer.

Padding is excluded from the mean. On a GPU utterances go in batches of similar length, in half precision; on a CPU
one at a time, so that no value depends on what else is in the corpus. In encoders whose first layer normalises over
time (`feat_extract_norm` is `group`, as in the base models), padding would change the features: their batches have
utterances of equal length only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imigue_build.apps.bench.pretrained import ENCODER
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.gpu.batch_size import BatchSize
from imigue_build.backends.gpu.torch_tools import device_of, first_line, prepare, versions
from imigue_build.config import is_local
from imigue_build.core.errors import BackendError
from imigue_build.models import Wanted, locate

if TYPE_CHECKING:
    from imigue_build.apps.bench.features.base import FeatureSpec, Values
    from imigue_build.apps.bench.sound import Signal

KINDS: Final = (
    "data2vec-audio",
    "hubert",
    "unispeech",
    "unispeech-sat",
    "wav2vec2",
    "wav2vec2-conformer",
    "wavlm",
)
"""Encoders of waveforms, by `model_type`."""
REVISION: Final = 1
"""Increased with every change of values."""
_BATCH: Final = 32
_MIN_LENGTH_RATIO: Final = 0.8
"""The shortest utterance of a batch has at least this share of the longest one's length."""


class Encoder:
    """All layers of an encoder, (layers, size) per utterance; layer 0 is the input of the first transformer layer.

    Args:
        spec: Its name or folder, revision and device.

    Raises:
        BackendError: If it, torch or transformers is missing.
    """

    parallel = False

    def __init__(self, spec: FeatureSpec) -> None:
        prepare()
        tools = versions(("torch", "transformers"))
        self._located = locate(Wanted(ENCODER, spec.name, spec.revision))
        self._device = device_of(spec.device, "bench")
        self._loaded: tuple[Any, Any] | None = None
        ref = self._located.ref
        self.identity: dict[str, object] = {
            "name": Path(spec.name).name if is_local(spec.name) else spec.name,
            "revision": ref.revision,
            "sha256": ref.sha256,
            "settings": {
                "rate": SAMPLE_RATE,
                "pooling": f"mean over time, {REVISION}",
                "precision": "float16" if self._device == "cuda" else "float32",
            },
            "tools": tools,
        }

    def extract(self, signals: Sequence[Signal]) -> list[Values]:
        """(layers, size) for each of the signals."""
        _, model = self._load()
        one_length = getattr(model.config, "feat_extract_norm", "layer") == "group"
        found: dict[int, Values] = {}
        size = BatchSize(_BATCH if self._device == "cuda" else 1, "the batch")
        order = sorted(range(len(signals)), key=lambda index: (len(signals[index]), index), reverse=True)
        for batch in _batches(order, signals, 1.0 if one_length else _MIN_LENGTH_RATIO):
            while batch:
                values = size.fit(partial(self._first, signals, batch))
                found |= zip(batch, values, strict=False)
                batch = batch[len(values) :]
        return [found[index] for index in range(len(signals))]

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            from transformers import AutoConfig, AutoFeatureExtractor, AutoModel

            folder = str(self._located.path)
            try:
                kind = AutoConfig.from_pretrained(folder, local_files_only=True).model_type
                if kind not in KINDS:
                    message = f"{self.identity['name']} is of the type {kind}, which does not encode waveforms"
                    raise BackendError(message, f"name one of {', '.join(KINDS)}")
                extractor = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
                model = AutoModel.from_pretrained(folder, local_files_only=True).to(self._device).eval()
            except (OSError, ValueError, RuntimeError, KeyError) as error:
                message = f"the encoder {self.identity['name']} cannot be loaded ({first_line(error)})"
                raise BackendError(message, "name another, or fetch it again") from error
            self._loaded = extractor, model
        return self._loaded

    def _first(self, signals: Sequence[Signal], batch: Sequence[int], count: int) -> list[Values]:
        """The values of the first `count` utterances of a batch."""
        return self._forward([signals[index] for index in batch[:count]])

    def _forward(self, signals: Sequence[Signal]) -> list[Values]:
        """(layers, size) for each of the signals of one batch."""
        import torch

        extractor, model = self._load()
        inputs = extractor(
            list(signals), sampling_rate=SAMPLE_RATE, return_tensors="pt", padding=True, return_attention_mask=True
        ).to(self._device)
        equal_length = len({len(signal) for signal in signals}) == 1
        mask = None if equal_length else inputs["attention_mask"]
        half = torch.autocast("cuda", torch.float16, enabled=self._device == "cuda")
        with torch.inference_mode(), half:
            layers = model(inputs["input_values"], attention_mask=mask, output_hidden_states=True).hidden_states
        samples = torch.tensor([len(signal) for signal in signals])
        frames = model._get_feat_extract_output_lengths(samples).tolist()
        stacked = torch.stack([layer.float() for layer in layers], dim=1)  # (signals, layers, frames, size)
        return [stacked[index, :, :count].mean(dim=1).cpu().numpy() for index, count in enumerate(frames)]


def _batches(order: Sequence[int], signals: Sequence[Signal], min_ratio: float) -> Iterator[list[int]]:
    """Splits an order of decreasing length so that in every batch the shortest has `min_ratio` of the longest."""
    batch: list[int] = []
    for index in order:
        if batch and len(signals[index]) < min_ratio * len(signals[batch[0]]):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
