"""A release built again from its provenance, and two releases that differ in one setting."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from imigue_build.pipeline.demo import DEMO
from tests.e2e.test_run_all import Place

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("reproduced"))
    shutil.copy(DEMO / "demo.mp4", place.videos / "demo.mp4")
    place.run("run-all", "--labels", str(DEMO / "labels.csv"), "--set", "align.pause=0.4", "--jobs", "2")
    return place


def test_it_comes_out_identical(built: Place, tmp_path: Path) -> None:
    again = tmp_path / "again"
    options = ["--videos", str(built.videos), "--work", str(again), "--json", "--jobs", "2"]
    found = json.loads(built.other("reproduce", str(built.release), *options))
    assert found["identical"] is True
    assert found["unlike"] == [] and found["left_out"] == {}
    assert found["files"] == found["all_files"] == len(built.content()) - 1  # SHA256SUMS lists all but itself
    rebuilt = {path.relative_to(again / "release").as_posix() for path in (again / "release").rglob("*")}
    assert built.content().keys() <= rebuilt
    assert not (again / "release/demo/demo.wav").samefile(built.release / "demo/demo.wav")


def test_the_one_setting_that_was_changed_is_named(built: Place, tmp_path: Path) -> None:
    before = tmp_path / "before"
    shutil.copytree(built.release, before)
    built.run("run-all", "--labels", str(DEMO / "labels.csv"), "--set", "align.pause=0.4", "--set", "export.pause=0.2")
    found = json.loads(built.other("diff", str(before), str(built.release), "--json", code=1))
    assert [(origin["name"], origin["before"], origin["after"]) for origin in found["settings"]] == [
        ("export.pause", 0.6, 0.2)
    ]
    assert found["tools"] == found["models"] == found["inputs"] == []
    interview = found["interviews"]["demo"]
    assert interview["clips"]["after"] > interview["clips"]["before"]
    assert set(interview["changed"]) <= {"clips", "measures"}
    assert {name for names in interview["because"].values() for name in names} == {"export.pause"}
