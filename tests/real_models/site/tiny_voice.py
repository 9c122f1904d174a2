"""A speaker embedding that needs no training: mean and deviation of the log-mel spectrum.

It stands in a checkpoint by this module's name, so that it has to be found wherever a pipeline is
loaded: this folder is on PYTHONPATH.
"""

from __future__ import annotations

from typing import Any

import torch
from pyannote.audio import Model
from torchaudio.functional import melscale_fbanks

_WINDOW, _HOP, _MELS = 400, 160, 40


class TinyVoice(Model):  # type: ignore[misc]  # torch is not where mypy runs
    """(batch, 1, samples) at 16 kHz -> (batch, 80), of the frames that the weights choose."""

    def __init__(self, sample_rate: int = 16000, num_channels: int = 1, task: Any = None) -> None:
        super().__init__(sample_rate=sample_rate, num_channels=num_channels, task=task)
        mels = melscale_fbanks(_WINDOW // 2 + 1, 60.0, 7600.0, _MELS, sample_rate)
        self.register_buffer("mels", mels)
        self.register_buffer("window", torch.hann_window(_WINDOW))

    @property
    def dimension(self) -> int:
        return 2 * _MELS

    def forward(self, waveforms: Any, weights: Any = None) -> Any:
        spectrum = torch.stft(
            waveforms[:, 0], _WINDOW, _HOP, window=self.window, center=False, return_complex=True
        ).abs()
        mels = torch.log(spectrum.transpose(1, 2).pow(2) @ self.mels + 1e-6)  # (batch, frames, mels)
        if weights is None:
            weights = torch.ones(mels.shape[:2], device=mels.device)
        chosen = torch.nn.functional.interpolate(weights[:, None], size=mels.shape[1], mode="nearest")[:, 0, :, None]
        total = chosen.sum(dim=1) + 1e-8
        mean = (mels * chosen).sum(dim=1) / total
        deviation = (((mels - mean[:, None]) ** 2 * chosen).sum(dim=1) / total).sqrt()
        shape = mean - mean.mean(dim=1, keepdim=True)  # loudness says nothing about who speaks
        return torch.cat([shape, deviation - deviation.mean(dim=1, keepdim=True)], dim=1)
