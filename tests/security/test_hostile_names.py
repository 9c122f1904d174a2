"""Names, links and kinds of file that mean more than a recording: taken for what they are, or refused unopened."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from imigue_build.backends.media import ffmpeg
from imigue_build.config import Extract
from imigue_build.core.errors import UsageError
from imigue_build.corpus import discover
from tests.media import tone, write_wav
from tests.security.conftest import ODD_NAMES, Answer

pytestmark = pytest.mark.slow

Decode = Callable[..., Answer]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_single_file_of_an_odd_name(tmp_path: Path, name: str) -> None:
    """Refused in one line as an id; and never taken for an option, an address or a path by ffmpeg."""
    folder = tmp_path / "videos"
    folder.mkdir()
    path = write_wav(folder / name, tone(0.2))
    corpus = discover(path)
    assert not corpus.videos
    (problem,) = corpus.problems
    assert problem.message.isprintable()
    assert "cannot be an id: rename it" in problem.message
    assert os.listdir(folder) == [name]
    recording = ffmpeg.decode(path, tmp_path / "44.wav", tmp_path / "16.wav", Extract())
    assert recording.duration == 0.2


@pytest.mark.parametrize("suffix", [".w\nav", ".\x1b[31m", ". mp4", ".mp4\u202e", ".x" + "y" * 200])
def test_an_odd_suffix_makes_no_second_line(tmp_path: Path, answer: Decode, suffix: str) -> None:
    """The id is good, and all the same the name must not write into a terminal."""
    path = tmp_path / f"1{suffix}"
    path.write_bytes(b"no sound")
    assert [video.video_id for video in discover(path).videos] == ["0001"]
    assert answer(path).said


@pytest.mark.parametrize("place", ["..", "videos/../videos/1.wav", "./videos/1.wav", "../videos"])
def test_a_path_that_goes_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    folder = tmp_path / "x" / "videos"
    folder.mkdir(parents=True)
    write_wav(folder / "1.wav", tone(0.2))
    monkeypatch.chdir(folder if place.startswith("..") else tmp_path / "x")
    assert [video.video_id for video in discover(Path(place)).videos] == ["0001"]


@pytest.mark.parametrize("place", ["-", "pipe:0", "http://127.0.0.1/1.mp4", "a\nb", "x" * 5000])
def test_what_is_no_path_of_a_recording(place: str) -> None:
    with pytest.raises(UsageError) as caught:
        discover(Path(place))
    assert str(caught.value).isprintable()
    assert caught.value.remedy


def test_devices_and_pipes_are_not_opened(tmp_path: Path) -> None:
    bound = socket.socket(socket.AF_UNIX)
    os.mkfifo(tmp_path / "pipe.mp4")
    bound.bind(os.path.relpath(tmp_path / "socket.mp4"))
    bound.close()
    kinds = {tmp_path / "pipe.mp4": "a named pipe", tmp_path / "socket.mp4": "a socket"}
    kinds |= {Path(f"/dev/{name}"): "a device" for name in ("zero", "random", "full", "tty", "null")}
    for path, kind in kinds.items():
        with pytest.raises(UsageError, match=f"{path.name} is {kind}: name a folder or a video file"):
            discover(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="a device can be made by root alone")
def test_a_device_among_the_videos(tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "1.mp4", 0o600 | 0o020000, os.makedev(1, 5))  # another /dev/zero
    except PermissionError:
        pytest.skip("devices cannot be made here")
    (problem,) = discover(tmp_path).problems
    assert problem.message == "1.mp4 is a device: move it out of the folder"


def test_a_terabyte_of_nothing_is_not_read(tmp_path: Path) -> None:
    """As a download leaves it that reserved its place and was broken off; it would be hashed for an hour."""
    path = tmp_path / "1.mp4"
    with path.open("wb") as file:
        file.write(b"x" * 100_000)
        file.truncate(10**12)
    if path.stat().st_blocks * 512 > 10**9:
        pytest.skip("this file system has no holes")
    (problem,) = discover(tmp_path).problems
    assert problem.message == "1.mp4 is incomplete: 0.0 of its 1000.0 GB were written: download or copy it again"
    with pytest.raises(UsageError, match=r"1\.mp4 is incomplete"):
        discover(path)
    os.truncate(path, 1 << 20)
    assert not discover(tmp_path).problems  # small: reading it is quicker than asking


def test_a_large_file_without_holes_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imigue_build.corpus.discovery._LARGE", 1 << 16)
    write_wav(tmp_path / "1.wav", tone(10.0))
    assert not discover(tmp_path).problems


def test_rings_of_folders_end(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "up").symlink_to(tmp_path)
    (inner / "self").symlink_to(inner / "self")
    (inner / "1.mp4").symlink_to("../../a/b/2.mp4")
    (inner / "2.mp4").symlink_to("../b/1.mp4")
    write_wav(tmp_path / "3.wav", tone(0.1))
    found = discover(tmp_path)
    assert [video.video_id for video in found.videos] == ["0003"]
    assert {problem.message for problem in found.problems if problem.path.suffix} == {
        f"a/b/{name}.mp4 is a link that leads nowhere: mend it or remove it" for name in (1, 2)
    }
