"""The sound of a recording's channels or tracks at a low rate, from which it is decided which of them are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Levels = NDArray[np.int8]  # (steps, channels) in decibels, 0 for a power of 1
    Products = NDArray[np.float32]  # (seconds, channels, channels) mean products of two channels' samples
    Weights = NDArray[np.float64]  # (channels,)
    Flags = NDArray[np.bool_]  # (seconds,)

RATE: Final = 4000
"""Of the raw files, in Hz: it keeps most of the energy of speech."""
STEP: Final = RATE // 50
"""Samples of a step of `Sound.levels`: 20 ms."""
SILENT: Final = 30
"""Decibels; about -60 dB of full scale."""
MINUTE: Final = 60
"""Seconds that are read at once."""
_BLOCK: Final = MINUTE * RATE
_PAUSE: Final = 10**-2.5
"""A second of less power than this, by that of the loud ones, is a pause."""


class Raw(NamedTuple):
    """A raw file of so many interleaved channels, 16-bit PCM at `RATE`."""

    path: Path
    channels: int


class Sound(NamedTuple):
    """The levels of channels every 20 ms, and their mean products every second; a constant offset does not count."""

    levels: Levels
    products: Products

    def of(self, channels: slice) -> Sound:
        """That of some channels."""
        return Sound(self.levels[:, channels], self.products[:, channels, channels])


def read_sound(files: Sequence[Raw]) -> Sound:
    """The sound of raw files side by side; after the end of one there is silence."""
    import numpy as np

    width = sum(raw.channels for raw in files)
    levels, products = [np.empty((0, width), np.int8)], [np.empty((0, width, width), np.float32)]
    for block in blocks(files):
        padded = np.zeros((-(-len(block) // RATE) * RATE, width), np.float32)
        padded[: len(block)] = block
        steps = np.ascontiguousarray(padded.T).reshape(width, -1, STEP)
        power = np.einsum("cns,cns->nc", steps, steps) / STEP - np.square(steps.mean(axis=2)).T
        levels.append(np.round(10 * np.log10(np.maximum(power, 0) + 1)).astype(np.int8))
        products.append(mean_products(padded))
    return Sound(np.concatenate(levels), np.concatenate(products))


def mean_products(samples: NDArray[np.float32]) -> Products:
    """The products of whole seconds, (samples, channels), each without its mean."""
    import numpy as np

    seconds = samples.reshape(-1, RATE, samples.shape[1])
    means = np.matmul(np.full(RATE, 1 / RATE, np.float32), seconds)
    return np.asarray(np.matmul(seconds.transpose(0, 2, 1), seconds) / RATE - means[:, :, None] * means[:, None, :])


def write_mixes(files: Sequence[Raw], weights: NDArray[np.float64], target: Path) -> Raw:
    """Writes mixes of the channels of raw files, as `read_sound` numbers them, side by side as one raw file.

    Args:
        weights: (mixes, channels)
    """
    with target.open("wb") as output:
        for block in blocks(files):
            output.write((block @ weights.T).clip(-32768, 32767).astype("<i2").tobytes())
    return Raw(target, len(weights))


def blocks(files: Sequence[Raw], first: int = 0) -> Iterator[NDArray[np.int16]]:
    """(samples, channels) of a minute of all files, from minute `first` on."""
    import numpy as np

    with ExitStack() as stack:
        opened = [(stack.enter_context(raw.path.open("rb")), raw.channels) for raw in files]
        for file, channels in opened:
            file.seek(2 * channels * _BLOCK * first)
        while any(parts := [file.read(2 * channels * _BLOCK) for file, channels in opened]):
            found = [
                np.frombuffer(part, "<i2", len(part) // (2 * raw.channels) * raw.channels).reshape(-1, raw.channels)
                for part, raw in zip(parts, files, strict=True)
            ]
            longest = max(map(len, found))
            yield np.concatenate([np.pad(samples, ((0, longest - len(samples)), (0, 0))) for samples in found], axis=1)


def loud(power: NDArray[np.float32]) -> Flags:
    """The seconds that are no pause."""
    import numpy as np

    usual = np.percentile(power, 90) if len(power) else 0.0
    return np.asarray(power > max(_PAUSE * usual, 10 ** (SILENT / 10)))


def power_of(products: Products, weights: Weights) -> NDArray[np.float64]:
    """(seconds,) of a weighted sum of the channels."""
    import numpy as np

    return np.asarray(np.einsum("sij,i,j->s", products, weights, weights))
