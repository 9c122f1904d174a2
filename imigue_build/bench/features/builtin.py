"""Features without a download: functionals of the spectrum and the voice, the embedded speaker vector, or both."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.diarization_windows import listen
from imigue_build.backends.speaker_embedding import load_embedding
from imigue_build.bench.features.functionals import REVISION, functionals
from imigue_build.records import Span

if TYPE_CHECKING:
    from imigue_build.backends.speaker_embedding import SpeakerEmbedding
    from imigue_build.bench.features.base import Values
    from imigue_build.bench.sound import Signal

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
        return [self._one(signal) for signal in signals]

    def _one(self, signal: Signal) -> Values:
        import numpy as np

        parts = []
        if self._functionals:
            parts.append(np.array(list(functionals(signal).values()), np.float32))
        if self._embedding is not None:
            parts.append(_voice(signal, self._embedding))
        return np.concatenate(parts)


def _voice(signal: Signal, embedding: SpeakerEmbedding) -> Values:
    """The mean of the unit vectors of overlapping 1.6 s windows."""
    import numpy as np

    pcm = np.clip(np.round(signal * 32768), -32768, 32767).astype(np.int16)
    windows = listen(pcm, [Span(0.0, len(pcm) / SAMPLE_RATE)], embedding).long
    return np.asarray(windows.voice.mean(axis=0), np.float32)
