"""Damaged releases: each is shown, shown in part, or refused in a few words; its pages stay whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imigue_build.apps.report import write_report
from imigue_build.core.errors import ImigueError
from tests.apps.report.making import gestures, hostile_release
from tests.apps.report.test_pages import Elements
from tests.security.mutations import Edit, edits, mutated

FILES = (
    *("release/manifest.jsonl", "release/provenance.json", "release/labels.csv", "release/dropped.jsonl"),
    *("release/0001/0001.rttm", "release/0001/0001.wav", "gestures/gestures.jsonl"),
)
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whole")
    hostile_release(root / "release")
    gestures(root / "gestures")
    return root


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(FILES), changes=edits)
def test_a_damaged_file_is_shown_or_refused(whole: Path, name: str, changes: Sequence[Edit]) -> None:
    before = (whole / name).read_bytes()
    (whole / name).write_bytes(mutated(before, changes))
    try:
        write_report(whole / "release", whole / "out", whole / "gestures", link_audio=True)
    except ImigueError as error:
        message = str(error)
    else:
        message = ""
        for page in (whole / "out").rglob("*.html"):
            found = Elements(page.read_text(encoding="utf-8"))
            assert found.count["script"] == len(found.scripts) and not found.handlers and found.count["b"] == 0
            assert len(found.scripts) in (0, 2)  # an interview that cannot be shown needs none
            for _, document in found.scripts[:1]:
                json.loads(document)
    finally:
        (whole / name).write_bytes(before)
        shutil.rmtree(whole / "out", ignore_errors=True)
    assert len(message) < 5000
    assert sorted(path.name for path in whole.iterdir()) == ["gestures", "release"]
