"""Which tracks and channels hold the interview: every voice is in the WAVs, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from imigue_build.backends.media import ffmpeg
from imigue_build.config import Extract
from imigue_build.core.errors import MediaError
from imigue_build.core.records import NO_BALANCE, ChannelBalance, Recording
from imigue_build.core.wav import read_wav
from tests.media import click_times, clicks, encode, write_wav

RATE = 16_000
SECONDS = 12
Samples = NDArray[np.int16]


def voice(seed: int, *spans: tuple[float, float]) -> Samples:
    """Syllables of noise in these seconds, and next to nothing elsewhere."""
    random = np.random.default_rng(seed)
    count = SECONDS * RATE
    syllables = np.repeat(random.uniform(0.02, 1, SECONDS * 8) ** 2, RATE // 8)
    at = np.arange(count) / RATE
    spoken = sum(((start <= at) & (at < end) for start, end in spans), np.zeros(count, bool))
    rough = np.convolve(random.normal(0, 1, count), np.ones(8) / 8, "same")
    return np.asarray(rough * (syllables * spoken * 12_000 + 3), np.int16)


REPORTER = voice(1, (0, 3), (7, 8))
PLAYER = voice(2, (3.5, 6.5), (8.5, 12))
SILENCE = np.zeros(SECONDS * RATE, np.int16)
HUM = (np.sin(2 * np.pi * 50 * np.arange(SECONDS * RATE) / RATE) * 3000).astype(np.int16)
HISS = np.random.default_rng(3).normal(0, 300, SECONDS * RATE).astype(np.int16)


def timecode() -> Samples:
    """LTC of 25 frames a second: 80 bits each, biphase mark code, of which few are ones."""
    bits = np.random.default_rng(4).random(80 * 25 * SECONDS) < 0.2
    bits.reshape(-1, 80)[:, 64:] = [char == "1" for char in "0011111111111101"]
    halves = np.stack([np.ones_like(bits), bits], axis=1).ravel()  # a change at each bit's start, and in a one's middle
    return np.repeat(np.where(np.cumsum(halves) % 2, 8000, -8000), RATE // 4000).astype(np.int16)


class Heard(NamedTuple):
    """How loud the reporter and the player are in the WAV, the rest's level, and what was recorded and said."""

    reporter: float
    player: float
    rest: float
    recording: Recording
    warnings: list[str]
    balance: ChannelBalance


def heard(path: Path, voices: Sequence[Samples] = (REPORTER, PLAYER), **settings: Any) -> Heard:
    warnings: list[str] = []
    out = path.parent / "out"
    out.mkdir(exist_ok=True)
    raw = out / "channels.pcm"
    wavs = out / "44.wav", out / "16.wav"
    recording = ffmpeg.decode(path, *wavs, Extract.model_validate(settings), channels=raw, warn=warnings.append)
    balance = ffmpeg.channel_balance(raw) if raw.is_file() else NO_BALANCE
    raw.unlink(missing_ok=True)
    assert sorted(out.iterdir()) == sorted(wavs)
    sound = read_wav(out / "16.wav").astype(float)
    count = min(len(sound), SECONDS * RATE)
    sources = np.stack([one[:count].astype(float) for one in voices], axis=1)
    volumes, *_ = np.linalg.lstsq(sources, sound[:count], rcond=None)
    rest = float(np.sqrt(((sound[:count] - sources @ volumes) ** 2).mean()))
    return Heard(float(volumes[0]), float(volumes[1]), rest, recording, warnings, balance)


def file_of(folder: Path, *tracks: Sequence[Samples], options: Sequence[str] = (), suffix: str = "mkv") -> Path:
    """A file of several audio tracks, each of one or more channels."""
    wavs = [write_wav(folder / f"track{number}.wav", *channels, rate=RATE) for number, channels in enumerate(tracks)]
    inputs = [word for wav in wavs for word in ("-guess_layout_max", "2", "-i", str(wav))]
    maps = [word for number in range(len(wavs)) for word in ("-map", str(number))]
    return encode(*inputs, *maps, "-c:a", "flac" if suffix == "mkv" else "pcm_s16le", *options, folder / f"1.{suffix}")


def near(value: float) -> object:
    return pytest.approx(value, abs=0.02)


# --- tracks


@pytest.mark.parametrize("default", [0, 1])
def test_a_microphone_on_each_track(tmp_path: Path, default: int) -> None:
    flags = ["-disposition:0", "0", "-disposition:1", "0", f"-disposition:{default}", "default"]
    found = heard(file_of(tmp_path, [REPORTER], [PLAYER], options=flags))
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.recording.tracks_used == (1, 2)
    assert found.warnings == ["1.mkv has 2 audio tracks: tracks 1, 2 are mixed; extract.streams chooses others"]
    decibels = np.frombuffer(found.balance.decibels, np.int8).astype(int)
    first_speaks, second_speaks = decibels[10:140].mean(), decibels[180:320].mean()
    assert abs(first_speaks) > 20
    assert np.sign(first_speaks) == -np.sign(second_speaks)


def test_empty_tracks_and_timecode_are_left_out(tmp_path: Path) -> None:
    found = heard(file_of(tmp_path, [SILENCE], [REPORTER], [timecode()], [PLAYER], [HUM], [SILENCE]))
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.rest < 30
    assert found.recording.tracks_used == (2, 4)
    assert "4 silent or of a steady sound" in found.warnings[0]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_a_mix_takes_the_place_of_its_parts(tmp_path: Path, order: tuple[int, ...]) -> None:
    tracks = [[REPORTER], [PLAYER], [(REPORTER * 0.8 + PLAYER * 0.6).astype(np.int16)]]
    found = heard(file_of(tmp_path, *[tracks[number] for number in order]))
    assert found.recording.tracks_used == (order.index(2) + 1,)
    assert (found.reporter, found.player) == (near(0.8), near(0.6))
    assert "2 of which another is the mix" in found.warnings[0]


def test_of_two_tracks_with_one_sound_the_better_is_taken(tmp_path: Path) -> None:
    both = (REPORTER // 2 + PLAYER // 2).astype(np.int16)
    found = heard(file_of(tmp_path, [both], [both, both], options=["-disposition", "0"]))
    assert (found.recording.tracks_used, found.recording.channels) == ((2,), 2)
    assert "1 with the sound of another" in found.warnings[0]


def test_a_microphone_that_hears_both_replaces_no_other(tmp_path: Path) -> None:
    """The reporter's also hears the player, loudly; the reporter speaks less."""
    found = heard(file_of(tmp_path, [(REPORTER + PLAYER * 0.7).astype(np.int16)], [PLAYER]))
    assert found.recording.tracks_used == (1, 2)
    assert found.reporter == near(0.5)


def test_a_longer_track_of_another_language_makes_no_file_truncated(tmp_path: Path) -> None:
    own = (REPORTER[: 8 * RATE] + PLAYER[: 8 * RATE]).astype(np.int16)
    path = file_of(tmp_path, [HISS], [own], options=["-metadata:s:0", "language=fra", "-metadata:s:1", "language=eng"])
    done = heard(path, language="en")
    assert done.recording.duration == pytest.approx(8.0, abs=0.1)
    assert done.warnings[-1] == f"the sound of {path.name} ends after 8.0 of 12.0 s"


def test_a_much_shorter_track_is_not_mixed(tmp_path: Path) -> None:
    found = heard(file_of(tmp_path, [PLAYER[: 5 * RATE]], [REPORTER]))
    assert found.recording.tracks_used == (2,)
    assert found.warnings == [
        "1.mkv has 2 audio tracks: track 2 is used, left out: 1 much shorter; extract.streams chooses others"
    ]


@pytest.mark.parametrize(
    ("options", "language", "used", "reason"),
    [
        (["-metadata:s:0", "language=fra", "-metadata:s:1", "language=eng"], "en", 2, "1 of another language (fre)"),
        (["-metadata:s:0", "language=eng", "-metadata:s:1", "language=ger"], "de", 2, "1 of another language (eng)"),
        (["-metadata:s:0", "language=fra"], "en", 2, "1 of another language (fre)"),
        (["-metadata:s:0", "language=fra", "-metadata:s:1", "language=en-GB"], "en", 2, "of another language"),
        (["-disposition:0", "comment+default"], "en", 2, "1 of commentary or description"),
        (["-disposition:0", "visual_impaired"], "en", 2, "1 of commentary or description"),
        (["-metadata:s:0", "title=Director's Commentary"], "en", 2, "1 of commentary or description"),
        (["-disposition:0", "dub"], "en", 2, "1 dubbed"),
    ],
)
def test_what_the_file_says_of_its_tracks(
    tmp_path: Path, options: list[str], language: str, used: int, reason: str
) -> None:
    """The first is the default one, and has more channels."""
    path = file_of(tmp_path, [REPORTER, REPORTER], [PLAYER], options=["-disposition:1", "0", *options])
    found = heard(path, language=language)
    assert found.recording.tracks_used == (used,)
    assert (found.reporter, found.player) == (near(0), near(1))
    assert reason.replace("(fre)", "(fr") in found.warnings[0]


# --- channels


@pytest.mark.parametrize("other", [SILENCE, HUM, HISS, timecode()], ids=["silence", "hum", "hiss", "timecode"])
@pytest.mark.parametrize("first", [True, False])
def test_a_channel_without_speech_is_left_out(tmp_path: Path, other: Samples, first: bool) -> None:
    both = (REPORTER // 2 + PLAYER // 2).astype(np.int16)
    path = write_wav(tmp_path / "1.wav", *([other, both] if first else [both, other]), rate=RATE)
    found = heard(path)
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.rest < 30
    assert found.recording.channels_used == (2 if first else 1,)
    number = 1 if first else 2
    said = f"1.wav: channel {number}: silence or a steady sound, left out; extract.channels chooses others"
    assert found.warnings == [said]
    assert found.balance == NO_BALANCE


def test_a_microphone_each_among_four_channels(tmp_path: Path) -> None:
    found = heard(write_wav(tmp_path / "1.wav", SILENCE, REPORTER, timecode(), PLAYER, rate=RATE))
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.recording.channels_used == (2, 4)
    assert found.warnings[0].startswith("1.wav: channels 1, 3: silence")
    assert found.balance != NO_BALANCE


def test_a_microphone_on_each_side_is_mixed_without_a_word(tmp_path: Path) -> None:
    found = heard(write_wav(tmp_path / "1.wav", REPORTER, PLAYER, rate=RATE))
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert (found.recording.channels_used, found.warnings) == ((1, 2), [])


def test_somebody_who_speaks_for_a_second_keeps_the_channel(tmp_path: Path) -> None:
    brief = voice(5, (5, 6))
    found = heard(write_wav(tmp_path / "1.wav", brief, PLAYER, rate=RATE), [brief, PLAYER])
    assert (found.reporter, found.player) == (near(0.5), near(0.5))


def test_only_the_player_is_inverted(tmp_path: Path) -> None:
    left, right = REPORTER // 2 + PLAYER // 2, REPORTER // 2 - PLAYER // 2
    found = heard(write_wav(tmp_path / "1.wav", left, right, rate=RATE))
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.recording.channels_used == (1,)
    (warning,) = found.warnings
    assert warning.startswith("1.wav: the two channels cancel each other in ")
    assert warning.endswith(" s: only the first is used; extract.channels chooses others")


def test_a_splice_of_two_microphones_and_an_inverted_one(tmp_path: Path) -> None:
    """At first a microphone each, then both on both, one inverted: the difference has all of it."""
    half = len(REPORTER) // 2
    later = (REPORTER // 2 + PLAYER // 2)[half:]
    left, right = np.concatenate([REPORTER[:half], later]), np.concatenate([PLAYER[:half], -later])
    wavs = [np.concatenate([one[:half], np.zeros(half, np.int16)]) for one in (REPORTER, PLAYER)]
    late = np.concatenate([np.zeros(half, np.int16), later])
    path = write_wav(tmp_path / "1.wav", left, right, rate=RATE)
    found = heard(path, wavs)
    assert (found.reporter, found.player) == (near(0.5), near(-0.5))
    assert found.recording.channels_used == (1, -2)
    sound = read_wav(tmp_path / "out" / "16.wav").astype(float)
    assert (sound @ late) / (late.astype(float) @ late) == near(1)


# --- settings


@pytest.mark.parametrize(
    ("settings", "reporter", "player", "tracks"),
    [
        ({"streams": 2}, 0, 1, (2,)),
        ({"streams": [1]}, 1, 0, (1,)),
        ({"streams": "1,2"}, 0.5, 0.5, (1, 2)),
        ({"streams": "all"}, 1 / 3, 1 / 3, (1, 2, 3)),
    ],
)
def test_tracks_that_are_set(
    tmp_path: Path, settings: dict[str, Any], reporter: float, player: float, tracks: tuple[int, ...]
) -> None:
    found = heard(file_of(tmp_path, [REPORTER], [PLAYER], [SILENCE]), **settings)
    assert (found.reporter, found.player) == (near(reporter), near(player))
    assert found.recording.tracks_used == tracks


@pytest.mark.parametrize(
    ("wanted", "reporter", "player"),
    [("left", 1, 0), ("right", 0, 1), (2, 0, 1), ("mix", 0.5, 0.5), ([1, 2], 0.5, 0.5), ("all", 0.5, 0.5)],
)
def test_channels_that_are_set(tmp_path: Path, wanted: object, reporter: float, player: float) -> None:
    found = heard(write_wav(tmp_path / "1.wav", REPORTER, PLAYER, rate=RATE), channels=wanted)
    assert (found.reporter, found.player) == (near(reporter), near(player))
    assert (found.balance != NO_BALANCE) == (reporter == player)
    assert found.warnings == []


def test_channels_that_are_set_to_be_mixed_are_not_judged(tmp_path: Path) -> None:
    found = heard(write_wav(tmp_path / "1.wav", REPORTER, SILENCE, rate=RATE), channels="mix")
    assert (found.reporter, found.warnings) == (near(0.5), [])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"streams": 3}, "extract.streams names audio track 3, and 1.wav has 1: name tracks that it has"),
        ({"channels": "right"}, "extract.channels names channel 2, and the sound of 1.wav has 1: name channels"),
    ],
)
def test_what_is_set_and_not_there(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(MediaError, match=said):
        heard(write_wav(tmp_path / "1.wav", REPORTER, rate=RATE), **settings)


# --- clocks below 0


@pytest.mark.parametrize(("suffix", "offset"), [("ts", 95_443.7176889 - 2.2), ("mkv", -3.0)])
def test_a_clock_that_begins_below_0_cuts_nothing(tmp_path: Path, suffix: str, offset: float) -> None:
    """The 33 bits of MPEG-TS wrap on the way; Matroska states negative timestamps."""
    wav = write_wav(tmp_path / "a.wav", clicks(5.0, 48_000), clicks(5.0, 48_000), rate=48_000)
    picture = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=25:duration=5"]
    stamps = ["-output_ts_offset", f"{offset:.4f}", "-avoid_negative_ts", "disabled", "-muxdelay", "0"]
    coding = ["-c:v", "mpeg4", "-bf", "0", "-c:a", "s302m" if suffix == "ts" else "flac", "-strict", "-2"]
    path = encode("-i", wav, *picture, *coding, *stamps, tmp_path / f"1.{suffix}")
    out = tmp_path / "44.wav", tmp_path / "16.wav"
    warnings: list[str] = []
    recording = ffmpeg.decode(path, *out, Extract(), warn=warnings.append)
    assert click_times(read_wav(out[0]), 44_100) == pytest.approx([1.0, 3.0], abs=0.03)
    assert recording.duration == pytest.approx(5.0, abs=0.05)
    (warning,) = warnings
    assert " s before time stamp 0: its second 0 is there, nothing is cut" in warning


def test_channels_of_several_tracks_are_compared_too(tmp_path: Path) -> None:
    """The player's track is inverted on one side, the reporter's has timecode there."""
    found = heard(file_of(tmp_path, [PLAYER, -PLAYER], [REPORTER, timecode()]))
    assert found.recording.tracks_used == (1, 2)
    assert (found.reporter, found.player) == (near(0.5), near(0.5))
    assert found.rest < 30
    said = "audio track 1 of 1.mkv: the two channels cancel each other: only the first is used"
    assert f"{said}; extract.channels chooses others" in found.warnings
    assert found.balance != NO_BALANCE
