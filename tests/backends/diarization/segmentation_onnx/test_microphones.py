"""Two microphones are told from one, and from a stereo mix; they part voices and place the change between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imigue_build.backends.diarization.segmentation_onnx.local_speakers import FRAME_SECONDS
from imigue_build.backends.diarization.segmentation_onnx.microphones import microphone_positions
from imigue_build.backends.diarization.segmentation_onnx.resegmentation import Windows, resegment
from imigue_build.backends.diarization.segmentation_onnx.segments import half_overlapping_windows, subdivide
from imigue_build.core.records import NO_BALANCE, ChannelBalance

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAMES = 3000
TURNS = np.array([[0, 700], [700, 1000], [1000, 2400], [2400, 3000]])
PIECES = subdivide(TURNS, 118)
SPEAKER = (np.searchsorted(TURNS[:, 1], np.arange(FRAMES), side="right") % 2).astype(np.int64)


def balance(decibels: NDArray[np.float64]) -> ChannelBalance:
    """Every 20 ms, from decibels of each frame."""
    steps = np.minimum((np.arange(round(FRAMES * FRAME_SECONDS / 0.02)) * 0.02 / FRAME_SECONDS).astype(int), FRAMES - 1)
    return ChannelBalance(0.02, np.round(decibels[steps]).astype(np.int8).tobytes())


@pytest.mark.parametrize("places", [(-20, 20), (-6, 6), (2, 14), (-9, 1)])
def test_two_microphones(places: tuple[int, int]) -> None:
    """The channels may be recorded at different levels; where nobody speaks loudly there is no difference."""
    draw = np.random.default_rng(3)
    decibels = np.array(places)[SPEAKER] + draw.normal(0, 2, FRAMES)
    found = microphone_positions(balance(decibels), FRAMES, PIECES)
    assert found is not None
    assert ((found > 0) == (SPEAKER == 1)).mean() > 0.97


def test_one_sound_in_both_channels_one_voice_and_a_wide_mix_are_none() -> None:
    draw = np.random.default_rng(4)
    assert microphone_positions(NO_BALANCE, FRAMES, PIECES) is None
    for decibels in (
        np.full(FRAMES, 12.0),
        draw.normal(0, 8, FRAMES),
        np.where(SPEAKER == 1, 2.0, -2.0),
        np.interp(np.arange(FRAMES), [0, FRAMES], [-20, 20]),
        np.where(np.arange(FRAMES) < 100, 40.0, 0.0),
    ):
        assert microphone_positions(balance(decibels), FRAMES, PIECES) is None


def test_the_microphone_decides_where_voices_are_alike() -> None:
    """All windows are nearly as near to either voice; the change lies in a segment, between two windows' centres."""
    voices = np.eye(192, dtype=np.float32)[:2]
    segments = np.array([[0, 1500], [1500, FRAMES]])
    windows, owners, _ = half_overlapping_windows(segments, 118)
    own = SPEAKER[windows.mean(axis=1).astype(int)]
    embeddings = np.full((len(windows), 2), 0.69, np.float32)
    embeddings[np.arange(len(windows)), own] += 0.04
    speech = Windows(segments, windows, owners, np.pad(embeddings, ((0, 0), (0, 190))))
    positions = np.where(SPEAKER == 1, 1, -1).astype(np.float32)
    with_evidence, _ = resegment(FRAMES, speech, voices, positions)
    without, _ = resegment(FRAMES, speech, voices)
    assert (with_evidence != SPEAKER).sum() <= 6
    assert (with_evidence != SPEAKER).sum() < (without != SPEAKER).sum()
