"""How likely each English phone is in each frame of a sound, by the acoustic model that pocketsphinx's wheel carries.

Of the model only the phones regardless of their neighbours are used: a codebook of Gaussians for each phone and
stream of features, and mixture weights for each of a phone's states. No decoder takes part, so a frame's scores
depend on the sound alone.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.acoustic_model.cepstra import cepstra
from imigue_build.core.errors import BackendError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples

    Scores = NDArray[np.float32]  # (frames, phones), natural logarithms

FRAME: Final = 0.010
"""Seconds from one frame to the next."""

_STATES: Final = 3  # of a phone
_STREAMS: Final = 3  # cepstra, their differences, and the differences of those
_WEIGHT_BASE: Final = 1024 * math.log(1.0001)  # mixture weights are stored as negative logarithms to this base
_BLOCK: Final = 64  # frames at once: few enough that numpy's matrix library stays in one thread
_LEAST_VARIANCE: Final = 1e-4
_NO_SPEECH: Final = ("SIL", "+NSN+", "+SPN+")
_REMEDY: Final = "reinstall it: pip install --force-reinstall pocketsphinx"


class _Model(NamedTuple):
    """`gaussians` (streams, phones, densities, 2 * coefficients + 1): factors of squares, values and 1 in a
    density's logarithm; `weights` (streams, phones, densities, states)."""

    phones: tuple[str, ...]
    gaussians: NDArray[np.float32]
    weights: NDArray[np.float32]


def phones() -> tuple[str, ...]:
    """The names of the phones that `scores` has columns for, silence and noise not among them.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    return tuple(name for name in _model().phones if name not in _NO_SPEECH)


def scores(sound: Samples) -> Scores:
    """The log-likelihood of each phone in each frame, up to a number for each frame that all phones share.

    Args:
        sound: (samples,), 16 kHz; its mean spectrum is taken for the channel's.

    Returns:
        (frames, phones), in the order of `phones()`.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    import numpy as np

    terms = [
        np.concatenate([features**2, features, np.ones((len(features), 1))], axis=1).astype(np.float32)
        for features in _streams(sound)
    ]
    blocks = [_block([part[at : at + _BLOCK] for part in terms]) for at in range(0, len(terms[0]), _BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros((0, len(phones())), np.float32)


def _block(terms: Sequence[NDArray[np.float32]]) -> Scores:
    """The scores of some frames.

    Args:
        terms: A stream, (frames, 2 * coefficients + 1): squares, values and 1.
    """
    import numpy as np

    model = _model()
    found = []
    for phone, name in enumerate(model.phones):
        if name not in _NO_SPEECH:
            states = np.zeros((len(terms[0]), _STATES), np.float32)
            for part, gaussians, weights in zip(terms, model.gaussians, model.weights, strict=True):
                densities = part @ gaussians[phone].T
                best = densities.max(axis=1, keepdims=True)
                states += best + np.log(np.exp(densities - best) @ weights[phone])
            found.append(np.logaddexp.reduce(states, axis=1))
    return np.stack(found, axis=1)


def _streams(sound: Samples) -> list[NDArray[np.float64]]:
    """Cepstra less their mean, their differences over four frames, and the differences of those over two."""
    import numpy as np

    values = cepstra(sound)
    if not len(values):
        return [values] * _STREAMS
    values -= values.mean(axis=0)
    padded = np.pad(values, ((3, 3), (0, 0)), "edge")

    def at(offset: int) -> NDArray[np.float64]:
        return padded[3 + offset : 3 + offset + len(values)]

    return [values, at(2) - at(-2), (at(3) - at(-1)) - (at(1) - at(-3))]


@cache
def _model() -> _Model:
    try:
        from pocketsphinx import get_model_path
    except ImportError as error:
        raise BackendError("the package pocketsphinx is not installed", _REMEDY) from error
    folder = Path(get_model_path("en-us"), "en-us")
    try:
        return _read(folder)
    except (OSError, ValueError, struct.error) as error:
        raise BackendError(f"pocketsphinx's model {folder} cannot be read ({error})", _REMEDY) from error


def _read(folder: Path) -> _Model:
    import numpy as np

    names = _names((folder / "mdef").read_bytes())
    means = _densities((folder / "means").read_bytes())
    variances = np.maximum(_densities((folder / "variances").read_bytes()), _LEAST_VARIANCE)
    constant = -0.5 * (means**2 / variances + np.log(2 * np.pi * variances)).sum(axis=-1, keepdims=True)
    gaussians = np.concatenate([-0.5 / variances, means / variances, constant], axis=-1)
    count, _, density, _ = means.shape
    if count != len(names):
        raise ValueError("it has not one codebook a phone")
    stored = _weights((folder / "sendump").read_bytes(), density)[:, :, : count * _STATES]
    weights = np.exp(-_WEIGHT_BASE * stored.astype(np.float64)).reshape(_STREAMS, density, count, _STATES)
    return _Model(
        names,
        np.ascontiguousarray(gaussians.transpose(1, 0, 2, 3), dtype=np.float32),
        np.ascontiguousarray(weights.transpose(0, 2, 1, 3), dtype=np.float32),
    )


def _names(data: bytes) -> tuple[str, ...]:
    """The phones of a binary model definition: their number stands after its description, their names after that."""
    described, start = struct.unpack_from("<4xi i", data)[1], 12
    start += described
    (count,) = struct.unpack_from("<i", data, start)
    first = data.index(_NO_SPEECH[1].encode() + b"\0", start)
    return tuple(name.decode() for name in data[first:].split(b"\0", count)[:count])


def _densities(data: bytes) -> NDArray[np.float64]:
    """(phones, streams, densities, coefficients) of a file of means or variances."""
    import numpy as np

    start = data.index(b"endhdr\n") + 7
    order, books, streams, densities = struct.unpack_from("<I3i", data, start)
    sizes = struct.unpack_from(f"<{streams}i", data, start + 16)
    if order != 0x11223344 or streams != _STREAMS or len(set(sizes)) != 1:
        raise ValueError("its means or variances are of another kind")
    start += 16 + 4 * streams + 4
    shape = (books, streams, densities, sizes[0])
    return np.frombuffer(data, "<f4", math.prod(shape), start).reshape(shape).astype(np.float64)


def _weights(data: bytes, densities: int) -> NDArray[np.uint8]:
    """(streams, densities, states of all phones) of a file of mixture weights; the states regardless of neighbours
    come first."""
    import numpy as np

    start = 0
    while length := struct.unpack_from("<i", data, start)[0]:
        start += 4 + length
    rows, columns = struct.unpack_from("<2i", data, start + 4)
    if rows != densities:
        raise ValueError("its mixture weights are of another kind")
    return np.frombuffer(data, np.uint8, _STREAMS * rows * columns, start + 12).reshape(_STREAMS, rows, columns)
