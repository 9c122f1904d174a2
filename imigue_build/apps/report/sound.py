"""A recording for a page: at a lower rate to be played, and as peaks to be drawn.

A WAV of 16 kHz has a third of the release's size, and the band of speech. Every browser plays it, it has no encoder
delay, and a seek in it is immediate. (FLAC has about half the size, but Chromium took up to seconds for a seek near
long digital silence.)
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.apps.report.pitch import Tracker
from imigue_build.core.errors import MediaError
from imigue_build.core.wav import blocks
from imigue_build.release.schema.layout import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

RATE: Final = 16_000
PEAKS: Final = 100
"""Peaks a second at the finest level; each level above has an eighth of them."""
_COARSER: Final = 8
_LEVELS: Final = 4
_UP: Final = 160
_DOWN: Final = 441
_BLOCK: Final = _DOWN * 4000
"""Samples that are read at once: a whole number at both rates, and of peaks."""
_MARGIN: Final = _DOWN * 20


class Sound(NamedTuple):
    """A recording: its seconds, and the peak of each stretch, 0 to 255, relative to the highest of all.

    `peaks` has a level for each zoom, the finest first: `PEAKS` a second, then an eighth of that, and so on. `pitch` is
    as `pitch.Tracker` gives it.
    """

    seconds: float
    peaks: tuple[bytes, ...]
    pitch: bytes = b""


def read(wav: Path, copy: Path | None) -> Sound:
    """Reads a recording of a release, and writes it at `RATE` Hz where `copy` names a file.

    Raises:
        MediaError: If it is not a whole 44.1 kHz, 16-bit mono WAV.
        OSError: If the copy cannot be written.
    """
    import numpy as np

    count = 0
    peaks: list[NDArray[np.uint16]] = []
    voices = Tracker()

    def measured() -> Iterator[Samples]:
        nonlocal count
        for block in blocks(wav, SAMPLE_RATE, _BLOCK):
            count += len(block)
            peaks.append(_peaks(block))
            voices.add(block)
            yield block

    if copy is None:
        for _ in measured():
            pass
    else:
        _write(copy, measured())
    if not count:
        raise MediaError(f"{wav.name} holds no sound", "extract the recording again")
    return Sound(count / SAMPLE_RATE, _levels(np.concatenate(peaks)), voices.values())


def _write(copy: Path, sound: Iterator[Samples]) -> None:
    with wave.open(str(copy), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for block in resampled(sound):
            file.writeframes(block.astype("<i2", copy=False).tobytes())


def resampled(sound: Iterator[Samples]) -> Iterator[Samples]:
    """The sound at `RATE` Hz, in blocks. Each is filtered with its neighbours' edges, to leave no seam."""
    import numpy as np
    from scipy.signal import resample_poly

    before = np.zeros(_MARGIN, np.int16)
    block = next(sound, None)
    while block is not None:
        after = next(sound, None)
        edge = after[:_MARGIN] if after is not None else np.zeros(0, np.int16)
        edge = np.concatenate([edge, np.zeros(_MARGIN - len(edge), np.int16)])
        whole = np.concatenate([before, block, edge]).astype(np.float32)
        new = resample_poly(whole, _UP, _DOWN)
        skipped = _MARGIN // _DOWN * _UP
        wanted = -(-len(block) * _UP // _DOWN)
        yield np.clip(np.rint(new[skipped : skipped + wanted]), -32768, 32767).astype(np.int16)
        before = np.concatenate([before, block])[-_MARGIN:]
        block = after


def _peaks(block: Samples) -> NDArray[np.uint16]:
    import numpy as np

    width = SAMPLE_RATE // PEAKS
    loud = np.abs(block.astype(np.int32)).astype(np.uint16)
    loud = np.pad(loud, (0, -len(loud) % width))
    highest: NDArray[np.uint16] = loud.reshape(-1, width).max(axis=1)
    return highest


def _levels(peaks: NDArray[np.uint16]) -> tuple[bytes, ...]:
    import numpy as np

    levels = [peaks]
    for _ in range(_LEVELS - 1):
        finer = np.pad(levels[-1], (0, -len(levels[-1]) % _COARSER))
        levels.append(finer.reshape(-1, _COARSER).max(axis=1))
    highest = max(int(peaks.max()), 1)
    return tuple(np.rint(level * (255 / highest)).astype(np.uint8).tobytes() for level in levels)
