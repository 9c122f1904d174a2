"""Clustering of made-up voices: the number of speakers, free, bounded and given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imigue_build.backends.diarization.segmentation_onnx.linkage import find_speakers
from imigue_build.backends.speaker_embedding.embedding import unit_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAW = np.random.default_rng(7)
SPEAKERS = unit_rows(DRAW.normal(size=(6, 192)).astype(np.float32))


def pieces(counts: tuple[int, ...], noise: float = 0.065) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Embeddings of `counts[k]` pieces of speaker k, shuffled; two of one speaker have a cosine near 0.55."""
    who = np.random.default_rng(1).permutation(np.repeat(np.arange(len(counts)), counts))
    rows = SPEAKERS[who] + np.random.default_rng(2).normal(0, noise, (len(who), 192))
    return unit_rows(rows.astype(np.float32)), who


def found(
    voices: NDArray[np.float32], bounds: tuple[int, int], seconds: float = 1.5, bonus: float = 0.0
) -> NDArray[np.float32]:
    size = len(voices)
    return find_speakers(voices, np.full(size, seconds), np.full((size, size), bonus, np.float32), bounds)


@pytest.mark.parametrize("counts", [(1,), (30,), (20, 20), (40, 3), (12, 9, 7, 5)])
def test_free_number(counts: tuple[int, ...]) -> None:
    voices, _ = pieces(counts)
    speakers = found(voices, (1, 8))
    assert len(speakers) == len(counts)
    likest = (speakers @ SPEAKERS.T).argmax(axis=1)
    assert sorted(likest.tolist()) == list(range(len(counts)))


def test_a_bad_channel_lowers_all_similarities_and_changes_nothing() -> None:
    voices, _ = pieces((25, 25), noise=0.1)
    assert float((voices @ voices.T)[~np.eye(50, dtype=bool)].max()) < 0.7
    assert len(found(voices, (1, 8))) == 2


def test_bounds_and_given_numbers() -> None:
    voices, _ = pieces((14, 12, 10, 8))
    assert [len(found(voices, bounds)) for bounds in ((1, 3), (2, 2), (4, 4), (1, 1))] == [3, 2, 4, 1]
    close, who = pieces((15, 15))
    mixed = unit_rows(close + 1.0 * SPEAKERS[2])  # two voices so alike that they are one when the number is free
    assert len(found(mixed, (1, 8))) == 1
    speakers = found(mixed, (2, 2))
    assert len(speakers) == 2
    nearest = (mixed @ speakers.T).argmax(axis=1)
    assert max((nearest == who).mean(), (nearest != who).mean()) > 0.9


def test_one_voice_is_not_parted_by_a_wrong_number() -> None:
    assert len(found(pieces((30,))[0], (3, 3))) < 3


def test_short_stray_pieces_are_no_speakers() -> None:
    voices, _ = pieces((20, 20, 1, 1))
    assert len(found(voices, (1, 8))) == 2


def test_order_of_pieces_and_repetition_change_nothing() -> None:
    voices, _ = pieces((15, 10, 5))
    assert np.array_equal(found(voices, (1, 8)), found(voices.copy(), (1, 8)))
    turned = found(voices[::-1].copy(), (1, 8))
    likest = (turned @ found(voices, (1, 8)).T).max(axis=1)
    np.testing.assert_allclose(likest, 1, atol=1e-4)


def test_what_local_speakers_say_can_join_and_part() -> None:
    voices, who = pieces((10, 10))
    same = np.where(who[:, None] == who, 0.1, -0.1).astype(np.float32)
    near = unit_rows(voices + 0.9 * SPEAKERS[3])
    seconds = np.full(20, 1.5)
    assert len(find_speakers(near, seconds, 3 * same, (1, 8))) >= len(find_speakers(near, seconds, 0 * same, (1, 8)))
    assert len(find_speakers(voices, seconds, np.full((20, 20), 0.5, np.float32), (1, 8))) == 1
