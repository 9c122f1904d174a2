"""Processes: which one is which, and ending one with all that it started."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from imigue_build.core.process_identity import started
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
