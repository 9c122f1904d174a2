"""How far something has come is said now and then, not for every item."""

from __future__ import annotations

import itertools

import pytest

from imigue_build.core import reporting


def test_a_line_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, lines = itertools.count(step=2), list[str]()
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    assert list(reporting.reporting("abcdefgh", "checked files", lines.append)) == list("abcdefgh")
    assert lines == ["checked files: 4 of 8"]


def test_nothing_is_said_of_what_is_quick() -> None:
    lines = list[str]()
    assert list(reporting.reporting([1, 2], "checked", lines.append)) == [1, 2] and lines == []
