"""Valid files that went wrong in thousands of ways: every reader takes them or says what is wrong, at once."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.security.mutations import Edit, edits, mutated
from tests.security.parsers import Target, targets

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "80"))
LONGEST = 5.0
"""Seconds for one input, on a busy machine; they are small."""
_PLACE = Path(tempfile.mkdtemp(prefix="imigue-fuzz-"))
TARGETS = targets(_PLACE)


@pytest.fixture(scope="module", autouse=True)
def _place() -> Iterator[None]:
    yield
    shutil.rmtree(_PLACE)


def test_enough_inputs_are_tried() -> None:
    assert len(TARGETS) * EXAMPLES >= 2000


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_valid(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    said = [target.run(tmp_path / "here", seed) for seed in target.seeds]
    assert said == [""] * len(said)


@pytest.mark.parametrize("name", TARGETS)
def test_no_traceback_and_no_hang(name: str) -> None:
    target = TARGETS[name]

    @settings(
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(target.seeds), edits)
    def check(seed: bytes, changes: list[Edit]) -> None:
        _check(target, name, mutated(seed, changes))

    check()


def _check(target: Target, name: str, data: bytes) -> None:
    started = time.process_time()
    target.run(_PLACE / name.replace(" ", "-"), data)
    assert time.process_time() - started < LONGEST
