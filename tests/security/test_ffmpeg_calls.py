"""Every call of ffmpeg in the package has its allow-lists and limits: those made here, and those in the code."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import imigue_build
from imigue_build.backends.media import ffmpeg
from imigue_build.backends.media.ffmpeg import command as tool
from imigue_build.config import Extract
from imigue_build.core.errors import MediaError
from tests.media import encode, tone, write_wav
from tests.security import forge

PACKAGE = Path(imigue_build.__file__).parent
REACHING = ("hls", "dash", "concat", "concatf", "sdp", "rtsp", "rtp", "image2", "imf", "lavfi", "webm_dash_manifest")
"""Demuxers that open other files or addresses."""


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The argument lists of all programs that are started."""
    started: list[list[str]] = []
    start = subprocess.Popen.__init__

    def noting(self: Any, command: list[str], *rest: Any, **options: Any) -> None:
        assert not options.get("shell")
        if command[0] != sys.executable:  # a watchdog of ours
            started.append([str(word) for word in command])
        start(self, command, *rest, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", noting)
    return started


def after(words: list[str], option: str) -> list[str]:
    """The values of an option, wherever it stands."""
    return [words[at + 1] for at, word in enumerate(words[:-1]) if word == option]


@pytest.mark.slow
def test_every_input_is_a_local_file_under_the_allow_lists(tmp_path: Path, calls: list[list[str]]) -> None:
    """Over all ways through the code: sound, cancelled channels, cut files, lies, formats that are not opened."""
    wav = write_wav(tmp_path / "1.wav", tone(30.0), -tone(30.0))
    whole = encode("-i", wav, "-c:a", "aac", "-f", "matroska", tmp_path / "2.mkv").read_bytes()
    (tmp_path / "2.mkv").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "3.flac").write_bytes(forge.flac_silence(20, total=8000))
    (tmp_path / "4.mp4").write_text("ffconcat version 1.0\nfile 1.wav\n")
    (tmp_path / "5.aac").write_bytes(encode("-i", wav, tmp_path / "a.aac").read_bytes())
    calls.clear()
    for name in ("1.wav", "2.mkv", "3.flac", "4.mp4", "5.aac"):
        before = len(calls)
        try:
            ffmpeg.decode(tmp_path / name, tmp_path / "44.wav", tmp_path / "16.wav", Extract())
        except MediaError:
            assert name in ("2.mkv", "4.mp4")
        made = calls[before:]
        assert len(made) >= 2
        for words in made:
            (source,) = after(words, "-i")
            options = words[: words.index("-i")]
            assert source == f"file:{tmp_path / name}"
            assert after(options, "-protocol_whitelist") == ["file,pipe"]
            assert after(options, "-format_whitelist") == [",".join(tool.CONTAINERS)]
            counted = words[-1] == "-" or "-filter_complex" in words or "0:V?" in words  # whole files; else a look
            assert after(options, "-timelimit") == [str(4 * 3600 + 60) if counted else "5"]
            assert "-nostdin" in options
            assert "-enable_drefs" not in options and "-use_absolute_path" not in options
    decodes = [words for words in calls if "-filter_complex" in words]
    assert len(decodes) >= 5
    for words in decodes:
        raw = "s16le" in words  # the channels that are compared; both WAVs, the packets whose time stamps are checked
        assert len(after(words, "-t")) == 3 + raw
        assert all(float(seconds) <= 6 * 3600 + 1 for seconds in after(words, "-t"))


def test_no_allowed_format_reaches_out() -> None:
    assert not set(tool.CONTAINERS) & set(REACHING)
    known = subprocess.run(
        [str(ffmpeg.find_ffmpeg()), "-hide_banner", "-demuxers"], capture_output=True, text=True, check=True
    )
    names = {name for line in known.stdout.splitlines() if len(line.split()) > 1 for name in line.split()[1].split(",")}
    assert set(REACHING) & names  # they are in this build, so it is the list that keeps them out
    assert {name for name in tool.CONTAINERS if name not in names} <= {"amrnb", "amrwb", "asf"}


def starters() -> Iterator[tuple[Path, str]]:
    """Where the package's code starts a program: file, and the call."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                direct = name.startswith(("subprocess.", "os.exec", "os.spawn", "os.system", "os.popen"))
                if direct or name in ("Popen", "programs.run"):
                    yield path.relative_to(PACKAGE), name


def test_ffmpeg_is_started_at_one_place() -> None:
    found = {path for path, _ in starters()}
    assert Path("backends/media/ffmpeg/command.py") in found
    speaking = {
        path.relative_to(PACKAGE)
        for path in PACKAGE.rglob("*.py")
        if any(
            word in path.read_text(encoding="utf-8")
            for word in ("find_ffmpeg", "get_ffmpeg_exe", '"ffmpeg"', "ffprobe")
        )
    }
    assert speaking & found == {Path("backends/media/ffmpeg/command.py")}
    assert not any(name in ("os.system", "os.popen") for _, name in starters())


def test_no_other_library_opens_media() -> None:
    """Those that would run ffmpeg, or its libraries, on a path without our limits."""
    openers = (
        "from_file(",
        "from_mp3(",
        "load_audio(",
        "decode_audio(",
        "torchaudio.load",
        "av.open(",
        "ffmpeg.probe(",
        ".run_async(",
    )
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in openers if word in text], path


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="another process is limited on Linux alone")
def test_the_limits_of_a_running_ffmpeg(tmp_path: Path) -> None:
    limits = "cat /proc/$$/limits; exec sleep 0"
    script = tmp_path / "ffmpeg"
    script.write_text(f"#!/bin/sh\nsleep 0.5\n{limits}\n")
    script.chmod(0o755)
    said = "\n".join(tool.run(tool.Tool(script, 30), [], "1.mp4").output)
    for name, most in (("data size", 1 << 30), ("file size", (1 << 32) + 4096), ("core file size", 0)):
        (line,) = [line for line in said.splitlines() if line.startswith(f"Max {name}")]
        assert line.split()[-3:-1] == [str(most), str(most)]


def test_the_environment_writes_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`FFREPORT` makes ffmpeg write its log into the current folder."""
    monkeypatch.setenv("FFREPORT", f"file={tmp_path}/report.log")
    monkeypatch.chdir(tmp_path)
    ffmpeg.decode(write_wav(tmp_path / "1.wav", tone(0.2)), tmp_path / "44.wav", tmp_path / "16.wav", Extract())
    assert sorted(os.listdir(tmp_path)) == ["1.wav", "16.wav", "44.wav"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc here")
def test_memory_of_the_worst(tmp_path: Path) -> None:
    """The peak of any ffmpeg on what asks for most: hundreds of channels, a leap of hours, a giant packet."""
    size = 512 * 2 * 44_100
    (tmp_path / "1.wav").write_bytes(forge.wav_header(44_100, 512, size) + bytes(size))
    wav = write_wav(tmp_path / "a.wav", tone(5.0))
    encode("-i", wav, "-c", "copy", "-bsf:a", r"setts=ts=PTS+gt(PTS\,2/TB)*20000/TB", tmp_path / "2.mkv")
    (tmp_path / "3.mp4").write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + b"\x7f\xff\xff\xffmoov" + bytes(10_000_000))
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom imigue_build.backends.media import ffmpeg\n"
        "from imigue_build.config import Extract\nfrom imigue_build.core.errors import MediaError\n"
        "for path in map(Path, sys.argv[1:]):\n"
        "    try: ffmpeg.decode(path, Path('44.wav'), Path('16.wav'), Extract())\n"
        "    except MediaError as error: print(error, file=sys.stderr)\n"
        "own = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1]\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, own)\n"
    )
    paths = [str(tmp_path / name) for name in ("1.wav", "2.mkv", "3.mp4")]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run(
        [sys.executable, "-c", script, *paths],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environment,
    )
    child, own = (int(text) * 1024 for text in done.stdout.split())
    assert len(done.stderr.splitlines()) == 3
    assert child < 1.2 * (1 << 30)
    assert own < 300_000_000
