"""Windows that name speakers each in its own order: what they agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imigue_build.backends.diarization.segmentation_onnx.local_speakers import (
    STEP_FRAMES,
    WINDOW_FRAMES,
    LocalSegmentation,
    same_speaker,
    segment,
    speaker_changes,
)
from imigue_build.backends.diarization.segmentation_onnx.resegmentation import (
    Windows,
    assign_overlap,
    doubtful,
    resegment,
)
from imigue_build.backends.diarization.segmentation_onnx.segments import (
    cut,
    embed,
    fill_gaps,
    half_overlapping_windows,
    segments_of,
    subdivide,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.segmentation_onnx.networks import Networks

ORDERS = ((0, 1), (1, 0), (2, 0), (1, 2))
"""Names that a window gives to the first and the second voice."""
CENTROIDS = np.eye(4, dtype=np.float32)
PAIR = {frozenset((0, 1)): 4, frozenset((0, 2)): 5, frozenset((1, 2)): 6}


def segmented(truth: NDArray[np.int64]) -> LocalSegmentation:
    """Sure windows over frames of 0 nobody, 1 the first voice, 2 the second, 3 both."""
    first = np.unique(np.append(np.arange(0, len(truth) - WINDOW_FRAMES, STEP_FRAMES), len(truth) - WINDOW_FRAMES))
    classes = np.zeros((len(first), WINDOW_FRAMES, 7), np.float16)
    for row, start in enumerate(first):
        one, other = ORDERS[row % len(ORDERS)]
        names = np.array([0, 1 + one, 1 + other, PAIR[frozenset((one, other))]])
        classes[row, np.arange(WINDOW_FRAMES), names[truth[start : start + WINDOW_FRAMES]]] = 1
    return LocalSegmentation(len(truth), first, classes)


def truth() -> NDArray[np.int64]:
    """A recording of 1,200 frames: voice 1, pause, voice 2, both, voice 1, voice 2, pause."""
    return np.repeat([0, 1, 0, 2, 3, 1, 2, 0], [20, 200, 30, 250, 40, 300, 330, 30])


def test_speech_overlap_and_changes_do_not_depend_on_names() -> None:
    what = truth()
    found = segmented(what)
    assert np.array_equal(found.speech() > 0.5, what > 0)
    assert np.array_equal(found.overlap() > 0.5, what == 3)
    spoken = (what > 0) & (what < 3)
    assert speaker_changes(found, spoken).tolist() == [250, 540, 840]


def test_a_change_that_few_windows_see_is_none() -> None:
    found = segmented(np.full(1200, 1))
    at = int(found.first[2])
    found.classes[2, 300:, :] = 0
    found.classes[2, 300:, 2] = 1
    assert speaker_changes(found, np.ones(1200, bool)).size == 0
    assert at > 0


def test_same_speaker_says_yes_no_and_nothing() -> None:
    what = np.concatenate([truth(), np.full(1200, 1)])
    parts = np.array([[20, 120], [120, 220], [250, 350], [2200, 2300]])
    found = same_speaker(segmented(what), parts)
    np.testing.assert_allclose(found[0], [1, 1, -1, 0], atol=1e-3)
    np.testing.assert_allclose(found, found.T)


def test_both_speakers_are_named_in_overlap() -> None:
    what = truth()
    labels = np.array([-1, 0, 1, 1])[what]
    who = assign_overlap(segmented(what), labels, what == 3, 3)
    assert who[what == 3].tolist() == [[True, True, False]] * 40
    assert np.array_equal(who[what != 3, 0], what[what != 3] == 1)
    alone = assign_overlap(segmented(what), np.where(what > 0, 0, -1), what == 3, 1)
    assert alone[what == 3].all()


def test_each_frame_gets_the_voice_of_its_windows() -> None:
    segments = np.array([[0, 400], [400, 900]])
    windows, owners, _ = half_overlapping_windows(segments, 118)
    true = (windows.mean(axis=1) > 300).astype(np.int64)  # the change at 300 lies within a stretch
    labels, centroids = resegment(1000, Windows(segments, windows, owners, CENTROIDS[true]), CENTROIDS[:2])
    assert set(labels[:270]) == {0}
    assert set(labels[330:900]) == {1}
    assert set(labels[900:]) == {-1}
    np.testing.assert_allclose(centroids, CENTROIDS[:2])


@pytest.mark.parametrize("samples", [0, 1, 500, 3200, 80_000, 160_000, 160_001, 250_000])
def test_windows_cover_every_recording(samples: int) -> None:
    class CountingNetworks:
        """A fake: tells of each frame whether its window has any sound."""

        windows = 0

        def segmentation(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
            self.windows += len(sound)
            found = np.zeros((len(sound), WINDOW_FRAMES, 7), np.float32)
            found[:, :, 0] = 0.25
            found[:, :, 1] = np.where(sound.any(axis=1), 0.75, 0.0)[:, None]
            return found

    counting = CountingNetworks()
    networks: Networks = counting  # type: ignore[assignment]
    found = segment(np.full(samples, 100, np.int16), networks)
    assert counting.windows <= len(found.first) + 1  # hardly any window is run for nothing
    assert found.first[0] == 0
    assert found.first[-1] + WINDOW_FRAMES == found.frames
    assert (found.frames - 1) * 270 + 991 >= samples
    np.testing.assert_allclose(found.speech(), 0.75, rtol=1e-3)


def test_segments() -> None:
    mask = np.array([0, 1, 1, 0, 1, 0, 0, 0, 1, 0], bool)
    assert segments_of(mask).tolist() == [[1, 3], [4, 5], [8, 9]]
    assert segments_of(fill_gaps(mask, 1)).tolist() == [[1, 5], [8, 9]]
    assert cut(np.array([[0, 10], [12, 15]]), np.array([4, 10, 12])).tolist() == [[0, 4], [4, 10], [12, 15]]
    assert subdivide(np.array([[0, 10], [12, 15]]), 4).tolist() == [[0, 3], [3, 6], [6, 10], [12, 15]]
    windows, owners, between = half_overlapping_windows(np.array([[0, 10], [12, 15]]), 4)
    assert windows.tolist() == [[0, 3], [1, 5], [3, 6], [5, 8], [6, 10], [12, 15]]
    assert owners.tolist() == [0, 0, 0, 0, 0, 1]
    assert between.tolist() == [False, True, False, True, False, False]


def test_only_where_a_speaker_may_change_is_a_window_between_two_others_embedded() -> None:
    cover = half_overlapping_windows(np.array([[0, 50], [60, 70]]), 10)
    sure, unsure, missing = CENTROIDS[:2], np.array([0.8, 0.7, 0, 0], np.float32), np.full(4, np.nan, np.float32)
    parts = iter([sure[0], sure[0], sure[1], sure[1], unsure, sure[0]])
    embeddings = np.stack([missing if between else next(parts) for between in cover.between])
    found = doubtful(cover, embeddings, CENTROIDS[:2])
    assert [cover.segments[at].tolist() for at in np.flatnonzero(found)] == [[15, 25], [35, 45]]
    assert not doubtful(cover, embeddings, CENTROIDS[:1]).any()
    assert not doubtful(half_overlapping_windows(np.array([[0, 5]]), 10), sure[:1], sure).any()


def test_embeddings_come_as_the_segments_were_given() -> None:
    class LevelNetworks:
        """A fake: an embedding that says how many frames of features there were."""

        def embeddings(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
            self.calls = getattr(self, "calls", 0) + 1
            found = np.ones((1, 192), np.float32)
            found[0, 0] = features.shape[1]
            return found

    fake = LevelNetworks()
    networks: Networks = fake  # type: ignore[assignment]
    parts = np.array([[60, 118], [0, 60], [60, 118], [2, 3], [0, 100]])
    audio = np.random.default_rng(0).integers(-99, 99, 40_000).astype(np.int16)
    found = embed(audio, parts, networks)
    assert fake.calls == 4
    assert np.argsort(found[:, 0], kind="stable").tolist() == [3, 0, 2, 1, 4]
    assert found[0, 0] == found[2, 0]
