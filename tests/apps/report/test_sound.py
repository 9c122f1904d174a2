"""The recording for a page: the same sound at the same time, in blocks of any size, and its peaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from imigue_build.apps.report import sound
from imigue_build.core.errors import MediaError
from tests.release.tiny_release import write_wav

RATE = 44_100


def clicks(path: Path, seconds: float, at: list[float]) -> Path:
    samples = np.zeros(round(seconds * RATE), "<i2")
    for time in at:
        start = round(time * RATE)
        samples[start : start + 40] = 20_000
    write_wav(path, samples)
    return path


def test_a_click_stays_where_it_is(tmp_path: Path) -> None:
    times = [0.5, 39.999, 40.0, 40.001, 41.5, 80.0, 90.25]  # a block ends after 40 s
    read = sound.read(clicks(tmp_path / "a.wav", 93.7, times), tmp_path / "a.copy.wav")
    heard, rate = soundfile.read(tmp_path / "a.copy.wav")
    assert rate == sound.RATE and read.seconds == pytest.approx(93.7)
    assert len(heard) / rate == pytest.approx(93.7, abs=0.001)
    for time in (0.5, 41.5, 80.0, 90.25):
        near = heard[round((time - 0.1) * rate) : round((time + 0.1) * rate)]
        loud = np.flatnonzero(np.abs(near) > 0.3)
        assert abs(loud[0] / rate - 0.1) < 0.001, time


def test_blocks_leave_no_seam(tmp_path: Path) -> None:
    """What is filtered block by block is what is filtered at once."""
    from scipy.signal import resample_poly

    noise = np.random.default_rng(1).normal(0, 3000, 441 * 500).astype(np.int16)
    blocks = [noise[start : start + 441 * 120] for start in range(0, len(noise), 441 * 120)]
    joined = np.concatenate(list(sound.resampled(iter(blocks))))
    whole = np.rint(resample_poly(noise.astype(np.float32), 160, 441)).astype(np.int16)
    assert len(joined) == len(whole) and np.abs(joined - whole).max() <= 1


def test_peaks_are_the_loudest_samples_of_every_level(tmp_path: Path) -> None:
    read = sound.read(clicks(tmp_path / "a.wav", 10, [2.503]), None)
    assert [len(level) for level in read.peaks] == [1000, 125, 16, 2]
    assert read.peaks[0][250] == 255 and sum(read.peaks[0]) == 255
    assert [level[place] for level, place in zip(read.peaks, (250, 31, 3, 0), strict=True)] == [255] * 4
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize("broken", ["text", "cut", "rate", "folder", "missing", "pipe", "empty"])
def test_what_is_no_recording_is_refused_in_one_line(tmp_path: Path, broken: str) -> None:
    import os

    path = tmp_path / "a.wav"
    match broken:
        case "text":
            path.write_text("no sound")
        case "cut":
            path.write_bytes(clicks(path, 2, []).read_bytes()[:-1000])
        case "rate":
            write_wav(path, np.zeros(100, "<i2"), 8000)
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "empty":
            write_wav(path, np.zeros(0, "<i2"))
    with pytest.raises(MediaError) as caught:
        sound.read(path, None)
    assert "a.wav" in str(caught.value) and "\n" not in str(caught.value)
