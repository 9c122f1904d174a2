"""What a backend holds grows slowly with the length of a recording: three hours fit where a minute does."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal import silero_vad
from imigue_build.backends.speaker_embedding import embedding as speaker_embedding

Work = Callable[[NDArray[np.int16]], object]


def peak(work: Work, seconds: int) -> int:
    """Bytes at the peak, beside the recording itself."""
    audio = np.random.default_rng(3).normal(0, 3000, seconds * SAMPLE_RATE).astype(np.int16)
    tracemalloc.start()
    try:
        work(audio)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "most"),
    [
        (speaker_embedding.mel_spectrogram, 20_000),  # 100 frames of 40 numbers a second are its result
        (silero_vad.speech_probabilities, 2_000),
    ],
    ids=["mel", "vad"],
)
def test_bytes_by_second_of_recording(work: Work, most: int) -> None:
    work(np.zeros(SAMPLE_RATE, np.int16))  # what is loaded and cached at first use
    short, long = peak(work, 90), peak(work, 150)  # both longer than what is worked on at once
    assert (long - short) / 60 < most


@pytest.mark.parametrize("samples", [1, 159, 160, 399, 400, 401, 2 * 160_000 + 77])
def test_blocks_of_the_spectrogram_join_without_a_seam(samples: int) -> None:
    audio = np.random.default_rng(4).normal(0, 3000, samples).astype(np.int16)
    whole = np.concatenate([np.zeros(200), audio / 32768, np.zeros(400)]).astype(np.float32)
    mel = speaker_embedding.mel_spectrogram(audio)
    assert len(mel) == 1 + samples // 160
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    for frame in {0, len(mel) // 2, len(mel) - 1}:
        power = np.abs(np.fft.rfft(whole[frame * 160 : frame * 160 + 400] * taper)) ** 2
        np.testing.assert_allclose(mel[frame], power @ speaker_embedding._mel_bank().T, rtol=1e-4, atol=1e-6)
