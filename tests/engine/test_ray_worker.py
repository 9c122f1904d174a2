"""What a node of a cluster has to have, and what is said where there is no Ray. Needs no Ray."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from imigue_build.core.records import Provenance
from imigue_build.engine.ray.worker import Expected, NodeWorker
from imigue_build.store.workspace import Workspace
from tests.engine.doubles import FakeStage


@pytest.fixture
def expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Expected:
    monkeypatch.chdir(tmp_path)  # the worker changes folders, and so does the end of the test
    return Expected(tmp_path, (tmp_path,), {"first": Provenance(tools={"fake": "1"})})


def lacks(expected: Expected, tmp_path: Path) -> str:
    stages = {"first": FakeStage("first", ("video",), tmp_path)}
    return NodeWorker(dict(stages), Workspace(tmp_path), expected).lacks()


def test_a_node_as_the_drivers_lacks_nothing(expected: Expected, tmp_path: Path) -> None:
    assert lacks(expected, tmp_path) == ""


def test_other_versions_are_named(expected: Expected, tmp_path: Path) -> None:
    other = replace(expected, provenance={"first": Provenance(tools={"fake": "2"})})
    assert lacks(other, tmp_path).startswith("first has other tools there: fake 1, not 2")
    assert "install the same" in lacks(replace(expected, version="0.0"), tmp_path)


def test_folders_that_are_not_shared_are_named(
    expected: Expected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imigue_build.engine.ray.worker._PATIENCE", 0.0)
    away = tmp_path / "away"
    for other in (replace(expected, folder=away), replace(expected, shared=(tmp_path, away))):
        assert str(away) in lacks(other, tmp_path) and "share" in lacks(other, tmp_path)
