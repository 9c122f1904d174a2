"""Assigns speech to speakers, given their centroids.

Every window is scored by its cosine with each centroid. The best path through the scores (Viterbi) pays for every
speaker change, less at a pause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imigue_build.backends.speaker_embedding.embedding import unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.dvector.windows import Speech, Windows

    Labels = NDArray[np.int64]  # speaker indices
    Centroids = NDArray[np.float32]  # (speakers, size), unit rows

CHANGE: Final = 4.0
"""Cost of a speaker change within a region: an advantage of 0.2 in cosine for 0.2 s."""
CHANGE_AT_PAUSE: Final = 1.5
"""Cost of a speaker change between regions."""
_PURE: Final = 0.9
_ROUNDS: Final = 3


def best_path(scores: NDArray[np.float64], costs: NDArray[np.float64]) -> Labels:
    """The labels with the highest sum of scores minus the costs of changes (Viterbi).

    Args:
        scores: (steps, speakers).
        costs: (steps,) of a change before the step; the first is not used.
    """
    import numpy as np

    steps, speakers = scores.shape
    if speakers == 1:
        return np.zeros(steps, np.int64)
    backpointers = np.empty((steps, speakers), np.int8)
    own = np.arange(speakers, dtype=np.int8)
    total = scores[0].copy()
    for step in range(1, steps):
        best = int(total.argmax())
        change = total[best] - costs[step]
        keeps = total >= change
        backpointers[step] = np.where(keeps, own, best)
        total = np.where(keeps, total, change) + scores[step]
    path = np.empty(steps, np.int64)
    path[-1] = total.argmax()
    for step in range(steps - 1, 0, -1):
        path[step - 1] = backpointers[step, path[step]]
    return path


def owned_frames(speech: Speech) -> NDArray[np.int64]:
    """(short windows, 2): the frames nearest to each window's centre, as first and end frame."""
    import numpy as np

    windows, regions = speech.short, speech.regions
    middle = np.floor((windows.centre[:-1] + windows.centre[1:]) / 2).astype(np.int64)
    new = np.flatnonzero(np.diff(windows.region)) + 1
    first = np.concatenate([[0], middle])
    last = np.concatenate([middle, [0]])
    first[np.concatenate([[0], new])] = regions[windows.region[np.concatenate([[0], new])], 0]
    last[np.concatenate([new - 1, [-1]])] = regions[windows.region[np.concatenate([new - 1, [-1]])], 1]
    return np.stack([first, last], axis=1)


def coarse_labels(speech: Speech, centroids: Centroids) -> Labels:
    """(short windows,) the best path over the short windows."""
    import numpy as np

    owned = owned_frames(speech)
    scores = (speech.short.embedding @ centroids.T).astype(np.float64) * (owned[:, 1] - owned[:, 0])[:, None]
    pauses = np.diff(speech.short.region, prepend=-1) > 0
    return best_path(scores, np.where(pauses, CHANGE_AT_PAUSE, CHANGE))


def fine_labels(speech: Speech, centroids: Centroids) -> list[Labels]:
    """For each region the labels of its frames, from scores interpolated between window centres."""
    import numpy as np

    windows = speech.short
    scores = (windows.embedding @ centroids.T).astype(np.float64)
    bounds = np.searchsorted(windows.region, np.arange(len(speech.regions) + 1))
    scores_of_regions, costs = [], []
    for index, (first, last) in enumerate(speech.regions):
        inside = slice(bounds[index], bounds[index + 1])
        times = np.arange(first, last) + 0.5
        columns = [np.interp(times, windows.centre[inside], scores[inside, k]) for k in range(len(centroids))]
        scores_of_regions.append(np.stack(columns, axis=1))
        cost = np.full(last - first, CHANGE)
        cost[0] = CHANGE_AT_PAUSE
        costs.append(cost)
    path = best_path(np.concatenate(scores_of_regions), np.concatenate(costs))
    return np.split(path, np.cumsum([len(region) for region in scores_of_regions])[:-1])


def majority(speech: Speech, labels: Labels, windows: Windows, speakers: int) -> tuple[Labels, NDArray[np.float64]]:
    """For each window the majority speaker of its frames, and that speaker's share of the frames."""
    import numpy as np

    owned = owned_frames(speech)
    counts = np.zeros((speech.regions[-1, 1] + 1, speakers), np.int32)
    frames = np.concatenate([np.arange(first, last) for first, last in owned])
    counts[frames + 1, np.repeat(labels, owned[:, 1] - owned[:, 0])] = 1
    np.cumsum(counts, axis=0, out=counts)
    within = counts[windows.start + windows.length] - counts[windows.start]
    return within.argmax(axis=1), within.max(axis=1) / windows.length


def refine(speech: Speech, centroids: Centroids) -> tuple[Labels, Centroids]:
    """Alternates between labels and centroids for a few rounds; speakers without windows are dropped.

    Returns:
        (short windows,) labels, and the (speakers, size) centroids that they were found with.
    """
    import numpy as np

    for _ in range(_ROUNDS):
        labels = coarse_labels(speech, centroids)
        speaker, share = majority(speech, labels, speech.short, len(centroids))
        pure = share >= _PURE
        members = [speech.short.embedding[pure & (speaker == k)] for k in range(len(centroids))]
        means = [rows.mean(axis=0) for rows in members if len(rows)]
        if not means:
            break
        centroids = unit_rows(np.stack(means))
    return coarse_labels(speech, centroids), centroids
