"""Features without a download: functionals of spectrum and voice, the embedded speaker embedding, or both."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from imigue_build.apps.bench.features.functionals import REVISION, functionals
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.speaker_embedding.embedding import load_embedding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.features.base import Values
    from imigue_build.apps.bench.sound import Signal
    from imigue_build.backends.speaker_embedding.embedding import SpeakerEmbedding

_WINDOW: Final = 160
_HOP: Final = 80
"""Frames of 10 ms: the window of the speaker embedding, and the largest hop."""
_LEVEL: Final = 10 ** (-30 / 20)
_TOOLS: Final = ("librosa", "numpy", "scipy", "soxr")


class Builtin:
    """`builtin` (functionals), `speaker` (the mean speaker embedding) or `builtin+speaker`."""

    parallel = True

    def __init__(self, name: str) -> None:
        parts = name.split("+")
        self._functionals = "builtin" in parts
        self._embedding = load_embedding() if "speaker" in parts else None
        models = [] if self._embedding is None else [[m.name, m.sha256] for m in self._embedding.provenance().models]
        self.identity: dict[str, object] = {
            "name": name,
            "revision": str(REVISION),
            "settings": {"rate": SAMPLE_RATE},
            "tools": {tool: version(tool) for tool in _TOOLS},
            "models": models,
        }

    def extract(self, signals: Sequence[Signal]) -> list[Values]:
        """(size,) for each of the signals."""
        import numpy as np

        parts: list[list[Values]] = []
        if self._functionals:
            parts.append([np.array(list(functionals(signal).values()), np.float32) for signal in signals])
        if self._embedding is not None and signals:
            parts.append(_speaker_vectors(signals, self._embedding))
        return [np.concatenate(both) for both in zip(*parts, strict=True)]


def _speaker_vectors(signals: Sequence[Signal], embedding: SpeakerEmbedding) -> list[Values]:
    """For each signal the mean embedding of its 1.6 s windows; shorter signals are repeated to fill a window.

    The windows of all signals go through the network together, which is much faster and changes no value.
    """
    import numpy as np

    features = [embedding.features(_pcm(signal), _gain(signal)) for signal in signals]
    windows = [_windows(len(frames)) for frames in features]
    first = np.cumsum([0, *(len(frames) for frames in features)])[:-1]
    shifted = [rows + start for rows, start in zip(windows, first, strict=True)]
    vectors = embedding.embed(np.concatenate(features), np.concatenate(shifted))
    ends = np.cumsum([len(rows) for rows in windows])[:-1]
    return [np.asarray(part.mean(axis=0), np.float32) for part in np.split(vectors, ends)]


def _windows(frames: int) -> NDArray[np.int64]:
    """(windows, frames per window) row indices of an utterance's features, evenly spread."""
    import numpy as np

    if frames <= _WINDOW:
        return (np.arange(_WINDOW) % frames)[None]
    count = -(-(frames - _WINDOW) // _HOP) + 1
    starts = np.linspace(0, frames - _WINDOW, count).astype(np.int64)
    return starts[:, None] + np.arange(_WINDOW)


def _pcm(signal: Signal) -> NDArray[np.int16]:
    import numpy as np

    return np.clip(np.round(signal * 32768), -32768, 32767).astype(np.int16)


def _gain(signal: Signal) -> float:
    """The factor that amplifies a quiet utterance to the level of the encoder's training data; at least 1."""
    import numpy as np

    return max(1.0, _LEVEL / max(float(np.sqrt((signal.astype(np.float64) ** 2).mean())), 1e-4))
