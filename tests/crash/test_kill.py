"""A run is killed before, within and after every single change of the disk; the next one goes on from there."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.crash.small_run import IDS, KILLED, STAGES, SmallRun

pytestmark = pytest.mark.crash


@pytest.mark.parametrize("how", ["before", "half", "after"])
def test_a_kill_at_any_point_loses_nothing(whole: SmallRun, fresh: list[SmallRun], every: int, how: str) -> None:
    points = [n for n, change in enumerate(whole.changes(), 1) if how != "half" or change.startswith("write ")]
    struck, killed = points[:: max(1, every)], 0
    for point in struck:
        run = fresh[point]
        ended = run.run(at=point, how=how)
        assert ended in (0, KILLED), f"{point}: {run.said.read_text()}"  # 0: a worker was killed and replaced
        killed += ended == KILLED
        finished, before = run.finished(), Counter(run.attempts())
        assert run.run() == 0, f"{point}: {run.said.read_text()}"
        where = f"{how} change {point}: {whole.changes()[point - 1]}"
        after = Counter(run.attempts())
        assert {name for name in finished if after[name] > before[name]} == set(), f"computed again; {where}"
        assert sum(after.values()) <= len(IDS) * len(STAGES) + 1, f"more than what was under way was lost; {where}"
        assert run.finished() == whole.finished(), where
        assert run.released() == whole.released(), where
        assert run.litter() == [], where
    print(f"\n{how}: struck at {len(struck)} of {len(points)} points; {killed} ended the run, the others a worker")
    assert (killed and killed < len(struck)) or how == "half"
