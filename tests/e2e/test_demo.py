"""`imigue-build demo`, as a new user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e


def demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "imigue_build", "demo", "--out", "my demo", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


def test_the_demo_builds_a_release_once_and_says_what_to_look_at(tmp_path: Path) -> None:
    first = json.loads(demo(tmp_path, "--json").stdout)
    assert (first["done"], first["failed"], first["reused"]) == (["demo"], {}, 0)
    assert (tmp_path / "my demo" / "release" / "demo" / "demo.txt").is_file()
    second = demo(tmp_path).stdout
    assert "nothing to do" in second
    shown = second.partition("what to look at next:")[2]
    assert "  less 'my demo/release/demo/demo.txt'\n" in shown
    for look in ("validate", "review", "report"):
        assert f"imigue_build {look} 'my demo/release'\n" in shown
    assert "imigue_build run-all VIDEOS --work WORK --release RELEASE\n" in shown
