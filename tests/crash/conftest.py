"""The uninterrupted run that all others are compared with, and how many points are struck at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.crash.small_run import SmallRun, make_ready


@pytest.fixture(scope="session")
def every() -> int:
    """Every how manieth point is struck at; `make crash` takes all."""
    return int(os.environ.get("CRASH_EVERY", "29"))


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SmallRun:
    """A run that nothing happened to, with all its changes of the disk counted."""
    root = tmp_path_factory.mktemp("whole")
    make_ready(root / "ready")
    run = SmallRun(root / "run", root / "ready")
    assert run.run(at=0) == 0, run.said.read_text()
    assert len(run.released()) > 10 and run.litter() == []
    return run


@pytest.fixture
def fresh(tmp_path: Path, whole: SmallRun) -> list[SmallRun]:
    """As many fresh runs as points: the N-th one is for the N-th point."""
    return [SmallRun(tmp_path / str(number), whole.ready) for number in range(len(whole.changes()) + 1)]
