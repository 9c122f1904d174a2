"""A run ends before, within and after every change of the disk, or loses power; the next one goes on from there."""

from __future__ import annotations

import random
import shutil
from collections import Counter

import pytest

from imigue_build.release.build.target import listed
from imigue_build.release.schema.layout import SUMS
from tests.crash.conftest import Case
from tests.crash.small_run import IDS, KILLED, STAGES, SmallRun

pytestmark = pytest.mark.crash

_POWER = ["power", "power, names kept"]


@pytest.mark.parametrize("how", ["before", "half", "after", *_POWER])
def test_an_end_at_any_point_loses_nothing(case: Case, every: int, how: str) -> None:
    changes = case.whole.changes()
    points = [n for n, change in enumerate(changes, 1) if how != "half" or change.startswith("write ")]
    struck, killed = points[::every], 0
    for point in struck:
        run = case.fresh()
        ended = run.run(at=point, how=how)
        assert ended in (0, KILLED), f"{point}: {run.said.read_text()}"  # 0: a worker was killed and replaced
        killed += ended == KILLED
        goes_on(case.whole, run, f"{how} change {point}: {changes[point - 1]}")
    print(f"\n{how}: struck at {len(struck)} of {len(points)} points; {killed} ended the run, the others a worker")
    assert killed and (killed < len(struck) or how in ("half", *_POWER))


@pytest.mark.parametrize("how", ["after", "power"])
def test_a_second_end_on_the_way_back_loses_nothing(case: Case, every: int, how: str) -> None:
    points = list(range(1, len(case.whole.changes()) + 1))[:: every * 3]
    chance = random.Random(5)
    for point in points:
        run, again = case.fresh(), chance.randint(1, 40)
        run.run(at=point, how=how)
        run.run(at=again, how=how)
        goes_on(case.whole, run, f"{how} change {point}, then {again}")
    print(f"\n{how}: struck twice at {len(points)} points")


def goes_on(whole: SmallRun, run: SmallRun, where: str) -> None:
    """The next run computes nothing again that was finished, and comes to what the whole run came to."""
    finished, before = run.finished(), Counter(run.attempts())
    if run.release.exists():
        assert set(run.released().values()) >= set(whole.released().values()) or is_whole(run), where
    assert run.run() == 0, f"{where}: {run.said.read_text()}"
    done_before = finished & whole.finished()
    after = Counter(run.attempts())
    again = {name for name in (entry.split()[0] for entry in done_before) if after[name] > before[name]}
    assert again == set(), f"computed again; {where}"
    assert sum(after.values()) <= (len(IDS) * len(STAGES)) + 2, f"more than what was under way was lost; {where}"
    assert run.finished() == whole.finished(), where
    assert run.released() == whole.released(), where
    assert run.litter() == [], where
    shutil.rmtree(run.root)


def is_whole(run: SmallRun) -> bool:
    """Whether every file of the release is the one that its sums name."""
    return {name: digest for name, digest in run.released().items() if name != SUMS} == listed(run.release)
