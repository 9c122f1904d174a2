"""Estimates the number of speakers and their embeddings.

Several clusterings are proposed for each number of speakers: Ward's on windows, and Ward's and average linkage on
single-speaker segments. None is best everywhere (Ward's splits a frequent speaker before it separates two rare
ones; average linkage is misled by short segments), so each is refined, and the one with the lowest maximum
similarity between two speakers is chosen. The similarity is normalised: the mean cosine between the windows of two
speakers over the mean cosine between different segments of one speaker. It is near 1 if one speaker was split,
whatever the channel. The number of speakers is the largest whose similarity stays below a threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.diarization.dvector.segmentation import majority, owned_frames, refine
from imigue_build.backends.speaker_embedding.embedding import unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.dvector.segmentation import Centroids, Labels
    from imigue_build.backends.diarization.dvector.windows import Speech, Windows

_MAX_ITEMS: Final = 1200
"""Items per clustering, whose cost is quadratic."""
_OVERCLUSTERED: Final = 12
_PURE: Final = 0.9
_MIN_DISTANCE: Final = 50
"""Frames between two windows of different segments."""
_PRIOR_PAIRS: Final = 2.0
"""Weight of the typical within-speaker similarity, in pairs of segments."""
_MIN_WINDOWS: Final = 3
"""Long windows that a speaker needs: about 2 s of uninterrupted speech."""
_SMALL_CLUSTER_PENALTY: Final = 0.8
"""Added to the similarity of two speakers, divided by the windows of the one with fewer: a speaker with little
speech must differ more to count as another one."""
_PATIENCE: Final = 2


class Solution(NamedTuple):
    """Speaker centroids, and the similarity of the two most similar ones."""

    centroids: Centroids
    similarity: float


class Limits(NamedTuple):
    """Criteria for the number of speakers: its bounds, the maximum similarity, and the typical within-speaker one."""

    min_speakers: int
    max_speakers: int
    max_similarity: float
    typical_similarity: float


def find_speakers(speech: Speech, limits: Limits) -> Centroids:
    """(speakers, size) unit rows: the speaker centroids of a recording, at least one."""
    """(speakers, size) unit rows: the voices in a recording, at least one."""
    import numpy as np

    single = unit_rows(speech.long.embedding.mean(axis=0, keepdims=True))
    found: Solution | None = None
    failures = 0
    for speakers in range(max(2, limits.min_speakers), limits.max_speakers + 1):
        required = speakers <= limits.min_speakers
        solutions = list(_solutions(speech, speakers, limits.typical_similarity, 1 if required else _MIN_WINDOWS))
        best = min(solutions, key=lambda solution: solution.similarity, default=None)
        if best is not None and (required or best.similarity < limits.max_similarity):
            found, failures = best, 0
        else:
            failures += 1
        if failures > _PATIENCE:
            break
    return single if found is None else np.asarray(found.centroids, np.float32)


def _solutions(speech: Speech, speakers: int, typical: float, min_windows: int) -> Iterator[Solution]:
    """Each distinct proposal after refinement; proposals that lost a speaker are left out."""
    seen: set[bytes] = set()
    for initial in _proposals(speech, speakers):
        labels, centroids = refine(speech, initial)
        if len(centroids) < speakers or labels.tobytes() in seen:
            continue
        seen.add(labels.tobytes())
        similarity = max_similarity(speech, labels, speakers, typical, min_windows)
        if similarity is not None:
            yield Solution(centroids, similarity)


def _proposals(speech: Speech, speakers: int) -> Iterator[Centroids]:
    windows = _subsample(speech.long)
    yield from _cluster(windows.embedding, windows.embedding, "ward", speakers)
    segments, means = _segments(speech)
    for method in ("average", "ward"):
        yield from _cluster(segments, means, method, speakers)


def _cluster(rows: NDArray[np.float32], means: NDArray[np.float32], method: str, speakers: int) -> Iterator[Centroids]:
    """The centroids of the clusters of `rows`; nothing if there are too few rows.

    Average linkage uses the mean cosine of windows, so that a short segment, whose mean is long only by chance, does
    not become a speaker of its own.
    """
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(rows) < max(2, speakers):
        return
    if method == "average":
        distance = np.maximum(1.0 - means.astype(np.float64) @ means.T, 0.0)
        np.fill_diagonal(distance, 0.0)
        tree = linkage(squareform((distance + distance.T) / 2, checks=False), "average")
    else:
        tree = linkage(rows.astype(np.float64), method)
    cluster = fcluster(tree, speakers, "maxclust")
    if cluster.max() == speakers:
        yield unit_rows(np.stack([means[cluster == k + 1].mean(axis=0) for k in range(speakers)]))


def _subsample(windows: Windows) -> Windows:
    """At most `_MAX_ITEMS` of the windows, evenly spread."""
    import numpy as np

    count = len(windows.start)
    return windows.take(np.unique(np.linspace(0, count - 1, min(count, _MAX_ITEMS)).astype(np.int64)))


def _segments(speech: Speech) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Single-speaker segments, by clustering into more clusters than there are speakers.

    Returns:
        (segments, size) their unit means, and their plain means; the longest `_MAX_ITEMS` of them.
    """
    import numpy as np

    windows = _subsample(speech.long)
    clusters = min(_OVERCLUSTERED, max(1, len(windows.start) // 3))
    centroids = next(_cluster(windows.embedding, windows.embedding, "ward", clusters), None)
    if centroids is None:
        empty = np.empty((0, windows.embedding.shape[1]), np.float32)
        return empty, empty
    labels, _ = refine(speech, centroids)
    starts = (np.diff(labels, prepend=-1) != 0) | (np.diff(speech.short.region, prepend=-1) != 0)
    owned, segment = owned_frames(speech), np.cumsum(starts) - 1
    index = np.searchsorted(owned[:, 0], speech.long.centre, side="right") - 1
    segment_of_window = segment[index]
    ids, sizes = np.unique(segment_of_window, return_counts=True)
    ids = np.sort(ids[np.argsort(-sizes, kind="stable")[:_MAX_ITEMS]])
    means = np.stack([speech.long.embedding[segment_of_window == number].mean(axis=0) for number in ids])
    return unit_rows(means), means


def max_similarity(speech: Speech, labels: Labels, speakers: int, typical: float, min_windows: int) -> float | None:
    """The normalised similarity of the two most similar speakers; 1 if they are the same.

    Args:
        speech: The recording's windows.
        labels: (short windows,) their speakers.
        speakers: Number of speakers, two or more.
        typical: Mean cosine of two windows of one speaker, used where the recording has little data.
        min_windows: Long windows that each speaker needs.

    Returns:
        None if a speaker has fewer windows.
    """
    import numpy as np

    speaker, share = majority(speech, labels, speech.long, speakers)
    groups = [np.flatnonzero((share >= _PURE) & (speaker == k)) for k in range(speakers)]
    if min(len(group) for group in groups) < min_windows:
        return None
    within = np.array([_within_similarity(speech.long, group, typical) for group in groups])
    means = np.stack([speech.long.embedding[group].mean(axis=0) for group in groups]).astype(np.float64)
    counts = np.array([len(group) for group in groups])
    similarity = means @ means.T / np.sqrt(np.outer(within, within))
    similarity = similarity + _SMALL_CLUSTER_PENALTY / np.minimum.outer(counts, counts)
    np.fill_diagonal(similarity, -np.inf)
    return float(similarity.max())


def _within_similarity(windows: Windows, group: NDArray[np.int64], typical: float) -> float:
    """Mean cosine between different segments of one speaker, smoothed with the typical one."""
    import numpy as np

    runs = 1 + int((np.diff(group) > 1).sum())
    pairs = runs * (runs - 1) / 2
    own = _subsample(windows.take(group))
    end = own.start + own.length
    apart = np.maximum.outer(own.start, own.start) - np.minimum.outer(end, end) >= _MIN_DISTANCE
    if not pairs or not apart.any():
        return typical
    mean = float((own.embedding @ own.embedding.T)[apart].mean(dtype=np.float64))
    return (mean * pairs + typical * _PRIOR_PAIRS) / (pairs + _PRIOR_PAIRS)
