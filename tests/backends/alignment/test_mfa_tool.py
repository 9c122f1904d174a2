"""Running MFA: error messages from its output, and no process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from imigue_build.backends.alignment.mfa import command as tool
from imigue_build.core.errors import BackendError
from tests.backends.alignment.mfa_fake import LAUNCHER


def program(text: str, status: int = 1) -> tuple[str, ...]:
    """A program that prints a text and exits with a status."""
    return (sys.executable, "-c", f"import sys; print({text!r}); sys.exit({status})")


def failure(tmp_path: Path, text: str, status: int = 1) -> BackendError:
    with pytest.raises(BackendError) as caught:
        tool.run(program(text, status), ["align"], tmp_path / "root", 60)
    return caught.value


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("one\n\x1b[31mtwo\x1b[0m\n\n", "two"),
        ("50%|###\r100%|#####| 3/3 [00:01, 2.1it/s]\nlast\n 99%|## | 1/2", "last"),
        (
            "\u256d\u2500 Error \u2500\u256e\n\u2502 Could not read x \u2502\n\u2570\u2500\u2500\u256f",
            "Error Could not read x",
        ),
        (
            "CorpusReadError:\n\nThere was an error reading a.wav.\nbye",
            "CorpusReadError: There was an error reading a.wav.",
        ),
        ("ValueError: no\nERROR conda.cli.main_run:execute(49): `conda run mfa align` failed.", "ValueError: no"),
        ("", "exit status 1, and no message"),
    ],
)
def test_an_error_quotes_mfas_output(tmp_path: Path, text: str, quoted: str) -> None:
    error = failure(tmp_path, text)
    assert type(error) is BackendError
    assert quoted in error.what
    assert "%|" not in error.what


def test_quotations_are_short(tmp_path: Path) -> None:
    assert len(failure(tmp_path, "ValueError: " + "x" * 100_000).what) < 400
    assert "last" in failure(tmp_path, "line\n" * 10_000 + "last").what


@pytest.mark.parametrize("status", [126, 127])
def test_a_launcher_without_its_program(tmp_path: Path, status: int) -> None:
    assert isinstance(failure(tmp_path, "sh: mfa: not found", status), tool.MfaMissingError)


def test_nothing_aligned_is_a_separate_error(tmp_path: Path) -> None:
    text = "NoAlignmentsError:\n\nThere were no successful alignments for 3 utterances."
    assert isinstance(failure(tmp_path, text), tool.NothingAlignedError)


@pytest.mark.parametrize(
    ("text", "status", "remedy"),
    [
        (
            "ModelLoadError:\n\nThe archive x.zip could not be parsed as an MFA model.",
            1,
            "check that align.acoustic_model",
        ),
        ("Usage: mfa align [OPTIONS]\nError: no such option", 2, "check that align.acoustic_model"),
        ("sqlite3.OperationalError: database or disk is full", 1, "set TMPDIR"),
    ],
)
def test_errors_that_no_interview_causes(tmp_path: Path, text: str, status: int, remedy: str) -> None:
    error = failure(tmp_path, text, status)
    assert isinstance(error, tool.SetupError)
    assert remedy in error.remedy


def test_folders_that_a_killed_process_left_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, new, other = (tmp_path / name for name in ("imigue-mfa-left", "imigue-mfa-new", "imigue-mfa-other"))
    for folder in (left, new, other):
        folder.mkdir()
    for folder in (left, new):
        (folder / ".lock").touch()
    os.utime(left / ".lock", (0, 0))
    with tool.fresh_folder() as first:
        assert sorted(tmp_path.iterdir()) == sorted([new, other, first])
        os.utime(first / ".lock", (0, 0))
        with tool.fresh_folder() as second:
            assert first.exists() and second.exists()
    assert sorted(tmp_path.iterdir()) == [new, other]


@pytest.mark.parametrize(
    ("printed", "version"),
    [("3.4.3", "3.4.3"), ("warning: x\nmfa 3.4.0rc1\n", "3.4.0rc1"), ("v3.5.dev0+g1", "3.5.dev0+g1")],
)
def test_versions(printed: str, version: str) -> None:
    assert tool.version(program(printed, 0)) == version


def test_no_version() -> None:
    with pytest.raises(tool.MfaMissingError, match=r"reports no version \(hello\)"):
        tool.version(program("hello", 0))


def test_the_environment_of_mfa(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("hf_token", "x")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("KEPT", "yes")
    monkeypatch.setenv("PATH", "/usr/bin")
    found = tool.environment(["/opt/conda/envs/mfa/bin/mfa"], Path("/private"))
    assert found["PATH"] == "/opt/conda/envs/mfa/bin:/usr/bin"
    assert (found["KEPT"], found["MFA_ROOT_DIR"], found["OMP_NUM_THREADS"]) == ("yes", "/private", "1")
    assert not {"hf_token", "PYTHONPATH"} & set(found)
    assert tool.environment(["mfa"], Path("/private"))["PATH"] == "/usr/bin"


_WORKER = """\
import os, sys
from pathlib import Path
from imigue_build.backends.alignment.mfa import command as tool
os.setsid()
with tool.fresh_folder() as folder:
    tool.run(sys.argv[1:], ["align"], folder / "root", 600)
"""


def hanging(tmp_path: Path) -> tuple[subprocess.Popen[bytes], int, int]:
    """A worker that waits for MFA, which hangs; the ids of MFA and of its child."""
    pids = tmp_path / "pids"
    (tmp_path / "temporary").mkdir()
    own = {"FAKE_MFA_TROUBLE": "hang", "FAKE_MFA_PIDS": str(pids), "TMPDIR": str(tmp_path / "temporary")}
    environment = {**os.environ, **own}
    command = [sys.executable, "-c", _WORKER, *LAUNCHER]
    worker = subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[3])
    for _ in range(400):
        if pids.exists() and len(pids.read_text().split()) == 2:
            break
        time.sleep(0.05)
    mfa, child = map(int, pids.read_text().split())
    return worker, mfa, child


def test_who_kills_the_workers_group_ends_mfa_and_its_children(tmp_path: Path) -> None:
    worker, mfa, child = hanging(tmp_path)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert _ends(mfa) and _ends(child)


def test_who_kills_the_worker_alone_ends_mfa_and_its_children_and_leaves_no_folder(tmp_path: Path) -> None:
    worker, mfa, child = hanging(tmp_path)
    assert [path.name[:11] for path in (tmp_path / "temporary").iterdir()] == ["imigue-mfa-"]
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert _ends(mfa) and _ends(child)
    for _ in range(100):
        if not any((tmp_path / "temporary").iterdir()):
            break
        time.sleep(0.05)
    assert not any((tmp_path / "temporary").iterdir()), "its folder stays"


@pytest.mark.parametrize("killed", ["kill -9 $$", "exit 137"], ids=["itself", "within a shell"])
def test_mfa_that_was_killed_is_no_fault_of_a_recording(tmp_path: Path, killed: str) -> None:
    """As where memory runs out: its workers live on, and hold its output open."""
    began = time.monotonic()
    with pytest.raises(tool.SetupError, match=r"MFA was killed \(signal 9\)") as caught:
        tool.run(("sh", "-c", f"sleep 1000 & {killed}"), ["align"], tmp_path / "root", 60)
    assert time.monotonic() - began < 5
    assert "short of memory: lower align.jobs" in caught.value.remedy


def _ends(pid: int) -> bool:
    for _ in range(100):
        if not _runs(pid):
            return True
        time.sleep(0.05)
    return False


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
