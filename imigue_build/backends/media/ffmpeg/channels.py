"""Which channels, or tracks, of a recording hold the interview, decided from their sound at a low rate.

A channel whose level is steady holds no speech: silence, hum, a tone, timecode. Channels may cancel each other in
some seconds alone: where recordings were joined, or where one microphone's polarity is inverted. A track may be a
mix of others, or hold the same sound. All is counted in seconds, so that rare speech counts.
"""

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
MOST_CHANNELS: Final = 16
"""More are not compared."""
_STEP: Final = RATE // 50
_BLOCK: Final = 60 * RATE
_SILENT: Final = 30
"""Decibels; about -60 dB of full scale."""
_STEADY: Final = 6
"""Decibels by which a steady level varies at most."""
_FEW_STEPS: Final = 25
_FEW_OF_STEPS: Final = 0.001
"""Steps, and share of them, that may differ where a level is steady: clicks, the edges of tones."""
_PAUSE: Final = 10**-2.5
"""A second of less power than this, by that of the loud ones, is a pause."""
_WEAK: Final = 0.1
"""Share of the power of unrelated channels, or of the loudest channel, below which a mix is weak."""
_FEW_SECONDS: Final = 2
_FEW_OF_SECONDS: Final = 0.02
"""Seconds, or share of them, in which channels that cancel each other are noticed."""
_CONTRIBUTION: Final = 0.02
"""Share of a track's power that another one must contribute to be a part of it."""


class Sound(NamedTuple):
    """The channels of a recording: their levels every 20 ms, and their mean products every second."""

    levels: Levels
    products: Products

    def of(self, channels: slice) -> Sound:
        """That of some channels."""
        return Sound(self.levels[:, channels], self.products[:, channels, channels])


class Raw(NamedTuple):
    """A raw file of so many interleaved channels, 16-bit PCM at `RATE`."""

    path: Path
    channels: int


class Mix(NamedTuple):
    """A weight for each channel, the channels that hold speech, and a warning where it is not the mean of all."""

    weights: tuple[float, ...]
    speaking: tuple[int, ...]
    warning: str = ""


def read_sound(files: Sequence[Raw]) -> Sound:
    """The sound of raw files side by side; after the end of one there is silence."""
    import numpy as np

    width = sum(raw.channels for raw in files)
    levels, products = [np.empty((0, width), np.int8)], [np.empty((0, width, width), np.float32)]
    for block in _blocks(files):
        padded = np.zeros((-(-len(block) // RATE) * RATE, width), np.float32)
        padded[: len(block)] = block
        power = np.square(padded.reshape(-1, _STEP, width)).mean(axis=1) + 1
        levels.append(np.round(10 * np.log10(power)).astype(np.int8))
        seconds = padded.reshape(-1, RATE, width)
        products.append(np.matmul(seconds.transpose(0, 2, 1), seconds) / RATE)
    return Sound(np.concatenate(levels), np.concatenate(products))


def write_pair(files: Sequence[Raw], weights: NDArray[np.float64], target: Path) -> None:
    """Writes two mixes of the channels of raw files, as `read_sound` numbers them, as one raw file.

    Args:
        weights: (2, channels)
    """
    with target.open("wb") as output:
        for block in _blocks(files):
            output.write((block @ weights.T).clip(-32768, 32767).astype("<i2").tobytes())


def _blocks(files: Sequence[Raw]) -> Iterator[NDArray[np.int16]]:
    """(samples, channels) of a minute of all files."""
    import numpy as np

    with ExitStack() as stack:
        opened = [(stack.enter_context(raw.path.open("rb")), raw.channels) for raw in files]
        while any(parts := [file.read(2 * channels * _BLOCK) for file, channels in opened]):
            found = [
                np.frombuffer(part, "<i2", len(part) // (2 * raw.channels) * raw.channels).reshape(-1, raw.channels)
                for part, raw in zip(parts, files, strict=True)
            ]
            longest = max(map(len, found))
            yield np.concatenate([np.pad(samples, ((0, longest - len(samples)), (0, 0))) for samples in found], axis=1)


def varied(sound: Sound) -> list[int]:
    """The channels whose level is not steady."""
    import numpy as np

    found = []
    for channel in range(sound.levels.shape[1]):
        heard = sound.levels[:, channel]
        heard = heard[heard > _SILENT].astype(np.int16)
        other = np.abs(heard - np.median(heard)) > _STEADY if len(heard) else heard
        if other.sum() > _FEW_STEPS + _FEW_OF_STEPS * len(heard):
            found.append(channel)
    return found


def mix_of(sound: Sound, name: str) -> Mix:
    """How the channels of the file `name` are mixed: the mean of those that hold speech, where no voice is lost in it.

    If channels cancel each other, it is the one channel, or of two the difference, that is weak in the fewest seconds.
    """
    import numpy as np

    count = sound.levels.shape[1]
    kept = varied(sound) or list(range(count))
    warnings = []
    if left_out := [str(channel + 1) for channel in range(count) if channel not in kept]:
        which = f"channel{'s' * (len(left_out) > 1)} {', '.join(left_out)} of {name}"
        warnings.append(f"{which}: silence or a steady sound, left out; extract.channels chooses others")
    mean, found = _mean(kept, count), _cancelled(sound.products, kept)
    if found is None:
        return Mix(tuple(mean.tolist()), tuple(kept), "; ".join(warnings))
    units = np.eye(count)[kept]
    best, weak = _strongest(
        sound.products, [*units, *([(units[0] - units[1]) / 2] if len(kept) == 2 else []), mean], kept
    )
    cancelled, loud = found
    used = [channel for channel, weight in enumerate(best) if weight]
    how = f"only the {_ordinal(used[0])} is used" if len(used) == 1 else "the second is inverted"
    if (best == mean).all():
        how = "they are averaged all the same"
    which = f"{'the two' if count == 2 else 'some'} channels of {name} cancel each other"
    where = "" if cancelled == loud else f" in {cancelled} of {loud} s"
    lost = f"; {weak} s are weak: extract.channels chooses others" if weak else ""
    return Mix(tuple(best.tolist()), tuple(kept), "; ".join([*warnings, f"{which}{where}: {how}{lost}"]))


def tracks_of(products: Products, spoken: list[int]) -> tuple[list[int], str]:
    """Which tracks, the preferred ones first, together hold everything; and why others are left out.

    `spoken` are those that hold speech. A track that is a mix of others takes their place; of two with the same sound,
    the first is taken.
    """
    import numpy as np

    count, kept, reasons = products.shape[1], spoken or list(range(products.shape[1])), []
    if len(kept) < count:
        reasons.append(f"{count - len(kept)} silent or of a steady sound")
    for track in list(kept):
        parts = _parts(products, track, [other for other in kept if other != track]) if track in kept else []
        if len(parts) == 1 and parts[0] < track:
            kept.remove(track)
            reasons.append("1 with the sound of another")
        elif len(parts) > 1:
            kept = [other for other in kept if other not in parts]
            reasons.append(f"{len(parts)} of which another is the mix")
    if _cancelled(products, kept) is not None:
        best, _ = _strongest(products, list(np.eye(count)[kept]), kept)
        reasons.append(f"{len(kept) - 1} that would cancel another")
        kept = [int(best.argmax())]
    return kept, ", ".join(reasons)


def _mean(kept: list[int], count: int) -> Weights:
    import numpy as np

    return np.isin(np.arange(count), kept) / len(kept)


def _cancelled(products: Products, kept: list[int]) -> tuple[int, int] | None:
    """The seconds in which the mean of the channels is weak, and those that are no pause; None if there are too few."""
    import numpy as np

    powers = np.einsum("scc->sc", products)[:, kept]
    loud = _loud(powers.max(axis=1))
    unrelated = powers.sum(axis=1) / len(kept) ** 2
    weak = loud & (_power(products, _mean(kept, products.shape[1])) < _WEAK * unrelated)
    cancelled, seconds = int(weak.sum()), int(loud.sum())
    enough = cancelled and cancelled >= min(_FEW_SECONDS, _FEW_OF_SECONDS * seconds)
    return (cancelled, seconds) if enough else None


def _strongest(products: Products, mixes: list[Weights], kept: list[int]) -> tuple[Weights, int]:
    """The mix that is weak, compared with the loudest channel, in the fewest seconds; and their number."""
    import numpy as np

    loudest = np.einsum("scc->sc", products)[:, kept].max(axis=1)
    loud = _loud(loudest)

    def weakness(weights: Weights) -> tuple[int, int]:
        share = np.clip(_power(products, weights)[loud] / loudest[loud], 1e-6, 1)
        return int((share < _WEAK).sum()), round(float(-10 * np.log10(share).mean()))

    best = min(mixes, key=weakness)
    return best, weakness(best)[0]


def _ordinal(channel: int) -> str:
    return ("first", "second", "third")[channel] if channel < 3 else f"{channel + 1}th"


def _parts(products: Products, track: int, others: list[int]) -> list[int]:
    """The other tracks whose sum, each at its own volume, is this track in nearly every second; none if it is not."""
    import numpy as np

    if not others:
        return []
    total = products.astype(np.float64).sum(axis=0)
    ridge = 1e-6 * np.trace(total) * np.eye(len(others)) + np.eye(len(others))
    volumes = np.linalg.solve(total[np.ix_(others, others)] + ridge, total[others, track])
    part = volumes**2 * np.diag(total)[others] > _CONTRIBUTION * total[track, track]
    if (volumes[part] < 0).any():
        return []
    rest = np.zeros(len(total))
    rest[track], rest[np.array(others)[part]] = 1.0, -volumes[part]
    power = products[:, track, track]
    loud = _loud(power)
    unlike = loud & (_power(products, rest) > _WEAK * power)
    if unlike.sum() > _FEW_OF_SECONDS * loud.sum():
        return []
    return [other for other, is_part in zip(others, part, strict=True) if is_part]


def _loud(power: NDArray[np.float32]) -> Flags:
    """The seconds that are no pause."""
    import numpy as np

    usual = np.percentile(power, 90) if len(power) else 0.0
    return np.asarray(power > max(_PAUSE * usual, 10 ** (_SILENT / 10)))


def _power(products: Products, weights: Weights) -> NDArray[np.float64]:
    """(seconds,) of a weighted sum of the channels."""
    import numpy as np

    return np.asarray(np.einsum("sij,i,j->s", products, weights, weights))
