"""Reads the state of an interview from WORK, for the plan."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from imigue_build.core.errors import StoreError
from imigue_build.engine.plan import Artifact, Interview, Pipeline
from imigue_build.engine.stage import VIDEO, GivenFile
from imigue_build.store.workspace import Workspace


def observe(
    work: Workspace,
    pipeline: Pipeline,
    video_id: str,
    video: Path | None,
    remember: bool = False,
    verify: bool = False,
) -> Interview:
    """Reads the state of one interview; with `verify` every artifact is hashed.

    The video is hashed only where it was extracted before and its stat changed since; `remember`
    writes new stats of what is unchanged into WORK, so that it is not hashed again.
    """
    artifacts: dict[str, Artifact] = {}
    given: dict[str, Mapping[str, GivenFile]] = {}
    source: str | None = None
    for stage in pipeline.stages:
        completion = work.completion(video_id, stage.name)
        damage = work.damage(completion, verify, remember) if completion else None
        artifacts[stage.name] = Artifact(completion, damage, work.failure(video_id, stage.name))
        given[stage.name] = stage.given(video_id)
        if completion is not None and VIDEO in stage.inputs:
            source = completion.identity.inputs.get(VIDEO)
            if video is not None:
                with suppress(StoreError):  # the worker reports an unreadable video
                    source = work.source_digest(video_id, video, remember)
    return Interview(video_id, video is not None, source, artifacts, given)
