"""Decoding on the video's clock, and what is said of every file that cannot be decoded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import imigue_build
from imigue_build.backends.media import ffmpeg
from imigue_build.backends.media.ffmpeg import Tool, command
from imigue_build.config import Extract
from imigue_build.core.errors import BackendError, ImigueError, MediaError, StoreError
from imigue_build.core.records import NO_BALANCE, ChannelBalance, Recording
from imigue_build.core.wav import duration, read_wav
from tests.media import RATE, click_times, clicks, decoy, encode, script, tone, video, write_wav


class Decoded:
    """What a decode gave: the record, both sounds, and the warnings."""

    def __init__(self, path: Path, out: Path, limits: Extract) -> None:
        self.warnings: list[str] = []
        self.wav44, self.wav16 = out / "44.wav", out / "16.wav"
        self.recording: Recording = ffmpeg.decode(path, self.wav44, self.wav16, limits, warn=self.warnings.append)
        self.sound44: NDArray[np.int16] = read_wav(self.wav44)
        self.sound16: NDArray[np.int16] = read_wav(self.wav16)

    @property
    def level(self) -> float:
        """Root mean square of the middle, 1 for full scale."""
        middle = self.sound44[len(self.sound44) // 4 : -len(self.sound44) // 4].astype(float)
        return float(np.sqrt((middle**2).mean()) / 32767)


Decode = Callable[..., Decoded]


@pytest.fixture
def decode(tmp_path: Path) -> Decode:
    return lambda path, **limits: Decoded(path, tmp_path, Extract(**limits))


@pytest.fixture
def refusal(decode: Decode) -> Callable[..., str]:
    """What is said of a file that cannot be decoded."""

    def refused(path: Path, **limits: float) -> str:
        with pytest.raises(MediaError) as caught:
            decode(path, **limits)
        assert str(path.parent) not in str(caught.value)
        return str(caught.value)

    return refused


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of media that the tests read and do not change."""
    folder = tmp_path_factory.mktemp("media")
    write_wav(folder / "clicks.wav", clicks())
    video(folder / "clicks.mp4", folder / "clicks.wav")
    write_wav(folder / "long.wav", tone(30.0), tone(30.0, pitch=880))
    encode(
        *("-f", "lavfi", "-i", "testsrc=size=64x48:rate=25:duration=31", "-i", folder / "long.wav"),
        *("-c:v", "mpeg4", "-c:a", "aac", "-movflags", "+faststart", folder / "long.mp4"),
    )
    encode("-i", folder / "long.mp4", "-c", "copy", folder / "long.mkv")
    return folder


# --- the clock


@pytest.mark.parametrize(
    ("suffix", "codec", "sound_at"),
    [
        ("mp4", "aac", 0.0),
        ("mp4", "aac", 0.7),
        ("mp4", "aac", -0.7),
        ("mov", "pcm_s16le", 0.7),
        ("mkv", "pcm_s16le", 0.7),
        ("mkv", "aac", 0.7),
        ("mkv", "pcm_s16le", -0.7),
        ("ts", "s302m", 0.0),  # its time stamps begin at 1.4 s
        ("ts", "s302m", 0.7),
        ("flv", "pcm_s16le", 0.7),
        ("avi", "pcm_s16le", 0.0),
    ],
)
def test_second_t_of_the_video_is_second_t_of_the_wavs(
    made: Path, tmp_path: Path, decode: Decode, suffix: str, codec: str, sound_at: float
) -> None:
    path = tmp_path / f"1.{suffix}"
    if codec == "s302m":  # takes 48 kHz stereo alone
        sound = clicks(rate=48_000)
        wav = write_wav(tmp_path / "source.wav", sound, sound, rate=48_000)
    else:
        wav = made / "clicks.wav"
    done = decode(video(path, wav, sound_at=sound_at, codec=codec))
    late = max(sound_at, 0.0)
    for heard, rate in ((done.sound44, 44_100), (done.sound16, 16_000)):
        assert click_times(heard, rate) == pytest.approx([1.0 + late, 3.0 + late], abs=0.002)
    # the encoder's run-up, where the container does not say that it is one, lies before the sound
    assert done.recording.audio_offset == pytest.approx(late, abs=0.03)
    assert done.warnings == []


def test_both_wavs_are_plain_and_of_one_length(made: Path, decode: Decode) -> None:
    done = decode(made / "clicks.mp4")
    for path, sound in ((done.wav44, done.sound44), (done.wav16, done.sound16)):
        header = path.read_bytes()[:44]
        assert path.stat().st_size == 44 + 2 * len(sound)
        assert header[36:40] == b"data"
    assert abs(len(done.sound44) / 44_100 - len(done.sound16) / 16_000) <= 1 / 16_000
    assert done.recording.duration == duration(done.wav44)


def test_the_record_states_what_was_found(made: Path, decode: Decode) -> None:
    found = decode(made / "long.mp4").recording
    assert (found.sample_rate, found.channels, found.codec, found.container) == (
        44_100,
        2,
        "aac",
        "mov,mp4,m4a,3gp,3g2,mj2",
    )
    assert (found.stream_index, found.audio_streams, found.audio_offset) == (1, 1, 0.0)
    assert found.media_duration == pytest.approx(31.0, abs=0.05)
    assert found.duration == pytest.approx(30.0, abs=0.05)


def test_the_same_file_gives_the_same_bytes(made: Path, decode: Decode) -> None:
    first = decode(made / "long.mp4")
    before = first.wav44.read_bytes(), first.wav16.read_bytes()
    again = decode(made / "long.mp4")
    assert (again.wav44.read_bytes(), again.wav16.read_bytes()) == before


def test_gaps_in_the_time_stamps_are_filled(made: Path, tmp_path: Path, decode: Decode) -> None:
    gap = "aselect='not(between(t,1.5,2.4))'"
    done = decode(encode("-i", made / "clicks.wav", "-af", gap, "-c:a", "pcm_s16le", tmp_path / "1.mkv"))
    assert click_times(done.sound44, 44_100) == pytest.approx([1.0, 3.0], abs=0.002)
    assert not done.sound44[int(1.7 * RATE) : int(2.3 * RATE)].any()
    assert done.recording.duration == pytest.approx(5.0, abs=0.002)


def test_a_step_back_where_recordings_were_joined_loses_nothing(made: Path, tmp_path: Path, decode: Decode) -> None:
    part = encode("-i", made / "clicks.wav", "-c:a", "mp2", tmp_path / "part.ts")
    joined = tmp_path / "1.ts"
    joined.write_bytes(part.read_bytes() * 2)
    assert len(click_times(decode(joined).sound44, 44_100)) == 4


def test_a_change_of_format_on_the_way_loses_and_adds_nothing(made: Path, tmp_path: Path, decode: Decode) -> None:
    mono = encode("-i", made / "clicks.wav", "-c:a", "aac", tmp_path / "mono.aac")
    stereo = encode("-i", made / "clicks.wav", "-ac", "2", "-ar", "48000", "-c:a", "aac", tmp_path / "stereo.aac")
    joined = tmp_path / "1.aac"
    joined.write_bytes(mono.read_bytes() + stereo.read_bytes())
    done = decode(joined)
    assert len(click_times(done.sound44, 44_100)) == 4
    assert done.recording.duration == pytest.approx(10.1, abs=0.5)


# --- the mix


@pytest.mark.parametrize(("left", "right", "level"), [(0.5, 0.5, 0.5), (0.5, 0.0, 0.25), (0.8, -0.2, 0.3)])
def test_stereo_is_averaged(tmp_path: Path, decode: Decode, left: float, right: float, level: float) -> None:
    sound = tone(2.0, peak=1.0)
    path = write_wav(tmp_path / "1.wav", (left * sound).astype(np.int16), (right * sound).astype(np.int16))
    done = decode(path)
    assert done.level == pytest.approx(level / np.sqrt(2), rel=0.01)
    assert done.warnings == []


def test_channels_that_cancel_each_other_are_not_mixed(tmp_path: Path, decode: Decode) -> None:
    done = decode(write_wav(tmp_path / "1.wav", tone(2.0), -tone(2.0)))
    assert done.level == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    said = "1.wav: the two channels cancel each other: only the first is used; extract.channels chooses others"
    assert done.warnings == [said]


def test_the_louder_of_two_channels_is_known(tmp_path: Path) -> None:
    """On the clock of the WAVs: the first channel is louder in second 1, the second one in second 2."""
    sound, weak = tone(1.0), tone(1.0, peak=0.05)
    wav = write_wav(tmp_path / "source.wav", np.concatenate([sound, weak]), np.concatenate([weak, sound]))
    found = balance(video(tmp_path / "1.mkv", wav, sound_at=0.5, codec="pcm_s16le"), tmp_path)
    decibels = np.frombuffer(found.decibels, np.int8)
    assert found.step == 0.02
    assert len(decibels) == pytest.approx(125, abs=1)
    assert set(decibels[:24]) == {0}
    assert set(decibels[27:74]) == {20}
    assert set(decibels[77:124]) == {-20}


def test_one_sound_in_both_channels_or_one_channel_has_no_balance(tmp_path: Path) -> None:
    for channels in (
        [tone(1.0)],
        [tone(1.0), tone(1.0)],
        [tone(1.0), -tone(1.0)],
        [tone(1.0), tone(1.0, peak=0.1), tone(1.0)],
    ):
        assert balance(write_wav(tmp_path / "source.wav", *channels), tmp_path) == NO_BALANCE


def balance(path: Path, out: Path) -> ChannelBalance:
    """As extract writes it."""
    channels = out / "channels.pcm"
    ffmpeg.decode(path, out / "44.wav", out / "16.wav", Extract(), channels=channels)
    return ffmpeg.channel_balance(channels) if channels.is_file() else NO_BALANCE


def test_microphones_are_averaged_whatever_their_number(tmp_path: Path, decode: Decode) -> None:
    silence = tone(2.0, peak=0.0)
    done = decode(write_wav(tmp_path / "1.wav", silence, silence, tone(2.0)))
    assert done.recording.channels == 3
    assert done.level == pytest.approx(0.5 / 3 / np.sqrt(2), rel=0.01)


def test_surround_is_mixed_without_clipping(tmp_path: Path, decode: Decode) -> None:
    wav = write_wav(tmp_path / "six.wav", *[tone(2.0, peak=0.95)] * 6)
    path = encode("-channel_layout", "5.1", "-i", wav, "-c:a", "flac", tmp_path / "1.flac")
    done = decode(path)
    assert done.recording.channels == 6
    assert done.level == pytest.approx(0.95 / np.sqrt(2), rel=0.02)


def test_silence_stays_silence(tmp_path: Path, decode: Decode) -> None:
    done = decode(write_wav(tmp_path / "1.wav", tone(1.0, peak=0.0), tone(1.0, peak=0.0)))
    assert not done.sound44.any()
    assert done.warnings == []


def test_full_scale_float_is_not_wrapped(tmp_path: Path, decode: Decode) -> None:
    wav = write_wav(tmp_path / "source.wav", tone(1.0, peak=0.9))
    done = decode(encode("-i", wav, "-af", "volume=2:precision=float", "-c:a", "pcm_f32le", tmp_path / "1.wav"))
    assert done.sound44.max() == 32767
    assert np.abs(np.diff(done.sound44.astype(int))).max() < 6000


@pytest.mark.parametrize(
    ("dispositions", "expected"),
    [(("default", "0"), 1), (("0", "default"), 2), (("default", "default"), 2), (("0", "comment"), 1)],
)
def test_the_best_stream_is_taken(tmp_path: Path, decode: Decode, dispositions: tuple[str, str], expected: int) -> None:
    mono, stereo = write_wav(tmp_path / "a.wav", tone(1.0)), write_wav(tmp_path / "b.wav", tone(1.0), tone(1.0))
    path = encode(
        *("-f", "lavfi", "-i", "testsrc=size=64x48:duration=1", "-i", mono, "-i", stereo),
        *("-map", "0", "-map", "1", "-map", "2", "-c:v", "mpeg4", "-c:a", "aac"),
        *("-disposition:a:0", dispositions[0], "-disposition:a:1", dispositions[1], tmp_path / "1.mkv"),
    )
    found = decode(path).recording
    assert (found.stream_index, found.audio_streams, found.channels) == (expected, 2, expected)


@pytest.mark.parametrize("seconds", [0.2, 0.005])
def test_a_very_short_recording_is_decoded(tmp_path: Path, decode: Decode, seconds: float) -> None:
    done = decode(write_wav(tmp_path / "1.wav", tone(seconds)))
    assert done.recording.duration == pytest.approx(seconds, abs=1e-3)


@pytest.mark.parametrize(
    "name", ["-i.wav", "a'b\"c.wav", "pipe:1.wav", "concat:a|b.wav", "50%d.wav", "a\nb.wav", "é ü.wav"]
)
def test_names_mean_nothing(tmp_path: Path, decode: Decode, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    assert decode(write_wav(folder / name, tone(0.5))).recording.duration == 0.5


# --- what cannot be decoded


def test_a_recording_of_no_length(tmp_path: Path, refusal: Callable[..., str]) -> None:
    assert "no sound of 1.wav (pcm_s16le) could be decoded" in refusal(write_wav(tmp_path / "1.wav", tone(0)))


def test_there_is_no_such_file(tmp_path: Path, refusal: Callable[..., str]) -> None:
    assert (
        refusal(tmp_path / "1.mp4") == "1.mp4 cannot be read (No such file or directory): check that it is still there"
    )


def test_the_file_may_not_be_read(made: Path, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read everything
    assert refusal(made / "clicks.mp4") == "clicks.mp4 cannot be read (permission denied): check its permissions"


def test_a_named_pipe_is_not_waited_for(tmp_path: Path, refusal: Callable[..., str]) -> None:
    os.mkfifo(tmp_path / "1.mp4")
    assert refusal(tmp_path / "1.mp4").startswith("1.mp4 is not a regular file")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1.mp4 is empty: copy or download it again"),
        (b"This is a text, not a video.\n" * 50, "1.mp4 is not an audio or video file"),
        (np.random.default_rng(1).bytes(50_000), "1.mp4 is not an audio or video file"),
        (b"ffconcat version 1.0\nfile clicks.wav\n", "1.mp4 is of a format that is not allowed (concat)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "1.mp4 is of a format that is not allowed (png_pipe): convert it"),
    ],
    ids=["empty", "text", "noise", "concat", "png"],
)
def test_what_is_no_media(tmp_path: Path, refusal: Callable[..., str], content: bytes, said: str) -> None:
    path = tmp_path / "1.mp4"
    path.write_bytes(content)
    assert said in refusal(path)


def test_a_playlist_reads_no_other_file(made: Path, tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "1.m3u8"
    entry = f"#EXTINF:5,\n{made / 'clicks.mp4'}\n"
    path.write_text(f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n{entry}#EXT-X-ENDLIST\n")
    assert "not allowed (hls)" in refusal(path)


def test_a_video_without_sound(made: Path, tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = encode("-i", made / "clicks.mp4", "-an", "-c", "copy", tmp_path / "1.mp4")
    assert refusal(path) == "1.mp4 has no sound: take a recording with an audio stream"


def test_an_mp4_that_lost_its_index(made: Path, tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "1.mp4"
    path.write_bytes((made / "clicks.mp4").read_bytes()[:30_000])
    assert refusal(path) == "1.mp4 is truncated: its index is missing (no moov atom): copy or download it again"


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.wav"])
def test_what_was_cut_in_half(made: Path, tmp_path: Path, refusal: Callable[..., str], name: str) -> None:
    path = tmp_path / f"1{Path(name).suffix}"
    whole = (made / name).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    said = refusal(path)
    assert said.startswith(f"{path.name} is truncated: 1")
    assert said.endswith(" s are there: copy or download it again")


def test_sound_that_ends_long_before_the_picture_is_a_warning(made: Path, tmp_path: Path, decode: Decode) -> None:
    done = decode(video(tmp_path / "1.mp4", made / "clicks.wav", picture=12.0))
    assert done.recording.duration == pytest.approx(5.0, abs=0.05)
    assert done.warnings == ["the sound of 1.mp4 ends after 5.0 of 12.0 s"]


def damaged(whole: bytes, places: int, size: int) -> bytes:
    """`whole` with noise at so many places after its first fifth."""
    random, content = np.random.default_rng(1), bytearray(whole)
    for at in np.linspace(len(whole) // 5, len(whole) - size, places).astype(int):
        content[at : at + size] = random.bytes(size)
    return bytes(content)


def test_damage_in_places_is_a_warning(made: Path, tmp_path: Path, decode: Decode) -> None:
    path = tmp_path / "1.mp4"
    path.write_bytes(damaged((made / "long.mp4").read_bytes(), places=40, size=60))
    done = decode(path)
    assert done.recording.duration == pytest.approx(30.0, abs=0.1)
    (warning,) = done.warnings
    assert warning.startswith("1.mp4 is damaged in places: 2")
    assert warning.endswith("of its sound could be decoded, the rest is silence")


def test_damage_all_over_is_an_error(made: Path, tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "1.mp4"
    whole = (made / "long.mp4").read_bytes()
    path.write_bytes(damaged(whole, places=1, size=len(whole) * 4 // 5))
    assert refusal(path).startswith(("1.mp4 is damaged: ", "1.mp4 could not be decoded"))  # as ffmpeg's version has it


# --- limits


def test_a_recording_that_is_too_long(made: Path, refusal: Callable[..., str]) -> None:
    said = "clicks.wav lasts 5 s, longer than extract.max_duration (4.5 s): raise that setting, or cut the recording"
    assert refusal(made / "clicks.wav", max_duration=4.5) == said


def test_a_recording_that_does_not_say_how_long_it_is(made: Path, tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = encode("-i", made / "clicks.wav", "-c:a", "aac", tmp_path / "1.aac")
    assert "longer than extract.max_duration (2 s)" in refusal(path, max_duration=2.0)


def test_a_decode_that_takes_too_long(made: Path, refusal: Callable[..., str]) -> None:
    assert "was not read within 0.001 s: raise extract.timeout" in refusal(made / "long.mp4", timeout=0.001)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory of another process is limited on Linux alone")
def test_a_leap_in_the_time_stamps_takes_no_memory(
    made: Path, tmp_path: Path, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_MAX_MEMORY", 1 << 28)
    leap = "asetpts='PTS+gte(T,2.5)*7200/TB'"
    path = encode("-i", made / "clicks.wav", "-af", leap, "-c:a", "pcm_s16le", tmp_path / "1.mkv")
    said = refusal(path)
    assert said.startswith("the time stamps of 1.mkv leap by ")
    assert said.endswith("minutes or more: convert it, or cut it there")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_named(made: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no space left on the disk: free some space"):
        ffmpeg.decode(made / "clicks.mp4", Path("/dev/full"), tmp_path / "16.wav", Extract())


def test_a_folder_that_is_not_there(made: Path, tmp_path: Path) -> None:
    with pytest.raises(ImigueError, match="No such file or directory"):
        ffmpeg.decode(made / "clicks.mp4", tmp_path / "none" / "44.wav", tmp_path / "16.wav", Extract())


# --- the tool


def test_a_crash_is_no_traceback(made: Path, tmp_path: Path) -> None:
    version = 'if [ "$1" = -version ]; then echo "ffmpeg version 6.0 x"; exit; fi'
    crashing = script(tmp_path / "ffmpeg", version, "kill -SEGV $$")
    with pytest.raises(MediaError, match=r"ffmpeg 6\.0 crashed on clicks\.mp4 \(signal 11\)"):
        ffmpeg.probe(made / "clicks.mp4", Tool(crashing, 60))


def test_a_flood_of_messages_is_not_kept(tmp_path: Path) -> None:
    flood = script(tmp_path / "ffmpeg", "yes '[error] the same again' | head -n 200000 >&2", "echo '[error] last' >&2")
    done = command.run(Tool(flood, 60), [], "1.mp4")
    assert len(done.log) < 6000
    assert (done.errors[0], done.errors[-1]) == ("the same again", "last")


def test_a_program_that_hangs_is_killed(tmp_path: Path) -> None:
    hanging = script(tmp_path / "ffmpeg", f"echo $$ > {tmp_path}/pid", "exec sleep 60")
    started = time.monotonic()
    with pytest.raises(MediaError, match=r"not read within 1\.5 s"):
        command.run(Tool(hanging, 1.5), [], "1.mp4")
    assert time.monotonic() - started < 50
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_ffmpeg_on_the_path_is_never_run(made: Path, tmp_path: Path, decode: Decode) -> None:
    """In a process of its own, as the search is remembered: nothing here takes what the PATH has."""
    program = decoy(tmp_path / "bin")
    code = (
        "import sys\nfrom pathlib import Path\nfrom imigue_build.backends.configs import load\n"
        "from imigue_build.apps.doctor import examine\nfrom imigue_build.stages.extract import ExtractStage\n"
        "from imigue_build.backends.media import ffmpeg\nfrom imigue_build.release.build import sound\n"
        "config = load('embedded')\nprint(ExtractStage(config.extract).provenance().tools['ffmpeg'])\n"
        "ffmpeg.decode(Path(sys.argv[1]), Path('44.wav'), Path('16.wav'), config.extract)\n"
        "print(*[check.detail for check in examine(config) if check.name == 'ffmpeg'])\n"
    )
    environment = {
        **os.environ,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "IMAGEIO_FFMPEG_EXE": str(program),
        "PYTHONPATH": str(Path(imigue_build.__file__).parents[1]),
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(made / "clicks.mp4")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    version = command.ffmpeg_version()
    assert done.stdout.splitlines() == [version, f"bundled, version {version}"]
    assert (tmp_path / "44.wav").read_bytes() == decode(made / "clicks.mp4").wav44.read_bytes()
    assert not (program.parent / "ran").exists()


def test_another_ffmpeg_runs_where_the_setting_names_it(made: Path, tmp_path: Path, decode: Decode) -> None:
    log = tmp_path / "log"
    other = script(tmp_path / "bin" / "ffmpeg", f"echo run >> '{log}'", f"exec '{command.find_ffmpeg()}' \"$@\"")
    done = decode(made / "clicks.mp4", ffmpeg=str(other))
    assert done.recording == decode(made / "clicks.mp4").recording
    assert len(log.read_text().splitlines()) >= 4
    own = ffmpeg.provenance(str(other)).tools["ffmpeg"]
    assert own == f"{command.ffmpeg_version()} (not the bundled one)"


def test_the_bundled_ffmpeg_is_started_once_to_know_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = script(tmp_path / "ffmpeg-made-up", "echo 'ffmpeg version 7.1 x'")
    os.utime(bundled, (1_000_000, 1_000_000))
    started: list[Path] = []
    version = command._version.__wrapped__

    def count(program: Path) -> str | None:
        started.append(program)
        return version(program)

    monkeypatch.setenv("IMIGUE_BUILD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(command, "bundled", lambda: bundled)
    monkeypatch.setattr(command, "_version", count)
    find = command.find_ffmpeg.__wrapped__
    assert find() == find() == bundled
    assert len(started) == 1
    assert find(tried=True) == bundled  # as doctor asks
    assert len(started) == 2
    bundled.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(BackendError, match="does not run here"):
        find()


def test_the_path_of_another_ffmpeg_is_not_in_the_key() -> None:
    assert Extract(ffmpeg="/opt/bin/ffmpeg").identity() == Extract().identity()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("echo 'ffmpeg version 3.4.1 x'", r"ffmpeg 3\.4\.1, and 4 or later is needed"),
        ("exit 127", "is no ffmpeg that runs"),
        ("echo 'something else'", "is no ffmpeg that runs"),
    ],
)
def test_an_ffmpeg_that_does_not_do_is_said(tmp_path: Path, answer: str, said: str) -> None:
    broken = script(tmp_path / "bin" / "ffmpeg", answer)
    with pytest.raises(BackendError, match=f"extract.ffmpeg: {broken} .*{said}.*the bundled one is used then"):
        command.find_ffmpeg(str(broken))
    with pytest.raises(BackendError, match="is no ffmpeg that runs"):
        command.find_ffmpeg(str(tmp_path / "nowhere"))


def test_a_build_from_the_developers_branch_will_do(tmp_path: Path) -> None:
    own = script(tmp_path / "bin" / "ffmpeg", "echo 'ffmpeg version N-1234-gabc Copyright'")
    assert command.find_ffmpeg(str(own)) == own


def test_without_the_bundled_ffmpeg_the_remedies_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "bundled", lambda: None)
    with pytest.raises(BackendError, match=r"is missing: pip install .*imageio-ffmpeg.*--set extract\.ffmpeg=PATH"):
        command.find_ffmpeg.__wrapped__()


# --- real recordings


def shared(*parts: str) -> Path:
    root = os.environ.get("IMIGUE_SHARED_DATA")
    if not root:
        pytest.skip("IMIGUE_SHARED_DATA names no folder of recordings")
    return Path(root, *parts)


def test_speech_is_where_the_reference_has_it(decode: Decode) -> None:
    done = decode(shared("interviews", "0001.mp4"))
    reference = json.loads(shared("interviews", "0001.json").read_text())
    sound = done.sound16.astype(float)
    spoken = np.zeros(len(sound), dtype=bool)
    for turn in reference["turns"]:
        spoken[int(turn["start"] * 16_000) : int(turn["end"] * 16_000)] = True
    assert (sound[spoken] ** 2).mean() > 100 * (sound[~spoken] ** 2).mean()
    assert done.recording.media_duration is not None
    assert done.recording.media_duration - done.recording.duration == pytest.approx(1.1, abs=0.1)
    assert done.warnings == []


def test_float_wavs_are_decoded(decode: Decode) -> None:
    done = decode(shared("conversations", "trn01.wav"))
    assert (done.recording.codec, done.recording.sample_rate) == ("pcm_f32le", 16_000)
    assert done.recording.duration == pytest.approx(30.0, abs=0.001)
    assert done.level > 0.001
