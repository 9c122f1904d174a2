"""Mel-frequency cepstral coefficients (MFCC), as used to train pocketsphinx's English model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples

    Cepstra = NDArray[np.float64]  # (frames, COEFFICIENTS)
    Spectra = NDArray[np.float64]  # (frames, FILTERS), power

FRAMES_PER_SECOND: Final = 100
COEFFICIENTS: Final = 13
FILTERS: Final = 25
_SHIFT: Final = SAMPLE_RATE // FRAMES_PER_SECOND  # samples
_WINDOW: Final = 410  # samples, 25.6 ms
_FFT: Final = 512
_LOWEST, _HIGHEST = 130.0, 6800.0  # Hz, edges of the filter bank
_PREEMPHASIS: Final = 0.97
_LIFTER: Final = 22


def cepstra(audio: Samples) -> Cepstra:
    """MFCCs without mean normalisation.

    They equal those of pocketsphinx's front end (`feat.params` of the model): pre-emphasis, Hamming
    windows every 10 ms, mel filters, noise suppression, logarithm, liftered cosine transform.

    Args:
        audio: (samples,) 16-bit PCM at 16 kHz.

    Returns:
        (frames, COEFFICIENTS); the last window is padded with zeros.
    """
    import numpy as np

    signal = audio.astype(np.float64)
    signal[1:] -= _PREEMPHASIS * audio[:-1]
    frames = max(0, 1 + (len(signal) - _WINDOW) // _SHIFT)
    if len(signal) > frames * _SHIFT:
        frames += 1
    if not frames:
        return np.zeros((0, COEFFICIENTS))
    signal = np.pad(signal, (0, _WINDOW))
    windows = np.lib.stride_tricks.sliding_window_view(signal, _WINDOW)[: frames * _SHIFT : _SHIFT]
    power = np.abs(np.fft.rfft(windows * np.hamming(_WINDOW), _FFT)) ** 2
    filters, transform = _mel_filters(), _cosine_transform()
    return np.asarray(np.log(_denoise(power @ filters.T) + 1e-4) @ transform.T)


def mean_normalised(utterances: Sequence[Cepstra], prior: float) -> list[Cepstra]:
    """Cepstral mean normalisation of a recording's utterances.

    The mean of an utterance is smoothed with the recording's mean, which counts as `prior` seconds:
    the mean of two seconds of speech reflects its words as much as the speaker.
    """
    import numpy as np

    voiced = [features for features in utterances if len(features)]
    if not voiced:
        return list(utterances)
    weight = prior * FRAMES_PER_SECOND
    mean = np.concatenate(voiced).mean(axis=0)
    return [x - (x.sum(axis=0) + weight * mean) / (len(x) + weight) if len(x) else x for x in utterances]


@cache
def _mel_filters() -> NDArray[np.float64]:
    """(FILTERS, FFT bins): triangular filters of unit area with corners at FFT bins."""
    import numpy as np

    lowest, highest = (2595 * math.log10(1 + hertz / 700) for hertz in (_LOWEST, _HIGHEST))
    mels = np.linspace(lowest, highest, FILTERS + 2)
    step = SAMPLE_RATE / _FFT
    corners = np.floor(700 * (10 ** (mels / 2595) - 1) / step + 0.5) * step
    low, middle, high = (corners[i : i + FILTERS, None] for i in range(3))
    hertz = np.arange(_FFT // 2 + 1) * step
    triangles = np.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle))
    return np.asarray(np.maximum(triangles, 0) * 2 / (high - low))


@cache
def _cosine_transform() -> NDArray[np.float64]:
    """(COEFFICIENTS, FILTERS): the orthonormal DCT with sinusoidal liftering."""
    import numpy as np

    order = np.arange(COEFFICIENTS)[:, None]
    cosines = np.cos(np.pi * order * (np.arange(FILTERS) + 0.5) / FILTERS) * np.sqrt(2 / FILTERS)
    cosines[0] /= np.sqrt(2)
    return np.asarray((1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER)) * cosines)


def _denoise(spectra: Spectra) -> Spectra:
    """Noise suppression on mel spectra: spectral minima tracking and temporal masking.

    After G. Doblinger, Computationally efficient speech enhancement by spectral minima tracking
    (1995), with the constants used in the training of the acoustic model.
    """
    import numpy as np

    size = spectra.shape[1]
    bands = np.arange(size)
    smoothing = (np.abs(bands[:, None] - bands) <= 4).astype(float)
    smoothing /= smoothing.sum(axis=1, keepdims=True)
    power = _smoothed(spectra)
    signal = np.maximum(power - _lower_envelope(power, spectra[0] / 20), 1.0)
    floor = _lower_envelope(signal, spectra[0] / 20)
    peak = _decaying_peak(signal)
    masked = np.where(signal < 0.85 * peak, 0.2 * peak, signal)
    gains = np.clip(np.maximum(masked, floor) / np.maximum(power, 1e-9), 1 / 20, 20)
    return np.asarray(spectra * (gains @ smoothing.T))


# Each value depends on the one before, so there is a loop over frames: it does only what must be done in one.


def _smoothed(spectra: Spectra) -> Spectra:
    """The running mean of each band."""
    smoothed, before = 0.3 * spectra, spectra[0]
    for frame in smoothed:
        frame += 0.7 * before
        before = frame
    return smoothed


def _lower_envelope(power: Spectra, before: NDArray[np.float64]) -> Spectra:
    """What is left below the power: it rises slowly and falls fast.

    Args:
        before: (FILTERS,), the envelope before the first frame.
    """
    import numpy as np

    envelope, rising = 0.5 * power, (1 - 0.995) * power
    for frame, slow, now in zip(envelope, rising, power, strict=True):
        frame += 0.5 * before
        slow += 0.995 * before
        np.copyto(frame, slow, where=now >= before)
        before = frame
    return envelope


def _decaying_peak(signal: Spectra) -> Spectra:
    """In each frame what the highest earlier values have decayed to."""
    import numpy as np

    decayed, peak = np.empty_like(signal), np.zeros(signal.shape[1])
    for frame, now in zip(decayed, signal, strict=True):
        np.multiply(peak, 0.85, out=frame)
        peak = np.maximum(frame, now)
    return decayed
