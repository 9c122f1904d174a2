"""Interviews that are up to date as far as stats show: their records need not be read."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Pipeline, plan_interview
from imigue_build.store.stat_cache import ArtifactStats, Verdict, stat_of, stats_of
from imigue_build.store.workspace import Workspace


def up_to_date(work: Workspace, pipeline: Pipeline, video_id: str, video: Path | None) -> tuple[str, ...]:
    """The stages of an interview that are up to date as far as stats show; none where records have to be read."""
    return work.stat_cache.up_to_date(video_id, pipeline.digest, _given(pipeline, video_id), video) or ()


def confirm(work: Workspace, pipeline: Pipeline, video_id: str, video: Path | None) -> None:
    """Reads an interview's records, and notes in the stat cache which of its stages are up to date.

    The stats are taken before, so that none is newer than what was read.
    """
    folder = work.root / video_id
    completions = {stage.name: work.completion(video_id, stage.name) for stage in pipeline.stages}
    with suppress(OSError):  # a file is missing
        stats = {
            name: ArtifactStats(completion.check, stats_of(folder / name, completion))
            for name, completion in completions.items()
            if completion is not None
        }
        source = stat_of(video) if video is not None else None
        verdict = Verdict(pipeline.digest, _given(pipeline, video_id), source, stat_of(folder), ())
        interview = observe(work, pipeline, video_id, video, remember=True)
        items = plan_interview(pipeline, interview, pipeline.runnable)
        stages = tuple(
            item.stage
            for item in items
            if item.action == "reuse" and interview.artifacts[item.stage].failure is None and item.stage in stats
        )
        same = all(interview.artifacts[name].completion == completions[name] for name in stages)
        if stages and same and stat_of(folder) == verdict.folder:
            verdict = Verdict(verdict.settings, verdict.given, source, verdict.folder, stages)
            work.stat_cache.note_verdict(video_id, verdict, {name: stats[name] for name in stages})


def _given(pipeline: Pipeline, video_id: str) -> dict[str, str]:
    return {
        f"{stage.name}/{name}": file.sha256 for stage in pipeline.stages for name, file in stage.given(video_id).items()
    }
