"""Processes: which one is which, and ending one with all that it started."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

from imigue_build.core.process_identity import is_alive, started
from imigue_build.core.process_tree import kill_tree

TREE = """
import subprocess, sys
code = "import time; print(1, flush=True); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""
"""Starts a process that starts another one, and says that one's number."""


def test_a_process_keeps_its_start_and_another_has_its_own() -> None:
    first = started(os.getpid())
    time.sleep(0.05)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert first and started(os.getpid()) == first
        assert started(other.pid) not in (None, first)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert started(other.pid) is None, "it has ended, but nobody has waited for it"
    assert started(other.pid) is None


def hide(monkeypatch: pytest.MonkeyPatch, error: type[psutil.Error]) -> None:
    """As where `/proc` shows nobody the processes of others; `kill` may not reach them either, but knows them."""

    def of_another_user(pid: int, signal: int) -> None:
        kill(pid, signal)
        raise PermissionError(1, "Operation not permitted")

    kill = os.kill
    monkeypatch.setattr(psutil, "Process", lambda pid: (_ for _ in ()).throw(error(pid)))
    monkeypatch.setattr(os, "kill", of_another_user)


@pytest.mark.parametrize("error", [psutil.NoSuchProcess, psutil.AccessDenied])
def test_a_process_that_this_user_may_not_see_is_alive(
    monkeypatch: pytest.MonkeyPatch, error: type[psutil.Error]
) -> None:
    """`hidepid=2` and `hidepid=1`: psutil does not find it, or may not read of it."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        since = started(other.pid)
        assert since and is_alive(other.pid, since) and not is_alive(other.pid, "another one's")
        with monkeypatch.context() as patch:
            hide(patch, error)
            assert started(other.pid) == ""
            assert is_alive(other.pid, since)
        other.kill()
    with monkeypatch.context() as patch:
        hide(patch, psutil.NoSuchProcess)
        assert not is_alive(other.pid, since)
    assert not is_alive(other.pid, since)


@pytest.mark.parametrize("pid", [0, -1, -(2**40), 2**22 + 1, 2**70])
def test_a_number_that_no_process_has_is_of_none(pid: int) -> None:
    assert not is_alive(pid, "")


def test_a_killed_tree_leaves_no_process() -> None:
    with subprocess.Popen([sys.executable, "-c", TREE], stdout=subprocess.PIPE, text=True) as root:
        assert root.stdout is not None
        grandchild = int(root.stdout.readline())
        assert started(grandchild) is not None
        kill_tree(root.pid)
        assert root.wait(10) < 0
    deadline = time.monotonic() + 10
    while started(grandchild) is not None:
        assert time.monotonic() < deadline, "it outlived its tree"
        time.sleep(0.02)
    kill_tree(root.pid)  # which is gone by now


def test_only_that_tree_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as root:
            kill_tree(root.pid)
        assert other.poll() is None
        other.kill()
