"""The channels of surround sound: which one is for low frequencies, and whether it holds more."""

from __future__ import annotations

import re
from typing import Final

from imigue_build.backends.media.ffmpeg.sound import Raw, blocks

_WITH_LOW_FREQUENCIES: Final = re.compile(r"([2-9])\.1\b")
_HIGH: Final = 0.1
"""Share of a sound's power that is left of its differences from sample to sample, where it is not of low frequencies
alone: about 0.04 for 120 Hz, 0.3 for a voice."""


def low_frequency_channel(layout: str) -> int | None:
    """The channel, from 0, that ffmpeg's layout names for low frequencies.

    >>> low_frequency_channel("5.1(side)"), low_frequency_channel("2.1"), low_frequency_channel("stereo")
    (3, 2, None)
    """
    found = _WITH_LOW_FREQUENCIES.match(layout)
    return min(int(found[1]), 3) if found else None


def has_speech(file: Raw, channel: int) -> bool:
    """Whether a channel holds other than low frequencies: a microphone, in a recorder's file."""
    import numpy as np

    power = rough = 0.0
    for block in blocks([file]):
        samples = block[:, channel].astype(np.float64)
        power += float(np.square(samples - samples.mean()).sum())
        rough += float(np.square(np.diff(samples)).sum())
    return rough > _HIGH * power
