"""The review list: worst first, with reasons, from the release alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from imigue_build.apps.review import review
from imigue_build.cli.main import app
from imigue_build.core.errors import ReleaseError
from tests.release.tiny_release import ASKED, PROVENANCE, Content, TinyRelease, build, row

LOST = {"overrides": {"words": [{"text": "word 'a' is 'b'", "applied": False}, {"text": "x", "applied": True}]}}


def release(root: Path, **interviews: tuple[float, int, int, dict[str, Any]]) -> Path:
    """A manifest and provenance of interviews: confidence, words, how many of them are aligned, provenance entry."""
    rows = []
    for name, (sure, words, aligned, _) in interviews.items():
        said = [(float(index), index + 0.5, "so") for index in range(words)]
        segment = row(name, "interviewee", ASKED, None, (0.0, float(words)), said, "so") | {"role_confidence": sure}
        for index, word in enumerate(segment["words"]):
            word["aligned"] = index < aligned
        rows.append(segment)
    (root / "manifest.jsonl").write_text("".join(json.dumps(segment) + "\n" for segment in rows))
    entries = {name: {"sha256": "a" * 64, "duration_s": 10.0, **entry} for name, (*_, entry) in interviews.items()}
    (root / "provenance.json").write_text(json.dumps(PROVENANCE | {"videos": entries}))
    return root


def test_the_doubtful_come_worst_first_and_the_clear_not_at_all(tmp_path: Path) -> None:
    items, failed = review(
        release(
            tmp_path,
            a=(0.95, 10, 10, {}),
            b=(0.6, 10, 10, {"role_doubts": ["two voices talk about as long"]}),
            c=(0.3, 10, 10, {}),
            d=(0.9, 10, 5, {}),
            e=(0.99, 10, 10, LOST),
        )
    )
    assert [(item.video_id, item.confidence) for item in items] == [("c", 0.3), ("b", 0.6), ("d", 0.9), ("e", 0.99)]
    assert [item.reason for item in items] == [
        "the roles are not sure",
        "two voices talk about as long",
        "50 % of its words could not be aligned",
        "a correction no longer fits: word 'a' is 'b'",
    ]
    assert failed == {}


def test_an_interview_without_a_word_is_doubtful(tmp_path: Path) -> None:
    tiny = build(tmp_path, Content())
    tiny.write("manifest.jsonl", "")
    assert [item.reason for item in review(tmp_path).items] == ["the roles are not sure; it has no words"] * 2


@pytest.mark.parametrize("name", ["manifest.jsonl", "provenance.json"])
def test_what_is_no_release_is_said(tmp_path: Path, name: str) -> None:
    release(tmp_path, a=(0.9, 1, 1, {}))
    (tmp_path / name).write_text("{")
    with pytest.raises(ReleaseError, match=name.replace(".", r"\.")):
        review(tmp_path)


def test_an_interview_that_cannot_be_read_is_named_and_the_others_are_reviewed(tmp_path: Path) -> None:
    tiny: TinyRelease = build(tmp_path, Content())
    tiny.replace("manifest.jsonl", '"raw": "Thank you."', '"raw": 1')
    done = CliRunner().invoke(app, ["review", str(tmp_path), "--json"])
    found = json.loads(done.stdout)
    assert done.exit_code == 1 and [item["video_id"] for item in found["items"]] == ["0001"]
    assert "manifest.jsonl, line 7, interview 0002" in found["failed"]["0002"]
    assert "failed: 0002: " in done.stderr
