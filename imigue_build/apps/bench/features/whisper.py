"""Whisper's encoder through CTranslate2, without torch: the mean over time of its last layer.

CTranslate2 returns the last layer alone. An utterance is not padded to Whisper's window of 30 s; the mean of a longer
one is over the frames of several windows. Its log-mel spectrogram is faster-whisper's, normalised over the whole
utterance.

The model runs on the processor, in int8 and one thread, one utterance at a time. So the same machine gives the same
values, with any number of jobs. CTranslate2 chooses its int8 kernels by processor: another processor may give slightly
other values. The versions of the tools are recorded with every result.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imigue_build.apps.bench.pretrained import WHISPER_ENCODER
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.config import is_local
from imigue_build.core.errors import BackendError
from imigue_build.models import Wanted, locate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.features.base import Values
    from imigue_build.apps.bench.sound import Signal

REVISION: Final = 1
"""Increased with every change of values."""
_STRIDE: Final = 320
"""Samples of a frame of the encoder, 20 ms: two frames of the spectrogram."""
_WINDOW: Final = 1500
"""The most frames that the encoder takes at once."""
_COMPUTE_TYPE: Final = "int8"
_TOOLS: Final = ("ctranslate2", "faster-whisper", "numpy", "soxr")


class WhisperEncoder:
    """The last layer of a Whisper's encoder, (size,) per utterance; 512 values for `base`.

    Args:
        model: A size, a name on the hub, or a folder in CTranslate2 form.
        revision: On the hub; None is the one that was fetched.

    Raises:
        BackendError: If the model is not on this machine.
    """

    parallel = True

    def __init__(self, model: str, revision: str | None) -> None:
        self._located = locate(Wanted(WHISPER_ENCODER, model, revision))
        ref = self._located.ref
        self.identity: dict[str, object] = {
            "name": f"whisper:{Path(model).name if is_local(model) else model}",
            "model": ref.name,
            "revision": ref.revision,
            "sha256": ref.sha256,
            "settings": {
                "rate": SAMPLE_RATE,
                "layer": "last",
                "pooling": f"mean over time, {REVISION}",
                "precision": _COMPUTE_TYPE,
                "device": "cpu",
            },
            "tools": {tool: version(tool) for tool in _TOOLS},
        }

    def extract(self, signals: Sequence[Signal]) -> list[Values]:
        """(size,) for each of the signals.

        Raises:
            BackendError: If the model cannot be loaded.
        """
        import numpy as np

        frames = (self._frames(signal) for signal in signals)
        return [found.mean(axis=0, dtype=np.float64).astype(np.float32) for found in frames]

    def _frames(self, signal: Signal) -> NDArray[np.float32]:
        """(frames, size): the last layer, a frame each 20 ms, from windows of equal length."""
        import ctranslate2
        import numpy as np

        ref = self._located.ref
        model, log_mel = _load(self._located.path, ref.name, ref.sha256)
        spectrogram = log_mel(signal, padding=-len(signal) % _STRIDE)  # (bands, 2 frames)
        count = spectrogram.shape[1] // 2
        edges = np.linspace(0, count, -(-count // _WINDOW) + 1).astype(int)
        found = []
        for first, end in pairwise(edges):
            window = np.ascontiguousarray(spectrogram[None, :, 2 * first : 2 * end], np.float32)
            found.append(np.asarray(model.encode(ctranslate2.StorageView.from_array(window)))[0])
        return np.concatenate(found)


@lru_cache(maxsize=1)
def _load(folder: Path, name: str, sha256: str) -> tuple[Any, Any]:
    """The model and its log-mel spectrogram; loaded once by a process, and again if the hash has changed."""
    import ctranslate2
    from faster_whisper.feature_extractor import FeatureExtractor

    try:
        model = ctranslate2.models.Whisper(str(folder), compute_type=_COMPUTE_TYPE, intra_threads=1)
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        what = f"the Whisper model {name} (SHA-256 {sha256[:12]}) cannot be loaded ({reason})"
        raise BackendError(what, "fetch it again, or name another after whisper:") from error
    return model, FeatureExtractor(feature_size=model.n_mels)
