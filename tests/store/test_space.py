"""Free space is asked for before a run; a short disk is named with what is needed and what there is."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from imigue_build.core.errors import StoreError
from imigue_build.store import space


def _free(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=count))


def test_known_seconds_count_and_else_the_size() -> None:
    assert space.needed(10_000_000, 10.0) == 10 * (88_200 + 32_000)
    assert space.needed(10_000_000, None) == 1_500_000


def test_a_short_disk_is_named_with_need_and_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _free(monkeypatch, 1_000_000_000)
    with pytest.raises(StoreError, match=r"has 1\.0 GB free, this run needs about 3\.0 GB: free some space"):
        space.check([(tmp_path / "not/yet", 3_000_000_000)])


def test_folders_on_one_disk_share_its_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _free(monkeypatch, 1_000_000_000)
    space.check([(tmp_path, 600_000_000)])
    with pytest.raises(StoreError, match=r"needs about 1\.2 GB"):
        space.check([(tmp_path / "work", 600_000_000), (tmp_path / "release", 600_000_000)])


def test_nothing_to_do_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _free(monkeypatch, 0)
    space.check([])
