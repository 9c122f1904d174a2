"""What needs no look: interviews, and the release, whose files all are as they were when they were found up to date."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Pipeline, plan_interview
from imigue_build.store.stat_cache import Checked, stamp, stamps_of
from imigue_build.store.workspace import COMPLETION, Workspace


def up_to_date(work: Workspace, pipeline: Pipeline, video_id: str, video: Path | None) -> tuple[str, ...]:
    """The stages of an interview that are up to date as far as stats tell; none where it takes a closer look.

    Costs one open, and one stat of each file and folder of the interview.
    """
    return work.notes.up_to_date(video_id, pipeline.digest, _given(pipeline, video_id), video) or ()


def confirm(work: Workspace, pipeline: Pipeline, video_id: str, video: Path | None) -> None:
    """Looks at an interview closely, and notes in WORK which of its stages are up to date, and under which stats."""
    for _ in range(2):  # the look itself may note something in the interview's folder
        with suppress(OSError):
            before = _picture(work, pipeline, video_id, video)
            interview = observe(work, pipeline, video_id, video, remember=True)
            items = plan_interview(pipeline, interview, [stage.name for stage in pipeline.stages])
            reused = [item.stage for item in items if item.action == "reuse"]
            stages = tuple(name for name in reused if interview.artifacts[name].failure is None)
            own = {"", *stages}
            files = {path: found for path, found in before.files.items() if path.partition("/")[0] in own}
            seen = all(f"{name}/{COMPLETION}" in files for name in stages)
            if stages and seen and stamp(work.root / video_id) == before.files[""]:
                work.notes.write(video_id, replace(before, stages=stages, files=files))
                return


def _picture(work: Workspace, pipeline: Pipeline, video_id: str, video: Path | None) -> Checked:
    """The stats of all that an interview consists of; taken before it is looked at, so that none is newer than that.

    Raises:
        OSError: If a file is not there.
    """
    found = [work.completion(video_id, stage.name) for stage in pipeline.stages]
    files = stamps_of(work.root / video_id, [one for one in found if one is not None])
    source = stamp(video) if video is not None else None
    return Checked(pipeline.digest, _given(pipeline, video_id), source, (), files)


def _given(pipeline: Pipeline, video_id: str) -> dict[str, str]:
    return {
        f"{stage.name}/{name}": file.sha256 for stage in pipeline.stages for name, file in stage.given(video_id).items()
    }
