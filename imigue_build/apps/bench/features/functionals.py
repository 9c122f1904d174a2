"""The built-in features: statistics over the frames of an utterance. No model, no download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.apps.bench.features.frames import CEPSTRA, FRAMES_PER_SECOND, MELS, Frames, describe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.features.frames import Track
    from imigue_build.apps.bench.sound import Signal

REVISION: Final = 1
"""Increased with every change of values."""

_FULL: Final = (5, 25, 50, 75, 95)
_BRIEF: Final = (10, 90)
_MIN_FRAMES: Final = 4
"""With fewer frames, statistics are meaningless."""
_MODULATION_BANDS: Final = 8
_MODULATION_HZ: Final = ((0.5, 2.0), (2.0, 4.0), (4.0, 8.0), (8.0, 16.0))
_MODULATION_FFT: Final = 512
_PEAK_DB: Final = 3.0
_SMOOTH: Final = 9


def functionals(signal: Signal) -> dict[str, float]:
    """Name -> value of every feature of a signal, (samples,) at 16 kHz; the names are the same for every signal."""
    frames = describe(signal)
    return {
        **_pitch(frames),
        **_timing(frames),
        **_full("loudness", frames.loudness),
        **_brief("relative_loudness", frames.loudness - frames.loudness.max()),
        **_spectrum(frames),
        **_cepstra(frames),
        **_mel(frames),
    }


def _pitch(frames: Frames) -> dict[str, float]:
    """The contour over voiced frames, its steps, and voicing."""
    import numpy as np

    pitch = frames.pitch
    steps = np.diff(pitch.semitones)[pitch.voiced[1:] & pitch.voiced[:-1]]
    steps = steps if len(steps) else np.zeros(1)
    return {
        **_full("pitch", pitch.semitones[pitch.voiced]),
        **_full("voicing", pitch.voicing),
        "pitch_step_std": float(steps.std()),
        "pitch_step_p90": float(np.percentile(np.abs(steps), 90)),
        "pitch_rising": float((steps > 0).mean()),
    }


def _timing(frames: Frames) -> dict[str, float]:
    """Durations in seconds, rates per second: voiced segments and gaps, syllable-like peaks, pauses."""
    import numpy as np
    from scipy.signal import find_peaks

    seconds = len(frames.loudness) / FRAMES_PER_SECOND
    edges = np.flatnonzero(np.diff(np.concatenate([[0], frames.voiced.astype(np.int8), [0]])))
    lengths = np.diff(edges) / FRAMES_PER_SECOND
    window = np.hanning(_SMOOTH + 2)[1:-1]
    peaks, _ = find_peaks(np.convolve(frames.loudness, window / window.sum(), "same"), prominence=_PEAK_DB)
    return {
        "log_duration": float(np.log(seconds)),
        "active_share": float(frames.active.mean()),
        "voiced_share": float(frames.voiced.mean()),
        "voiced_rate": len(lengths[::2]) / seconds,
        "peak_rate": len(peaks) / seconds,
        **_spread("voiced", lengths[::2]),
        **_spread("gap", lengths[1::2]),
    }


def _spectrum(frames: Frames) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, track in frames.spectral.items():
        found |= _full(name, track[frames.active]) | _brief(f"voiced_{name}", _where_voiced(frames, track))
    for band, track in enumerate(frames.contrast):
        found |= _brief(f"contrast{band}", track)
    return found


def _cepstra(frames: Frames) -> dict[str, float]:
    from scipy.signal import savgol_filter

    width = min(9, len(frames.loudness) // 2 * 2 - 1)
    deltas = savgol_filter(frames.cepstra, width, polyorder=1, deriv=1)
    found: dict[str, float] = {}
    for order in range(CEPSTRA):
        track = frames.cepstra[order]
        found |= _full(f"mfcc{order}", track) | _brief(f"voiced_mfcc{order}", _where_voiced(frames, track))
        found[f"mfcc{order}_delta_std"] = float(deltas[order].std())
    return found


def _mel(frames: Frames) -> dict[str, float]:
    """The log mel spectrum by band, and the modulation spectrum of groups of bands."""
    import numpy as np

    found: dict[str, float] = {}
    for band in range(MELS):
        found |= _brief(f"mel{band:02d}", frames.mel[band])
    groups = frames.mel.reshape(_MODULATION_BANDS, MELS // _MODULATION_BANDS, -1).mean(axis=1)
    groups = groups - groups.mean(axis=1, keepdims=True)
    size = max(_MODULATION_FFT, groups.shape[1])
    power = np.abs(np.fft.rfft(groups, n=size, axis=1)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / FRAMES_PER_SECOND)
    total = power[:, (hertz > _MODULATION_HZ[0][0]) & (hertz < 20)].sum(axis=1) + 1e-9
    for low, high in _MODULATION_HZ:
        share = np.log(power[:, (hertz >= low) & (hertz < high)].sum(axis=1) / total + 1e-6)
        found |= {f"modulation{group}_{low:g}hz": float(value) for group, value in enumerate(share)}
    return found


def _where_voiced(frames: Frames, track: Track) -> Track:
    """The voiced frames; all frames if hardly any is voiced."""
    return track[frames.voiced] if frames.voiced.sum() >= _MIN_FRAMES else track


def _full(name: str, track: Track) -> dict[str, float]:
    """Mean, deviation, percentiles, slope, mean step and skewness; zeros for a track with hardly any frames."""
    import numpy as np

    if len(track) < _MIN_FRAMES:
        track = np.zeros(_MIN_FRAMES)
    centred = track - track.mean()
    return {
        **_common(name, track, _FULL),
        f"{name}_skewness": float((centred**3).mean() / (track.std() + 1e-8) ** 3),
    }


def _brief(name: str, track: Track) -> dict[str, float]:
    """Mean, deviation, 10th and 90th percentile, slope and mean step."""
    return _common(name, track, _BRIEF)


def _common(name: str, track: Track, percentiles: tuple[int, ...]) -> dict[str, float]:
    import numpy as np

    time = np.linspace(-1, 1, len(track))
    ranks = np.percentile(track, percentiles)
    return {
        f"{name}_mean": float(track.mean()),
        f"{name}_std": float(track.std()),
        **{f"{name}_p{rank}": float(value) for rank, value in zip(percentiles, ranks, strict=True)},
        f"{name}_slope": float(time @ (track - track.mean()) / max(time @ time, 1e-9)),
        f"{name}_step": float(np.abs(np.diff(track)).mean()),
    }


def _spread(name: str, lengths: NDArray[np.float64]) -> dict[str, float]:
    present = len(lengths) > 0
    return {
        f"{name}_mean": float(lengths.mean()) if present else 0.0,
        f"{name}_std": float(lengths.std()) if present else 0.0,
    }
