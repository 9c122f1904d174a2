"""What the tests of readers share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imigue_build.corpus.annotations.sources import GivenText
from imigue_build.corpus.annotations.transcripts import read_transcript

Read = Callable[[str, str], GivenText]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a text as the transcript of interview 0001, in a file of that name."""

    def from_text(name: str, text: str) -> GivenText:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_transcript(path, "0001")

    return from_text
