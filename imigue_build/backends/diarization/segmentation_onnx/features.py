"""Log mel spectrogram as Kaldi computes it (`compute-fbank-feats`, without dither), 80 channels.

Frames of 25 ms every 10 ms; the mean taken off, pre-emphasis 0.97, the povey window, power spectrum
of 512 points, triangles between 20 and 8000 Hz. Samples are in [-1, 1].
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples

    Features = NDArray[np.float32]  # (frames, 80)

FRAME_SAMPLES: Final = 400
HOP_SAMPLES: Final = 160

_FFT: Final = 512
_CHANNELS: Final = 80
_LOWEST_HZ: Final = 20.0
_PREEMPHASIS: Final = 0.97
_FLOOR: Final = 1.1920929e-07
_FULL_SCALE: Final = 32768


def log_mel(audio: Samples) -> Features:
    """(1 + (samples - 400) // 160, 80) log mel energies; audio of at least 400 samples."""
    import numpy as np

    taper, bank = _taper(), _mel_bank()
    cut = np.lib.stride_tricks.sliding_window_view(audio, FRAME_SAMPLES)[::HOP_SAMPLES]
    frames = cut.astype(np.float32) / np.float32(_FULL_SCALE)
    frames -= frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    frames -= np.float32(_PREEMPHASIS) * before
    spectrum = np.fft.rfft(frames * taper, _FFT)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return np.asarray(np.log(np.maximum(power @ bank, np.float32(_FLOOR))), np.float32)


@cache
def _taper() -> NDArray[np.float32]:
    """The povey window: a Hann window to the power 0.85."""
    import numpy as np

    return np.asarray(np.hanning(FRAME_SAMPLES) ** 0.85, np.float32)


@cache
def _mel_bank() -> NDArray[np.float32]:
    """(257, 80) triangles with edges evenly spread on the mel scale, and linear in mel between them."""
    import numpy as np

    def mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(1127.0 * np.log(1.0 + hz / 700.0), np.float64)

    low, high = mel(np.array([_LOWEST_HZ, SAMPLE_RATE / 2]))
    edges = np.linspace(low, high, _CHANNELS + 2)
    bins = mel(np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    bank = np.maximum(0.0, np.minimum(rising, falling))
    bank[-1] = 0.0  # Kaldi leaves the last bin out
    return np.asarray(bank, np.float32)
