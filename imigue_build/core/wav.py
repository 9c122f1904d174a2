"""Reading the WAVs that extract wrote: 16-bit PCM, mono."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from imigue_build.core.errors import MediaError
from imigue_build.core.untrusted.files import open_regular

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_REMEDY = "extract the recording again"


def read_wav(path: Path) -> NDArray[np.int16]:
    """The samples of a 16-bit mono WAV at its own rate, (samples,), read-only.

    Raises:
        MediaError: If the file cannot be read, is cut off, or is of another kind.
    """
    import numpy as np

    with _opened(path) as file:
        data = file.readframes(file.getnframes())
        if len(data) != 2 * file.getnframes():
            found = f"{len(data) // 2} of {file.getnframes()} samples"
            raise MediaError(f"{path.name} is cut off: {found}", _REMEDY)
    return np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False)


def blocks(path: Path, rate: int, size: int) -> Iterator[NDArray[np.int16]]:
    """The samples of a 16-bit mono WAV of some rate, in arrays of `size` (the last one is shorter), read-only.

    Raises:
        MediaError: If the file cannot be read, is cut off, or is of another kind.
    """
    import numpy as np

    with _opened(path) as file:
        if file.getframerate() != rate:
            raise MediaError(f"{path.name} is of {file.getframerate()} Hz, not {rate}", _REMEDY)
        left = file.getnframes()
        while left:
            data = file.readframes(min(size, left))
            if len(data) != 2 * min(size, left):
                raise MediaError(f"{path.name} is cut off: {left - len(data) // 2} samples are missing", _REMEDY)
            left -= len(data) // 2
            yield np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False)


def duration(path: Path) -> float:
    """Seconds of sound in a 16-bit mono WAV, by its header.

    Raises:
        MediaError: If the file cannot be read or is of another kind.
    """
    with _opened(path) as file:
        return file.getnframes() / file.getframerate()


@contextmanager
def _opened(path: Path) -> Iterator[wave.Wave_read]:
    try:
        with open_regular(path) as raw, _begun(raw) as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, 2):
                found = f"{file.getnchannels()} channels of {8 * file.getsampwidth()} bits"
                raise MediaError(f"{path.name} is no 16-bit mono WAV: {found}", _REMEDY)
            yield file
    except OSError as error:
        raise MediaError(f"{path.name} cannot be read ({error.strerror})", _REMEDY) from None
    except (wave.Error, EOFError) as error:
        raise MediaError(f"{path.name} is no 16-bit mono WAV ({str(error) or 'it ends too soon'})", _REMEDY) from None


def _begun(raw: IO[bytes]) -> wave.Wave_read:
    try:
        return wave.open(raw, "rb")
    except RuntimeError:  # what the library makes of a chunk that ends after the file
        raise wave.Error("a part of it is longer than the file") from None
