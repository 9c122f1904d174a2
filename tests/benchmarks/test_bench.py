"""The benchmarks' meter counts what a command leaves behind; what cannot be measured is said before anything starts."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks import __main__ as bench
from tests.benchmarks import scheduler
from tests.benchmarks.__main__ import Part
from tests.benchmarks.meter import least, metered, used

_BURN: Final = "import time\nwhile time.process_time() < 1: pass\n"
_LEAVE: Final = f"""
import os, subprocess, sys
if os.fork() == 0:
    subprocess.Popen([sys.executable, "-S", "-c", {_BURN!r}], stdout=subprocess.DEVNULL)
os._exit(0)
"""
"""Forks a child that starts a program which burns a second; neither is waited for by anybody."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the meter needs Linux")


def test_the_meter_counts_a_grandchild_that_nobody_waits_for() -> None:
    found = metered([sys.executable, "-S", "-c", _LEAVE])
    assert found.all >= 1.0
    assert found.itself < 0.5


def test_the_meter_counts_the_command_itself_and_what_it_says() -> None:
    found = metered([sys.executable, "-S", "-c", _BURN + "print('said')"])
    assert found.itself == found.all >= 1.0
    assert found.output == "said\n"


def test_the_meter_knows_the_largest_process() -> None:
    grown = "import subprocess, sys; subprocess.call([sys.executable, '-S', '-c', 'b = bytearray(1 << 28); b[::4096]'])"
    small, large = metered([sys.executable, "-S", "-c", ""]), metered([sys.executable, "-S", "-c", grown])
    assert small.largest < 100_000 < 1 << 18 < large.largest < 350_000


def test_a_command_that_fails_is_no_figure() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        metered([sys.executable, "-S", "-c", "raise SystemExit(3)"])


def test_each_command_runs_in_turn_and_the_least_counts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    commands = {name: ["sh", "-c", f"echo {name} | tee -a '{log}'"] for name in ("one", "two")}
    found = least(commands, 2, used())
    assert log.read_text().split() == ["one", "two", "one", "two"]
    assert {name: taken.output for name, taken in found.items()} == {"one": "one\n", "two": "two\n"}


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """One part that can be measured, and one that lacks something."""
    made = types.ModuleType("tests.benchmarks.made_up")
    made.measure = lambda: {"ours / theirs": 1.25}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, made.__name__, made)
    lacking = Part("what cannot be had", lambda: "the package nowhere: make nowhere")
    monkeypatch.setattr(bench, "PARTS", {"made_up": Part("what is made up"), "nowhere": lacking})


@pytest.mark.usefixtures("parts")
def test_one_table_with_the_load_of_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    bench.main([])
    said = capsys.readouterr()
    assert "ours / theirs" in said.out and "1.250" in said.out
    assert "cores; " in said.out and " processes wanted one before, " in said.out
    first, second = said.err.splitlines()
    assert first == "nowhere: not measured, it needs the package nowhere: make nowhere"
    assert second == "made_up: what is made up ..."


@pytest.mark.usefixtures("parts")
def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    bench.main(["made_up", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["made_up"] == {"ours / theirs": 1.25}
    assert found["machine"].keys() == {"cores", "load before", "load after"}


@pytest.mark.slow
def test_the_scheduler_works_on_the_timed_doubles_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "INTERVIEWS", 12)
    monkeypatch.setattr(scheduler, "WALL_S", 1.0)
    wall, least, busy = scheduler.run(tmp_path, 1)
    assert wall > least and busy["GPU 0"] > 0


def test_every_part_is_a_module_that_measures() -> None:
    for part in bench.PARTS:
        assert find_spec(f"tests.benchmarks.{part}"), part
