"""A folder full of hostile files, as a user would meet it: the command goes through, and nothing else is touched."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import imigue_build
from tests.media import clicks, encode, tone, write_wav
from tests.security import forge
from tests.security.conftest import ODD_NAMES
from tests.security.scripts import SCRIPTS, Bait

pytestmark = pytest.mark.e2e


CACHE = "cache"
"""The folder in which the program remembers the digests of what is installed."""


def command(cwd: Path, home: Path, *words: str, under: Sequence[str] = ()) -> tuple[int, str, dict[str, Any], int]:
    """Exit code, messages, JSON and the largest memory in bytes of any process of a command with `--json`."""
    places = {name: str(home) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
    places["IMIGUE_BUILD_CACHE"] = str(home.with_name(CACHE))
    environment = {**os.environ, **places, "PYTHONPATH": str(Path(imigue_build.__file__).parent.parent)}
    with (cwd.parent / "stderr").open("w+b") as messages, (cwd.parent / "stdout").open("w+b") as output:
        process = subprocess.Popen(
            [*under, sys.executable, "-m", "imigue_build", *words, "--json"],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=messages,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (messages, output):
            file.seek(0)
        said = messages.read().decode()
        return process.returncode, said, json.loads(output.read() or b"{}"), used.ru_maxrss * 1024


def inventory(folder: Path, *but: str) -> dict[str, tuple[int, int]]:
    """Every path below a folder with its size and time of change, without some of its entries."""
    found = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if relative.parts[0] not in but:
            stat = path.lstat()
            found[str(relative)] = (stat.st_size, stat.st_mtime_ns)
    return found


def plant(videos: Path, bait: Bait) -> set[str]:
    """Hostile files of all kinds; returns the ids that cannot be used."""
    for number, name in enumerate(SCRIPTS):
        (videos / f"script{number}.mp4").write_text(SCRIPTS[name](bait))
    (videos / "alias.mov").write_bytes(forge.mov(forge.alias(bait.file)))
    (videos / "rates.wav").write_bytes(forge.wav_header(1, 1, 1000) + bytes(1000))
    (videos / "bomb.flac").write_bytes(forge.flac_silence(20_000))
    (videos / "noise.mp4").write_bytes(np.random.default_rng(7).bytes(100_000))
    (videos / "empty.mp4").write_bytes(b"")
    (videos / "cut.mov").write_bytes(forge.mov(forge.link("x"), seconds=100))
    os.mkfifo(videos / "pipe.mp4")
    (videos / "zero.mp4").symlink_to("/dev/zero")
    (videos / "out.wav").symlink_to(bait.file)
    (videos / "ring.mp4").symlink_to(videos / "ring.mp4")
    (videos / "loop").symlink_to(videos)
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(os.path.relpath(videos / "socket.mp4"))
    bound.close()
    return {path.stem for path in videos.iterdir() if path.name != "loop"}


def test_a_folder_of_hostile_files(tmp_path: Path, bait: Bait) -> None:
    videos, cwd, home = tmp_path / "videos", tmp_path / "cwd", tmp_path / "home"
    for folder in (videos, cwd, home):
        folder.mkdir()
    hostile = plant(videos, bait)
    for name in ("good", "0007"):
        write_wav(videos / f"{name}.wav", tone(2.0))
    odd = [name for name in ODD_NAMES if len(name) < 200]
    for name in odd:
        write_wav(videos / name, tone(0.1))
    before = inventory(tmp_path, "work", CACHE, "stderr", "stdout")
    words = ["extract", str(videos), "--work", str(tmp_path / "work"), "--config", "minimal", "--jobs", "2"]
    code, said, result, memory = command(cwd, home, *words)

    assert code == 1
    assert "Traceback" not in said
    assert sorted(result["done"]) == ["0007", "good"]
    assert hostile <= result["failed"].keys()
    for name, failure in result["failed"].items():
        reason = failure["reason"]
        assert reason.isprintable()
        assert ": " in reason  # what happened, and what to do about it
        assert name in reason or failure["stage"] == "discover"
    assert len(result["failed"]) == len(hostile) + len([name for name in odd if not name.startswith(".")])
    assert memory < 1.2 * (1 << 30)
    assert inventory(tmp_path, "work", CACHE, "stderr", "stdout") == before
    assert {path.parent.name for path in (tmp_path / CACHE).rglob("*.json")} == {"digests"}

    secret = bait.file.read_bytes()[44 + 20_000 : 44 + 20_400]
    for path in (tmp_path / "work").rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes()
    extracted = {path.parent.name for path in (tmp_path / "work").glob("*/extract")}
    assert extracted == {"0007", "good"}


@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace here")
def test_the_kernel_saw_no_socket_and_no_stray_write(tmp_path: Path, bait: Bait) -> None:
    videos, cwd, home = tmp_path / "videos", tmp_path / "cwd", tmp_path / "home"
    for folder in (videos, cwd, home):
        folder.mkdir()
    plant(videos, bait)
    write_wav(videos / "good.wav", tone(1.0))
    trace = ["strace", "-f", "-qq", "-s", "4096", "-o", str(tmp_path / "trace")]
    trace += ["-e", "trace=%network,open,openat,creat,mkdir,rename,unlink,link,symlink"]
    words = ["extract", str(videos), "--work", str(tmp_path / "work"), "--config", "minimal", "--jobs", "1"]
    code, said, result, _ = command(cwd, home, *words, under=trace)
    if not result:
        pytest.skip(f"strace may not trace here ({said[:100]})")
    assert (code, result["done"]) == (1, ["good"])
    lines = (tmp_path / "trace").read_text(errors="replace").splitlines()
    opened = [line for line in lines if "open" in line and "= -1" not in line]
    assert any(f"{videos}/good.wav" in line for line in opened)
    assert not [line for line in lines if re.search(r"\b(socket|connect|bind|sendto)\(", line)]
    assert not [line for line in opened if bait.file.name in line]
    changed = [
        line
        for line in lines
        if re.search(r"O_WRONLY|O_RDWR|O_CREAT|\b(mkdir|rename|unlink|creat|link|symlink)\(", line)
    ]
    own = (str(tmp_path / "work"), str(tmp_path / CACHE), '"/dev/null"')
    assert not [line for line in changed if not any(place in line for place in own)]


@pytest.mark.parametrize(
    ("option", "what"),
    [
        ("--labels", "pipe"),
        ("--labels", "/dev/zero"),
        ("--config", "pipe"),
        ("--config", "folder"),
        ("--overrides", "pipe"),
        ("align.lexicon", "pipe"),
    ],
)
def test_other_files_that_a_user_names(tmp_path: Path, option: str, what: str) -> None:
    """Each is refused before it is opened; a pipe would be waited for without end."""
    videos, cwd, home, odd = (tmp_path / name for name in ("videos", "cwd", "home", "odd"))
    for folder in (videos, cwd, home):
        folder.mkdir()
    write_wav(videos / "1.wav", clicks(0.5))
    if what == "pipe":
        os.mkfifo(odd)
    elif what == "folder":
        odd.mkdir()
    else:
        odd.symlink_to(what)
    asked = [option, str(odd)]
    if option == "--overrides":
        (tmp_path / "corrections").mkdir()
        shutil.move(odd, tmp_path / "corrections" / "0001.yaml")
        asked = [option, str(tmp_path / "corrections")]
    elif option == "align.lexicon":
        asked = ["--set", f"{option}={odd}"]
    places = ["--work", str(tmp_path / "work"), "--release", str(tmp_path / "release")]
    recipe = [] if option == "--config" else ["--config", "embedded"]
    code, said, result, _ = command(cwd, home, "run-all", str(videos), *places, *recipe, *asked)
    kind = {"pipe": "a named pipe", "/dev/zero": "a device", "folder": "a folder"}[what]
    told = said + json.dumps(result)
    assert f"cannot be read (it is {kind})" in told
    assert "Traceback" not in said
    assert code == (1 if option == "--overrides" else 2)


@pytest.mark.parametrize("stage", ["transcribe", "diarize"])
def test_given_files_that_are_none(tmp_path: Path, stage: str) -> None:
    videos, cwd, home, given = (tmp_path / name for name in ("videos", "cwd", "home", "given"))
    for folder in (videos, cwd, home, given):
        folder.mkdir()
    for number in (1, 2):
        encode("-i", write_wav(tmp_path / "a.wav", clicks(2.0)), "-c", "copy", videos / f"{number}.wav")
    os.mkfifo(given / ("0001.json" if stage == "transcribe" else "0001.rttm"))
    (given / ("0002.json" if stage == "transcribe" else "0002.rttm")).symlink_to("/dev/zero")
    places = ["--work", str(tmp_path / "work"), "--config", "embedded"]
    asked = ["--set", f"{stage}.backend=given", "--set", f"{stage}.folder={given}"]
    assert command(cwd, home, "extract", str(videos), *places)[0] == 0
    code, said, result, _ = command(cwd, home, stage, str(videos), *places, *asked)
    assert code == 1
    assert "Traceback" not in said
    assert "(it is a named pipe)" in result["failed"]["0001"]["reason"]
    assert "(it is a device)" in result["failed"]["0002"]["reason"]
