"""The command `review`: the reader's queue, as JSON and for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from imigue_build.apps.review import review
from imigue_build.cli.main import app
from imigue_build.core.errors import ReleaseError, UsageError
from imigue_build.release.reader import Release
from imigue_build.release.reader.ranking import ranked
from tests.release.tiny_release import Content, TinyRelease, build


def told(*words: str, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["review", *words, "--json"])
    assert done.exit_code == code, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def release(tmp_path: Path) -> Path:
    build(tmp_path, Content())
    return tmp_path


def test_the_command_tells_the_readers_queue(release: Path) -> None:
    items = told(str(release))["items"]
    assert [item["confidence"] for item in items] == sorted(item["confidence"] for item in items)
    assert len(items) > 3 and {"video_id", "kind", "start", "end", "speaker", "text", "reason"} < set(items[0])
    queue = ranked(Release.open(release))
    assert [(item["video_id"], item["command"]) for item in items] == [(i.video_id, i.command() or None) for i in queue]


def test_some_of_it(release: Path) -> None:
    assert {item["video_id"] for item in told(str(release), "--only", "2")["items"]} == {"0002"}
    assert len(told(str(release), "--top", "2")["items"]) == 2
    assert all(" --work /w/x " in item["command"] for item in told(str(release), "--work", "/w/x")["items"])
    count = len(told(str(release))["items"])
    few, all_of_it = (
        CliRunner().invoke(app, ["review", str(release), *more]).stdout for more in (["--top=1"], ["--all"])
    )
    assert f"{count - 1} more: --all" in few and few.count(" override ") == 1
    assert "more:" not in all_of_it and all_of_it.count(" override ") == count


def test_another_interview_is_named(release: Path) -> None:
    with pytest.raises(UsageError, match="holds no interview 0009"):
        review(release, ["0009"])


@pytest.mark.parametrize("name", ["manifest.jsonl", "provenance.json"])
def test_what_is_no_release_is_said(release: Path, name: str) -> None:
    (release / name).write_text("{")
    with pytest.raises(ReleaseError, match=name.replace(".", r"\.")):
        review(release)


def test_an_interview_that_cannot_be_read_is_named_and_the_others_are_reviewed(tmp_path: Path) -> None:
    tiny: TinyRelease = build(tmp_path, Content())
    tiny.replace("manifest.jsonl", '"raw": "Thank you."', '"raw": 1')
    found = told(str(tmp_path), code=1)
    assert {item["video_id"] for item in found["items"]} == {"0001"}
    assert "manifest.jsonl, line 7, interview 0002" in found["failed"]["0002"]
    assert "failed: 0002: " in CliRunner().invoke(app, ["review", str(tmp_path)]).stderr
