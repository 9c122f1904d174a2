"""Boundaries between frames, on made-up likelihoods of two phones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.backends.acoustic_model import between_frames
from imigue_build.backends.acoustic_model.between_frames import placed_between_frames
from imigue_build.backends.acoustic_model.model import FRAME
from imigue_build.backends.acoustic_model.text_decoder import LAG
from imigue_build.backends.signal.boundaries import PhoneSpan


@pytest.fixture(autouse=True, scope="module")
def two_phones() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(between_frames, "phones", lambda: ("AA", "B"))
        yield


def spans(*bounds: int, phones: str = "AA B AA B") -> list[PhoneSpan]:
    """Phones between frames."""
    times = [frame * FRAME + LAG for frame in bounds]
    return [PhoneSpan(0, name, *both) for name, both in zip(phones.split(), pairwise(times), strict=False)]


def likelihoods(*differences: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """What AA has more than B in each frame."""
    return np.array([[difference, 0.0] for difference in differences], np.float32)


@pytest.mark.parametrize(
    ("differences", "boundary"),
    [
        ((5, 5, 5, 5, -5, -5, -5, -5), 4.0),
        ((5, 5, 5, 5, 5, -5, -5, -5), 4.5),
        ((5, 5, 5, 3, -1, -5, -5, -5), 4.125),
        ((5, 5, 5, 1, -3, -5, -5, -5), 3.875),
        ((5, 5, 5, 5, 5, 5, 5, 5), 4.0),
        ((-5, -5, -5, -5, -5, -5, -5, -5), 4.0),
    ],
    ids=["agreed", "a frame later", "later within the frame", "earlier within it", "no passage", "none at all"],
)
def test_the_places_of_the_decoder_and_of_the_likelihoods_are_averaged(
    differences: tuple[float, ...], boundary: float
) -> None:
    first, second = placed_between_frames(spans(0, 4, 8), likelihoods(*differences))
    assert (first.end - LAG) / FRAME == pytest.approx(boundary)
    assert second.start == first.end
    assert (first.start, second.end) == (LAG, 8 * FRAME + LAG)


def test_across_a_pause_and_beside_a_word_without_phones_nothing_moves() -> None:
    sure = likelihoods(*[5] * 5, *[-5] * 5)
    apart = [*spans(0, 4), *spans(5, 9, phones="B")]
    assert placed_between_frames(apart, sure) == apart
    whole = [PhoneSpan(0, "", LAG, 4 * FRAME + LAG), PhoneSpan(1, "", 4 * FRAME + LAG, 9 * FRAME + LAG)]
    assert placed_between_frames(whole, sure) == whole
    assert placed_between_frames([], sure) == []


@given(
    lengths=st.lists(st.integers(1, 6), min_size=2, max_size=4),
    differences=st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=24),
)
def test_phones_stay_in_order_and_keep_a_third_of_their_length(lengths: list[int], differences: list[float]) -> None:
    """Also where the likelihoods end before the phones do."""
    before = spans(*np.cumsum([0, *lengths]).tolist())
    found = placed_between_frames(before, likelihoods(*differences))
    for old, new in zip(before, found, strict=True):
        assert new.end - new.start >= (old.end - old.start) / 3 - 1e-9
    assert [span.end for span in found[:-1]] == [span.start for span in found[1:]]
