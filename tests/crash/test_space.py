"""A run on a disk that is too small says so before any stage starts."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.crash.small_run import SmallRun

pytestmark = pytest.mark.crash


def test_a_short_disk_is_said_at_once_and_a_done_run_needs_none(
    disk: Path, first: SmallRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = SmallRun(disk / "short", first.ready)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
        assert run.run() == 1
        assert "has 0 MB free, this run needs about" in run.said.read_text()
        assert run.attempts() == []
    assert run.run() == 0
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    assert run.run() == 0
