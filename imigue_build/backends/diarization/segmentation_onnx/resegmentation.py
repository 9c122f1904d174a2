"""Which speaker each frame of speech belongs to, given the speakers' centroids; and who else speaks in overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.diarization.dvector.segmentation import best_path
from imigue_build.backends.diarization.segmentation_onnx.local_speakers import FRAME_SECONDS
from imigue_build.backends.speaker_embedding.embedding import unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.segmentation_onnx.local_speakers import LocalSegmentation
    from imigue_build.backends.diarization.segmentation_onnx.microphones import Positions
    from imigue_build.backends.diarization.segmentation_onnx.segments import Cover, Embeddings, Segments

    Labels = NDArray[np.int64]  # (frames,) a speaker's index, -1 where nobody speaks

_UNIT: Final = round(0.75 / FRAME_SECONDS)
"""Frames over which a cosine counts once."""
_CHANGE: Final = 0.08
"""Cost of a change of speaker within a segment, in units of the cosine over 0.75 s."""
_CHANGE_BETWEEN: Final = 0.03
"""The same from one segment to the next."""
_MICROPHONE: Final = 0.3
"""Weight of the microphone, beside the cosine."""
_SURE: Final = 0.2
"""Cosine by which a window is more like one speaker than like any other, where there is no doubt."""
_ROUNDS: Final = 2
_FADE: Final = 1.0
"""Seconds at which the weight of a frame has fallen to 1/e, where local speakers are identified."""


class Windows(NamedTuple):
    """Windows over segments of speech, and their embeddings; `owners` are the indices of their segments."""

    segments: Segments
    windows: Segments
    owners: NDArray[np.int64]  # (windows,)
    embeddings: Embeddings  # (windows, 192)


def doubtful(cover: Cover, embeddings: Embeddings, centroids: Embeddings) -> NDArray[np.bool_]:
    """(windows,) the windows between two others that may not have the same speaker: the places to look at closely.

    Args:
        cover: The windows.
        embeddings: (windows, 192) of those that are between no others; of the rest anything.
        centroids: (speakers, 192) unit rows.
    """
    import numpy as np

    found = cover.between.copy()
    at = np.flatnonzero(found)
    if len(centroids) < 2 or not len(at):
        return np.zeros_like(found)
    before, after = ((embeddings[side] @ centroids.T).astype(np.float64) for side in (at - 1, at + 1))
    best = before.argmax(axis=1)
    margin = np.minimum(_margin(before), _margin(after))
    found[at] = (best != after.argmax(axis=1)) | (margin < _SURE)
    return found


def _margin(cosines: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how much the most similar of at least two speakers is more similar than the next one."""
    import numpy as np

    ordered = np.sort(cosines, axis=1)
    return np.asarray(ordered[:, -1] - ordered[:, -2])


def resegment(
    frames: int, speech: Windows, centroids: Embeddings, positions: Positions | None = None
) -> tuple[Labels, Embeddings]:
    """The speaker of each frame by the best path (Viterbi), and the centroids that follow from it, in two rounds.

    Args:
        frames: Of the recording.
        speech: The windows over its speech; at least one.
        centroids: (speakers, 192) unit rows.
        positions: Into which of two microphones the speech of each frame goes; used in the second round.
    """
    import numpy as np

    labels = np.full(frames, -1, np.int64)
    lengths = speech.segments[:, 1] - speech.segments[:, 0]
    inside = np.concatenate([np.arange(first, last) for first, last in speech.segments])
    costs = np.full(len(inside), _CHANGE)
    costs[np.cumsum(lengths[:-1])] = _CHANGE_BETWEEN
    for _ in range(_ROUNDS):
        cosines = (speech.embeddings @ centroids.T).astype(np.float64) / _UNIT
        scores = np.stack([_frame_scores(speech, column) for column in cosines.T], axis=1)
        if positions is not None:
            places = _places(labels, positions, len(centroids))
            scores += np.outer(positions[inside], places) * (_MICROPHONE / _UNIT)
        labels[inside] = best_path(scores, costs)
        centroids = _centroids(labels, speech, centroids)
    return labels, centroids


def _frame_scores(speech: Windows, cosines: NDArray[np.float64]) -> NDArray[np.float64]:
    """One speaker's score for each frame of speech: interpolated between the centres of its segment's windows."""
    import numpy as np

    centres = speech.windows.mean(axis=1)
    bounds = np.searchsorted(speech.owners, np.arange(len(speech.segments) + 1))
    scores = [
        np.interp(np.arange(first, last) + 0.5, centres[begin:end], cosines[begin:end])
        for (first, last), begin, end in zip(speech.segments, bounds[:-1], bounds[1:], strict=True)
    ]
    return np.concatenate(scores)


def _centroids(labels: Labels, speech: Windows, previous: Embeddings) -> Embeddings:
    """Each speaker's mean over the windows that are wholly theirs; as before where there is none."""
    import numpy as np

    centroids = previous.copy()
    for speaker in range(len(previous)):
        count = np.concatenate([[0], np.cumsum(labels == speaker)])
        frames = count[speech.windows[:, 1]] - count[speech.windows[:, 0]]
        pure = frames == speech.windows[:, 1] - speech.windows[:, 0]
        if pure.any():
            centroids[speaker] = unit_rows((speech.embeddings[pure] * frames[pure, None]).sum(axis=0))
    return centroids


def _places(labels: Labels, positions: Positions, speakers: int) -> NDArray[np.float64]:
    """(speakers,) the mean position of each one's frames; 0 where there is none yet."""
    import numpy as np

    spoken = labels >= 0
    sums = np.bincount(labels[spoken], positions[spoken], minlength=speakers)
    return np.asarray(sums / np.maximum(np.bincount(labels[spoken], minlength=speakers), 1), np.float64)


def assign_overlap(
    local: LocalSegmentation, labels: Labels, overlap: NDArray[np.bool_], speakers: int
) -> NDArray[np.bool_]:
    """(frames, speakers) who speaks; in overlap the two speakers with most votes.

    In each window that holds a frame, an active local speaker votes for those speakers whose labels the frames
    near by have in which it talks alone.

    Args:
        local: The local segmentation.
        labels: The one speaker of each frame.
        overlap: (frames,) where two speak.
        speakers: How many there are.
    """
    import numpy as np

    active: NDArray[np.bool_] = labels[:, None] == np.arange(speakers)
    if speakers < 2 or not overlap.any():
        return active
    votes = np.zeros((len(labels), speakers), np.float32)
    times = np.arange(local.length) * FRAME_SECONDS / _FADE
    for first, activity in local.activity():
        window = slice(first, first + local.length)
        at = np.flatnonzero(overlap[window])
        if not len(at):
            continue
        alone = active[window] & ~overlap[window, None]
        weight = np.exp(-np.abs(times[at, None] - times[None])).astype(np.float32)  # (overlap, frames)
        for own in activity.T:
            shares = weight @ (alone * own[:, None])
            votes[first + at] += own[at, None] * shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-6)
    two = np.argsort(-votes[overlap], axis=1, kind="stable")[:, :2]
    both = np.zeros((len(two), speakers), np.bool_)
    np.put_along_axis(both, two, True, axis=1)
    voted = np.take_along_axis(votes[overlap], two, axis=1)[:, 1] > 0
    active[overlap] = np.where(voted[:, None], both, active[overlap])
    return active
