"""How many speakers there are, and their voices.

Several clusterings are proposed for each number of speakers: Ward's on windows, and Ward's and
average linkage on segments of one voice. None is best everywhere (Ward's splits a long-spoken
voice before it parts two rare ones; average linkage is misled by short segments), so each is
refined and the one is taken whose most similar two voices are least alike. Their likeness is
freed of noise: the mean cosine between two speakers' windows over the mean cosine between
different stretches of one speaker. It is near 1 where a voice was split, whatever the channel.
The number of speakers is the largest whose voices stay under a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.diarization.dvector.segmentation import majority, owned_frames, refine
from imigue_build.backends.speaker_embedding.embedding import unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.diarization.dvector.segmentation import Labels, Voices
    from imigue_build.backends.diarization.dvector.windows import Speech, Windows

_SAMPLE: Final = 1200
"""Items that a clustering sees at most: its cost grows with their square."""
_OVERSEGMENTED: Final = 12
_PURE: Final = 0.9
_APART: Final = 50
"""Frames between two windows that count as different stretches of speech."""
_PRIOR_PAIRS: Final = 2.0
"""Weight of the typical likeness within a speaker, in pairs of segments."""
_MIN_WINDOWS: Final = 3
"""Long windows that a voice needs to be counted: about 2 s of speech in one piece."""
_DOUBT: Final = 0.8
"""What is added to the likeness of two speakers, over the windows of the one with fewer: a voice
that was hardly heard must differ more to count as another one."""
_PATIENCE: Final = 2


class Solution(NamedTuple):
    """Speakers' voices, and how alike the most similar two are."""

    voices: Voices
    alike: float


class Limits(NamedTuple):
    """What the number of speakers is chosen by: its bounds, the likeness that two voices may have."""

    least: int
    most: int
    alike: float
    typical: float


def find_voices(speech: Speech, limits: Limits) -> Voices:
    """(speakers, size) unit rows: the voices in a recording, at least one."""
    import numpy as np

    single = unit_rows(speech.long.voice.mean(axis=0, keepdims=True))
    found: Solution | None = None
    failures = 0
    for speakers in range(max(2, limits.least), limits.most + 1):
        required = speakers <= limits.least
        solutions = list(_solutions(speech, speakers, limits.typical, 1 if required else _MIN_WINDOWS))
        best = min(solutions, key=lambda solution: solution.alike, default=None)
        if best is not None and (required or best.alike < limits.alike):
            found, failures = best, 0
        else:
            failures += 1
        if failures > _PATIENCE:
            break
    return single if found is None else np.asarray(found.voices, np.float32)


def _solutions(speech: Speech, speakers: int, typical: float, least_windows: int) -> Iterator[Solution]:
    """Each distinct proposal, refined; those that lost a speaker on the way are left out."""
    seen: set[bytes] = set()
    for start in _proposals(speech, speakers):
        labels, voices = refine(speech, start)
        if len(voices) < speakers or labels.tobytes() in seen:
            continue
        seen.add(labels.tobytes())
        alike = likeness(speech, labels, speakers, typical, least_windows)
        if alike is not None:
            yield Solution(voices, alike)


def _proposals(speech: Speech, speakers: int) -> Iterator[Voices]:
    windows = _sample(speech.long)
    yield from _linked(windows.voice, windows.voice, "ward", speakers)
    pieces, means = _segments(speech)
    for method in ("average", "ward"):
        yield from _linked(pieces, means, method, speakers)


def _linked(rows: NDArray[np.float32], means: NDArray[np.float32], method: str, speakers: int) -> Iterator[Voices]:
    """The voices of the clusters of `rows`; nothing where there are too few rows.

    Average linkage joins by the mean cosine of windows, so that a short segment, whose mean
    is long only by chance, is not taken for a voice of its own.
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


def _sample(windows: Windows) -> Windows:
    """At most `_SAMPLE` of the windows, evenly spread."""
    import numpy as np

    count = len(windows.start)
    return windows.take(np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(np.int64)))


def _segments(speech: Speech) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Stretches of one voice each, from more voices than there are speakers.

    Returns:
        (segments, size) their unit means, and their plain means; the longest `_SAMPLE` of them.
    """
    import numpy as np

    windows = _sample(speech.long)
    voices = next(
        _linked(windows.voice, windows.voice, "ward", min(_OVERSEGMENTED, max(1, len(windows.start) // 3))), None
    )
    if voices is None:
        empty = np.empty((0, windows.voice.shape[1]), np.float32)
        return empty, empty
    labels, _ = refine(speech, voices)
    new = (np.diff(labels, prepend=-1) != 0) | (np.diff(speech.short.region, prepend=-1) != 0)
    owned, segment = owned_frames(speech), np.cumsum(new) - 1
    at = np.searchsorted(owned[:, 0], speech.long.centre, side="right") - 1
    belongs = segment[at]
    ids, sizes = np.unique(belongs, return_counts=True)
    ids = np.sort(ids[np.argsort(-sizes, kind="stable")[:_SAMPLE]])
    means = np.stack([speech.long.voice[belongs == index].mean(axis=0) for index in ids])
    return unit_rows(means), means


def likeness(speech: Speech, labels: Labels, speakers: int, typical: float, least_windows: int) -> float | None:
    """How alike the two most similar speakers are, freed of noise; 1 is one and the same.

    Args:
        speech: The recording's windows.
        labels: (short windows,) their speakers.
        speakers: How many there are, two or more.
        typical: Mean cosine of two windows of one speaker, where the recording itself says little.
        least_windows: Long windows that each speaker needs.

    Returns:
        None where a speaker has fewer windows.
    """
    import numpy as np

    speaker, share = majority(speech, labels, speech.long, speakers)
    groups = [np.flatnonzero((share >= _PURE) & (speaker == k)) for k in range(speakers)]
    if min(len(group) for group in groups) < least_windows:
        return None
    within = np.array([_within(speech.long, group, typical) for group in groups])
    means = np.stack([speech.long.voice[group].mean(axis=0) for group in groups]).astype(np.float64)
    counts = np.array([len(group) for group in groups])
    alike = means @ means.T / np.sqrt(np.outer(within, within)) + _DOUBT / np.minimum.outer(counts, counts)
    np.fill_diagonal(alike, -np.inf)
    return float(alike.max())


def _within(windows: Windows, group: NDArray[np.int64], typical: float) -> float:
    """Mean cosine between different stretches of one speaker, drawn towards the typical one."""
    import numpy as np

    runs = 1 + int((np.diff(group) > 1).sum())
    pairs = runs * (runs - 1) / 2
    own = _sample(windows.take(group))
    end = own.start + own.length
    apart = np.maximum.outer(own.start, own.start) - np.minimum.outer(end, end) >= _APART
    if not pairs or not apart.any():
        return typical
    mean = float((own.voice @ own.voice.T)[apart].mean(dtype=np.float64))
    return (mean * pairs + typical * _PRIOR_PAIRS) / (pairs + _PRIOR_PAIRS)
