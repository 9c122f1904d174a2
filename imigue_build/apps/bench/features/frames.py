"""Frame-level descriptors of an utterance: spectrum, mel spectrum, MFCCs, loudness, pitch. Frames are 10 ms."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.core.extras import folder_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.sound import Signal

    Track = NDArray[np.float64]  # (frames,)

HOP: Final = 160
FRAMES_PER_SECOND: Final = SAMPLE_RATE // HOP
MELS: Final = 40
CEPSTRA: Final = 20
_WINDOW: Final = 400
_FFT: Final = 512
PITCH_HOP: Final = 2 * HOP
"""Samples between two pitch values: pitch changes slowly, and is the most expensive descriptor."""
_PITCH_WINDOW: Final = 1024
_PITCH_RANGE: Final = (60.0, 500.0)
_PITCH_STEP: Final = 0.2
"""Resolution of pYIN in semitones: four times as fast as its default of 0.1, with equal contour statistics."""
_ACTIVE_DB: Final = 40.0
"""Frames this far below the loud ones are pauses; leading and trailing ones are trimmed."""
_FLOOR: Final = 1e-10
_DYNAMIC_DB: Final = 80.0


class Pitch(NamedTuple):
    """The pitch, every 20 ms."""

    semitones: Track
    """Above 100 Hz; 0 where unvoiced."""
    voiced: NDArray[np.bool_]
    voicing: Track
    """Probability of voicing."""


class Frames(NamedTuple):
    """The descriptors of an utterance without leading and trailing silence."""

    loudness: Track
    """Level in dB."""
    active: NDArray[np.bool_]
    """Not a pause."""
    voiced: NDArray[np.bool_]
    pitch: Pitch
    spectral: dict[str, Track]
    """Shape of the spectrum, one value per frame each."""
    contrast: NDArray[np.float64]
    """(bands, frames) peak-to-valley, dB."""
    mel: NDArray[np.float64]
    """(MELS, frames) dB."""
    cepstra: NDArray[np.float64]
    """(CEPSTRA, frames)."""


def describe(signal: Signal) -> Frames:
    """The descriptors of a signal, (samples,) at 16 kHz."""
    _compile()
    return _describe(signal)


@cache
def _compile() -> None:
    """Compiles librosa's functions, or loads them, one process at a time.

    numba keeps what it compiled on the disk, some of it as soon as librosa is imported. Several processes that write
    there at once leave code that crashes ever after. So this module alone imports librosa, and here first.
    """
    import numpy as np
    from filelock import FileLock

    place = hashlib.sha256(os.fsencode(str(folder_of("librosa")))).hexdigest()[:16]
    with FileLock(Path(tempfile.gettempdir(), f"imigue-build-{os.getuid()}-{place}.lock")):
        _describe(np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE // 2).astype(np.float32))


def _describe(signal: Signal) -> Frames:
    import librosa
    import numpy as np

    spectrum = librosa.stft(signal, n_fft=_FFT, hop_length=HOP, win_length=_WINDOW)
    power = (spectrum.real.astype(np.float64) ** 2 + spectrum.imag.astype(np.float64) ** 2)[:, : -(-len(signal) // HOP)]
    loudness = _decibel(power.sum(axis=0))
    active = loudness > np.percentile(loudness, 98) - _ACTIVE_DB
    first, last = np.flatnonzero(active)[[0, -1]]
    inner = slice(int(first), int(last) + 1)
    power, loudness, active = power[:, inner], loudness[inner], active[inner]
    pitch = _pitch(signal[inner.start * HOP : inner.stop * HOP])
    voiced = pitch.voiced.repeat(PITCH_HOP // HOP)[: len(loudness)]
    mel = _decibel(librosa.feature.melspectrogram(S=power, sr=SAMPLE_RATE, n_mels=MELS, fmin=50))
    mel = np.maximum(mel, mel.max() - _DYNAMIC_DB)
    cepstra = librosa.feature.mfcc(S=mel, n_mfcc=CEPSTRA)
    magnitude = np.sqrt(power)
    contrast = librosa.feature.spectral_contrast(S=magnitude, sr=SAMPLE_RATE, n_bands=5)
    spectral = _spectral(power, magnitude)
    return Frames(loudness, active, voiced, pitch, spectral, contrast, mel, cepstra)


def _decibel(power: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(10 * np.log10(power + _FLOOR))


def _pitch(signal: Signal) -> Pitch:
    """The pitch by pYIN (Mauch and Dixon 2014)."""
    import librosa
    import numpy as np

    low, high = _PITCH_RANGE
    hertz, voiced, voicing = librosa.pyin(
        signal,
        fmin=low,
        fmax=high,
        sr=SAMPLE_RATE,
        frame_length=_PITCH_WINDOW,
        hop_length=PITCH_HOP,
        resolution=_PITCH_STEP,
    )
    semitones = 12 * np.log2(np.where(voiced, hertz, 100.0) / 100.0)
    return Pitch(semitones, np.asarray(voiced, np.bool_), np.asarray(voicing, np.float64))


def _spectral(power: NDArray[np.float64], magnitude: NDArray[np.float64]) -> dict[str, Track]:
    """The spectrum's shape; slopes, alpha ratio and Hammarberg index as in eGeMAPS (Eyben et al. 2016)."""
    import librosa
    import numpy as np

    hertz = librosa.fft_frequencies(sr=SAMPLE_RATE, n_fft=_FFT)

    def band(low: float, high: float) -> NDArray[np.bool_]:
        return np.asarray((hertz >= low) & (hertz < high))

    logs = _decibel(power)
    shares = magnitude / (magnitude.sum(axis=0) + _FLOOR)
    found = {
        "centroid": librosa.feature.spectral_centroid(S=magnitude, sr=SAMPLE_RATE)[0],
        "bandwidth": librosa.feature.spectral_bandwidth(S=magnitude, sr=SAMPLE_RATE)[0],
        "rolloff85": librosa.feature.spectral_rolloff(S=magnitude, sr=SAMPLE_RATE)[0],
        "rolloff25": librosa.feature.spectral_rolloff(S=magnitude, sr=SAMPLE_RATE, roll_percent=0.25)[0],
        "flatness": np.log(librosa.feature.spectral_flatness(S=magnitude)[0] + 1e-8),
        "alpha": _decibel(power[band(50, 1000)].sum(axis=0)) - _decibel(power[band(1000, 5000)].sum(axis=0)),
        "hammarberg": logs[band(0, 2000)].max(axis=0) - logs[band(2000, 5000)].max(axis=0),
        "flux": np.concatenate([[0.0], np.sqrt((np.diff(shares, axis=1) ** 2).sum(axis=0))]),
    }
    for name, low, high in (("slope0", 0, 500), ("slope500", 500, 1500), ("slope1500", 1500, 5000)):
        chosen = band(low, high)
        x = hertz[chosen] / 1000 - (hertz[chosen] / 1000).mean()
        found[name] = x @ (logs[chosen] - logs[chosen].mean(axis=0)) / (x @ x)
    return {name: np.asarray(track, np.float64) for name, track in found.items()}
