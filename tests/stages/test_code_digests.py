"""Stage versions are held to the stages' code, and what only looks like a change is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stages.code_digests import Code, Entry, accept, current, definitions, modules_of, problems, read

CODE = '''
"""A module."""
from imigue_build.core.intervals import merged

LONGEST = 3.0
"""Seconds."""

def cut(spans: list[float]) -> list[float]:
    """Cuts."""
    return [span for span in spans if span < LONGEST]  # shorter ones
'''
SAME = {
    "formatting": CODE.replace(
        "[span for span in spans if span < LONGEST]", "[\n  span for span in spans\n  if span < LONGEST]"
    ),
    "comment": CODE.replace("# shorter ones", "# the short ones"),
    "docstrings": CODE.replace('"""Cuts."""', '"""Leaves the short ones."""').replace('"""Seconds."""\n', ""),
    "a module moved": CODE.replace("core.intervals", "core.algebra"),
}
OTHER = {
    "a constant": CODE.replace("3.0", "4.0"),
    "an operator": CODE.replace("span < LONGEST", "span <= LONGEST"),
    "a definition more": CODE + "\nSHORTEST = 1.0\n",
    "a default": CODE.replace("spans: list[float]", "spans: list[float] = []"),
}


def test_the_recorded_digests_are_of_the_code() -> None:
    found = problems(current(), read())
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("what", SAME)
def test_what_changes_no_result_is_no_change(what: str) -> None:
    assert SAME[what] != CODE and list(definitions(SAME[what])) == list(definitions(CODE))


@pytest.mark.parametrize("what", OTHER)
def test_a_change_of_code_is_one(what: str) -> None:
    assert list(definitions(OTHER[what])) != list(definitions(CODE))


def test_a_stage_has_its_own_modules_those_of_its_backends_and_what_they_import() -> None:
    found = modules_of("diarize", "imigue_build.stages.diarize")
    assert {
        "imigue_build.stages.diarize",
        "imigue_build.backends.diarization.dvector.clustering",  # by its folder
        "imigue_build.backends.speaker_embedding.embedding",  # imported there
    } <= set(found)
    rooms = {module.split(".")[1] for module in found}
    assert rooms.isdisjoint({"cli", "engine", "store", "config", "pipeline", "apps"})
    assert not any("alignment" in module for module in found)


def test_a_change_needs_a_version_or_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "digests.toml"
    before = {"align": Code(2, "aa"), "export": Code(3, "cc")}
    assert accept("the first", before, path) == ["align", "export"]
    assert problems(before, read(path)) == []
    changed = {**before, "align": Code(2, "bb")}
    (problem,) = problems(changed, read(path))
    assert "raise the stage's `version`" in problem and '--accept "REASON"' in problem
    with pytest.raises(ValueError, match="say why"):
        accept(" ", changed, path)
    assert accept('only a "name" differs', changed, path) == ["align"]
    assert read(path) == {"align": Entry(2, "bb", 'only a "name" differs'), "export": Entry(3, "cc", "the first")}
    raised = {**changed, "align": Code(3, "dd")}
    assert "new version 3" in problems(raised, read(path))[0]
    accept("times are rounded", raised, path)
    assert problems(raised, read(path)) == []
    assert "never goes down" in problems(changed, read(path))[0]
    with pytest.raises(ValueError, match="went down"):
        accept("oh", changed, path)


def test_stages_that_come_and_go_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "digests.toml"
    accept("the first", {"roles": Code(1, "aa")}, path)
    now = {"speakers": Code(1, "bb")}
    assert {problem.partition(" is ")[0] for problem in problems(now, read(path))} == {"roles", "speakers"}
    accept("roles became speakers", now, path)
    assert problems(now, read(path)) == []
