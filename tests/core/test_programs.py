"""Other programs: what they start ends with them and with us, and nobody waits longer than was said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from imigue_build.core import programs
from imigue_build.core.process_identity import started

FORKING = "sleep 60 & echo $$ $! > {pids}; {then}"
"""A shell that starts another program, says both numbers, and does something."""


def run(script: str, timeout: float = 20.0) -> tuple[int, list[bytes]]:
    """The exit status and the output of a shell."""
    lines: list[bytes] = []
    return programs.run(["sh", "-c", script], os.environ, timeout, lines.append), lines


def numbers(pids: Path) -> list[int]:
    """The process numbers in a file, as soon as it has them."""
    _until(lambda: pids.exists() and pids.read_text().endswith("\n"))
    return [int(number) for number in pids.read_text().split()]


def _until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def test_status_and_output() -> None:
    assert run("echo one; echo two >&2; printf three; exit 3") == (3, [b"one\n", b"two\n", b"three"])
    output: list[bytes] = []
    errors: list[bytes] = []
    assert programs.run(["sh", "-c", "echo one; echo two >&2"], os.environ, 20, output.append, errors.append) == 0
    assert (output, errors) == ([b"one\n"], [b"two\n"])


def test_a_long_line_comes_in_parts() -> None:
    _, lines = run("head -c 3000 /dev/zero | tr '\\0' x; echo; echo end")
    assert [len(line) for line in lines] == [1024, 1024, 953, 4]


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        programs.run(["no-such-program"], os.environ, 5, print)


@pytest.mark.parametrize(("then", "status"), [("kill -9 $$", -9), ("exit 0", 0), ("exit 7", 7)])
def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path, then: str, status: int) -> None:
    """It holds the output open, so that waiting for that to end would take as long as it runs."""
    began = time.monotonic()
    assert run(FORKING.format(pids=tmp_path / "pids", then=then))[0] == status
    assert time.monotonic() - began < 5
    for pid in numbers(tmp_path / "pids"):
        _until(lambda pid=pid: started(pid) is None)  # type: ignore[misc]


@pytest.mark.skipif(sys.platform != "linux", reason="it needs the program setsid")
@pytest.mark.parametrize("first", ["", "setsid "], ids=["its group", "another session"])
def test_who_takes_too_long_ends_with_all_that_it_started(tmp_path: Path, first: str) -> None:
    script = first + FORKING.format(pids=tmp_path / "pids", then="wait")
    with pytest.raises(subprocess.TimeoutExpired):
        run(script, timeout=0.4)
    for pid in numbers(tmp_path / "pids"):
        _until(lambda pid=pid: started(pid) is None)  # type: ignore[misc]


@pytest.mark.skipif(sys.platform != "linux", reason="it needs the program setsid")
def test_nobody_waits_for_a_daemon_that_holds_the_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_DRAIN", 0.2)
    began = time.monotonic()
    status, lines = run(f"setsid sleep 60 & echo $! > {tmp_path}/pids; echo said; sleep 0.1")
    assert (status, lines) == (0, [b"said\n"])
    assert time.monotonic() - began < 5
    (daemon,) = numbers(tmp_path / "pids")
    os.kill(daemon, signal.SIGKILL)


OWNER = """\
import os, sys
from pathlib import Path
from imigue_build.core import programs
folder = Path(sys.argv[1])
with programs.removed_with_us(folder):
    programs.run(["sh", "-c", sys.argv[2]], os.environ, 60, lambda line: None)
"""


@pytest.fixture
def owner(tmp_path: Path) -> subprocess.Popen[bytes]:
    """A process that runs a program which forks, and has a folder that is to go with it."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    script = FORKING.format(pids=tmp_path / "pids", then="wait")
    command = [sys.executable, "-c", OWNER, str(tmp_path / "folder"), script]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_however_we_end_a_program_and_its_children_end_too(
    tmp_path: Path, owner: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    pids = numbers(tmp_path / "pids")
    assert all(started(pid) for pid in pids)
    owner.send_signal(number)
    owner.wait(10)
    for pid in pids:
        _until(lambda pid=pid: started(pid) is None)  # type: ignore[misc]
    if number != signal.SIGINT:
        _until(lambda: not (tmp_path / "folder").exists())
    else:
        assert (tmp_path / "folder").exists(), "who is not killed clears up by itself"


def test_a_watchdog_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with programs.removed_with_us(tmp_path):
        first = programs._watchdog._process
        assert first is not None
        first.kill()
        first.wait()
        assert run("exit 0")[0] == 0
        second = programs._watchdog._process
        assert second is not None and second is not first and second.poll() is None


def test_what_ended_is_not_killed_later(tmp_path: Path) -> None:
    """The watchdog forgets a program that has ended: its number may be another one's by then."""
    script = (
        "import os; from pathlib import Path; from imigue_build.core import programs\n"
        f"with programs.removed_with_us(Path({str(tmp_path / 'kept')!r})): pass\n"
        f"with programs.removed_with_us(Path({str(tmp_path / 'gone')!r})): os.kill(os.getpid(), 9)\n"
    )
    for name in ("kept", "gone"):
        (tmp_path / name).mkdir()
    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=False)
    _until(lambda: not (tmp_path / "gone").exists())
    assert (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("status", "number"),
    [(0, None), (1, None), (128, None), (-9, 9), (137, 9), (-15, 15), (143, 15), (139, 11), (255, None)],
)
def test_the_signal_that_killed_a_program(status: int, number: int | None) -> None:
    assert programs.killed_by(status) == number
