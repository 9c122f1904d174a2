"""Standard output and error that cannot be written: a line says so, the work goes on, exit codes keep their meaning."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def call(*words: str, cwd: Path | None = None, code: str = "", **streams: object) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own; `code` runs before it."""
    run = f"import os; {code}\nfrom imigue_build.cli.main import main; main()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", run, *words], cwd=cwd, env=environment, text=True, check=False, **given
    )


@needs_full
@pytest.mark.parametrize("words", [("--version",), ("--help",), ("doctor", "--json")])
def test_a_full_disk_is_an_error_of_one_line(words: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        done = call(*words, stdout=full)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("warning: standard output was not written to its end (No space")
    assert "Traceback" not in done.stderr


@needs_full
def test_a_full_standard_error_changes_no_exit_code(tmp_path: Path) -> None:
    with FULL.open("w") as full:
        assert call("validate", str(tmp_path / "none"), stderr=full).returncode == 2
        assert call("--version", stderr=full).returncode == 0


@pytest.mark.parametrize("words", [["--help"], ["run-all", "--help"], ["doctor", "--config", "embedded"]])
def test_a_reader_that_closes_its_pipe_changes_no_exit_code(words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = call(*words, stdout=writer)
    os.close(writer)
    assert done.returncode == 0
    assert done.stderr == "warning: standard output was not written to its end (its reader closed it)\n"


@needs_full
def test_a_command_goes_on_after_its_output_failed() -> None:
    code = (
        "from imigue_build.cli import root\n"
        "@root.command('lines', '')\n"
        "def lines():\n"
        "    import sys\n"
        "    for number in range(20000): print(number)\n"
        "    print('the end', file=sys.stderr)\n"
        "    raise root.typer.Exit(1)\n"
    )
    with FULL.open("w") as full:
        done = call("lines", stdout=full, code=code)
    assert done.stderr.splitlines()[0] == "the end"
    assert done.returncode == 1  # what the command itself has to say


def test_names_that_a_locale_cannot_encode_are_escaped(tmp_path: Path) -> None:
    code = "os.environ['PYTHONIOENCODING'] = 'ascii'; import sys; sys.stdout.reconfigure(encoding='ascii')"
    (tmp_path / "WORK").mkdir()
    done = call("status", "--work", str(tmp_path / "WORK" / "stra\N{LATIN SMALL LETTER SHARP S}e"), code=code)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    done = call(
        "lines", code=f"{code}\nfrom imigue_build.cli import root\nroot.app.command('lines')(lambda: print('\\xdf'))"
    )
    assert (done.returncode, done.stdout) == (0, "\\xdf\n")


def test_a_current_folder_that_was_deleted(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"os.rmdir({str(gone)!r})"
    done = call("run-all", ".", "--work", "work", "--release", "release", cwd=gone, code=code)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert call("--version", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_what_is_printed_to_a_closed_output_goes_into_no_file(tmp_path: Path, closed: int) -> None:
    """Of a library, or of a program that is started."""
    code = (
        "from imigue_build.cli import root\n"
        "@root.command('write', '')\n"
        "def write():\n"
        "    import os, subprocess\n"
        f"    with open({str(tmp_path / 'data')!r}, 'wb') as file:\n"
        "        subprocess.run(['sh', '-c', 'echo said; echo more >&2'])\n"
        "        for number in (1, 2): os.write(number, b'said')\n"
        "        assert file.fileno() > 2\n"
        "        file.write(b'data')\n"
    )
    done = call("write", code=code, preexec_fn=lambda: os.close(closed))
    assert (done.returncode, (tmp_path / "data").read_bytes()) == (0, b"data"), done.stderr
