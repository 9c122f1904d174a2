"""The state of WORK."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from imigue_build import corpus as corpora
from imigue_build.backends.configs import parse
from imigue_build.config.of_machine import local_models
from imigue_build.core.errors import ConfigError, UsageError, first_few
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import DONE, Pipeline, State, Status, states_of
from imigue_build.pipeline.last_run import LastRun, foreign_run, last_run
from imigue_build.pipeline.resuming import config_of
from imigue_build.pipeline.up_to_date import up_to_date
from imigue_build.stages import build
from imigue_build.store.workspace import Workspace

_OWN: Final = "see `imigue-build plan`, with your own VIDEOS, --config and --set"


def status(work: Workspace, warn: Callable[[str], None] = lambda text: None) -> dict[str, dict[str, Status]]:
    """What `states` finds, without the reasons."""
    return {
        video_id: {stage: state.status for stage, state in found.items()}
        for video_id, found in states(work, warn).items()
    }


def states(work: Workspace, warn: Callable[[str], None] = lambda text: None) -> dict[str, dict[str, State]]:
    """The state of every stage of every interview in WORK, by the settings of the run that goes on with the last one.

    Of a last run that was not this user's nothing is run or opened that it names; `warn` gets what is left out.

    Raises:
        UsageError: If the folder is no WORK folder, nothing was run in it, or what was run names models or files of
            another user or machine.
    """
    work.open()
    last = last_run(work)
    if last is None:
        return _foreign_status(work, warn)
    overrides = Path(last.overrides) if last.overrides is not None else None
    pipeline = Pipeline(build(config_of(last), overrides, _players(last)))
    try:
        videos = {video.video_id: video.path for video in corpora.discover(Path(last.videos)).videos}
    except UsageError:
        videos = {}
    return _states(work, pipeline, videos)


def lost_corrections(work: Workspace) -> dict[str, tuple[str, ...]]:
    """By interview the corrections of the last run's folder that fit nothing that is in WORK."""
    last = last_run(work)
    if last is None or last.overrides is None:
        return {}
    from imigue_build.pipeline.override import lost

    return lost(work, Path(last.overrides))


def _players(last: LastRun) -> corpora.Players | None:
    """Who is interviewed, by the labels of the last run as they are now."""
    try:
        return corpora.read_labels(Path(last.labels)).players if last.labels is not None else None
    except UsageError:
        return None


def _foreign_status(work: Workspace, warn: Callable[[str], None]) -> dict[str, dict[str, State]]:
    """The state by a last run that was not this user's."""
    last = foreign_run(work)
    if last is None:
        raise UsageError(f"--work {work.root} has no record of a run", "run `imigue-build run-all` first")
    whose = f"the last run in {work.root} was not yours, or not on this machine"
    names = first_few((setting.dotted for setting in last.of_machine), len(last.of_machine), ", ")
    try:
        config = parse(last.config, "of the last run")
    except ConfigError as error:
        what = f"{whose}, and its settings cannot be used without what they name there ({names or error.what})"
        raise UsageError(what, _OWN) from error
    if any(setting.is_model for setting in last.of_machine) or any(local_models(config)):
        raise UsageError(f"{whose}, and names models by files or folders ({names})", _OWN)
    left = f", and {names} not used" if names else ""
    warn(f"{whose}: its videos, labels and corrections are not looked at{left}")
    return _states(work, Pipeline(build(config)), {})


def _states(work: Workspace, pipeline: Pipeline, videos: Mapping[str, Path]) -> dict[str, dict[str, State]]:
    ids = sorted(set(work.video_ids()) | videos.keys())
    return {video_id: _states_of(work, pipeline, video_id, videos.get(video_id)) for video_id in ids}


def _states_of(work: Workspace, pipeline: Pipeline, video_id: str, video: Path | None) -> dict[str, State]:
    if len(up_to_date(work, pipeline, video_id, video)) == len(pipeline.stages):
        return dict.fromkeys(pipeline.by_name, DONE)
    return states_of(pipeline, observe(work, pipeline, video_id, video))
