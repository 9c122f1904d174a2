"""A disk that is full, failing or read-only at any point: a clear line, exit code 1, and the next run goes on."""

from __future__ import annotations

import pytest

from tests.crash.small_run import SmallRun

pytestmark = pytest.mark.crash

_SAID = {"ENOSPC": "free some space", "EIO": "check it", "EROFS": "choose another folder", "EDQUOT": "quota is used up"}


@pytest.mark.parametrize("how", sorted(_SAID))
def test_a_failing_disk_is_said_and_loses_nothing(whole: SmallRun, fresh: list[SmallRun], every: int, how: str) -> None:
    points = range(1, len(whole.changes()) + 1)[:: max(1, every)]
    for point in points:
        run = fresh[point]
        where = f"{how} at change {point}: {whole.changes()[point - 1]}"
        ended, said = run.run(at=point, how=how), run.said.read_text()
        assert ended in (0, 1), where  # 0: a link that cannot be made becomes a copy
        assert ended == 0 or _SAID[how] in said, f"{where}: {said!r}"
        assert ended == 1 or whole.changes()[point - 1].startswith("link "), where
        assert "Traceback" not in said and "unexpected" not in said, where
        finished, before = run.finished(), run.attempts()
        assert run.run() == 0, f"{where}: {run.said.read_text()}"
        again = [name for name in finished if run.attempts().count(name) > before.count(name)]
        assert again == [], f"computed again; {where}"
        assert run.released() == whole.released(), where
        assert run.litter() == [], where
    print(f"\n{how}: at {len(points)} of {len(whole.changes())} points")
