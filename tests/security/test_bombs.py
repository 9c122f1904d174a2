"""Sound out of next to nothing, numbers out of all proportion, and content that is none: in time, in memory."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from imigue_build.backends.media import ffmpeg
from imigue_build.config import Extract
from tests.media import clicks, encode, tone, write_wav
from tests.security import forge
from tests.security.conftest import Answer, busy_seconds

pytestmark = pytest.mark.slow

Decode = Callable[..., Answer]
MEGABYTE = 1_000_000
NOISE = np.random.default_rng(7).bytes(MEGABYTE)


def wrote(tmp_path: Path, name: str, *content: bytes) -> Path:
    (tmp_path / name).write_bytes(b"".join(content))
    return tmp_path / name


# --- silence


def test_an_hour_of_silence_in_kilobytes_is_within_the_limit(tmp_path: Path, answer: Decode) -> None:
    path = wrote(tmp_path, "1.flac", forge.flac_silence(230))
    assert path.stat().st_size < 4000
    found = answer(path)
    assert found.said == ""
    assert len(found.written) == pytest.approx(2 * (44_100 + 16_000) * 230 * 65_535 / 8000, rel=1e-3)


@pytest.mark.parametrize("name", ["1.flac", "1.mp4"])
@pytest.mark.parametrize("stated", [0, 80_000], ids=["of no stated length", "of 10 s by its own word"])
def test_a_hundred_hours_of_silence(tmp_path: Path, answer: Decode, name: str, stated: int) -> None:
    path = wrote(tmp_path, name, forge.flac_silence(45_000, total=stated))
    assert path.stat().st_size < MEGABYTE
    found = answer(path)
    assert f"{name} lasts 216" in found.said
    assert found.said.endswith("longer than extract.max_duration (21600 s): raise that setting, or cut the recording")
    assert len(found.written) <= 75 * 2 * (44_100 + 16_000) + 100  # what it states, half as much again, and a minute


def test_hours_of_silence_whose_time_stamps_say_seconds(tmp_path: Path, answer: Decode) -> None:
    source = wrote(tmp_path, "source.flac", forge.flac_silence(20_000, total=80_000))
    path = encode("-i", source, "-c", "copy", "-bsf:a", "setts=ts=N", tmp_path / "1.mkv")
    found = answer(path)
    assert "longer than extract.max_duration (21600 s)" in found.said
    assert len(found.written) <= 75 * 2 * (44_100 + 16_000) + 100


@pytest.mark.parametrize("suffix", ["mp2", "mp4"])
def test_silence_of_a_format_that_states_no_length(tmp_path: Path, answer: Decode, suffix: str) -> None:
    path = wrote(tmp_path, f"1.{suffix}", forge.mp2_silence(250_000))  # 2.5 hours, 36 MB
    found = answer(path, max_duration=2 * 3600.0)
    assert "longer than extract.max_duration (7200 s)" in found.said
    assert found.written == b""


def test_a_file_that_states_too_long_a_duration(tmp_path: Path, answer: Decode) -> None:
    path = wrote(tmp_path, "1.mov", forge.mov(forge.link("x"), seconds=40_000))
    said = "1.mov lasts 40000 s, longer than extract.max_duration (21600 s): raise that setting, or cut the recording"
    assert answer(path).said == said


def test_a_file_that_holds_more_than_it_states_is_decoded_whole(tmp_path: Path) -> None:
    """As a recorder leaves it that lost power before it wrote the length."""
    path = wrote(tmp_path, "1.flac", forge.flac_silence(20, total=80_000))  # 164 s, 10 of them stated
    said = ffmpeg.decode(path, tmp_path / "44.wav", tmp_path / "16.wav", Extract())
    assert said.duration == pytest.approx(20 * 65_535 / 8000, abs=0.1)


def test_frames_that_never_give_a_sound(tmp_path: Path, answer: Decode) -> None:
    """Eight hours of AMR that says of each frame that it is empty: none is decoded, and the next may be the first."""
    found = answer(wrote(tmp_path, "1.amr", b"#!AMR\n", b"\x7c" * 1_440_000))
    assert found.said.startswith("1.amr needs more CPU time to be read than a recording should (5 s): remove it")


def test_frames_of_nothing_by_the_million(tmp_path: Path, answer: Decode) -> None:
    found = answer(wrote(tmp_path, "1.aac", b"\xff\xf1\x50\x80\x00\xff\xfc" * 3_000_000))
    assert "1.aac needs more CPU time to be read" in found.said


def test_packets_that_are_packed_a_thousandfold(tmp_path: Path, answer: Decode) -> None:
    """A fast machine unpacks them all within the limit, and finds no sound in them; it is refused either way."""
    found = answer(wrote(tmp_path, "1.mkv", forge.mkv_of_zlib(200_000_000, 250)))
    assert "1.mkv needs more CPU time to be read" in found.said or "no sound of 1.mkv" in found.said


@pytest.mark.parametrize("suffix", ["flac", "mov"])
def test_a_picture_of_256_megapixels(tmp_path: Path, answer: Decode, suffix: str) -> None:
    """Which asks for 800 MB and seconds, each time that ffmpeg looks at the file."""
    wav = write_wav(tmp_path / "a.wav", tone(1.0))
    picture = [
        "-f",
        "lavfi",
        "-i",
        "color=c=black:s=16000x16000:r=1",
        "-frames:v",
        "1",
        "-c:v",
        "png",
        "-pix_fmt",
        "gray",
    ]
    cover = ["-disposition:v", "attached_pic"] if suffix == "flac" else []
    path = encode("-i", wav, *picture, *cover, tmp_path / f"1.{suffix}")
    started = busy_seconds()
    assert answer(path).said == ""
    assert busy_seconds() - started < 2


# --- numbers


@pytest.mark.parametrize("rate", [0, 1, 8, 1000, 2_000_000, 2**31 - 1, 2**32 - 1])
def test_absurd_sample_rates(tmp_path: Path, answer: Decode, rate: int) -> None:
    found = answer(wrote(tmp_path, "1.wav", forge.wav_header(rate, 1, 60_000), bytes(60_000)))
    assert f"the sound of 1.wav has a sample rate of {rate} Hz" in found.said or "Invalid sample rate" in found.said
    assert found.written == b""


@pytest.mark.parametrize("rate", [4000, 44_099, 384_000, 768_000])
def test_odd_sample_rates(tmp_path: Path, answer: Decode, rate: int) -> None:
    found = answer(write_wav(tmp_path / "1.wav", tone(1.0, rate=rate), rate=rate))
    assert found.said == ""
    assert len(found.written) == pytest.approx(2 * (44_100 + 16_000), rel=0.01)


@pytest.mark.parametrize("channels", [0, 65, 512, 1000])
def test_absurd_numbers_of_channels(tmp_path: Path, answer: Decode, channels: int) -> None:
    size = channels * 2 * 1000
    found = answer(wrote(tmp_path, "1.wav", forge.wav_header(44_100, channels, size), bytes(size)))
    assert f"{channels} channels" in found.said if channels else "no sound of 1.wav" in found.said
    assert found.written == b""


def test_64_microphones(tmp_path: Path, answer: Decode) -> None:
    size = 64 * 2 * 4410
    assert answer(wrote(tmp_path, "1.wav", forge.wav_header(44_100, 64, size), bytes(size))).said == ""


def test_an_absurd_track_does_not_hide_a_good_one(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "a.wav", tone(1.0))
    slow = write_wav(tmp_path / "b.wav", *[tone(1.0, rate=100)] * 8, rate=100)
    path = encode("-i", slow, "-i", wav, "-map", "0", "-map", "1", "-c", "copy", tmp_path / "1.mkv")
    found = ffmpeg.decode(path, tmp_path / "44.wav", tmp_path / "16.wav", Extract())
    assert (found.stream_index, found.sample_rate) == (1, 44_100)


@pytest.mark.parametrize("suffix", ["mkv", "mov"])
def test_200_audio_streams(tmp_path: Path, answer: Decode, suffix: str) -> None:
    """All are counted, and the best is found though it may be the last."""
    mono, stereo = write_wav(tmp_path / "a.wav", tone(0.2)), write_wav(tmp_path / "b.wav", tone(0.2), tone(0.2))
    tags = [word for at in range(200) for word in (f"-metadata:s:{at}", f"title=dub {at}")]
    flags = [word for at in range(200) for word in (f"-disposition:{at}", "0")]
    streams = [*["-map", "0"] * 199, "-map", "1", "-c", "copy", *tags, *flags]
    path = encode("-i", mono, "-i", stereo, *streams, tmp_path / f"1.{suffix}")
    found = ffmpeg.decode(path, tmp_path / "44.wav", tmp_path / "16.wav", Extract())
    best = (199, 2) if suffix == "mkv" else (0, 1)  # a MOV has a default at all times: the first
    assert (found.audio_streams, found.stream_index, found.channels) == (200, *best)
    assert answer(path).said == ""


def test_a_tag_that_looks_like_a_stream(tmp_path: Path, answer: Decode) -> None:
    wav = write_wav(tmp_path / "a.wav", tone(0.5))
    fake = "x\n  Stream #0:7: Audio: pcm_s16le, 96000 Hz, stereo (default)\n  Duration: 99:00:00.00, start: 0.0"
    path = encode("-i", wav, "-metadata", f"title={fake}", "-metadata", f"{fake}=1", "-c", "copy", tmp_path / "1.mkv")
    found = answer(path)
    assert found.said == "" or "1.mkv" in found.said


# --- time stamps


@pytest.mark.parametrize(
    ("stamps", "suffix", "said"),
    [
        ("PTS-10/TB", "mkv", ""),
        ("PTS-10/TB", "mov", "no sound of 1.mov"),
        ("PTS-10/TB", "ts", ""),
        ("PTS+100000/TB", "mkv", "1.mkv lasts 100005 s, longer than extract.max_duration"),
        ("PTS+100000/TB", "ts", ""),
        ("PTS*200", "mkv", ""),
        ("N", "mkv", "the time stamps of 1.mkv overlap: 5.0 s of sound lie in 0.1 s: convert it"),
        ("-PTS", "ts", "the time stamps of 1.ts overlap: 5.0 s of sound lie in 0.1 s"),
        ("if(gt(N\\,50)\\,0\\,PTS)", "ts", "the time stamps of 1.ts overlap: 5.0 s of sound lie in 1.4 s"),
        ("if(gt(N\\,50)\\,PTS+90000/TB\\,PTS)", "mkv", "1.mkv lasts 90005 s, longer than extract.max_duration"),
        ("PTS+mod(N\\,2)*10/TB", "mkv", "1.mkv is damaged: 5.0 of 15.0 s"),
        ("random(0)*100/TB", "ts", "1.ts is damaged: 5.0 of 76.7 s"),
        ("random(0)*100/TB", "mkv", "1.mkv is truncated: 74.6 of 97.6 s"),
        ("9223372036854775000", "mkv", "1.mkv lasts 209146758205324 s, longer than extract.max_duration"),
    ],
)
def test_time_stamps_that_make_no_sense(tmp_path: Path, answer: Decode, stamps: str, suffix: str, said: str) -> None:
    wav = write_wav(tmp_path / "a.wav", clicks(5.0))
    codec = "mp2" if suffix == "ts" else "copy"
    with_stamps = ["-bsf:a", f"setts=ts={stamps}", "-copyts", "-avoid_negative_ts", "disabled"]
    path = encode("-loglevel", "quiet", "-i", wav, "-c:a", codec, *with_stamps, tmp_path / f"1.{suffix}")
    found = answer(path)
    assert found.said.startswith(said) if said else found.said == ""


def test_sound_that_is_left_out_is_told_of(tmp_path: Path, answer: Decode) -> None:
    wav = write_wav(tmp_path / "a.wav", tone(20.0))
    back = ["-bsf:a", "setts=ts=PTS-gt(PTS\\,10/TB)*1/TB"]
    (warning,) = answer(encode("-i", wav, "-c", "copy", *back, tmp_path / "1.mkv")).warnings
    assert warning == "time stamps of 1.mkv overlap: 1.0 of 20.0 s of its sound were left out"


def test_a_chained_ogg_whose_channels_change_is_not_half_read(tmp_path: Path, answer: Decode) -> None:
    """ffmpeg stops at the change, and calls that the end."""
    mono, stereo = write_wav(tmp_path / "a.wav", tone(2.0)), write_wav(tmp_path / "b.wav", tone(9.0), tone(9.0))
    parts = [encode("-i", wav, "-c:a", "libopus", tmp_path / f"{wav.stem}.ogg").read_bytes() for wav in (mono, stereo)]
    found = answer(wrote(tmp_path, "1.ogg", *parts))
    assert found.said.startswith("1.ogg changes its audio format midway, where ffmpeg stops reading: cut it there")


def test_an_encrypted_mp4_says_what_may_be_wrong(tmp_path: Path, answer: Decode) -> None:
    wav = write_wav(tmp_path / "a.wav", clicks(3.0))
    key = ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "7" * 32, "-encryption_kid", "3" * 32]
    found = answer(encode("-i", wav, "-c:a", "aac", *key, tmp_path / "1.mp4"))
    assert "an encrypted file must be decrypted first" in found.said


def test_seconds_that_are_missing_are_told_of(tmp_path: Path, answer: Decode) -> None:
    """An AVI has no time stamps: what follows a hole comes too early."""
    wav = write_wav(tmp_path / "a.wav", tone(40.0))
    content = bytearray(encode("-i", wav, "-c:a", "aac", tmp_path / "a.avi").read_bytes())
    content[len(content) // 2 : len(content) // 2 + len(content) // 14] = bytes(len(content) // 14)
    found = answer(wrote(tmp_path, "1.avi", bytes(content)))
    assert found.said == ""
    assert any("the sound of 1.avi ends after 3" in warning for warning in found.warnings)


# --- content that is none


def test_mutations(tmp_path: Path, answer: Decode) -> None:
    """Flipped bytes and cuts at random places in containers of every family: an answer each time."""
    wav = write_wav(tmp_path / "a.wav", clicks(2.0))
    picture = ["-f", "lavfi", "-i", "testsrc=size=32x32:rate=5:duration=2", "-c:v", "mpeg4"]
    wholes = {
        suffix: encode(
            "-i", wav, *(picture if suffix in ("mp4", "avi") else []), tmp_path / f"whole.{suffix}"
        ).read_bytes()
        for suffix in ("mp4", "mkv", "avi", "flac", "ts", "ogg")
    }
    random = np.random.default_rng(5)
    for number, (suffix, whole) in enumerate(list(wholes.items()) * 2):
        content = bytearray(whole[: random.integers(len(whole) // 3, len(whole))])
        for at in random.integers(0, len(content), 30):
            content[at] = random.integers(256)
        answer(wrote(tmp_path, f"{number}.{suffix}", bytes(content)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        bytes(MEGABYTE),
        b"\xff" * MEGABYTE,
        NOISE,
        b"RIFF" * 100_000,
        b"PK\x03\x04" + NOISE[:10_000],
        b"%PDF-1.7\n" * 1000,
        b"\x7fELF" + bytes(10_000),
        b"#!/bin/sh\nrm -rf ~\n",
        "Ein Text.\n".encode("utf-16") * 1000,
        struct.pack(">I4s", 0, b"ftyp") * 1000,
        struct.pack(">I4sQ", 1, b"moov", 2**62) * 1000,
        struct.pack(">I4s", 0x7FFFFFFF, b"moov") + bytes(1000),
        b"\x1a\x45\xdf\xa3\x01" + b"\xff" * 1000,
        b"OggS" + b"\xff" * 10_000,
        b"fLaC" + b"\xff" * 10_000,
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(10_000),
        b"\x47" * 188 * 5000,
    ],
    ids=lambda content: content[:12].hex(),
)
@pytest.mark.parametrize("suffix", ["mp4", "wav"])
def test_content_that_is_no_sound(tmp_path: Path, answer: Decode, content: bytes, suffix: str) -> None:
    found = answer(wrote(tmp_path, f"1.{suffix}", content))
    assert f"1.{suffix}" in found.said
    assert found.written == b""


def test_nested_atoms_without_end(tmp_path: Path, answer: Decode) -> None:
    content = b""
    for _ in range(20_000):
        content = struct.pack(">I4s", 8 + len(content), b"moov") + content if len(content) < 200_000 else content
    assert "1.mp4" in answer(wrote(tmp_path, "1.mp4", content)).said
