"""Windows over the speech of a recording, and their speaker embeddings.

Frames are 10 ms. A speech region is cut into overlapping windows within it. A region shorter than a window is
repeated until it fills the input of the embedding, which preserves speaker identity better than padding with
silence or a short input (0.4 s of speech: 95 % of the windows are assigned to the right one of two speakers instead
of 85-89 %).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.speaker_embedding.embedding import FRAME_SAMPLES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples
    from imigue_build.backends.speaker_embedding.embedding import Features, SpeakerEmbedding
    from imigue_build.core.intervals import Timed

FRAMES_PER_SECOND: Final = SAMPLE_RATE // FRAME_SAMPLES
_LEVEL: Final = 10 ** (-30 / 20)
"""RMS relative to full scale to which quiet speech is amplified: the level of the encoder's training data."""


class Grid(NamedTuple):
    """Frames per window, frames between windows, and frames to which a short region is repeated."""

    length: int
    hop: int
    min_input: int


LONG: Final = Grid(160, 20, 160)
"""For clustering speakers."""
SHORT: Final = Grid(80, 10, 120)
"""For locating speaker changes."""


class Windows(NamedTuple):
    """Windows in time order: start and length in frames, `region` the index of their region."""

    start: NDArray[np.int64]  # (windows,)
    length: NDArray[np.int64]  # (windows,)
    region: NDArray[np.int64]  # (windows,)
    embedding: NDArray[np.float32]  # (windows, size), unit rows

    @property
    def centre(self) -> NDArray[np.float64]:
        return self.start + self.length / 2

    def take(self, chosen: NDArray[np.int64]) -> Windows:
        return Windows(self.start[chosen], self.length[chosen], self.region[chosen], self.embedding[chosen])


class Speech(NamedTuple):
    """A recording's speech: its regions in frames, and its windows on both grids."""

    regions: NDArray[np.int64]  # (regions, 2)
    long: Windows
    short: Windows


def to_frames(spans: Sequence[Timed], samples: int) -> NDArray[np.int64]:
    """(regions, 2) first and end frame of each span, at least one frame each."""
    import numpy as np

    frames = 1 + samples // FRAME_SAMPLES
    edges = np.array([(span.start, span.end) for span in spans], np.float64).reshape(-1, 2)
    rounded = np.clip(np.floor(edges * FRAMES_PER_SECOND + 0.5).astype(np.int64), 0, frames)
    rounded[:, 1] = np.maximum(rounded[:, 1], rounded[:, 0] + 1)
    return rounded


def embed_speech(audio: Samples, spans: Sequence[Timed], embedding: SpeakerEmbedding) -> Speech:
    """Cuts the speech regions into windows and embeds them.

    Args:
        audio: (samples,) 16-bit PCM at 16 kHz.
        spans: Speech regions, in seconds, at least one.
        embedding: The model that embeds the windows.
    """
    regions = to_frames(spans, len(audio))
    features = embedding.features(audio, _gain(audio, regions))
    return Speech(
        regions,
        _embedded(features, regions, LONG, embedding),
        _embedded(features, regions, SHORT, embedding),
    )


def _gain(audio: Samples, regions: NDArray[np.int64]) -> float:
    """The factor that amplifies quiet speech to the usual level; 1 for louder speech."""
    import numpy as np

    power = count = 0.0
    for first, last in regions * FRAME_SAMPLES:
        part = audio[first:last].astype(np.float64)
        power += float(part @ part)
        count += len(part)
    rms = np.sqrt(power / max(count, 1.0)) / 32768
    return float(max(1.0, _LEVEL / max(rms, 1e-4)))


def _embedded(features: Features, regions: NDArray[np.int64], grid: Grid, embedding: SpeakerEmbedding) -> Windows:
    import numpy as np

    windows = np.array(
        [window for index, region in enumerate(regions) for window in _windows(index, region, grid)], np.int64
    )
    start, length, region = windows.T
    full = length == grid.length
    full_rows = start[full, None] + np.arange(grid.length)
    repeated_rows = start[~full, None] + np.arange(grid.min_input) % length[~full, None]
    full_embeddings, repeated_embeddings = (
        embedding.embed(features, np.minimum(rows, len(features) - 1)) for rows in (full_rows, repeated_rows)
    )
    embeddings = np.empty((len(windows), full_embeddings.shape[1]), np.float32)
    embeddings[full], embeddings[~full] = full_embeddings, repeated_embeddings
    return Windows(start, length, region, embeddings)


def _windows(index: int, region: NDArray[np.int64], grid: Grid) -> Iterator[tuple[int, int, int]]:
    """Windows spread evenly from the region's start to its end, at most a hop apart."""
    first, last = int(region[0]), int(region[1])
    if last - first <= grid.length:
        yield first, last - first, index
        return
    room = last - first - grid.length
    steps = -(-room // grid.hop)
    for step in range(steps + 1):
        yield first + (room * step + steps // 2) // steps, grid.length, index
