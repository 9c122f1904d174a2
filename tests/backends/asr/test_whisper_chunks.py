"""Where the speech of a recording is cut for Whisper."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from imigue_build.backends.asr.whisper.chunks import LONGEST, halves, speech_chunks
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal.silero_vad import CHUNK_SECONDS
from imigue_build.core.records import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples


def probabilities(*stretches: tuple[float, float]) -> NDArray[np.float32]:
    """Stretches of so many seconds of one probability each."""
    return np.concatenate([np.full(round(length / CHUNK_SECONDS), p, dtype=np.float32) for length, p in stretches])


def sound(heard: NDArray[np.float32], amplitude: int = 1000) -> Samples:
    samples = np.random.default_rng(0).normal(0, amplitude, round(len(heard) * CHUNK_SECONDS * SAMPLE_RATE))
    return samples.astype(np.int16)


def chunks(*stretches: tuple[float, float]) -> list[Span]:
    heard = probabilities(*stretches)
    return speech_chunks(sound(heard), heard)


def test_nothing_without_speech() -> None:
    assert chunks((60.0, 0.1)) == []
    assert chunks((5.0, 0.0), (0.1, 0.9), (5.0, 0.0)) == []  # a crack
    assert speech_chunks(np.zeros(0, np.int16), np.zeros(0, np.float32)) == []


def test_a_long_pause_is_left_out_and_a_short_one_kept() -> None:
    first, second = chunks((5.0, 0.0), (8.0, 0.9), (1.5, 0.0), (4.0, 0.9), (30.0, 0.0), (3.0, 0.9))
    assert 4.6 < first.start < 5.0 and 18.5 < first.end < 19.0
    assert 48.0 < second.start < 48.5 and second.end > 51.4


def test_a_long_stretch_is_cut_in_its_longest_pause() -> None:
    first, second = chunks((17.0, 0.9), (0.3, 0.0), (5.0, 0.9), (1.2, 0.0), (4.0, 0.9), (0.3, 0.0), (10.0, 0.9))
    assert first.end == second.start
    assert 22.3 < first.end < 23.5


def test_speech_without_a_pause_is_cut_where_the_sound_is_quietest() -> None:
    heard = probabilities((70.0, 0.99))
    audio = sound(heard)
    for dip in (20.0, 44.0):
        audio[int(dip * SAMPLE_RATE) : int((dip + 0.1) * SAMPLE_RATE)] //= 50
    cuts = [chunk.end for chunk in speech_chunks(audio, heard)[:-1]]
    assert len(cuts) == 2
    assert all(abs(cut - dip - 0.05) < 0.06 for cut, dip in zip(cuts, (20.0, 44.0), strict=True))


def test_halves_meet_in_a_pause_near_the_middle() -> None:
    heard = probabilities((1.0, 0.0), (9.0, 0.9), (0.5, 0.1), (11.0, 0.9))
    first, second = halves(sound(heard), heard, Span(0.0, 21.5))
    assert (first.start, second.end) == (0.0, 21.5)
    assert first.end == second.start and 10.0 < first.end < 10.5


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.3, 50), st.sampled_from([0.0, 0.1, 0.4, 0.9])), max_size=8))
def test_all_speech_is_in_chunks_that_whisper_takes(stretches: list[tuple[float, float]]) -> None:
    heard = np.append(probabilities((0.5, 0.0), *stretches), np.float32(0.0))
    audio = sound(heard)
    found = speech_chunks(audio, heard)
    assert all(0 < chunk.duration <= LONGEST for chunk in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    middles = (np.flatnonzero(heard >= 0.5) + 0.5) * CHUNK_SECONDS
    assert all(any(chunk.start <= time <= chunk.end for chunk in found) for time in middles)
    assert not found or (found[0].start >= 0 and found[-1].end <= len(audio) / SAMPLE_RATE)
