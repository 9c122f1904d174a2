"""A disk that is full, failing or read-only at any point: a clear line, exit code 1, and the next run goes on."""

from __future__ import annotations

import re

import pytest

from tests.crash.conftest import Case
from tests.crash.test_kill import goes_on

pytestmark = pytest.mark.crash

_SAID = {"ENOSPC": "free some space", "EIO": "check it", "EROFS": "choose another folder", "EDQUOT": "quota is used up"}
_PROBE = re.compile(r"\.lock@\w{12}(\.link)?\.tmp$")
"""Files by which it is found out whether the disk shows every change."""


@pytest.mark.parametrize("how", sorted(_SAID))
def test_a_failing_disk_is_said_and_loses_nothing(case: Case, every: int, how: str) -> None:
    changes = case.whole.changes()
    points = range(1, len(changes) + 1)[::every]
    for point in points:
        run = case.fresh()
        where = f"{how} at change {point}: {changes[point - 1]}"
        ended, said = run.run(at=point, how=how), run.said.read_text()
        assert ended in (0, 1), where
        assert ended == 1 or _is_harmless(changes, point), where
        assert ended == 0 or _SAID[how] in said, f"{where}: {said!r}"
        assert "Traceback" not in said and "unexpected" not in said, where
        goes_on(case.whole, run, where)
    print(f"\n{how}: at {len(points)} of {len(changes)} points")


def _is_harmless(changes: list[str], point: int) -> bool:
    """Whether a run can do without a change: a link becomes a copy; what is not noted or probed is hashed."""
    change, before = changes[point - 1], changes[point - 2] if point > 1 else ""
    if change.startswith("fsync ") and before == f"mkdir {change.removeprefix('fsync ')}/stat-cache":
        return True
    return change.startswith("link ") or "/stat-cache" in change or _PROBE.search(change) is not None
