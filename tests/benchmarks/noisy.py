"""The interviews of IMIGUE_SHARED_DATA with pink noise: `python -m tests.benchmarks.noisy FOLDER`, to run and score.

Each interview comes twice, with noise 10 and 12 dB below its speech, as FOLDER/ID-10.wav and ID-12.wav, with its
references beside it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from imigue_build.core.wav import read_wav
from tests.media import RATE, encode, write_wav

RATIOS_DB: Final = (10, 12)
_FRAME: Final = RATE // 50


def pink(count: int, seed: int) -> NDArray[np.float64]:
    """Noise whose power falls by 3 dB an octave, of a mean square of 1, (count,)."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=count))
    sound = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), count)
    return np.asarray(sound / np.sqrt(np.mean(sound**2)))


def mixed(speech: NDArray[np.int16], ratio_db: float, seed: int) -> NDArray[np.int16]:
    """Speech with noise, (samples,); the speech's level is that of the louder half of its frames of 20 ms."""
    samples = speech.astype(np.float64)
    power = np.mean(samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME) ** 2, axis=1)
    level = np.mean(power[power >= np.median(power)]) / 10 ** (ratio_db / 10)
    noisy = samples + pink(len(samples), seed) * np.sqrt(level)
    return np.asarray(np.clip(noisy, -32768, 32767), np.int16)


def make(interviews: Path, folder: Path) -> None:
    """Writes the mixtures of every interview in a folder, and its references under their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, film in enumerate(sorted(interviews.glob("*.mp4"))):
        plain = encode("-i", film, "-ac", "1", "-ar", str(RATE), folder / "plain.wav")
        for ratio in RATIOS_DB:
            name = f"{film.stem}-{ratio}"
            write_wav(folder / f"{name}.wav", mixed(read_wav(plain), ratio, 100 * number + ratio))
            shutil.copy(film.with_suffix(".json"), folder / f"{name}.json")
        plain.unlink()


if __name__ == "__main__":
    make(Path(os.environ["IMIGUE_SHARED_DATA"]) / "interviews", Path(sys.argv[1]))
