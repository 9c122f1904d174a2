"""Mixes that are late or limited, copies, surround, offsets: every voice is in the WAV, once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from imigue_build.backends.media.ffmpeg.voices import other_speech
from imigue_build.core.errors import MediaError
from tests.backends.media.test_tracks import (
    HUM,
    PLAYER,
    RATE,
    REPORTER,
    SECONDS,
    SILENCE,
    Samples,
    file_of,
    heard,
    near,
    timecode,
    voice,
)
from tests.media import encode, write_wav

pytestmark = pytest.mark.slow

BOTH = (REPORTER // 2 + PLAYER // 2).astype(np.int16)


def later(sound: Samples, milliseconds: int) -> Samples:
    return np.concatenate([np.zeros(RATE * milliseconds // 1000, np.int16), sound])[: len(sound)]


def limited(sound: Samples) -> Samples:
    """The volume follows the level within 50 ms, so that it hardly varies above a threshold."""
    power = np.convolve(np.square(sound.astype(float)), np.ones(RATE // 20) / (RATE // 20), "same")
    return (sound / np.maximum(1, np.sqrt(power) / 800) ** 0.7).astype(np.int16)


@pytest.mark.parametrize("milliseconds", [5, 8])
def test_a_mix_that_is_a_little_later_takes_the_place_of_its_parts(tmp_path: Path, milliseconds: int) -> None:
    found = heard(file_of(tmp_path, [REPORTER], [PLAYER], [later(BOTH, milliseconds)]))
    assert found.recording.tracks_used == (3,)
    assert found.recording.reasons == ("2 of which another is the mix",)


@pytest.mark.parametrize("milliseconds", [20, 40, 120])
def test_the_parts_of_a_late_mix_are_nearer_to_the_picture(tmp_path: Path, milliseconds: int) -> None:
    found = heard(file_of(tmp_path, [later(BOTH, milliseconds)], [REPORTER], [PLAYER]))
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.recording.tracks_used == (2, 3)
    assert "1 that is a later mix of others" in found.warnings[0]


def test_a_limited_mix_takes_the_place_of_its_parts(tmp_path: Path) -> None:
    mix = limited((REPORTER + PLAYER * 0.7).astype(np.int16))
    assert np.abs(mix).max() < 0.7 * np.abs(REPORTER).max()
    found = heard(file_of(tmp_path, [REPORTER], [mix], [PLAYER]))
    assert found.recording.tracks_used == (2,)


def test_of_a_track_and_a_later_one_that_holds_more_this_is_taken(tmp_path: Path) -> None:
    long = voice(9, (0, 11))
    part = long.copy()
    part[9 * RATE :] = 0
    found = heard(file_of(tmp_path, [part], [later(long, 5)], options=["-disposition", "0"]), [later(long, 5), PLAYER])
    assert found.recording.tracks_used in ((2,), (1, 2))
    assert found.reporter > 0.4


def test_tracks_of_different_rates_are_mixed(tmp_path: Path) -> None:
    first, second = write_wav(tmp_path / "a.wav", REPORTER, rate=RATE), write_wav(tmp_path / "b.wav", PLAYER, rate=RATE)
    path = encode(
        "-i", first, "-i", second, "-map", "0", "-map", "1", "-c:a", "flac", "-ar:a:1", "48000", tmp_path / "1.mkv"
    )
    found = heard(path)
    assert found.recording.tracks_used == (1, 2)
    assert (found.reporter, found.player) == (near(0.5), near(0.5))


@pytest.mark.parametrize("milliseconds", [1, 40])
@pytest.mark.parametrize("first", [True, False])
def test_a_channel_that_is_the_other_one_later_is_left_out(tmp_path: Path, milliseconds: int, first: bool) -> None:
    pair = [BOTH, later(BOTH, milliseconds)]
    found = heard(write_wav(tmp_path / "1.wav", *(pair if first else reversed(pair)), rate=RATE))
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.recording.channels_used == (1 if first else 2,)
    assert f"again, {milliseconds} ms later, left out" in found.warnings[0]


def test_a_constant_offset_is_no_steady_sound(tmp_path: Path) -> None:
    found = heard(write_wav(tmp_path / "1.wav", (REPORTER // 2 + 9000).astype(np.int16), PLAYER, rate=RATE))
    assert found.recording.channels_used == (1, 2)
    assert found.player == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("channels", "used"),
    [
        ([SILENCE, SILENCE, BOTH, SILENCE, SILENCE, SILENCE], (3,)),
        ([REPORTER, SILENCE, SILENCE, PLAYER, SILENCE, HUM], (1, 4)),
    ],
    ids=["centre", "a microphone on the channel of low frequencies"],
)
def test_surround_is_examined_by_channel(tmp_path: Path, channels: list[Samples], used: tuple[int, ...]) -> None:
    wav = write_wav(tmp_path / "1.wav", *channels, rate=RATE)
    found = heard(encode("-channel_layout", "5.1", "-i", wav, "-c:a", "flac", tmp_path / "1.flac"))
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.recording.channels_used == used


def test_a_microphone_each_among_sixteen_channels(tmp_path: Path) -> None:
    channels = [SILENCE] * 5 + [REPORTER] + [SILENCE] * 4 + [PLAYER] + [SILENCE] * 4 + [timecode()]
    found = heard(write_wav(tmp_path / "1.wav", *channels, rate=RATE))
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.recording.channels_used == (6, 11)


def test_damage_of_every_track_is_seen(tmp_path: Path) -> None:
    path = file_of(tmp_path, [REPORTER], [PLAYER], options=["-disposition", "0"])
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 4, len(data) * 3 // 4):
        if data[at] == 0xA3 and data[at + 3] == 0x82:  # a block of the second track
            data[at + 7 : at + 40] = bytes(33)
    path.write_bytes(data)
    with pytest.raises(MediaError, match=r"audio track 2 of 1\.mkv is damaged: "):
        heard(path)


def test_a_broadcast_whose_clock_is_set_anew_is_played_on(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "a.wav", BOTH, BOTH, rate=RATE)
    parts = []
    for number, offset in enumerate((0, 5000)):
        options = ("-c:a", "mp2", "-ar", "48000", "-output_ts_offset", str(offset))
        parts.append(encode("-i", wav, *options, tmp_path / f"{number}.ts").read_bytes())
    path = tmp_path / "1.ts"
    path.write_bytes(b"".join(parts))
    found = heard(path)
    assert found.recording.duration == pytest.approx(2 * SECONDS, abs=0.2)
    assert found.warnings == ["the clock of 1.ts is set anew midway: what follows comes right after it, without a gap"]


# --- other speech


def levels(seed: int, spoken: NDArray[np.bool_]) -> NDArray[np.int8]:
    """(steps,) 60 decibels and more in the seconds that are spoken, 20 elsewhere."""
    random = np.random.default_rng(seed)
    return np.where(np.repeat(spoken, 50), 50 + random.integers(0, 25, 50 * len(spoken)), 20).astype(np.int8)


def test_two_languages_at_the_same_time_are_not_mixed() -> None:
    spoken = np.arange(60) % 10 < 8
    found = np.stack([levels(1, spoken), levels(2, spoken)], axis=1)
    assert other_speech(found, np.stack([spoken, spoken], axis=1), [0, 1]) == [1]
    assert other_speech(found, np.stack([spoken, spoken], axis=1), [1, 0]) == [0]


def test_two_who_take_turns_and_two_microphones_of_one_voice_are() -> None:
    spoken = np.arange(60) % 10 < 8
    turns = np.arange(60) % 20 < 10
    apart = np.stack([levels(1, spoken & turns), levels(2, spoken & ~turns)], axis=1)
    assert other_speech(apart, np.stack([spoken & turns, spoken & ~turns], axis=1), [0, 1]) == []
    one = levels(1, spoken)
    alike = np.stack([one, np.roll(one, 2) - 9], axis=1).astype(np.int8)
    assert other_speech(alike, np.stack([spoken, spoken], axis=1), [0, 1]) == []


def test_a_few_words_into_a_loud_game_are_mixed_with_it() -> None:
    spoken, always = np.arange(60) % 10 < 3, np.ones(60, bool)
    found = np.stack([levels(1, always), levels(2, spoken)], axis=1)
    assert other_speech(found, np.stack([always, spoken], axis=1), [0, 1]) == []


# --- every layout


@pytest.mark.parametrize("seed", range(6))
def test_no_voice_is_lost_whatever_the_layout(tmp_path: Path, seed: int) -> None:
    """Tracks and channels at random: microphones, mixes, copies that are late or inverted, silence, hum, timecode."""
    random = np.random.default_rng(seed)
    mixes = [BOTH, later(BOTH, 30), (BOTH * 0.6).astype(np.int16)]
    empty = [SILENCE, HUM, timecode()]

    def channels(sound: Samples) -> list[Samples]:
        other = [sound, (-sound).astype(np.int16), empty[random.integers(3)], (sound // 4).astype(np.int16)]
        return [sound, other[random.integers(4)]][: random.integers(1, 3)]

    tracks = [channels(sound) for sound in (REPORTER, PLAYER)]
    tracks += [channels(mixes[random.integers(3)]) for _ in range(random.integers(0, 2))]
    tracks += [[empty[random.integers(3)]] for _ in range(random.integers(0, 2))]
    random.shuffle(tracks)
    path = file_of(tmp_path, *tracks)
    in_time, late = heard(path), heard(path, [later(REPORTER, 30), later(PLAYER, 30)])
    best = max((in_time, late), key=lambda found: abs(found.reporter))
    assert min(abs(best.reporter), abs(best.player)) > 0.1
