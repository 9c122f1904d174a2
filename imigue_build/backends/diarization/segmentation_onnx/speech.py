"""Where anybody speaks, by the segmentation network and Silero's VAD together.

The network bridges pauses within a turn, and takes some music for speech; Silero misses far voices. So

- where Silero hears nothing in a whole segment, there is no speech;
- in a near recording, which is one where Silero hears all that the network is sure of, speech is what both hear;
- in a far one it is what either hears.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization.segmentation_onnx.local_speakers import frame_times
from imigue_build.backends.diarization.segmentation_onnx.segments import segments_of
from imigue_build.backends.signal import silero_vad

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples
    from imigue_build.backends.diarization.segmentation_onnx.local_speakers import LocalSegmentation
    from imigue_build.config import Vad

    Mask = NDArray[np.bool_]  # (frames,)

_ONSET: Final = 0.5
"""The network's probability at which speech begins; in near recordings also where it ends."""
_OFFSET: Final = 0.3
"""The probability at which it ends in far recordings."""
_SURE: Final = 0.95
_NEAR: Final = 0.99
"""Share of the frames that the network is sure of that Silero must hear in a near recording."""
_SILERO_ALONE: Final = 0.3
"""Seconds of speech that Silero must hear to be believed alone."""
_QUIET: Final = 0.05
"""Peak, of full scale, below which the sound is amplified."""
_FULL_SCALE: Final = 32768
_BLOCK: Final = 1 << 20
"""Samples that are amplified at once, as hours of them as floats take too much memory."""


def speech_mask(audio: Samples, local: LocalSegmentation, vad: Vad) -> Mask:
    """(frames,) where anybody speaks.

    Args:
        audio: The recording.
        local: Its local segmentation.
        vad: Thresholds and durations for Silero's probabilities.
    """
    duration = len(audio) / SAMPLE_RATE
    probability = local.speech()
    probability[frame_times(local.frames) >= duration] = 0.0
    silero = silero_vad.speech_probabilities(audio)
    heard = _mask(silero, local.frames, duration, vad)
    sure = probability > _SURE
    if sure.any() and (heard & sure).sum() >= _NEAR * sure.sum():
        return (probability > _ONSET) & heard
    network = probability > _OFFSET
    for first, last in segments_of(network):
        network[first:last] = heard[first:last].any() and probability[first:last].max() > _ONSET
    alone = vad.model_copy(update={"pad": 0.0, "min_speech": _SILERO_ALONE})
    return network | _mask(silero, local.frames, duration, alone)


def _mask(silero: NDArray[np.float32], frames: int, duration: float, vad: Vad) -> Mask:
    """Silero's regions of speech, in frames."""
    import numpy as np

    mask, times = np.zeros(frames, np.bool_), frame_times(frames)
    for region in silero_vad.speech_regions(silero, duration, vad):
        mask[np.searchsorted(times, region.start) : np.searchsorted(times, region.end)] = True
    return mask


def amplified(audio: Samples) -> Samples:
    """The sound, with a peak of half of full scale where it is very quiet.

    The networks take the level off, but not where the sound lies below what they add to avoid a division by zero,
    nor what the floor of the features has cut.
    """
    import numpy as np

    peak = max(abs(int(audio.max(initial=0))), abs(int(audio.min(initial=0))))
    if not 0 < peak < _QUIET * _FULL_SCALE:
        return audio
    amplified = np.empty_like(audio)
    for at in range(0, len(audio), _BLOCK):
        part = slice(at, at + _BLOCK)
        amplified[part] = audio[part] * (_FULL_SCALE / 2 / peak)
    return amplified
