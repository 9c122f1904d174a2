"""Small media files whose sound is known to the sample."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imigue_build.backends.media.ffmpeg import find_ffmpeg

RATE = 44_100
CLICKS = (1.0, 3.0)
"""Seconds at which `clicks` clicks."""


def script(path: Path, *lines: str) -> Path:
    """A program made of shell lines."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    path.chmod(0o755)
    return path


def decoy(folder: Path) -> Path:
    """An `ffmpeg` in `folder` that fails and says nothing; a file `ran` beside it tells that it was started."""
    return script(folder / "ffmpeg", f"touch '{folder}/ran'", "exit 1")


def clicks(seconds: float = 5.0, rate: int = RATE) -> NDArray[np.int16]:
    """Faint noise with a click of a millisecond at each of `CLICKS`."""
    sound = np.random.default_rng(0).normal(0, 60, int(seconds * rate)).astype(np.int16)
    for second in CLICKS:
        sound[int(second * rate) : int(second * rate) + rate // 1000] = 20_000
    return sound


def click_times(sound: NDArray[np.int16], rate: int) -> list[float]:
    """Seconds at which a click begins."""
    loud = np.flatnonzero(np.abs(sound.astype(int)) > 8000)
    return [float(at) / rate for at, before in zip(loud, [-rate, *loud[:-1]], strict=True) if at - before > rate / 4]


def tone(seconds: float, rate: int = RATE, pitch: float = 440.0, peak: float = 0.5) -> NDArray[np.int16]:
    """A sine of `peak` of full scale."""
    at = np.arange(int(seconds * rate)) / rate
    return (np.sin(2 * np.pi * pitch * at) * peak * 32767).astype(np.int16)


def write_wav(path: Path, *channels: NDArray[np.int16], rate: int = RATE) -> Path:
    """A 16-bit WAV of one or more channels."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())
    return path


def encode(*arguments: str | Path) -> Path:
    """Runs ffmpeg with these arguments, of which the last is the file that it makes."""
    command = [str(find_ffmpeg()), "-nostdin", "-y", "-loglevel", "error", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=60)
    return Path(arguments[-1])


def video(path: Path, wav: Path, *, sound_at: float = 0.0, picture: float = 5.5, codec: str = "aac") -> Path:
    """A video with the sound of `wav`, which begins `sound_at` seconds after (or before) its picture."""
    pictures = f"testsrc=size=64x48:rate=25:duration={picture}"
    late_picture, late_sound = max(-sound_at, 0.0), max(sound_at, 0.0)
    return encode(
        *("-itsoffset", str(late_picture), "-f", "lavfi", "-i", pictures, "-itsoffset", str(late_sound), "-i", wav),
        *("-map", "0:v", "-map", "1:a", "-c:v", "mpeg4", "-bf", "0", "-c:a", codec, "-strict", "-2", path),
    )
