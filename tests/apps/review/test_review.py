"""The review list: worst first, with reasons, from the release alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imigue_build.apps.review import review
from imigue_build.core.errors import ReleaseError


def release(root: Path, **interviews: tuple[float, int, int, dict[str, Any]]) -> Path:
    """A manifest and provenance of interviews: confidence, words, how many of them are aligned, provenance entry."""
    rows = [
        {"video_id": name, "role_confidence": sure, "words": [{"aligned": index < aligned} for index in range(words)]}
        for name, (sure, words, aligned, _) in interviews.items()
    ]
    (root / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    entries = {name: entry for name, (*_, entry) in interviews.items()}
    (root / "provenance.json").write_text(json.dumps({"videos": entries}))
    return root


def test_the_doubtful_come_worst_first_and_the_clear_not_at_all(tmp_path: Path) -> None:
    lost = {"overrides": {"words": [{"text": "word 'a' is 'b'", "applied": False}, {"text": "x", "applied": True}]}}
    found = review(
        release(
            tmp_path,
            a=(0.95, 10, 10, {}),
            b=(0.6, 10, 10, {"role_doubts": ["two voices talk about as long"]}),
            c=(0.3, 10, 10, {}),
            d=(0.9, 10, 5, {}),
            e=(0.99, 10, 10, lost),
        )
    )
    assert [(item.video_id, item.confidence) for item in found] == [("c", 0.3), ("b", 0.6), ("d", 0.9), ("e", 0.99)]
    assert [item.reason for item in found] == [
        "the roles are not sure",
        "two voices talk about as long",
        "50 % of its words could not be aligned",
        "a correction no longer fits: word 'a' is 'b'",
    ]


@pytest.mark.parametrize("name", ["manifest.jsonl", "provenance.json"])
def test_what_is_no_release_is_said(tmp_path: Path, name: str) -> None:
    release(tmp_path, a=(0.9, 1, 1, {}))
    (tmp_path / name).write_text("{")
    with pytest.raises(ReleaseError, match=name.replace(".", r"\.")):
        review(tmp_path)
