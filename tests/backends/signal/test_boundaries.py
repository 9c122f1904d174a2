"""Refined boundaries of words and phones, next to pauses and between phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal.boundaries import MIN_PAUSE, PhoneSpan, refine

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples


def sound(*spans: tuple[float, float], seconds: float = 2.0, noise: float = 30.0) -> Samples:
    """Noise, much louder within `spans`."""
    samples = np.random.default_rng(0).normal(0, noise, int(seconds * SAMPLE_RATE))
    for start, end in spans:
        samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)] *= 3000 / noise
    return samples.astype(np.int16)


@pytest.mark.parametrize("early", [-0.05, -0.02, 0.0, 0.02])
@pytest.mark.parametrize("late", [-0.02, 0.0, 0.03, 0.05])
def test_words_end_where_the_sound_does(early: float, late: float) -> None:
    spans = [PhoneSpan(0, "S", 0.5 + early, 0.7), PhoneSpan(0, "AH", 0.7, 0.9 + late)]
    first, last = refine(spans, sound((0.5, 0.9)))
    assert first.start == pytest.approx(0.5, abs=0.006)
    assert last.end == pytest.approx(0.9, abs=0.006)


def test_a_pause_between_words_belongs_to_neither() -> None:
    spans = [PhoneSpan(0, "N", 0.5, 0.93), PhoneSpan(1, "S", 1.07, 1.5)]
    first, second = refine(spans, sound((0.5, 0.9), (1.1, 1.5)))
    assert first.end == pytest.approx(0.9, abs=0.006)
    assert second.start == pytest.approx(1.1, abs=0.006)


def test_the_models_boundary_is_kept_if_speech_is_no_louder_than_the_pause() -> None:
    spans = [PhoneSpan(0, "S", 0.5, 0.7), PhoneSpan(1, "AH", 0.9, 1.2)]
    assert refine(spans, sound()) == spans
    assert refine(spans, np.zeros(2 * SAMPLE_RATE, dtype=np.int16)) == spans


def test_adjacent_phones_stay_adjacent() -> None:
    spans = [PhoneSpan(0, "N", 0.0, 0.5), PhoneSpan(1, "EY", 0.5, 1.0), PhoneSpan(1, "M", 1.0, 2.0)]
    nasal, vowel, last = refine(spans, sound())
    assert 0.47 < nasal.end == vowel.start < 0.5  # found late between a nasal and a diphthong
    assert 1.0 < vowel.end == last.start < 1.03  # and early where it goes back


def test_a_gap_shorter_than_any_silence_is_closed() -> None:
    gap = MIN_PAUSE / 2
    spans = [PhoneSpan(0, "", 0.0, 1.0), PhoneSpan(1, "", 1.0 + gap, 2.0)]
    assert [(span.start, span.end) for span in refine(spans, sound())] == [(0.0, 1.0 + gap / 2), (1.0 + gap / 2, 2.0)]


def test_nothing_gets_shorter_than_10_ms() -> None:
    for phones in (("T", "EY"), ("EY", "Y"), ("N", "EY"), ("AH", "L")):
        spans = [PhoneSpan(0, phones[0], 0.5, 0.53), PhoneSpan(0, phones[1], 0.53, 0.56), PhoneSpan(1, "EY", 0.7, 0.73)]
        for span in refine(spans, sound((0.51, 0.515), (0.55, 0.552), (0.712, 0.715))):
            assert span.end - span.start >= 0.0099


def test_nothing_in_nothing_out() -> None:
    assert refine([], sound()) == []
