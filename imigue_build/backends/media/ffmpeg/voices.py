"""Whether two channels or tracks hold different speech at the same time: two languages, or a comment.

Two people in an interview, with a microphone each, take turns; where both microphones hear one voice, their levels
rise and fall alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.media.ffmpeg.sound import RATE, SILENT, STEP, Raw, blocks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.media.ffmpeg.sound import Levels

_STEPS: Final = RATE // STEP
"""Of a second."""
_OF_SECOND: Final = 0.25
"""Share of a second of speech that is speech, at least."""
_SPOKEN: Final = 0.5
_BOTH: Final = 0.5
"""Share of the speech of the one who speaks more that is at the same time as the other's, at least."""
_ALIKE: Final = 0.4
"""Correlation of levels within a second, from which on two channels have one voice."""
_LATER: Final = 6
"""Steps by which the one may have it later."""
_LOUD: Final = 20
"""Decibels below the usual peaks, from which on a second may be speech."""


def speech_seconds(file: Raw) -> NDArray[np.bool_]:
    """(seconds, channels) where each channel holds speech, by Silero VAD.

    Raises:
        BackendError: If the network cannot be loaded.
    """
    import numpy as np

    from imigue_build.backends.signal.silero_vad import CHUNK_SECONDS, speech_probabilities

    found = [np.zeros((0, file.channels), np.bool_)]
    for block in blocks([file]):
        seconds = -(-len(block) // RATE)
        flags = np.zeros((seconds, file.channels), np.bool_)
        for channel in range(file.channels):
            spoken = speech_probabilities(_upsampled(block[:, channel])) > _SPOKEN
            second = (np.arange(len(spoken)) * CHUNK_SECONDS).astype(np.int64).clip(max=seconds - 1)
            flags[:, channel] = np.bincount(second, spoken, seconds) * CHUNK_SECONDS >= _OF_SECOND
        found.append(flags)
    return np.concatenate(found)


def _upsampled(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """At 16 kHz."""
    import numpy as np

    times = SAMPLE_RATE // RATE
    spectrum = np.fft.rfft(samples.astype(np.float32))
    return (np.fft.irfft(spectrum, times * len(samples)) * times).clip(-32768, 32767).astype(np.int16)


def loud_seconds(levels: Levels) -> NDArray[np.bool_]:
    """(seconds, channels) where each channel is about as loud as it usually is."""
    import numpy as np

    peaks = np.percentile(_by_second(levels), 90, axis=1)
    usual = np.percentile(peaks, 95, axis=0) if len(peaks) else 0
    return np.asarray(peaks > np.maximum(usual - _LOUD, SILENT))


def other_speech(levels: Levels, speech: NDArray[np.bool_], kept: Sequence[int]) -> list[int]:
    """Those of the channels, the preferred ones first, that hold other speech than an earlier one at the same time.

    Args:
        levels: Of all channels.
        speech: (seconds, channels) where each channel may hold speech.
        kept: The channels that are compared.
    """
    one: list[int] = []
    for channel in kept:
        if not any(_differ(levels[:, [earlier, channel]], speech[:, [earlier, channel]]) for earlier in one):
            one.append(channel)
    return [channel for channel in kept if channel not in one]


def _differ(levels: Levels, speech: NDArray[np.bool_]) -> bool:
    """Whether two channels hold different speech at the same time."""
    import numpy as np

    found = _by_second(levels)
    speech = speech[: len(found)]
    both = speech.all(axis=1)
    if not both.any() or both.sum() < _BOTH * speech.sum(axis=0).max():
        return False
    steps = found.reshape(-1, 2)
    likeness = [
        np.median(_correlation(steps[:, 0], np.roll(steps[:, 1], shift))[both]) for shift in range(-_LATER, _LATER + 1)
    ]
    return bool(max(likeness) < _ALIKE)


def _by_second(levels: Levels) -> NDArray[np.float32]:
    """(seconds, steps, channels) of the whole seconds."""
    import numpy as np

    return levels[: len(levels) // _STEPS * _STEPS].reshape(-1, _STEPS, levels.shape[1]).astype(np.float32)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """(seconds,) of two channels' levels, (steps,), within each second."""
    import numpy as np

    first, second = (steps.reshape(-1, _STEPS) for steps in (one, other))
    first, second = first - first.mean(axis=1, keepdims=True), second - second.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.square(first).sum(axis=1) * np.square(second).sum(axis=1)) + 1
    return np.asarray((first * second).sum(axis=1) / norm)
