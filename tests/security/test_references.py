"""Files that name other files, or addresses: none of those is ever opened."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from imigue_build.backends.media.ffmpeg import find_ffmpeg
from tests.media import clicks, encode, tone, write_wav
from tests.security import forge
from tests.security.conftest import Answer, Listener
from tests.security.scripts import SCRIPTS, Bait, suffix

pytestmark = pytest.mark.slow

Decode = Callable[..., Answer]


def unguarded(*arguments: str | Path) -> bytes:
    """The sound that ffmpeg gives without our limits: that these files are not harmless in themselves."""
    command = [str(find_ffmpeg()), "-nostdin", "-loglevel", "error", *map(str, arguments), "-f", "s16le", "-"]
    return subprocess.run(command, capture_output=True, check=False, timeout=30).stdout


def sound_of(path: Path) -> bytes:
    """A stretch of a WAV's samples that no other sound has."""
    return path.read_bytes()[44 + 20_000 : 44 + 20_400]


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("own", [False, True], ids=["named mp4", "of its own suffix"])
def test_a_script_is_refused_and_not_followed(tmp_path: Path, bait: Bait, answer: Decode, name: str, own: bool) -> None:
    path = tmp_path / f"1{suffix(name) if own else '.mp4'}"
    path.write_text(SCRIPTS[name](bait))
    found = answer(path)
    assert found.said.startswith(path.name)
    assert "not allowed" in found.said or "not an audio or video" in found.said or "cannot be read as" in found.said
    assert found.written == b""


@pytest.mark.parametrize("name", ["ffconcat of a file", "hls of a file"])
def test_without_the_limits_a_script_is_followed(tmp_path: Path, bait: Bait, name: str) -> None:
    path = tmp_path / f"1{suffix(name)}"
    path.write_text(SCRIPTS[name](bait))
    danger = ["-safe", "0"] if "concat" in name else ["-extension_picky", "0", "-allowed_extensions", "ALL"]
    if "concat" not in name:
        path.write_text(path.read_text().replace(".wav", ".ts"))
        encode(
            "-i", bait.file, "-c:a", "s302m", "-strict", "-2", "-ar", "48000", "-ac", "2", bait.file.with_suffix(".ts")
        )
    assert len(unguarded(*danger, "-i", path)) > 40_000


def test_without_the_limits_the_network_is_called(tmp_path: Path, listener: Listener) -> None:
    path = tmp_path / "1.ffconcat"
    path.write_text(SCRIPTS["ffconcat of the network"](Bait(tmp_path, f"http://127.0.0.1:{listener.port}")))
    unguarded("-safe", "0", "-protocol_whitelist", "file,http,tcp", "-i", path)
    assert listener.calls
    listener.calls.clear()


def test_a_mov_whose_sound_is_another_file(tmp_path: Path, bait: Bait, answer: Decode) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    path = folder / "1.mov"
    path.write_bytes(forge.mov(forge.alias(bait.file)))
    assert sound_of(bait.file) in unguarded("-enable_drefs", "1", "-use_absolute_path", "1", "-i", path)
    found = answer(path)
    assert found.said == "the sound of 1.mov is in another file: save it as a self-contained file"
    assert sound_of(bait.file) not in found.written


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_mov_whose_sound_is_an_address(tmp_path: Path, bait: Bait, answer: Decode, scheme: str) -> None:
    address = f"{bait.url}/a.wav" if scheme == "http" else f"file://{bait.file}"
    (tmp_path / "1.mov").write_bytes(forge.mov(forge.link(address), seconds=5))
    found = answer(tmp_path / "1.mov")
    assert found.said.startswith("1.mov is truncated")
    assert sound_of(bait.file) not in found.written


def test_a_mov_that_is_the_address_of_another(tmp_path: Path, bait: Bait, answer: Decode) -> None:
    (tmp_path / "1.mov").write_bytes(forge.reference_movie(f"{bait.url}/a.mov"))
    assert answer(tmp_path / "1.mov").said.startswith("1.mov has no sound")


@pytest.mark.parametrize("name", ["hls of a file", "hls of the network", "ffconcat of a file", "srt", "ass", "sami"])
def test_subtitles_of_an_avi_that_are_a_script(tmp_path: Path, bait: Bait, answer: Decode, name: str) -> None:
    """The avi reader opens what lies in a stream of subtitles as a file of its own."""
    own = write_wav(tmp_path / "own.wav", tone(1.0))
    (tmp_path / "1.avi").write_bytes(forge.avi_with_subtitles(own.read_bytes(), SCRIPTS[name](bait).encode()))
    found = answer(tmp_path / "1.avi")
    assert found.said == ""
    assert sound_of(own) in found.written
    assert sound_of(bait.file) not in found.written


def test_subtitles_and_attachments_that_name_files(tmp_path: Path, bait: Bait, answer: Decode) -> None:
    own = write_wav(tmp_path / "own.wav", tone(1.0))
    for name in ("srt", "ass", "svg"):
        (tmp_path / f"a.{name}").write_text(SCRIPTS[name](bait))
    (tmp_path / "list.m3u8").write_text(SCRIPTS["hls of a file"](bait))
    encode(
        *("-i", own, "-i", tmp_path / "a.srt", "-map", "0", "-map", "1", "-c:a", "copy", "-c:s", "srt"),
        *("-attach", tmp_path / "list.m3u8", "-metadata:s:2", "mimetype=application/vnd.apple.mpegurl"),
        *("-attach", tmp_path / "a.svg", "-metadata:s:3", "mimetype=image/svg+xml", tmp_path / "1.mkv"),
    )
    before = sorted(tmp_path.iterdir())
    found = answer(tmp_path / "1.mkv")
    assert found.said == ""
    assert sound_of(own) in found.written
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "out"])  # attachments are not written out


@pytest.mark.parametrize("name", ["1%d.wav", "1%03d.mp4", "[12].wav", "*.wav", "1%25d.mp4"])
def test_a_name_is_no_pattern(tmp_path: Path, answer: Decode, name: str) -> None:
    """image2 would take such a name for all files that fit it."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for number in range(3):
        write_wav(folder / name.replace("%d", str(number)).replace("%03d", f"00{number}"), clicks(0.5))
    path = write_wav(folder / name, tone(1.0))
    found = answer(path)
    assert found.said == ""
    assert sound_of(path) in found.written


def test_pictures_are_no_recording(tmp_path: Path, answer: Decode) -> None:
    for number in (1, 2):
        encode("-f", "lavfi", "-i", "testsrc=size=64x48", "-frames:v", "1", "-update", "1", tmp_path / f"{number}.png")
    (tmp_path / "%d.png").write_bytes((tmp_path / "1.png").read_bytes())
    assert "not allowed" in answer(tmp_path / "%d.png").said
