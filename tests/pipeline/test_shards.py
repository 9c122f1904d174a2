"""Shards of a new WORK into a release of the same interviews: the last one writes it, the others leave it alone."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from rich.console import Console

from imigue_build.backends.configs import load
from imigue_build.cli.outcome import print_figures
from imigue_build.pipeline import Request, Summary
from imigue_build.release.build.assembled import Assembled
from tests.crash.small_run import SmallRun, make_ready


@pytest.fixture
def renewed(tmp_path: Path) -> Iterator[SmallRun]:
    """A run whose WORK is gone, and whose release is there; what it makes anew is other sound."""
    with mock.patch("imigue_build.store.system.fsync"):
        make_ready(tmp_path / "older")
        older = SmallRun(tmp_path / "before", tmp_path / "older")
        assert older.run() == 0
        shutil.rmtree(older.work.root)
        make_ready(tmp_path / "ready", seed=7)
        yield SmallRun(tmp_path / "run", tmp_path / "ready", after=older)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_the_last_shard_writes_the_release(renewed: SmallRun, order: tuple[int, int]) -> None:
    before = renewed.released()
    for _ in range(2):  # also where it is started again
        assert renewed.run(shard=(order[0], 2)) == 0, renewed.said.read_text()
        assert renewed.released() == before and not renewed.litter()
    assert renewed.run(shard=(order[1], 2)) == 0, renewed.said.read_text()
    after = renewed.released()
    assert after.keys() == before.keys() and after["0001/0001.wav"] != before["0001/0001.wav"]
    assert renewed.run(shard=(order[0], 2)) == 0 and renewed.released() == after


def test_what_no_other_shard_makes_is_an_error(renewed: SmallRun) -> None:
    before = renewed.released()
    assert renewed.run(shard=(1, 2)) == 0
    (renewed.work.artifact("0001", "export") / "release" / "0001.rttm").unlink()
    assert renewed.run(shard=(2, 2)) == 1
    assert "holds what WORK cannot release: 0001 (its export is damaged" in renewed.said.read_text()
    assert renewed.released() == before


def test_an_early_shard_says_who_writes_the_release() -> None:
    said = io.StringIO()
    request = Request(Path("videos"), Path("work"), Path("out"), load("minimal"), shard=(1, 2))
    summary = Summary(done=["0001"], ran=6, release=Assembled(False, [], awaited=["0002", "0004"]))
    print_figures(Console(file=said, width=200), request, summary)
    expected = "release: out stays as it is until the other shards have made 0002, 0004; the last one writes it\n"
    assert said.getvalue().endswith(expected)
