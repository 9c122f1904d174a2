"""Cuts the speech of a recording into chunks for Whisper, which hears at most 30 s at once.

Only speech is cut out, so Whisper is never asked for the words of silence, noise or music, in which it makes up text. A
chunk ends at a long pause; what is longer than 30 s without one is cut at its deepest short pause.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal.silero_vad import CHUNK_SAMPLES, CHUNK_SECONDS, speech_regions
from imigue_build.config.sections import Vad
from imigue_build.core.records import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples

LONGEST: Final = 30.0
"""Seconds of sound that Whisper takes at once."""
_HEARD: Final = Vad(onset=0.5, offset=0.2, min_speech=0.2, min_silence=2.0, pad=0.3)
"""Speech, with quiet parts; a pause of 2 s ends a chunk."""
_WIDE: Final = 21
_NARROW: Final = 3
"""Probabilities, about 0.7 and 0.1 s, over which a place to cut is sought: in a long pause, at its deepest."""


def speech_chunks(audio: Samples, probabilities: NDArray[np.float32]) -> list[Span]:
    """The chunks of a recording in time order, each at most `LONGEST` seconds; none where no speech is heard.

    Args:
        audio: (samples,), 16 kHz.
        probabilities: (chunks,) from `silero_vad.speech_probabilities`.
    """
    stretches = list(speech_regions(probabilities, len(audio) / SAMPLE_RATE, _HEARD))[::-1]
    chunks: list[Span] = []
    while stretches:
        stretch = stretches.pop()
        if stretch.duration > LONGEST:
            head, tail = _cut(audio, probabilities, stretch, _first_cut(stretch))
            stretches.append(tail)
            stretch = head
        chunks.append(stretch)
    return chunks


def _first_cut(stretch: Span) -> Span:
    """Where the first chunk of a long stretch may end: late enough that no more chunks than needed follow, if that
    leaves 5 s to choose from. Whisper hears more in long chunks, each of which takes it the same time."""
    spare = LONGEST * ceil(stretch.duration / LONGEST) - stretch.duration
    choice = min(max(spare, LONGEST / 6), LONGEST / 2)
    return Span(stretch.start + LONGEST - choice, stretch.start + LONGEST)


def halves(audio: Samples, probabilities: NDArray[np.float32], chunk: Span) -> tuple[Span, Span]:
    """A chunk in two parts, cut at the deepest pause in its middle half."""
    quarter = chunk.duration / 4
    return _cut(audio, probabilities, chunk, Span(chunk.start + quarter, chunk.end - quarter))


def _cut(audio: Samples, probabilities: NDArray[np.float32], stretch: Span, within: Span) -> tuple[Span, Span]:
    """A stretch in two parts, cut where speech is least probable and the sound is quietest."""
    import numpy as np

    first, last = round(within.start / CHUNK_SECONDS), int(within.end / CHUNK_SECONDS)
    sound = audio[first * CHUNK_SAMPLES : last * CHUNK_SAMPLES].astype(np.float32)
    sound[1:] -= sound[:-1].copy()  # removes hum
    level = np.log10((sound.reshape(-1, CHUNK_SAMPLES) ** 2).mean(axis=1) + 1)
    cost = probabilities[first:last] + level / max(float(level.max()), 1.0)
    deepest = int(np.argmin(_smooth(cost, _WIDE) + _smooth(cost, _NARROW)))
    time = (first + deepest + 0.5) * CHUNK_SECONDS
    return Span(stretch.start, time), Span(time, stretch.end)


def _smooth(values: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """The mean of `width` values around each; beyond the ends the last value goes on."""
    import numpy as np

    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width, dtype=np.float32), mode="valid")
