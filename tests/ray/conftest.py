"""One cluster for all tests that want one: its head takes seconds to start."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from tests.ray.cluster import HANGS, Nodes, Run

TOP = Path(__file__).parents[2]


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    pytest.importorskip("ray", reason="Ray is not installed: make test-ray")


@pytest.fixture(scope="session")
def head() -> Iterator[Nodes]:
    before = dict(os.environ)
    os.environ |= {"PYTHONPATH": str(TOP), "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    nodes = Nodes()
    yield nodes
    nodes.close()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def nodes(head: Nodes) -> Iterator[Nodes]:
    yield head
    head.clear()


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A run that hangs fails its test."""

    def give_up(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"it hangs: more than {HANGS:g} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(int(HANGS))
    yield
    signal.alarm(0)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)
