"""Reading WAVs: the samples exactly, and a typed error for everything that is no such file."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from imigue_build.core.errors import MediaError
from imigue_build.core.wav import duration, read_wav
from tests.media import tone, write_wav


def test_the_samples_come_back(tmp_path: Path) -> None:
    sound = np.array([0, 1, -1, 32767, -32768], dtype=np.int16)
    path = write_wav(tmp_path / "a.wav", sound, rate=16_000)
    read = read_wav(path)
    assert read.dtype == np.int16
    assert read.tolist() == sound.tolist()


def test_duration_is_in_seconds(tmp_path: Path) -> None:
    assert duration(write_wav(tmp_path / "a.wav", tone(1.5, rate=16_000), rate=16_000)) == 1.5


def test_a_wav_without_samples_is_empty(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(0))
    assert read_wav(path).size == 0
    assert duration(path) == 0.0


def test_a_wav_that_is_cut_off(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(1.0))
    path.write_bytes(path.read_bytes()[:1044])
    with pytest.raises(MediaError, match=r"a\.wav is cut off: 500 of 44100 samples: extract the recording again"):
        read_wav(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "it ends too soon"), (b"text", "it ends too soon"), (b"R" * 100, "does not start with RIFF")],
)
def test_what_is_no_wav(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=message):
        read_wav(path)


def test_stereo_is_refused(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(0.1), tone(0.1))
    with pytest.raises(MediaError, match="no 16-bit mono WAV: 2 channels of 16 bits"):
        duration(path)


def test_eight_bits_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 80)
    with pytest.raises(MediaError, match="1 channels of 8 bits"):
        read_wav(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"a\.wav cannot be read \(No such file or directory\)"):
        read_wav(tmp_path / "a.wav")
