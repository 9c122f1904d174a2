"""How much louder one channel of a stereo recording is than the other, over time.

Where two people have a microphone each, this says who speaks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from imigue_build.backends.media.ffmpeg.sound import RATE, STEP
from imigue_build.core.records import NO_BALANCE, ChannelBalance

_BLOCK_STEPS: Final = 50 * 600
_MOST: Final = 60
"""Decibels at which the difference is cut off."""
_SAME: Final = 3
"""Decibels below which the channels never differ where both hold one mix."""


def channel_balance(path: Path) -> ChannelBalance:
    """The balance of two interleaved channels; none where both hold the same sound.

    Args:
        path: Raw little-endian 16-bit PCM at 4 kHz.
    """
    import numpy as np

    parts = []
    with path.open("rb") as file:
        while block := file.read(_BLOCK_STEPS * STEP * 4):
            samples = np.frombuffer(block, "<i2")[: len(block) // (4 * STEP) * 2 * STEP]
            steps = samples.reshape(-1, STEP, 2).astype(np.float32)
            power = np.maximum(np.square(steps).mean(axis=1) - np.square(steps.mean(axis=1)), 0) + 1
            parts.append(10 * np.log10(power[:, 0] / power[:, 1]))
    decibels = np.round(np.clip(np.concatenate(parts or [np.empty(0)]), -_MOST, _MOST)).astype(np.int8)
    if not (np.abs(decibels) >= _SAME).any():
        return NO_BALANCE
    return ChannelBalance(STEP / RATE, decibels.tobytes())
