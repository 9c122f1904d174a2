"""Log-likelihoods of English phones in each frame, by the acoustic model in the pocketsphinx wheel.

Only the context-independent phones of the model are used: a codebook of Gaussians for each phone and
feature stream, and mixture weights for each state. No decoder is involved, so the scores of a frame
depend on the audio alone.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.acoustic_model.cepstra import cepstra
from imigue_build.backends.acoustic_model.model import REMEDY, model_folder
from imigue_build.core.errors import BackendError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples

    Scores = NDArray[np.float32]  # (frames, phones), natural logarithms

_STATES: Final = 3  # per phone
_STREAMS: Final = 3  # cepstra, deltas, double deltas
_WEIGHT_BASE: Final = 1024 * math.log(1.0001)  # mixture weights are stored as negative logarithms to this base
_BLOCK: Final = 64  # frames per matrix product: few enough for numpy's BLAS to stay in one thread
_MIN_VARIANCE: Final = 1e-4
_NON_SPEECH: Final = ("SIL", "+NSN+", "+SPN+")


class _Model(NamedTuple):
    """The Gaussians and mixture weights of the context-independent phones.

    Silence and noise are left out. `gaussians`: (streams, phones, 2 * coefficients + 1, densities), the factors of
    squares, values and 1 in the log density. `weights`: (streams, phones, densities, states).
    """

    phones: tuple[str, ...]
    gaussians: NDArray[np.float32]
    weights: NDArray[np.float32]


def phones() -> tuple[str, ...]:
    """The phones that `scores` has columns for; silence and noise are excluded.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    return _model().phones


def scores(sound: Samples) -> Scores:
    """The log-likelihood of each phone in each frame, up to a constant per frame.

    Args:
        sound: (samples,), 16 kHz; its cepstral mean is taken as the channel's.

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
    blocks = [_block([part[start : start + _BLOCK] for part in terms]) for start in range(0, len(terms[0]), _BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros((0, len(phones())), np.float32)


def _block(terms: Sequence[NDArray[np.float32]]) -> Scores:
    """The scores of a block of frames.

    Args:
        terms: Per stream (frames, 2 * coefficients + 1): squares, values and 1.
    """
    import numpy as np

    model = _model()
    states = np.zeros((len(model.phones), len(terms[0]), _STATES), np.float32)
    for stream, gaussians, weights in zip(terms, model.gaussians, model.weights, strict=True):
        densities = stream @ gaussians
        best = densities.max(axis=2, keepdims=True)
        densities -= best
        states += best + np.log(np.exp(densities, out=densities) @ weights)
    return np.asarray(np.logaddexp.reduce(states, axis=2).T)


def _streams(sound: Samples) -> list[NDArray[np.float64]]:
    """Mean-normalised cepstra, their deltas over four frames, and the double deltas over two."""
    import numpy as np

    values = cepstra(sound)
    if not len(values):
        return [values] * _STREAMS
    values -= values.mean(axis=0)
    padded = np.pad(values, ((3, 3), (0, 0)), "edge")

    def shifted(offset: int) -> NDArray[np.float64]:
        return padded[3 + offset : 3 + offset + len(values)]

    return [values, shifted(2) - shifted(-2), (shifted(3) - shifted(-1)) - (shifted(1) - shifted(-3))]


@cache
def _model() -> _Model:
    folder = model_folder() / "en-us"
    try:
        return _read(folder)
    except (OSError, ValueError, struct.error) as error:
        raise BackendError(f"pocketsphinx's model {folder} cannot be read ({error})", REMEDY) from error


def _read(folder: Path) -> _Model:
    import numpy as np

    names = _names((folder / "mdef").read_bytes())
    means = _densities((folder / "means").read_bytes())
    variances = np.maximum(_densities((folder / "variances").read_bytes()), _MIN_VARIANCE)
    constant = -0.5 * (means**2 / variances + np.log(2 * np.pi * variances)).sum(axis=-1, keepdims=True)
    gaussians = np.concatenate([-0.5 / variances, means / variances, constant], axis=-1)
    count, _, density, _ = means.shape
    if count != len(names):
        raise ValueError("the number of codebooks differs from the number of phones")
    stored = _weights((folder / "sendump").read_bytes(), density)[:, :, : count * _STATES]
    weights = np.exp(-_WEIGHT_BASE * stored.astype(np.float64)).reshape(_STREAMS, density, count, _STATES)
    speech = [index for index, name in enumerate(names) if name not in _NON_SPEECH]
    return _Model(
        tuple(names[index] for index in speech),
        np.ascontiguousarray(gaussians.transpose(1, 0, 3, 2)[:, speech], dtype=np.float32),
        np.ascontiguousarray(weights.transpose(0, 2, 1, 3)[:, speech], dtype=np.float32),
    )


def _names(data: bytes) -> tuple[str, ...]:
    """The phones of a binary model definition: a description, then their number, then their names."""
    length, start = struct.unpack_from("<4xi i", data)[1], 12
    start += length
    (count,) = struct.unpack_from("<i", data, start)
    first = data.index(_NON_SPEECH[1].encode() + b"\0", start)
    return tuple(name.decode() for name in data[first:].split(b"\0", count)[:count])


def _densities(data: bytes) -> NDArray[np.float64]:
    """(phones, streams, densities, coefficients): the content of a file of means or variances."""
    import numpy as np

    start = data.index(b"endhdr\n") + 7
    order, books, streams, densities = struct.unpack_from("<I3i", data, start)
    sizes = struct.unpack_from(f"<{streams}i", data, start + 16)
    if order != 0x11223344 or streams != _STREAMS or len(set(sizes)) != 1:
        raise ValueError("unsupported format of means or variances")
    start += 16 + 4 * streams + 4
    shape = (books, streams, densities, sizes[0])
    return np.frombuffer(data, "<f4", math.prod(shape), start).reshape(shape).astype(np.float64)


def _weights(data: bytes, densities: int) -> NDArray[np.uint8]:
    """(streams, densities, states of all phones): the content of a file of mixture weights.

    The states of the context-independent phones come first.
    """
    import numpy as np

    start = 0
    while length := struct.unpack_from("<i", data, start)[0]:
        start += 4 + length
    rows, columns = struct.unpack_from("<2i", data, start + 4)
    if rows != densities:
        raise ValueError("unsupported format of mixture weights")
    return np.frombuffer(data, np.uint8, _STREAMS * rows * columns, start + 12).reshape(_STREAMS, rows, columns)
