"""What a stage waits for, by the command that makes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.engine.plan import Pipeline
from tests.engine.doubles import FakeStage


@pytest.mark.parametrize(
    ("there", "command"), [((), "extract"), (("extract",), "diarize"), (("extract", "diarize"), "align")]
)
def test_the_first_command_that_leads_to_a_missing_artifact_is_named(there: tuple[str, ...], command: str) -> None:
    inputs = {"extract": ("video",), "diarize": ("extract/out.txt",), "speakers": ("diarize/out.txt",)}
    pipeline = Pipeline([FakeStage(name, of, Path("/nowhere")) for name, of in inputs.items()], {"speakers": "align"})
    assert pipeline.missing("speakers", there).endswith(f"artifact is missing: run `imigue-build {command}` first")
