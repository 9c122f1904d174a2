"""Files out of all proportion are named, and neither hashed for minutes nor read into memory."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from imigue_build.release.validate.run import validate
from tests.release.tiny_release import Content, build


@pytest.mark.parametrize("name", ["README.md", "manifest.jsonl", "SHA256SUMS"])
def test_thirty_gigabytes_of_nothing(tmp_path: Path, name: str) -> None:
    release = tmp_path / "release"
    build(release, Content())
    os.truncate(release / name, 30 << 30)
    started = time.process_time()
    faults = validate(release)
    assert time.process_time() - started < 10
    assert any(f.path == name and f.rule == "file-unreadable" and "larger than any" in f.message for f in faults)
