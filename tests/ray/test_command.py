"""The command with `--executor ray` where there is no cluster: one of this machine alone, for the time of the run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from imigue_build.backends.media.ffmpeg import find_ffmpeg
from imigue_build.pipeline.demo import DEMO
from tests.ray.cluster import until

pytestmark = [pytest.mark.ray, pytest.mark.e2e]

_LISTENS = "0A"
_LOOPBACK = re.compile(r"0100007F|0{24}01000000|0{16}FFFF00000100007F")


class Command:
    """A command whose processes, and all that these start, carry a mark in their environment."""

    def __init__(self, root: Path, videos: Path, *options: str) -> None:
        root.mkdir(exist_ok=True)
        self.work, self.release = root / "work", root / "release"
        words = [sys.executable, "-m", "imigue_build", "run-all", str(videos), "--config", "embedded", *options]
        words += ["--work", str(self.work), "--release", str(self.release)]
        self._mark = uuid.uuid4().hex
        environment = {**os.environ, "MARK": self._mark, "HOME": str(root)}
        environment.pop("RAY_ADDRESS", None)
        self.process = subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def processes(self) -> set[int]:
        """All of its processes that live."""
        mark, found = f"MARK={self._mark}".encode(), set()
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (path / "environ").read_bytes():
                    found.add(int(path.name))
            except OSError:
                continue
        return found

    def open_to_others(self) -> set[str]:
        """Addresses, other than the loopback's, on which it listens."""
        listening: dict[str, str] = {}
        for name in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS and not _LOOPBACK.fullmatch(fields[1].partition(":")[0]):
                    listening[f"socket:[{fields[9]}]"] = fields[1]
        return {listening[name] for pid in self.processes() for name in _handles(pid) if name in listening}


def _handles(pid: int) -> Iterator[str]:
    try:
        for path in Path(f"/proc/{pid}/fd").iterdir():
            yield os.readlink(path)
    except OSError:
        return


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginning of the demo interview."""
    folder = tmp_path_factory.mktemp("videos")
    cut = ["-t", "12", "-c", "copy", str(folder / "demo.mp4")]
    subprocess.run([str(find_ffmpeg()), "-loglevel", "error", "-i", str(DEMO / "demo.mp4"), *cut], check=True)
    return folder


def test_the_release_is_the_local_ones_and_nobody_else_can_reach_the_run(videos: Path, tmp_path: Path) -> None:
    ray = Command(tmp_path / "ray", videos, "--executor", "ray", "--jobs", "2", "--json")
    reachable: set[str] = set()
    while ray.process.poll() is None:
        reachable |= ray.open_to_others()
        time.sleep(0.2)
    said, told = ray.process.communicate()
    assert ray.process.returncode == 0, told
    assert reachable == set()
    assert json.loads(said)["done"] == ["demo"]
    assert "on Ray" in told and not re.search(r"raylet|ray\.io|INFO|WARN|Traceback", told)
    until(lambda: not ray.processes(), "the end of Ray's processes", 20)
    local = Command(tmp_path / "local", videos, "--jobs", "2", "--json")
    local.process.communicate()
    assert _content(ray.release) == _content(local.release) and len(_content(ray.release)) > 5


def test_ctrl_c_ends_it_and_leaves_nothing(videos: Path, tmp_path: Path) -> None:
    ray = Command(tmp_path, videos, "--executor", "ray", "--jobs", "2")
    log = ray.work / "run.log"
    until(lambda: log.exists() and "demo transcribe: started" in log.read_text(), "the transcription")
    os.killpg(ray.process.pid, signal.SIGINT)  # as a terminal does
    _, told = ray.process.communicate(timeout=60)
    assert ray.process.returncode == 130 and "interrupted" in told and "Traceback" not in told
    until(lambda: not ray.processes(), "the end of Ray's processes", 30)
    assert (ray.work / "demo" / "extract" / "completion.json").exists()
    assert [*ray.work.glob("staging/*"), *ray.work.glob("leases/*")] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--executor", "ray", "--ray-address", "127.0.0.1:1"], "nobody answers at --ray-address 127.0.0.1:1"),
        (["--executor", "ray", "--ray-address", "ray://head:10001"], "write it as HOST:PORT"),
        (["--ray-address", "auto"], "add --executor ray"),
    ],
)
def test_a_wrong_address_is_an_error_with_a_remedy(
    videos: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    command = Command(tmp_path, videos, *options)
    _, told = command.process.communicate(timeout=60)
    assert command.process.returncode == 2
    assert message in told and "Traceback" not in told
    assert [*command.work.glob("leases/*")] == []


def test_the_local_executor_imports_no_ray() -> None:
    code = "import sys, imigue_build.cli.main, imigue_build.pipeline.run, imigue_build.engine.ray as own\n"
    code += "print('ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def _content(release: Path) -> dict[str, bytes]:
    return {str(path.relative_to(release)): path.read_bytes() for path in sorted(release.rglob("*")) if path.is_file()}
