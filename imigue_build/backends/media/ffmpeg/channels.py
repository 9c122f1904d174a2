"""Which channels of a recording hold the interview, and how they are mixed, decided from their sound.

A channel whose level is steady holds no speech: silence, hum, a tone, timecode. Channels may cancel each other in
some seconds alone: where recordings were joined, or where one microphone's polarity is inverted. One may be the other
later, or hold another language. All is counted in seconds, so that rare speech counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.media.ffmpeg.mixtures import FEW_OF_SECONDS, delayed_copy, unrelated
from imigue_build.backends.media.ffmpeg.sound import SILENT, Raw, Sound, loud, power_of
from imigue_build.backends.media.ffmpeg.voices import loud_seconds, other_speech, speech_seconds

if TYPE_CHECKING:
    from imigue_build.backends.media.ffmpeg.sound import Products, Weights

MOST_CHANNELS: Final = 32
"""More are not compared."""
_STEADY: Final = 6
"""Decibels by which a steady level varies at most."""
_FEW_STEPS: Final = 25
_FEW_OF_STEPS: Final = 0.001
"""Steps, and share of them, that may differ where a level is steady: clicks, the edges of tones."""
_WEAK: Final = 0.1
"""Share of the power of unrelated channels, or of the loudest channel, below which a mix is weak."""
_FEW_SECONDS: Final = 2
"""Seconds, if `FEW_OF_SECONDS` are more, in which channels that cancel each other are noticed."""


class Mix(NamedTuple):
    """A weight for each channel, the channels that hold speech, and why it is not the mean of all, where it is not."""

    weights: tuple[float, ...]
    speaking: tuple[int, ...]
    reason: str = ""

    def text(self, name: str) -> str:
        """What a user should know of it; `name` is that of the file or track."""
        return f"{name}: {self.reason}; extract.channels chooses others" if self.reason else ""


def varied(sound: Sound) -> list[int]:
    """The channels whose level is not steady."""
    import numpy as np

    found = []
    for channel in range(sound.levels.shape[1]):
        heard = sound.levels[:, channel]
        heard = heard[heard > SILENT].astype(np.int16)
        other = np.abs(heard - np.median(heard)) > _STEADY if len(heard) else heard
        if other.sum() > _FEW_STEPS + _FEW_OF_STEPS * len(heard):
            found.append(channel)
    return found


def mean_of(kept: Sequence[int], count: int) -> Weights:
    """The weights of the mean of some of so many channels."""
    import numpy as np

    return np.isin(np.arange(count), kept) / len(kept)


def mix_of(sound: Sound, raw: Raw, among: Sequence[int]) -> Mix:
    """How channels are mixed: the mean of those that hold speech, where no voice is lost in it.

    If channels cancel each other, it is the one channel, or of two the difference, that is weak in the fewest seconds.

    Args:
        sound: Of the file.
        raw: The file.
        among: The channels that may hold speech.

    Raises:
        BackendError: If the VAD cannot be loaded.
    """
    import numpy as np

    count = raw.channels
    heard = [channel for channel in varied(sound) if channel in among]
    kept = heard or list(among)
    reasons = []
    if left_out := [str(channel + 1) for channel in among if channel not in kept]:
        which = f"channel{'s' * (len(left_out) > 1)} {', '.join(left_out)}"
        reasons.append(f"{which}: silence or a steady sound, left out")
    if len(heard) == 2:
        kept, reason = _one_of(sound, raw, (kept[0], kept[1]))
        reasons += [reason] if reason else []
    mean, found = mean_of(kept, count), cancelled(sound.products, kept)
    if found is None:
        return Mix(tuple(mean.tolist()), tuple(kept), "; ".join(reasons))
    units = np.eye(count)[kept]
    mixes = [*units, *([(units[0] - units[1]) / 2] if len(kept) == 2 else []), mean]
    best, weak = strongest(sound.products, mixes, kept)
    seconds, of_seconds = found
    used = [channel for channel, weight in enumerate(best) if weight]
    how = f"only the {_ordinal(used[0])} is used" if len(used) == 1 else "the second is inverted"
    if (best == mean).all():
        how = "they are averaged all the same"
    which = f"{'the two' if count == 2 else 'some'} channels cancel each other"
    where = "" if seconds == of_seconds else f" in {seconds} of {of_seconds} s"
    lost = f"; {weak} s are weak" if weak else ""
    return Mix(tuple(best.tolist()), tuple(kept), "; ".join([*reasons, f"{which}{where}: {how}{lost}"]))


def cancelled(products: Products, kept: Sequence[int]) -> tuple[int, int] | None:
    """The seconds in which the mean of the channels is weak, and those that are no pause; None if there are too few."""
    import numpy as np

    powers = np.einsum("scc->sc", products)[:, kept]
    heard = loud(powers.max(axis=1))
    unrelated = powers.sum(axis=1) / len(kept) ** 2
    weak = heard & (power_of(products, mean_of(kept, products.shape[1])) < _WEAK * unrelated)
    seconds, of_seconds = int(weak.sum()), int(heard.sum())
    enough = seconds and seconds >= min(_FEW_SECONDS, FEW_OF_SECONDS * of_seconds)
    return (seconds, of_seconds) if enough else None


def strongest(products: Products, mixes: Sequence[Weights], kept: Sequence[int]) -> tuple[Weights, int]:
    """The mix that is weak, compared with the loudest channel, in the fewest seconds; and their number."""
    import numpy as np

    loudest = np.einsum("scc->sc", products)[:, kept].max(axis=1)
    heard = loud(loudest)

    def weakness(weights: Weights) -> tuple[int, int]:
        share = np.clip(power_of(products, weights)[heard] / loudest[heard], 1e-6, 1)
        return int((share < _WEAK).sum()), round(float(-10 * np.log10(share).mean()))

    best = min(mixes, key=weakness)
    return best, weakness(best)[0]


def _one_of(sound: Sound, raw: Raw, pair: tuple[int, int]) -> tuple[list[int], str]:
    """Of two channels those that are mixed, and why one of them is left out."""
    if not unrelated(sound.products[:, pair][:, :, pair]):
        return list(pair), ""
    if later := delayed_copy(raw, sound.products, pair):
        first, second = pair if later > 0 else reversed(pair)
        reason = f"channel {second + 1}: channel {first + 1} again, {abs(later) * 1000:.0f} ms later, left out"
        return [first], reason
    speech = loud_seconds(sound.levels)
    if other_speech(sound.levels, speech, pair) and other_speech(sound.levels, speech_seconds(raw), pair):
        return [pair[0]], f"channel {pair[1] + 1}: other speech at the same time, left out"
    return list(pair), ""


def _ordinal(channel: int) -> str:
    return ("first", "second", "third")[channel] if channel < 3 else f"{channel + 1}th"
