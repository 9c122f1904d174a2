"""The recording's sound: clips to the sample, and the signal-to-noise ratio."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imigue_build.core.records import Span
from imigue_build.core.times import samples_at
from imigue_build.release.build.segments import Row
from imigue_build.release.schema.layout import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]  # (samples,), 44.1 kHz mono PCM
    Power = NDArray[np.float64]  # (frames,), mean square of each frame's samples

_FRAME_MS: Final = 20
_FRAME: Final = SAMPLE_RATE * _FRAME_MS // 1000
_MARGIN_MS: Final = 100
"""Padding around speech that does not count as noise: breath, and what the VAD cut off."""
_MIN_NOISE_FRAMES: Final = 25
_QUANTISATION: Final = 1 / 12
"""Noise power of rounding to 16 bits: the least that any recording has."""
_LEAST_SHARE: Final = 0.01
_FULL: Final = 32_767
_BLOCK: Final = 2_000
"""Frames that are processed at once, so that hours of sound need little memory."""


class Sound:
    """A whole recording; a clip copies its own samples only.

    Args:
        samples: Not empty.
    """

    def __init__(self, samples: Samples) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydub warns that it finds no ffmpeg, which is not needed here
            from pydub import AudioSegment

        pcm = samples.data.cast("B")
        self._audio: Any = AudioSegment(data=pcm, sample_width=2, frame_rate=SAMPLE_RATE, channels=1)
        self._samples = samples
        self._power = frame_power(samples)

    def write_clip(self, path: Path, start: int, end: int) -> None:
        """Writes the sound from `start` to `end` milliseconds as WAV."""
        first, last = (samples_at(ms, SAMPLE_RATE) for ms in (start, end))
        self._audio.get_sample_slice(first, last).export(path, format="wav").close()

    def clipping(self, start: int, end: int) -> float:
        """The share of samples at full scale from `start` to `end` milliseconds."""
        import numpy as np

        first, last = (samples_at(ms, SAMPLE_RATE) for ms in (start, end))
        part = self._samples[first:last]
        return round(float(np.mean((part >= _FULL) | (part <= -_FULL))), 6) if len(part) else 0.0

    def noise(self, spans: Iterable[Span]) -> float | None:
        """The recording's noise power: the median over frames at least 0.1 s away from all `spans`.

        None where less than half a second is left.

        Args:
            spans: Speech, and anything else that is no background.
        """
        import numpy as np

        quiet = np.ones(len(self._power), dtype=bool)
        for span in spans:
            first = int(span.start * 1000 - _MARGIN_MS) // _FRAME_MS
            last = math.ceil((span.end * 1000 + _MARGIN_MS) / _FRAME_MS)
            quiet[max(first, 0) : max(last, 0)] = False
        power = self._power[quiet]
        return max(float(np.median(power)), _QUANTISATION) if len(power) >= _MIN_NOISE_FRAMES else None

    def snr_db(self, row: Row, noise: float | None) -> float | None:
        """The signal-to-noise ratio of a row's words in dB; None where the noise is not known.

        The power of speech is the mean over the frames of the row's words, less the noise's; at
        least -20 dB.
        """
        if noise is None:
            return None
        frames = sorted({frame for word in row.words for frame in _frames(word.start, word.end)})
        frames = [frame for frame in frames if frame < len(self._power)] or [len(self._power) - 1]
        speech = float(self._power[frames].mean()) - noise
        return round(10 * math.log10(max(speech / noise, _LEAST_SHARE)), 2)


def frame_power(samples: Samples) -> Power:
    """The mean square of each frame of 20 ms; samples after the last whole frame are a frame of their own."""
    import numpy as np

    whole = len(samples) // _FRAME
    power = [
        np.square(block.astype(np.float64)).mean(axis=1)
        for block in _blocks(samples[: whole * _FRAME].reshape(whole, _FRAME))
    ]
    rest = samples[whole * _FRAME :].astype(np.float64)
    if len(rest):
        power.append(np.square(rest).mean(keepdims=True))
    return np.concatenate(power)


def _blocks(frames: Samples) -> Iterable[Samples]:
    return (frames[start : start + _BLOCK] for start in range(0, len(frames), _BLOCK))


def _frames(start: int, end: int) -> Sequence[int]:
    """The frames that an interval in milliseconds touches."""
    return range(start // _FRAME_MS, math.ceil(end / _FRAME_MS))
