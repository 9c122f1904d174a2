"""Which sounds are others over again: later, limited, or mixed, each part at a volume of its own.

A mixer delays by milliseconds, and a limiter lowers the volume where it is loud: a track is a mix of others if in
nearly every second a sum of them, each at its own delay and volume, is most of it; and if it has each of them wherever
that one is the loudest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.media.ffmpeg.sound import MINUTE, RATE, SILENT, Raw, blocks, loud, mean_products

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.media.ffmpeg.sound import Products

    Delays = NDArray[np.int64]  # (channels, channels) samples by which the first is later than the second
    Volumes = NDArray[np.float64]  # (seconds, parts), or of all seconds (parts,)

FEW_OF_SECONDS: Final = 0.02
"""Share of the seconds that may be otherwise."""
_MOST_DELAY: Final = RATE // 4
_SEGMENT: Final = 2 * RATE - _MOST_DELAY
_TRANSFORM: Final = 8192
_CONTRIBUTION: Final = 0.002
"""Share of a mix's power that a part has at least."""
_UNLIKE: Final = 0.5
"""Share of a second's power that is not that of the parts, where they are not what is heard."""
_LIMITED: Final = 0.15
"""Share of its usual volume that a part may have in a mix, by its limiter."""
_RIDGE: Final = 1e-3
"""Share of the parts' power that keeps volumes small where parts are alike."""
_LEAST_DELAY: Final = 2
"""Samples; the first gap of a mix of both is above 1 kHz if it is less."""
_ALIKE: Final = 0.8
"""Squared correlation of a channel and the same, delayed."""
_LATE: Final = RATE // 100
"""Samples by which a mix is later than its parts, from which on these are nearer to the picture."""
_MORE: Final = 2
"""Seconds that one of two tracks must have more of than the other to be preferred for it."""


class _Parts(NamedTuple):
    """The sounds that one is a mix of; its seconds that are of none of them, and their seconds that it lacks."""

    sounds: list[int]
    own: int
    lacking: int


def _delays(minutes: Iterable[NDArray[np.int16]], width: int) -> Delays:
    """How much later each of so many channels has what it shares with each other; up to a quarter of a second."""
    import numpy as np

    spectra = np.zeros((_TRANSFORM // 2 + 1, width, width), np.complex128)
    for block in minutes:
        padded = np.zeros((-(-len(block) // _SEGMENT) * _SEGMENT, width), np.float32)
        padded[: len(block)] = block - block.mean(axis=0)
        found = np.fft.rfft(padded.reshape(-1, _SEGMENT, width), _TRANSFORM, axis=1)
        spectra += np.matmul(found.transpose(1, 2, 0), found.conj().transpose(1, 0, 2))
    correlation = np.fft.irfft(spectra, axis=0)
    around = np.concatenate([correlation[-_MOST_DELAY:], correlation[: _MOST_DELAY + 1]])
    return np.asarray(around.argmax(axis=0) - _MOST_DELAY)


def without_copies(file: Raw, kept: Sequence[int]) -> tuple[list[int], list[str]]:
    """Which channels together hold everything, in the order of preference that they have; and why others are left out.

    A mix takes the place of its parts unless it is late; of two with the same sound the fuller, or else the preferred
    one is taken.
    """
    left, reasons = list(kept), list[str]()
    later = _delays(blocks([file]), file.channels)
    for channel in kept:
        others = [other for other in left if other != channel]
        if channel not in left or not others:
            continue
        found = _parts(_aligned(file, channel, others, later))
        parts = [others[part - 1] for part in found.sounds]
        if len(parts) == 1:
            fuller, *_ = sorted((channel, *parts), key=left.index)
            if abs(found.own - found.lacking) > _MORE:
                fuller = channel if found.own > found.lacking else parts[0]
            left = [other for other in left if other == fuller or other not in (channel, *parts)]
            reasons.append("1 with the sound of another")
        elif parts and found.own <= _MORE and later[channel, parts].min() > _LATE:
            left.remove(channel)
            reasons.append("1 that is a later mix of others")
        elif parts:
            left = [other for other in left if other not in parts]
            reasons.append(f"{len(parts)} of which another is the mix")
    return left, reasons


def delayed_copy(file: Raw, products: Products, pair: tuple[int, int]) -> float:
    """The seconds by which the second of two channels is the first one later, below 0 if earlier; 0 if it is not.

    How much later is seen in the loudest minute.

    Args:
        products: Of the file's channels.
    """
    import numpy as np

    own = products[:, pair][:, :, pair]
    minute = int(np.add.reduceat(np.einsum("scc->s", own), np.arange(0, len(own), MINUTE)).argmax())
    later = _delays(islice(blocks([file], minute), 1), file.channels)
    first, second = pair
    samples = int(later[second, first])
    if abs(samples) < _LEAST_DELAY or unrelated(_aligned(file, first, [second], later)):
        return 0.0
    return samples / RATE


def unrelated(products: Products) -> bool:
    """Whether two sounds differ by more than their volume in more than a few seconds."""
    import numpy as np

    first, second = products[:, 0, 0], products[:, 1, 1]
    heard = loud(first) | loud(second)
    alike = products[:, 0, 1] > np.sqrt(_ALIKE * np.maximum(first, 0.0) * np.maximum(second, 0.0))
    return bool((heard & ~alike).sum() > FEW_OF_SECONDS * heard.sum())


def _aligned(file: Raw, channel: int, others: Sequence[int], later: Delays) -> Products:
    """The products of a channel and others, these as much later as they are in it."""
    import numpy as np

    shifts = {channel: 0} | {other: int(later[channel, other]) for other in others}
    before = np.zeros((2 * _MOST_DELAY, file.channels), np.int16)
    found = []
    for block in blocks([file]):
        joined = np.concatenate([before, block])
        aligned = np.zeros((-(-len(block) // RATE) * RATE, len(shifts)), np.float32)
        for column, (source, shift) in enumerate(shifts.items()):
            start = _MOST_DELAY - shift
            aligned[: len(block), column] = joined[start : start + len(block), source]
        found.append(mean_products(aligned))
        before = joined[-2 * _MOST_DELAY :]
    return np.concatenate(found or [np.empty((0, len(shifts), len(shifts)), np.float32)])


def _parts(products: Products) -> _Parts:
    """What the first of the sounds is made of; no others where it is no mix of them."""
    import numpy as np

    exact = products.astype(np.float64)
    power = np.einsum("scc->sc", exact)
    parts = list(range(1, exact.shape[1]))
    while parts:
        usual = _volumes(exact.sum(axis=0, keepdims=True), parts)[0]
        share = usual**2 * power[:, parts].sum(axis=0) / (power[:, 0].sum() + 1)
        lacking = _lacking(exact, parts, usual)
        kept = [
            part
            for part, volume, much, lack in zip(parts, usual, share, lacking, strict=True)
            if volume > 0 and much > _CONTRIBUTION and lack is not None
        ]
        if kept == parts:
            break
        parts = kept
    if not parts:
        return _Parts([], 0, 0)
    unlike = loud(power[:, 0]) & (_rest(exact, parts) > _UNLIKE * power[:, 0])
    if unlike.sum() > FEW_OF_SECONDS * loud(power[:, 0]).sum():
        return _Parts([], 0, 0)
    return _Parts(parts, int(unlike.sum()), sum(lack or 0 for lack in _lacking(exact, parts, usual)))


def _lacking(products: NDArray[np.float64], parts: list[int], usual: Volumes) -> list[int | None]:
    """The seconds of each part that the first sound lacks, among those in which it is the loudest; None if many."""
    import numpy as np

    power = np.einsum("scc->sc", products)[:, parts]
    loudest = (usual**2 * power).argmax(axis=1)
    volumes = _volumes(products, parts)
    found: list[int | None] = []
    for at in range(len(parts)):
        own = loud(power[:, at].astype(np.float32)) & (loudest == at)
        heard = volumes[own, at]
        lacks = int((heard < _LIMITED * np.median(heard)).sum()) if len(heard) else 0
        found.append(lacks if len(heard) and lacks <= FEW_OF_SECONDS * len(heard) else None)
    return found


def _volumes(products: NDArray[np.float64], parts: list[int]) -> Volumes:
    """(seconds, parts) the volumes at which the parts are most of the first sound."""
    import numpy as np

    between = products[:, parts][:, :, parts]
    ridge = _RIDGE * np.trace(between, axis1=1, axis2=2) / len(parts) + 10 ** (SILENT / 10) * _RIDGE
    solved = np.linalg.solve(between + ridge[:, None, None] * np.eye(len(parts)), products[:, parts, :1])
    return np.asarray(solved[:, :, 0])


def _rest(products: NDArray[np.float64], parts: list[int]) -> NDArray[np.float64]:
    """(seconds,) the power of what the parts, at the best volumes, leave of the first sound."""
    import numpy as np

    volumes = _volumes(products, parts)
    rest = np.zeros(products.shape[:2])
    rest[:, 0], rest[:, parts] = 1.0, -volumes
    return np.asarray(np.einsum("sij,si,sj->s", products, rest, rest))
