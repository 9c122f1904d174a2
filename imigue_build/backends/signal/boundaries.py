"""Where words and phones begin and end, more exactly than an acoustic model's frames say.

Between two phones a model of triphones sits early or late by habit, which depends on the kinds of
the two phones and hardly on the speaker. Beside a pause it counts breath and room as speech; there
the level of the sound tells better.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.base import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples

    Level = NDArray[np.float64]  # (steps,), dB


class Stretch(NamedTuple):
    """One phone of the word with index `word`, in seconds; a whole word with phone "" where phones are unknown."""

    word: int
    phone: str
    start: float
    end: float


SHORTEST_PAUSE: Final = 0.025
"""Seconds; a shorter gap between two words is none (the model's shortest silence is 30 ms)."""

_KINDS: Final = {
    "lax": ("AA", "AE", "AH", "AO", "EH", "IH", "UH"),
    "diphthong": ("AW", "AY", "EY", "OW", "OY"),
    "tense": ("IY", "UW"),
    "er": ("ER",),
    "nasal": ("M", "N", "NG"),
    "l": ("L",),
    "r": ("R",),
    "w": ("W",),
    "y": ("Y",),
    "voiceless stop": ("P", "T", "K"),
    "voiced stop": ("B", "D", "G"),
    "voiceless fricative": ("F", "TH", "S", "SH"),
    "h": ("HH",),
    "voiced fricative": ("V", "DH", "Z", "ZH"),
    "affricate": ("CH", "JH"),
}
_KIND: Final = {phone: kind for kind, phones in _KINDS.items() for phone in phones}
# Milliseconds by which the model's boundary is late after a phone of the kind, and before one; the two add up.
# Measured on hand-labelled read speech of eight speakers: the median, drawn towards 0 where there was little,
# and left out where speakers disagree. A speaker who had no part in the measurement gains as much.
_LATE_AFTER: Final = {
    "lax": -4.0,
    "diphthong": -4.0,
    "tense": 4.0,
    "er": 2.0,
    "nasal": 3.0,
    "l": 6.0,
    "r": 3.0,
    "y": 8.0,
    "voiceless stop": -10.0,
    "voiceless fricative": -6.0,
    "voiced fricative": 2.0,
}
_LATE_BEFORE: Final = {
    "lax": 6.0,
    "diphthong": 12.0,
    "tense": 4.0,
    "er": 3.0,
    "nasal": -3.0,
    "l": -5.0,
    "w": -5.0,
    "y": -11.0,
    "voiced fricative": -5.0,
}

_STEP: Final = 0.0025  # seconds between two values of the level
_SPAN: Final = 0.010  # seconds of sound in one value
_REACH_OUT: Final = 0.06  # how far from the model's boundary speech is looked for, into the pause
_REACH_IN: Final = 0.1  # and into the word
_CLEAR: Final = 8.0  # dB between pause and phone below which the model's boundary stands
_SUSTAINED: Final = 0.02  # seconds in which most values must be speech
_START_SHARE: Final = 0.35  # of the way from the pause's level to the phone's, in dB: speech begins abruptly
_END_SHARE: Final = 0.5  # and fades


def refine(track: Sequence[Stretch], sound: Samples) -> list[Stretch]:
    """The stretches in their order with corrected times; none gets shorter than a sixth of what it was.

    Args:
        track: Stretches in time order, seconds from the start of `sound`.
        sound: (samples,), 16 kHz.
    """
    level, whole = _level(sound), len(sound) / SAMPLE_RATE
    starts, ends = [stretch.start for stretch in track], [stretch.end for stretch in track]
    for place in range(len(track) + 1):
        left = track[place - 1] if place else None
        right = track[place] if place < len(track) else None
        pause = (right.start if right else whole) - (left.end if left else 0.0)
        if left and right and pause < SHORTEST_PAUSE:
            ends[place - 1] = starts[place] = _between(left, right)
        elif pause >= SHORTEST_PAUSE:
            if left:
                ends[place - 1] = _edge(level, left.end, -1, pause, left.end - left.start)
            if right:
                starts[place] = _edge(level, right.start, 1, pause, right.end - right.start)
    return [stretch._replace(start=start, end=end) for stretch, start, end in zip(track, starts, ends, strict=True)]


def _between(left: Stretch, right: Stretch) -> float:
    """The boundary of two phones without a pause between them."""
    late = _LATE_AFTER.get(_KIND.get(left.phone, ""), 0.0) + _LATE_BEFORE.get(_KIND.get(right.phone, ""), 0.0)
    shift = min(max(-late / 1000, -(left.end - left.start) / 3), (right.end - right.start) / 3)
    return (left.end + right.start) / 2 + shift


def _level(sound: Samples) -> Level:
    """The sound's level in dB, every `_STEP` seconds; low frequencies, where rooms hum, count less."""
    import numpy as np

    samples = sound.astype(np.float64)
    samples -= samples.mean() if len(samples) else 0.0
    samples[1:] -= 0.5 * samples[:-1]
    energy = np.concatenate([[0.0], np.cumsum(samples**2)])
    middles = np.arange(0, len(samples) + 1, round(_STEP * SAMPLE_RATE))
    half = round(_SPAN * SAMPLE_RATE / 2)
    first, last = np.maximum(middles - half, 0), np.minimum(middles + half, len(samples))
    level: Level = 10 * np.log10((energy[last] - energy[first]) / np.maximum(last - first, 1) + 1.0)
    return level


def _edge(level: Level, time: float, into: int, pause: float, length: float) -> float:
    """Where speech begins or ends beside a pause.

    Args:
        level: As `_level` gives it.
        time: The model's boundary, seconds.
        into: 1 where the word lies after the boundary, -1 where it lies before.
        pause: Seconds of pause beside the boundary.
        length: Seconds of the phone beside the boundary.
    """
    import numpy as np

    def at(first: float, last: float) -> Level:
        """Levels from `first` to `last` seconds into the word (negative: into the pause)."""
        steps = np.arange(round(first / _STEP), round(last / _STEP) + 1)
        return level[np.clip(round(time / _STEP) + into * steps, 0, len(level) - 1)]

    quiet = float(np.percentile(at(-min(pause, 0.15), -0.01), 30))
    loud = float(np.percentile(at(0.0, min(max(length, 0.03), 0.12)), 90))
    if loud - quiet < _CLEAR:
        return time
    out = min(_REACH_OUT, pause / 2)
    near = at(-out, min(_REACH_IN, length / 2))
    speech = near > quiet + max(4.0, (_START_SHARE if into > 0 else _END_SHARE) * (loud - quiet))
    for step in np.flatnonzero(speech):
        if speech[step : step + round(_SUSTAINED / _STEP)].mean() >= 0.7:
            return time + into * (int(step) * _STEP - round(out / _STEP) * _STEP)
    return time
