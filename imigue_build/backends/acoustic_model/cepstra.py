"""Mel-frequency cepstra as pocketsphinx's English model was trained on them."""

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
_SHIFT: Final = SAMPLE_RATE // FRAMES_PER_SECOND
_WINDOW: Final = 410  # samples, 25.6 ms
_FFT: Final = 512
_LOWEST, _HIGHEST = 130.0, 6800.0  # Hz, what the model was trained on
_PREEMPHASIS: Final = 0.97
_LIFTER: Final = 22


def cepstra(audio: Samples) -> Cepstra:
    """Mel-frequency cepstra as the acoustic model was trained on, without the mean taken off.

    They equal those of pocketsphinx's front end (`feat.params` of the model): pre-emphasis, Hamming
    windows every 10 ms, mel filters, noise suppression, logarithm, liftered cosine transform.

    Args:
        audio: (samples,) 16-bit PCM at 16 kHz.

    Returns:
        (frames, COEFFICIENTS), a last window filled up with zeros included.
    """
    import numpy as np

    sound = audio.astype(np.float64)
    sound[1:] -= _PREEMPHASIS * audio[:-1]
    frames = max(0, 1 + (len(sound) - _WINDOW) // _SHIFT)
    if len(sound) > frames * _SHIFT:
        frames += 1
    if not frames:
        return np.zeros((0, COEFFICIENTS))
    sound = np.pad(sound, (0, _WINDOW))
    windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[: frames * _SHIFT : _SHIFT]
    power = np.abs(np.fft.rfft(windows * np.hamming(_WINDOW), _FFT)) ** 2
    filters, transform = _mel_filters(), _cosine_transform()
    return np.asarray(np.log(_without_noise(power @ filters.T) + 1e-4) @ transform.T)


def normalised(spoken: Sequence[Cepstra], prior: float) -> list[Cepstra]:
    """The cepstra of a recording's utterances, each less its mean.

    The mean of an utterance is estimated together with `prior` seconds at the recording's mean:
    that of two seconds of speech alone says as much about its words as about the voice.
    """
    import numpy as np

    heard = [features for features in spoken if len(features)]
    if not heard:
        return list(spoken)
    weight = prior * FRAMES_PER_SECOND
    middle = np.concatenate(heard).mean(axis=0)
    return [x - (x.sum(axis=0) + weight * middle) / (len(x) + weight) if len(x) else x for x in spoken]


@cache
def _mel_filters() -> NDArray[np.float64]:
    """(FILTERS, frequencies): triangles of unit area whose corners lie on the FFT's frequencies."""
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
    """(COEFFICIENTS, FILTERS): the orthogonal cosine transform with a sine lifter."""
    import numpy as np

    order = np.arange(COEFFICIENTS)[:, None]
    cosines = np.cos(np.pi * order * (np.arange(FILTERS) + 0.5) / FILTERS) * np.sqrt(2 / FILTERS)
    cosines[0] /= np.sqrt(2)
    return np.asarray((1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER)) * cosines)


def _without_noise(spectra: Spectra) -> Spectra:
    """The mel spectra with the noise turned down: spectral minima tracking and temporal masking.

    After G. Doblinger, Computationally efficient speech enhancement by spectral minima tracking
    (1995), with the constants of the acoustic model's training.
    """
    import numpy as np

    size = spectra.shape[1]
    band = np.arange(size)
    near = (np.abs(band[:, None] - band) <= 4).astype(float)
    near /= near.sum(axis=1, keepdims=True)
    power, noise, floor, peak = spectra[0], spectra[0] / 20, spectra[0] / 20, np.zeros(size)
    gains = np.empty_like(spectra)
    for index, spectrum in enumerate(spectra):
        power = 0.7 * power + 0.3 * spectrum
        noise = _lower_envelope(power, noise)
        signal = np.maximum(power - noise, 1.0)
        floor = _lower_envelope(signal, floor)
        peak = 0.85 * peak
        masked = np.where(signal < 0.85 * peak, 0.2 * peak, signal)
        peak = np.maximum(peak, signal)
        gains[index] = np.clip(np.maximum(masked, floor) / np.maximum(power, 1e-9), 1 / 20, 20)
    return np.asarray(spectra * (gains @ near.T))


def _lower_envelope(power: NDArray[np.float64], envelope: NDArray[np.float64]) -> NDArray[np.float64]:
    """The envelope one frame on: it rises slowly and falls fast."""
    import numpy as np

    kept = np.where(power >= envelope, 0.995, 0.5)
    return np.asarray(kept * envelope + (1 - kept) * power)
