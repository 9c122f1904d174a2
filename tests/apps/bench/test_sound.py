"""Any sound file at 16 kHz mono, and a clear line for what is none."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from imigue_build.apps.bench import sound
from imigue_build.core.errors import MediaError
from tests.apps.bench.trees import tone


def test_rate_and_channels_are_brought_to_16_khz_mono(tmp_path: Path) -> None:
    plain = sound.read(tone(tmp_path / "plain.wav", 0.5))
    other = sound.read(tone(tmp_path / "other.wav", 0.5, rate=48_000, channels=2))
    assert plain.dtype == np.float32 and len(plain) == len(other) == 8000
    assert np.abs(plain[400:-400] - other[400:-400]).max() < 0.01


def test_other_rates_and_several_channels_are_told(tmp_path: Path) -> None:
    forms = {"a": 16_000, "b": 16_000, "c": 8_000, "d": 44_100}
    paths = {
        name: tone(tmp_path / f"{name}.wav", rate=rate, channels=1 + (name == "b")) for name, rate in forms.items()
    }
    found = {name: sound.audio_format(path) for name, path in paths.items()}
    assert sound.format_warnings({name: form for name, form in found.items() if form}) == (
        "2 of 4 files are not at 16000 Hz like most (resampled): c (8000 Hz), d (44100 Hz)",
        "1 of 4 files are below 16000 Hz (resampled): c",
        "1 of 4 files have several channels (mixed): b",
    )
    assert sound.format_warnings({"a": sound.AudioFormat(22_050, 1)}) == ()
    paths["a"].write_bytes(b"RIFF")
    assert sound.audio_format(paths["a"]) is None


def test_a_stretch_of_a_file(tmp_path: Path) -> None:
    path = tone(tmp_path / "long.wav", 1.0)
    assert (sound.read(path, 0.25, 0.5) == sound.read(path)[4000:8000]).all()
    with pytest.raises(MediaError, match=r"long.wav: 0.5 to 2.0 s is not within its 1.00 s"):
        sound.read(path, 0.5, 2.0)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    with path.open("wb") as file:
        file.truncate(2 * 2**30)  # sparse: it takes no room
    with pytest.raises(MediaError, match=r"huge.wav has 2048 MiB; an utterance has at most 256"):
        sound.read(path)


def test_an_hour_in_a_small_file_is_refused_undecoded(tmp_path: Path) -> None:
    path = tmp_path / "hour.flac"
    soundfile.write(path, np.zeros(8000 * 3600, np.int16), 8000)
    assert path.stat().st_size < sound.MAX_BYTES
    with pytest.raises(MediaError, match=r"hour.flac lasts 3600 s; an utterance lasts at most 120 s"):
        sound.read(path)


def cut(path: Path) -> None:
    os.truncate(path, 2000)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def without_samples(path: Path) -> None:
    tone(path, 0.0)


def short(path: Path) -> None:
    tone(path, 0.02)


def silent(path: Path) -> None:
    soundfile.write(path, np.zeros(16_000), 16_000)


def no_numbers(path: Path) -> None:
    soundfile.write(path, np.full(16_000, np.nan), 16_000, subtype="FLOAT")


def no_sound(path: Path) -> None:
    path.write_text("these are no samples " * 40)


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (cut, r"a.wav is truncated: 1956 of 9600 bytes"),
        (emptied, "a.wav is empty"),
        (without_samples, r"a.wav is too short \(0.000 s; at least 0.1 s\)"),
        (short, r"a.wav is too short \(0.020 s"),
        (silent, "a.wav is silent"),
        (no_numbers, "a.wav has samples that are not finite"),
        (no_sound, "a.wav is not a readable audio file"),
        (gone, "a.wav cannot be read"),
    ],
)
def test_what_is_no_utterance_is_said(tmp_path: Path, harm: object, said: str) -> None:
    path = tone(tmp_path / "a.wav")
    assert callable(harm)
    harm(path)
    with pytest.raises(MediaError, match=said):
        sound.read(path)
