"""A recording for a page: as FLAC that browsers play, and as peaks that they draw.

FLAC at 16 kHz is a fifth of the release's WAV, holds all that is heard of speech, and has no encoder delay: second
t of the file is second t of the recording in every browser, and each frame can be sought.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.audio import blocks
from imigue_build.errors import MediaError
from imigue_build.release.layout import SAMPLE_RATE

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
"""Samples that are read at once: whole at both rates, and at the rate of peaks."""
_MARGIN: Final = _DOWN * 20


class Sound(NamedTuple):
    """What was read of a recording: its seconds, and the loudest sample of each stretch as 0-255 of the loudest of all.

    `peaks` has a level for each zoom, the finest first: `PEAKS` a second, then an eighth of that, and so on.
    """

    seconds: float
    peaks: tuple[bytes, ...]


def read(wav: Path, flac: Path | None) -> Sound:
    """Reads a recording of a release, and writes it as FLAC at `RATE` Hz where `flac` names a file.

    Raises:
        MediaError: If it is not a whole 44.1 kHz, 16-bit mono WAV.
        OSError: If the FLAC cannot be written.
    """
    import numpy as np

    count = 0
    peaks: list[NDArray[np.uint16]] = []

    def looked_at() -> Iterator[Samples]:
        nonlocal count
        for block in blocks(wav, SAMPLE_RATE, _BLOCK):
            count += len(block)
            peaks.append(_peaks(block))
            yield block

    if flac is None:
        for _ in looked_at():
            pass
    else:
        _write(flac, looked_at())
    if not count:
        raise MediaError(f"{wav.name} holds no sound", "extract the recording again")
    return Sound(count / SAMPLE_RATE, _levels(np.concatenate(peaks)))


def _write(flac: Path, sound: Iterator[Samples]) -> None:
    import soundfile

    try:
        with soundfile.SoundFile(flac, "w", RATE, 1, "PCM_16", format="FLAC") as file:
            for block in resampled(sound):
                file.write(block)
    except soundfile.SoundFileError as error:
        raise OSError(None, str(error), str(flac)) from error


def resampled(sound: Iterator[Samples]) -> Iterator[Samples]:
    """The sound at `RATE` Hz, in blocks; each is filtered with its neighbours' edges, so that no seam is heard."""
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
    loudest: NDArray[np.uint16] = loud.reshape(-1, width).max(axis=1)
    return loudest


def _levels(peaks: NDArray[np.uint16]) -> tuple[bytes, ...]:
    import numpy as np

    levels = [peaks]
    for _ in range(_LEVELS - 1):
        finer = np.pad(levels[-1], (0, -len(levels[-1]) % _COARSER))
        levels.append(finer.reshape(-1, _COARSER).max(axis=1))
    loudest = max(int(peaks.max()), 1)
    return tuple(np.rint(level * (255 / loudest)).astype(np.uint8).tobytes() for level in levels)
