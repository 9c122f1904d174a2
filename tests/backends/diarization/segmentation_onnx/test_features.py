"""Log mel energies against Kaldi's formulas, frame by frame."""

from __future__ import annotations

import numpy as np

from imigue_build.backends.diarization.segmentation_onnx.features import log_mel

AUDIO = np.random.default_rng(0).integers(-8000, 8000, 400 + 160 * 4 + 100).astype(np.int16)


def kaldi(frame: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    """80 energies of one frame of 400 samples in [-1, 1]."""
    frame = frame - frame.mean()
    frame = np.array([frame[0] * 0.03] + [frame[i] - 0.97 * frame[i - 1] for i in range(1, 400)])
    window = np.array([(0.5 - 0.5 * np.cos(2 * np.pi * i / 399)) ** 0.85 for i in range(400)])
    power = np.abs(np.fft.fft(np.pad(frame * window, (0, 112)))[:256]) ** 2
    lowest, highest = (1127 * np.log(1 + hz / 700) for hz in (20, 8000))
    step = (highest - lowest) / 81
    energies = []
    for channel in range(80):
        left, middle, right = (lowest + step * (channel + edge) for edge in range(3))
        energy = 0.0
        for index in range(256):
            mel = 1127 * np.log(1 + index * 31.25 / 700)
            if left < mel < right:
                energy += power[index] * ((mel - left) if mel <= middle else (right - mel)) / step
        energies.append(np.log(max(energy, 1.1920929e-07)))
    return energies


def test_frames_equal_kaldis() -> None:
    found = log_mel(AUDIO)
    assert found.shape == (5, 80)
    expected = [kaldi(AUDIO[first : first + 400] / 32768) for first in (0, 160, 640)]
    np.testing.assert_allclose(found[[0, 1, 4]], expected, atol=2e-4)


def test_silence_is_at_the_floor() -> None:
    np.testing.assert_allclose(log_mel(np.zeros(1000, np.int16)), np.log(1.1920929e-07), rtol=1e-6)
