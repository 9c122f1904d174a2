"""What a run would do, and because of what. Pure: it reads states and decides."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from imigue_build.core.errors import BackendError
from imigue_build.core.records import Provenance
from imigue_build.engine.stage import VIDEO, GivenFile, Stage, earlier_stages, is_artifact
from imigue_build.store.completion import Completion, Failure, Identity, differences

Action = Literal["run", "reuse", "blocked"]
Status = Literal["done", "stale", "missing", "failed"]
REUSED: Final = "nothing it depends on changed"


@dataclass(frozen=True)
class Artifact:
    """What is on the disk of one stage of one interview."""

    completion: Completion | None = None
    damage: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Interview:
    """One interview as the plan sees it.

    `source` is the video's hash, None where it was never extracted (it is hashed then); `has_video`
    is false where WORK knows the interview but VIDEOS does not, and then `source` is the recorded one.
    `given` are the user's files that a stage reads besides: stage -> name -> file.
    """

    video_id: str
    has_video: bool
    source: str | None
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, GivenFile]] = field(default_factory=dict)

    def up_to_date(self, but: Set[str]) -> dict[str, Completion]:
        """The artifacts that count, without those of some stages."""
        return {
            name: artifact.completion
            for name, artifact in self.artifacts.items()
            if name not in but and artifact.completion is not None and artifact.damage is None
        }


@dataclass(frozen=True)
class PlanItem:
    """One stage of one interview, what is to be done and because of what."""

    video_id: str
    stage: str
    action: Action
    because: str


class Pipeline:
    """Stages in order, with each one's provenance and settings, which are computed once.

    A stage whose tools or models are missing can be there; its provenance and identity raise BackendError.

    Args:
        stages: The stages.
        commands: By stage the command that runs it; by default they have the same name.
    """

    def __init__(self, stages: Sequence[Stage], commands: Mapping[str, str] = MappingProxyType({})) -> None:
        self.stages = tuple(stages)
        self._commands = commands
        self.by_name = {stage.name: stage for stage in stages}
        self._provenance = {stage.name: _provenance(stage) for stage in stages}
        self._settings = {stage.name: stage.settings() for stage in stages}

    def provenance(self, stage: Stage) -> Provenance:
        """The tools and models of a stage, as they were when the pipeline was made.

        Raises:
            BackendError: If one was missing.
        """
        found = self._provenance[stage.name]
        if isinstance(found, BackendError):
            raise found
        return found

    @property
    def runnable(self) -> tuple[str, ...]:
        """The stages before the first whose tools or models are missing."""
        whole = takewhile(lambda stage: isinstance(self._provenance[stage.name], Provenance), self.stages)
        return tuple(stage.name for stage in whole)

    def missing(self, stage: str, there: Container[str]) -> str:
        """What is to be done for an artifact that is not there: the first command of those that lead to it.

        Args:
            stage: Whose artifact it is.
            there: The stages with an artifact that is up to date.
        """
        first: str | None = stage
        while first is not None:
            stage, earlier = first, earlier_stages(self.by_name[first]) if first in self.by_name else []
            first = next((name for name in earlier if name not in there), None)
        return f"its {stage} artifact is missing: run `imigue-build {self._commands.get(stage, stage)}` first"

    @cached_property
    def digest(self) -> str:
        """Stands for all that artifacts depend on but their inputs: stages, settings, tools and models."""
        keys = [self._identity(stage, {}, _or_none(self._provenance[stage.name])).key for stage in self.stages]
        return hashlib.sha256("".join(keys).encode()).hexdigest()

    def identity(self, stage: Stage, inputs: Mapping[str, str]) -> Identity:
        """What an artifact of `stage` made from `inputs` (name -> SHA-256) depends on. Raises as `provenance`."""
        return self._identity(stage, inputs, self.provenance(stage))

    def same_files(self, stage: Stage, inputs: Mapping[str, str], artifact: Artifact) -> frozenset[str]:
        """The files of an artifact, as `"<stage>/<file>"`, that are made again the same by a stage that runs."""
        found = artifact.completion
        if found is None or artifact.damage is not None or found.identity.version != stage.version:
            return frozenset()
        if found.identity.provenance != self.provenance(stage):
            return frozenset()
        before = found.identity.inputs
        same = (
            name
            for name, of in stage.made_from.items()
            if name in found.outputs and all(before.get(one) == inputs.get(one) for one in of)
        )
        return frozenset(f"{stage.name}/{name}" for name in same)

    def _identity(self, stage: Stage, inputs: Mapping[str, str], provenance: Provenance) -> Identity:
        return Identity(stage.name, stage.version, dict(inputs), self._settings[stage.name], provenance)


def _provenance(stage: Stage) -> Provenance | BackendError:
    """The tools and models of a stage, or what is missing."""
    try:
        return stage.provenance()
    except BackendError as error:
        return error


def _or_none(found: Provenance | BackendError) -> Provenance:
    return found if isinstance(found, Provenance) else Provenance()


def inputs_of(stage: Stage, interview: Interview, completions: Mapping[str, Completion]) -> dict[str, str] | None:
    """The hashes of a stage's inputs; None while one of them is not known."""
    found = {name: file.sha256 for name, file in interview.given.get(stage.name, {}).items()}
    for name in stage.inputs:
        if name == VIDEO:
            digest = interview.source
        else:
            earlier, _, file = name.partition("/")
            completion = completions.get(earlier)
            digest = completion.outputs[file].sha256 if completion and file in completion.outputs else None
        if digest is None:
            return None
        found[name] = digest
    return found


def why_run(identity: Identity, artifact: Artifact) -> str | None:
    """Why a stage whose inputs are known has to run; None where its artifact is up to date."""
    if artifact.completion is None:
        return "the last attempt failed" if artifact.failure else "not done yet"
    if artifact.completion.key != identity.key:
        return "; ".join(differences(artifact.completion.identity, identity))
    return artifact.damage


def plan_interview(
    pipeline: Pipeline, interview: Interview, wanted: Sequence[str], force: bool = False
) -> list[PlanItem]:
    """What each wanted stage of an interview would do, in the order of the pipeline.

    A stage that reads what one that runs may change is planned to run as well; if that one yields the same bytes
    again, the run finds so and reuses the later artifact.
    """
    items: list[PlanItem] = []
    up_to_date: dict[str, Completion] = {}
    running: dict[str, PlanItem] = {}
    same: frozenset[str] = frozenset()
    for stage in pipeline.stages:
        artifact = interview.artifacts.get(stage.name, Artifact())
        if stage.name not in wanted:
            if artifact.completion is not None and artifact.damage is None:
                up_to_date[stage.name] = artifact.completion
            continue
        changing = {name: running[name] for name in _changing(stage, running, same)}
        item = _plan_stage(pipeline, stage, interview, artifact, up_to_date, changing, force)
        items.append(item)
        kept: frozenset[str] = frozenset()
        if item.action != "reuse":
            running[stage.name] = item
            if item.action == "run" and not changing and not force:
                kept = pipeline.same_files(stage, inputs_of(stage, interview, up_to_date) or {}, artifact)
        if artifact.completion is not None and (item.action == "reuse" or kept):
            up_to_date[stage.name] = artifact.completion
            same |= kept
    return items


def _changing(stage: Stage, running: Container[str], same: Container[str]) -> list[str]:
    """The earlier stages that run and of which a stage reads a file that may change."""
    read = [name for name in stage.inputs if is_artifact(name) and name not in same]
    return [name for name in dict.fromkeys(map(_stage_of, read)) if name in running]


def _stage_of(name: str) -> str:
    return name.partition("/")[0]


def _plan_stage(
    pipeline: Pipeline,
    stage: Stage,
    interview: Interview,
    artifact: Artifact,
    up_to_date: Mapping[str, Completion],
    running: Mapping[str, PlanItem],
    force: bool,
) -> PlanItem:
    def item(action: Action, because: str) -> PlanItem:
        return PlanItem(interview.video_id, stage.name, action, because)

    for earlier in earlier_stages(stage):
        if earlier in running:
            blocked = running[earlier].action == "blocked"
            return item("blocked", f"{earlier} is blocked") if blocked else item("run", f"{earlier} runs")
        if earlier not in up_to_date:
            return item("blocked", pipeline.missing(earlier, up_to_date))
    if VIDEO in stage.inputs and not interview.has_video and (force or artifact.completion is None):
        return item("blocked", "its video is not in VIDEOS")
    if force:
        return item("run", "--force")
    if artifact.completion is None:
        return item("run", "the last attempt failed" if artifact.failure else "not done yet")
    inputs = inputs_of(stage, interview, up_to_date)
    if inputs is None:
        return item("run", "an input changed")
    reason = why_run(pipeline.identity(stage, inputs), artifact)
    return item("run", reason) if reason else item("reuse", REUSED)


class State(NamedTuple):
    """Done, stale (to be run again), missing, or failed; and why, of what is stale or failed."""

    status: Status
    because: str = ""


DONE: Final = State("done")


def states_of(pipeline: Pipeline, interview: Interview) -> dict[str, State]:
    """The state of each stage."""
    names = [stage.name for stage in pipeline.stages]
    states: dict[str, State] = {}
    for item in plan_interview(pipeline, interview, names):
        artifact = interview.artifacts.get(item.stage, Artifact())
        if artifact.failure is not None:
            states[item.stage] = State("failed", artifact.failure.reason)
        elif artifact.completion is None:
            states[item.stage] = State("missing")
        else:
            states[item.stage] = DONE if item.action == "reuse" else State("stale", item.because)
    return states
