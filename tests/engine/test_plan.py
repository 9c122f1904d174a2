"""What is planned of a stage, and because of what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from imigue_build.core.errors import BackendError
from imigue_build.engine.plan import Artifact, Interview, Pipeline, plan_interview
from imigue_build.store.completion import Completion, Output
from tests.engine.doubles import FakeStage, chain


@pytest.mark.parametrize(
    ("there", "command"), [((), "extract"), (("extract",), "diarize"), (("extract", "diarize"), "align")]
)
def test_the_first_command_that_leads_to_a_missing_artifact_is_named(there: tuple[str, ...], command: str) -> None:
    inputs = {"extract": ("video",), "diarize": ("extract/out.txt",), "speakers": ("diarize/out.txt",)}
    pipeline = Pipeline([FakeStage(name, of, Path("/nowhere")) for name, of in inputs.items()], {"speakers": "align"})
    assert pipeline.missing("speakers", there).endswith(f"artifact is missing: run `imigue-build {command}` first")


def finished(stages: list[FakeStage]) -> Interview:
    """An interview in which every stage is done."""
    pipeline = Pipeline(stages)
    artifacts: dict[str, Artifact] = {}
    for stage in stages:
        inputs = {name: f"hash of {name}" for name in stage.inputs}
        identity = pipeline.identity(stage, inputs)
        outputs = {"out.txt": Output(f"hash of {stage.name}/out.txt", 1)}
        artifacts[stage.name] = Artifact(Completion(1, "x", identity.key, identity, outputs, 1.0, 10.0).sealed())
    return Interview("x", True, "hash of video", artifacts)


def actions(stages: list[FakeStage], interview: Interview, *wanted: str) -> dict[str, str]:
    names = wanted or [stage.name for stage in stages]
    return {item.stage: item.action for item in plan_interview(Pipeline(stages), interview, names)}


@pytest.mark.parametrize(
    ("made_from", "third"),
    [({}, "run"), ({"out.txt": ("first/out.txt",)}, "reuse"), ({"other.txt": ("first/out.txt",)}, "run")],
)
def test_a_file_that_does_not_depend_on_what_changed_runs_no_later_stage(
    tmp_path: Path, made_from: dict[str, tuple[str, ...]], third: str
) -> None:
    stages = chain(tmp_path / "runs")
    interview = finished(stages)
    assert set(actions(stages, interview).values()) == {"reuse"}
    stages[1] = replace(stages[1], setting="b", made_from=made_from)
    assert actions(stages, interview) == {"first": "reuse", "second": "run", "third": third}


def test_a_file_is_not_taken_for_the_same_where_what_it_is_made_from_may_change(tmp_path: Path) -> None:
    stages = chain(tmp_path / "runs")
    stages[1] = replace(stages[1], made_from={"out.txt": ("first/out.txt",)})
    interview = finished(stages)
    assert actions([replace(stages[0], setting="b"), *stages[1:]], interview)["third"] == "run"
    assert actions([stages[0], replace(stages[1], version=2), stages[2]], interview)["third"] == "run"
    damaged = {**interview.artifacts, "second": replace(interview.artifacts["second"], damage="damaged")}
    assert actions(stages, replace(interview, artifacts=damaged))["third"] == "run"


def test_stages_that_do_not_run_may_lack_their_models(tmp_path: Path) -> None:
    stages = chain(tmp_path / "runs")
    interview = finished(stages)
    stages[1] = replace(stages[1], lacks="a model")
    pipeline = Pipeline(stages)
    assert pipeline.runnable == ("first",)
    assert actions(stages, interview, "first") == {"first": "reuse"}
    assert pipeline.digest != Pipeline(chain(tmp_path / "runs")).digest
    with pytest.raises(BackendError, match="a model is missing"):
        actions(stages, interview)
