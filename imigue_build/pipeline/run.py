"""A run from end to end: plan, execute, assemble the release, sum up."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from imigue_build import corpus as corpora
from imigue_build.config import parse
from imigue_build.engine.events import Event
from imigue_build.engine.flow import Flow, Others
from imigue_build.engine.local import LocalExecutor
from imigue_build.engine.observe import observe
from imigue_build.engine.plan import Interview, Pipeline, PlanItem, Status, plan_interview, status_of
from imigue_build.errors import UsageError
from imigue_build.pipeline.last import last_run, remember
from imigue_build.pipeline.prepare import Prepared
from imigue_build.pipeline.request import Request, Summary
from imigue_build.pipeline.watch import Watcher
from imigue_build.release.assemble import assemble
from imigue_build.stages import build
from imigue_build.store import space
from imigue_build.store.leases import RELEASE, Leases
from imigue_build.store.workspace import Workspace

_ASKED: Final = 1.0
"""Seconds between two looks whether another run has assembled the release."""

Work = list[tuple[Interview, Path | None]]
"""Interviews with their videos, where these are there."""


def plan(prepared: Prepared) -> list[PlanItem]:
    """What `execute` would do, item by item; writes nothing."""
    request = prepared.request
    first = request.wanted[0]
    blocked = [PlanItem(video_id, first, "blocked", why) for video_id, why in prepared.unusable.items()]
    return blocked + [
        item
        for interview, _ in prepared.interviews()
        for item in plan_interview(prepared.pipeline, interview, request.wanted, request.force)
    ]


def execute(prepared: Prepared, emit: Callable[[Event], None]) -> Summary:
    """Runs the request and assembles the release; every event goes to `emit`.

    Raises:
        StoreError: If another run holds WORK, or its disk fails.
        ReleaseError: If the release cannot be written.
    """
    request = prepared.request
    started = time.monotonic()
    prepared.work.prepare()
    leases = Leases(prepared.work.root, prepared.pipeline.digest)
    work = Workspace(prepared.work.root, leases.run)
    with leases.joined(prepared.chosen):
        work.recover(leases.runs() - {leases.run})
        remember(work, request)
        watcher = Watcher(emit)
        interviews = prepared.interviews(remember=True)
        _check_space(prepared, interviews)
        flow = Flow(prepared.pipeline, work, watcher, request.force, Others(leases, prepared.look))
        try:
            flow.enter(interviews, request.wanted)
            warnings = _run(flow, request)
        finally:
            work.recover(leases.runs() - {leases.run})
        summary = watcher.summary
        summary.warnings[:0] = prepared.warnings
        summary.warnings += warnings
        summary.failed |= {problem.name: ("discover", problem.message) for problem in prepared.corpus.problems}
        summary.failed |= {video_id: ("overrides", why) for video_id, why in prepared.unusable.items()}
        summary.done = [one.video_id for one, _ in interviews if one.video_id not in summary.failed]
        if request.release is not None and "export" in request.wanted:
            while leases.claim(RELEASE) is not None:
                time.sleep(_ASKED)
            _release(prepared, summary, request.release)
    summary.wall_seconds = time.monotonic() - started
    return summary


def status(work: Workspace) -> dict[str, dict[str, Status]]:
    """The state of every stage of every interview in WORK, against the config of the last run.

    Raises:
        UsageError: If the folder is no WORK folder or nothing was run in it.
    """
    work.open()
    last = last_run(work)
    if last is None:
        raise UsageError(f"--work {work.root} has no record of a run", "run `imigue-build run-all` first")
    pipeline = Pipeline(build(parse(last.config, "of the last run")))
    try:
        videos = {video.video_id: video.path for video in corpora.discover(Path(last.videos)).videos}
    except UsageError:
        videos = {}
    ids = sorted(set(work.video_ids()) | videos.keys())
    return {video_id: status_of(pipeline, observe(work, pipeline, video_id, videos.get(video_id))) for video_id in ids}


def _run(flow: Flow, request: Request) -> list[str]:
    """Runs the flow where the request says; warnings."""
    if request.executor != "ray":
        LocalExecutor(flow, request.jobs).run()
        return []
    from imigue_build.engine.ray import RayExecutor

    executor = RayExecutor(flow, request.jobs, request.ray_address, shared=[request.videos])
    executor.run()
    return executor.warnings


def _release(prepared: Prepared, summary: Summary, release: Path) -> None:
    work = prepared.work
    summary.release = assembled = assemble(work, work.video_ids(), prepared.labels, release)
    held = set(assembled.interviews)
    summary.warnings += [
        f"{name}: the release keeps it as it was built before" for name in summary.failed if name in held
    ]
    summary.warnings += [
        f"{name}: the release shows it as it was before {', '.join(stages)} ran again; run-all brings it up to date"
        for name, stages in assembled.outdated.items()
    ]
    summary.warnings += [f"{name}: left out of the release: {reason}" for name, reason in assembled.left_out.items()]


def _check_space(prepared: Prepared, interviews: Work) -> None:
    """Whether there is room for what runs. A release on another disk than WORK is copied there whole, not linked."""
    request = prepared.request
    first, *later = (stage.name for stage in prepared.pipeline.stages)
    sizes: dict[str, int] = {}
    run: set[tuple[str, str]] = set()
    for interview, video in interviews:
        extracted = interview.artifacts[first].completion
        size = video.stat().st_size if video is not None and video.exists() else 0
        sizes[interview.video_id] = space.needed(size, extracted.media_seconds if extracted else None)
        items = plan_interview(prepared.pipeline, interview, request.wanted, request.force)
        run |= {(item.video_id, item.stage) for item in items if item.action == "run"}
    takes = [(request.work, size) for video_id, size in sizes.items() if (video_id, first) in run]
    exports = request.release is not None and any(stage in later for _, stage in run)
    if exports and request.release is not None and not space.same_disk(request.work, request.release):
        takes += [(request.release, size) for size in sizes.values()]
    if run:
        space.check(takes)
