"""The uninterrupted runs that all others are compared with, and how many points are struck at."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.crash.small_run import SmallRun, make_ready

_MEMORY = Path("/dev/shm")  # its fsync costs nothing, and what a power cut takes we take ourselves
_ROOM = 1 << 30


class Case(NamedTuple):
    """An uninterrupted run, and what makes another one on a disk that is as its disk was before."""

    whole: SmallRun
    fresh: Callable[[], SmallRun]


@pytest.fixture(scope="session")
def every() -> int:
    """Every how manieth point is struck at; `make crash` takes all."""
    return max(1, int(os.environ.get("CRASH_EVERY", "29")))


@pytest.fixture(scope="session")
def disk() -> Iterator[Path]:
    """A folder for many small runs."""
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def first(disk: Path) -> SmallRun:
    """A run of everything, on an empty disk."""
    make_ready(disk / "ready a")
    run = SmallRun(disk / "first", disk / "ready a")
    assert run.run(at=0) == 0, run.said.read_text()
    assert len(run.released()) > 10 and run.litter() == []
    return run


@pytest.fixture(scope="session")
def second(disk: Path, first: SmallRun) -> SmallRun:
    """A run with another setting after that: artifacts and the release are replaced."""
    make_ready(disk / "ready b", seed=7)
    run = SmallRun(disk / "second", disk / "ready b", "b", after=first)
    assert run.run(at=0) == 0, run.said.read_text()
    assert run.released().keys() == first.released().keys() and run.released() != first.released()
    return run


@pytest.fixture(params=["new", "replacing"])
def case(request: pytest.FixtureRequest, disk: Path, first: SmallRun, second: SmallRun) -> Case:
    """Both of them in turn."""

    def fresh() -> SmallRun:
        root = Path(tempfile.mkdtemp(dir=disk))
        return SmallRun(root, first.ready) if request.param == "new" else SmallRun(root, second.ready, "b", after=first)

    return Case(first if request.param == "new" else second, fresh)
