"""A token in the environment reaches no file, no message, no other program; and nothing turns to a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from imigue_build.backends.media.ffmpeg.command import find_ffmpeg
from imigue_build.core.records import Provenance
from imigue_build.core.secrets import TOKENS, scrubbed, without_tokens
from imigue_build.core.telemetry import NO_TELEMETRY
from imigue_build.engine.stage import Outcome, Task
from imigue_build.engine.worker import Job, WorkerHost
from imigue_build.pipeline.demo import DEMO
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import FakeStage

SITE = Path(__file__).parent / "site"
TOKEN = "hf_PlantedByATest/0123456789"  # noqa: S105
PLANTED = {**dict.fromkeys(TOKENS, TOKEN), "GITHUB_TOKEN": TOKEN, "MY_API_KEY": TOKEN, "INDEX": f"https://x:{TOKEN}@h/"}
PROC = Path("/proc/self/environ")


class Ran(NamedTuple):
    """A finished command: its output, and what of its processes was seen holding the token, by program."""

    code: int
    output: str
    programs: set[str]
    with_token: set[str]


class Home:
    """A home with a planted token and a log of every turn to a network."""

    def __init__(self, root: Path) -> None:
        self.root, self.log = root, root / "network.log"
        self.log.write_text("")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in NO_TELEMETRY},
            **PLANTED,
            "PYTHONPATH": os.pathsep.join([str(SITE), str(Path(__file__).parents[2])]),
            "QUIET_LOG": str(self.log),
            "HF_HOME": str(root / "hf"),
            "IMIGUE_BUILD_CACHE": str(root / "cache"),
        }

    def run(self, *words: str, **more: str) -> Ran:
        command = [sys.executable, "-m", "imigue_build", *words]
        process = subprocess.Popen(
            command,
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.root,
            start_new_session=True,
        )
        watch = _Watch(process.pid)
        output, _ = process.communicate(timeout=300)
        return Ran(process.returncode, output, *watch.end())

    def network(self) -> list[str]:
        return self.log.read_text().splitlines()


class _Watch:
    """Looks at the command lines and environments of a process's session until it is told to end."""

    def __init__(self, session: int) -> None:
        self._session, self._stop = session, threading.Event()
        self._programs: set[str] = set()
        self._with_token: set[str] = set()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> tuple[set[str], set[str]]:
        self._stop.set()
        self._thread.join()
        return self._programs, self._with_token

    def _look(self) -> None:
        family = {self._session}
        while not self._stop.is_set():
            for place in Path("/proc").glob("[0-9]*"):
                try:
                    stat = (place / "stat").read_text(errors="replace").rpartition(")")[2].split()
                    if int(place.name) not in family and int(stat[1]) not in family:
                        continue
                    family.add(int(place.name))
                    line = (place / "cmdline").read_bytes()
                    environment = (place / "environ").read_bytes()
                except (OSError, IndexError, ValueError):
                    continue
                program = os.path.basename(line.split(b"\0")[0].decode(errors="replace"))
                self._programs.add(program)
                if TOKEN.encode() in line:
                    self._with_token.add(f"command line of {program}")
                if TOKEN.encode() in environment and not program.startswith("python"):
                    self._with_token.add(f"environment of {program}")
            time.sleep(0.01)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def ran(home: Home) -> Ran:
    """A whole embedded run over the demo and a file that is none."""
    videos = home.root / "videos"
    videos.mkdir()
    cut = ["-v", "error", "-i", str(DEMO / "demo.mp4"), "-t", "15", "-c", "copy", str(videos / "demo.mp4")]
    subprocess.run([str(find_ffmpeg()), *cut], check=True)
    (videos / "broken.mp4").write_bytes((DEMO / "demo.mp4").read_bytes()[:5000])
    places = ["--work", "work", "--release", "release", "--config", "embedded", "--labels", str(DEMO / "labels.csv")]
    return home.run("run-all", "videos", *places, "--verbose")


pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PROC.exists(), reason="the process list is read in /proc")]


def test_a_run_leaves_no_token_anywhere(home: Home, ran: Ran) -> None:
    assert ran.code == 1 and "broken" in ran.output
    assert (home.root / "release" / "demo" / "demo.wav").is_file()
    assert TOKEN not in ran.output
    files = [path for path in home.root.rglob("*") if path.is_file()]
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []


def test_no_program_is_handed_a_token(ran: Ran) -> None:
    assert any(name.startswith("ffmpeg") for name in ran.programs)
    assert ran.with_token == set()


def test_a_run_turns_to_no_network(home: Home, ran: Ran) -> None:
    assert ran.code == 1
    assert home.network() == []


@pytest.mark.parametrize("words", [["--help"], ["doctor", "--json"], ["doctor", "--json", "--config", "paper"]])
def test_help_and_doctor_are_quiet(home: Home, words: list[str]) -> None:
    done = home.run(*words)
    assert TOKEN not in done.output and "Traceback" not in done.output
    assert done.with_token == set() and home.network() == []
    if "doctor" in words:
        assert json.loads(done.output[done.output.index("{") :])["checks"]


def test_a_model_that_cannot_be_fetched_tells_no_token(tmp_path: Path) -> None:
    home = Home(tmp_path)
    more = {"HF_ENDPOINT": f"http://user:{TOKEN}@127.0.0.1:9"}
    done = home.run("fetch-models", "--config", "paper", "--set", "align.backend=pocketsphinx", **more)
    assert done.code == 1 and "Traceback" not in done.output
    assert TOKEN not in done.output and done.with_token == set()


class _Careless(FakeStage):
    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        raise RuntimeError(f"401 for https://user:{os.environ['HF_TOKEN']}@hub/")


def test_a_traceback_for_the_log_tells_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    work = Workspace(tmp_path / "work")
    work.prepare()
    video = tmp_path / "video"
    video.write_text("x")
    host = WorkerHost({"extract": _Careless("extract", ("video",), tmp_path)}, work)
    (result,) = host.run([Job("0001", "extract", {"video": video}, {}, Provenance())])
    assert "RuntimeError" in result.detail and "Traceback" in result.detail
    assert TOKEN not in result.detail + str(result.outcome)
    written = [path for path in work.root.rglob("*") if path.is_file()]
    assert [path for path in written if TOKEN.encode() in path.read_bytes()] == []


def test_what_other_programs_get(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HARMLESS", "x")
    left = without_tokens()
    assert left["HARMLESS"] == "x" and TOKEN not in str(left)
    assert scrubbed(f"a {TOKEN} b hf_PlantedByATest%2F0123456789") == "a [token] b [token]"


def test_telemetry_is_off_before_any_library_is_imported(home: Home) -> None:
    """Also in processes that are started, which get the environment."""
    script = (
        "import sys, os; from unittest import mock; from imigue_build.cli import main as cli\n"
        "heavy = {'torch', 'pyannote', 'huggingface_hub', 'ray', 'transformers'} & set(sys.modules)\n"
        "sys.argv = ['imigue-build', '--version']\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "import json, subprocess\n"
        "said = subprocess.run([sys.executable, '-c', 'import os, json; print(json.dumps(dict(os.environ)))'],"
        " capture_output=True, text=True).stdout\n"
        f"names = {sorted(NO_TELEMETRY)!r}\n"
        "print(json.dumps({'heavy': sorted(heavy), 'here': {n: json.loads(said)[n] for n in names}}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=home.environment, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"heavy": [], "here": NO_TELEMETRY}
