"""How many speakers there are, and their centroids: average linkage of segments of speech.

Clusters are merged by the mean similarity of their segments, weighted by duration. Merging stops at the first two
long clusters whose similarity is too low for one speaker. It is measured against the similarity within them, as a
bad channel lowers both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.speaker_embedding.embedding import unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.segmentation_onnx.segments import Embeddings

SAME_SPEAKER: Final = 0.54
"""Similarity of two clusters, over the similarity within them, from which on they are one speaker."""
_CERTAIN: Final = 0.75
"""The same, above which not even a given number of speakers parts them."""
_LONG: Final = 2.0
"""Seconds of speech that a cluster needs to count as a speaker."""
_TYPICAL: Final = 0.55
"""Similarity of two segments of one speaker, where the recording says little."""
_TYPICAL_WEIGHT: Final = 8.0
"""Weight of the typical similarity, in square seconds of pairs."""


class Merge(NamedTuple):
    """One step: cluster `other` joins cluster `into`.

    `shorter` is the duration of the shorter one in seconds, `ratio` their similarity over that within them.
    """

    into: int
    other: int
    shorter: float
    ratio: float


def find_speakers(
    embeddings: Embeddings, seconds: NDArray[np.float64], bonus: NDArray[np.float32], bounds: tuple[int, int]
) -> Embeddings:
    """(speakers, 192) the centroids of a recording's speakers, at least one.

    Args:
        embeddings: (segments, 192) unit rows.
        seconds: (segments,) durations.
        bonus: (segments, segments) what is added to the cosine of two segments; overwritten.
        bounds: The least and the most speakers; fewer are found where there is not enough speech.
    """
    import numpy as np

    similarity = np.add(bonus, embeddings @ embeddings.T, out=bonus)
    similarity += similarity.T.copy()  # a product of matrices is symmetric but for its last bits
    similarity /= 2
    merges = _rated(_tree(similarity, seconds), embeddings, seconds)
    count, long = _steps(merges, seconds, bounds)
    cluster = _clusters(merges[:count], len(embeddings))
    duration = np.bincount(cluster, seconds)
    speakers = np.flatnonzero(duration >= min(long, duration.max()))
    weighted = embeddings * seconds[:, None]
    return unit_rows(np.stack([weighted[cluster == k].sum(axis=0) for k in speakers]).astype(np.float32))


def _tree(similarity: NDArray[np.float32], weight: NDArray[np.float64]) -> list[tuple[float, int, int]]:
    """Average linkage by chains of nearest neighbours, in square time.

    Args:
        similarity: (items, items), symmetric; overwritten.
        weight: (items,).

    Returns:
        Merges, the most similar first: the similarity, and an item of each of the two clusters.
    """
    import numpy as np

    weight = weight.copy()
    np.fill_diagonal(similarity, -np.inf)
    merges: list[tuple[float, int, int]] = []
    chain: list[int] = []
    gone = np.zeros(len(weight), bool)
    while len(merges) < len(weight) - 1:
        if not chain:
            chain.append(int(np.argmin(gone)))
        last = chain[-1]
        near = int(similarity[last].argmax())
        if len(chain) < 2 or similarity[last, near] > similarity[last, chain[-2]]:
            chain.append(near)
            continue
        near = chain[-2]
        del chain[-2:]
        merges.append((float(similarity[last, near]), near, last))
        share = weight[last] / (weight[last] + weight[near])
        row = similarity[near] * np.float32(1 - share) + similarity[last] * np.float32(share)
        row[[near, last]] = -np.inf
        similarity[near], similarity[:, near] = row, row
        similarity[last], similarity[:, last] = -np.inf, -np.inf
        weight[near] += weight[last]
        gone[last] = True
    return sorted(merges, key=lambda merge: -merge[0])


def _rated(tree: list[tuple[float, int, int]], embeddings: Embeddings, seconds: NDArray[np.float64]) -> list[Merge]:
    """The merges with what decides about them."""
    import numpy as np

    parent = np.arange(len(seconds))
    duration = seconds.copy()
    total = embeddings.astype(np.float64) * seconds[:, None]
    own = seconds**2  # of each cluster the weight of its segments' pairs with themselves

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = int(parent[item])
        return item

    def within(cluster: int) -> float:
        """The mean cosine of a cluster's pairs of segments, drawn towards the typical one."""
        pairs = (duration[cluster] ** 2 - own[cluster]) / 2
        cosines = (float(total[cluster] @ total[cluster]) - own[cluster]) / 2
        return float((cosines + _TYPICAL * _TYPICAL_WEIGHT) / (pairs + _TYPICAL_WEIGHT))

    merges = []
    for similarity, first, second in tree:
        into, other = sorted((root(first), root(second)))
        spread = max(within(into) * within(other), 1e-6) ** 0.5
        merges.append(Merge(into, other, float(min(duration[into], duration[other])), similarity / spread))
        parent[other] = into
        for sums in (duration, total, own):
            sums[into] += sums[other]
    return merges


def _steps(merges: list[Merge], seconds: NDArray[np.float64], bounds: tuple[int, int]) -> tuple[int, float]:
    """How many of the merges are done, and the seconds that a cluster then needs to count as a speaker."""
    least, most = bounds
    stops = (at for at, merge in enumerate(merges) if merge.shorter >= _LONG and merge.ratio < SAME_SPEAKER)
    stop = next(stops, len(merges))
    counts = _speakers(merges, seconds, _LONG)
    if counts[stop] > most:
        return next(at for at in range(stop, len(counts)) if counts[at] <= most), _LONG
    if counts[stop] >= least:
        return stop, _LONG
    for long in (_LONG, _LONG / 2, _LONG / 4):
        counts = _speakers(merges, seconds, long)
        certain = (at for at, merge in enumerate(merges[:stop]) if merge.shorter >= long and merge.ratio >= _CERTAIN)
        for at in range(len(merges), max(certain, default=-1), -1):
            if counts[at] == least:
                return at, long
    return stop, _LONG


def _speakers(merges: list[Merge], seconds: NDArray[np.float64], long: float) -> list[int]:
    """How many clusters last `long` seconds, after none, one, two, ... of the merges."""
    duration = seconds.copy()
    counts = [int((duration >= long).sum())]
    for merge in merges:
        parts = duration[[merge.into, merge.other]]
        counts.append(counts[-1] + int(parts.sum() >= long) - int((parts >= long).sum()))
        duration[merge.into] = parts.sum()
    return counts


def _clusters(merges: list[Merge], items: int) -> NDArray[np.int64]:
    """(items,) a number for each item's cluster, by first appearance."""
    import numpy as np

    parent = np.arange(items)
    for merge in merges:
        parent[merge.other] = merge.into
    while (parent != parent[parent]).any():
        parent = parent[parent]
    return np.unique(parent, return_inverse=True)[1]
