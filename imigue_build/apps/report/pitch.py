"""The fundamental frequency of a voice, coarse enough to be kept in a page: a byte every `STEP` seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]
    Frames = NDArray[np.float32]

STEP: Final = 0.02
"""Seconds from one value to the next; the first is of the middle of the first frame."""
LOWEST: Final = 65.0
HIGHEST: Final = 500.0
"""The frequencies, in Hz, of the values 1 and 255, on a logarithmic scale; 0 is no voice."""
FRAME: Final = 0.04
"""Seconds of a frame: two periods of the lowest voice and some."""
_DOWN: Final = 9
_RATE: Final = 4900
"""Hz at which voices are measured: a ninth of the release's rate."""
_FFT: Final = 512
_QUIET: Final = 40.0
"""RMS of 16-bit samples below which nobody is heard."""
_VOICED: Final = 0.5
"""Autocorrelation from which a frame has a voice."""
_OCTAVE: Final = 0.02
"""Taken from the autocorrelation for each octave below the highest frequency: of equals the higher counts."""


class Tracker:
    """Measures sound that comes in blocks of 44.1 kHz, each a whole number of `STEP`s."""

    def __init__(self) -> None:
        import numpy as np

        self._rest: Frames = np.zeros(0, np.float32)
        self._found: list[NDArray[np.uint8]] = []

    def add(self, block: Samples) -> None:
        """Measures the frames that end in this block."""
        import numpy as np
        from scipy.signal import resample_poly

        lower = resample_poly(block.astype(np.float32), 1, _DOWN)
        sound = np.concatenate([self._rest, lower.astype(np.float32)])
        width, step = round(FRAME * _RATE), round(STEP * _RATE)
        if len(sound) < width:
            self._rest = sound
            return
        frames = np.lib.stride_tricks.sliding_window_view(sound, width)[::step]
        self._rest = sound[len(frames) * step :]
        self._found.append(_measured(frames))

    def values(self) -> bytes:
        """One value a frame."""
        return b"".join(values.tobytes() for values in self._found)


def _measured(frames: Frames) -> NDArray[np.uint8]:
    """The values of frames, by the highest peak of their autocorrelation (after Boersma, 1993)."""
    import numpy as np

    window = np.hanning(frames.shape[1] + 2)[1:-1].astype(np.float32)
    centred = frames - frames.mean(axis=1, keepdims=True)
    loud = np.sqrt((centred**2).mean(axis=1)) > _QUIET
    found = np.zeros(len(frames), np.uint8)
    if not loud.any():
        return found
    shape = _autocorrelation(window[None, :])[0]
    similar = _autocorrelation(centred[loud] * window)
    similar = similar / np.maximum(similar[:, :1], 1e-9) / (shape / shape[0])
    first, last = int(_RATE / HIGHEST), int(_RATE / LOWEST) + 1
    lags = np.arange(first, last + 1)
    strength = similar[:, first : last + 1] - _OCTAVE * np.log2(lags * HIGHEST / _RATE)
    best = np.clip(strength.argmax(axis=1), 1, len(lags) - 2)
    rows = np.arange(len(best))
    before, peak, after = (strength[rows, best + shift] for shift in (-1, 0, 1))
    curve = before - 2 * peak + after
    shift = np.where(curve < 0, 0.5 * (before - after) / np.where(curve < 0, curve, 1), 0)
    frequency = _RATE / (lags[best] + np.clip(shift, -0.5, 0.5))
    octaves = np.log2(frequency / LOWEST) / np.log2(HIGHEST / LOWEST)
    voiced = (peak > _VOICED) & (peak >= before) & (peak >= after)
    found[loud] = np.where(voiced, np.clip(np.rint(1 + 254 * octaves), 1, 255), 0)
    return found


def _autocorrelation(frames: Frames) -> Frames:
    import numpy as np

    spectrum = np.fft.rfft(frames, _FFT)
    similar: Frames = np.fft.irfft(np.abs(spectrum) ** 2, _FFT)[:, : _FFT // 2].astype(np.float32)
    return similar
