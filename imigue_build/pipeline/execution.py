"""The work of a run: the stages, then the release. A run with nothing to do does not import it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from imigue_build.core.reporting import reporting
from imigue_build.core.system import gpus
from imigue_build.engine.local import LocalExecutor
from imigue_build.engine.plan import Interview, plan_interview
from imigue_build.engine.scheduler import RunCoordination, Scheduler
from imigue_build.engine.trace import Trace
from imigue_build.pipeline.assembling import confirm_all, make_site, release_in_turn
from imigue_build.pipeline.last_run import remember
from imigue_build.pipeline.prepare import Prepared
from imigue_build.pipeline.request import Request
from imigue_build.pipeline.reuse import reusable
from imigue_build.pipeline.summary import Watcher, both
from imigue_build.store import space
from imigue_build.store.disk import guarded, write_atomically
from imigue_build.store.leases import Leases
from imigue_build.store.workspace import Workspace

Work = list[tuple[Interview, Path | None]]
"""Interviews with their videos; None where there is no video."""


def carry_out(prepared: Prepared, watcher: Watcher) -> None:
    """Runs the stages that have to run and assembles the release; `watcher` sums up. Raises as `pipeline.execute`."""
    request, summary = prepared.request, watcher.summary
    prepared.work.prepare()
    leases = Leases(prepared.work.root, prepared.pipeline.digest)
    work = Workspace(prepared.work.root, leases.run)
    release = request.target
    with leases.joined(prepared.chosen):
        work.recover(leases.runs() - {leases.run})
        remember(work, request)
        site = make_site(release) if release is not None else None
        up_to_date = reusable(prepared)
        summary.reused += len(up_to_date) * len(request.wanted)
        interviews: Work = [
            (prepared.observe(name), prepared.videos[name])
            for name in reporting(prepared.chosen, "checked interviews in WORK", watcher.say)
            if name not in up_to_date
        ]
        trace = Trace()
        _check_space(prepared, interviews)
        scheduler = Scheduler(
            prepared.pipeline, work, both(watcher, trace), request.force, RunCoordination(leases, prepared.observe)
        )
        try:
            scheduler.enter(_longest_first(interviews), request.wanted)
            summary.warnings += _run(scheduler, request)
        finally:
            work.recover(leases.runs() - {leases.run})
            if request.trace is not None:
                with guarded(f"cannot write {request.trace}"):
                    write_atomically(request.trace, msgspec.json.encode(trace.document()), durable=False)
        if request.executor == "local":
            summary.busy, summary.bottleneck = trace.usage(prepared.pipeline, request.jobs)
        if site is not None:
            release_in_turn(prepared, watcher, site)
        else:
            confirm_all(prepared, prepared.chosen)


def _longest_first(interviews: Work) -> Work:
    """Longest first, so that no long one runs alone at the end; unknown lengths are guessed from the file sizes."""

    def length(item: tuple[Interview, Path | None]) -> int:
        interview, video = item
        extracted = interview.artifacts[next(iter(interview.artifacts))].completion
        size = video.stat().st_size if video is not None and video.exists() else 0
        return space.needed(size, extracted.media_seconds if extracted else None)

    return sorted(interviews, key=length, reverse=True)


def _run(scheduler: Scheduler, request: Request) -> list[str]:
    """Runs the scheduler by the request's executor; the warnings."""
    if request.executor != "ray":
        LocalExecutor(scheduler, request.jobs, [gpu.device for gpu in gpus()]).run()
        return []
    from imigue_build.engine.ray import RayExecutor

    executor = RayExecutor(scheduler, request.jobs, request.ray_address, shared=[request.videos])
    executor.run()
    return executor.warnings


def _check_space(prepared: Prepared, interviews: Work) -> None:
    """Checks the disks for free space. On another disk than WORK a release is copied, not linked."""
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
    needs = [(request.work, size) for video_id, size in sizes.items() if (video_id, first) in run]
    target = request.target if any(stage in later for _, stage in run) else None
    if target is not None and not space.same_disk(request.work, target):
        needs += [(target, size) for size in sizes.values()]
        needs += [(target, _size(prepared.work, name, first)) for name in prepared.chosen if name not in sizes]
    if run:
        space.check(needs)


def _size(work: Workspace, video_id: str, extract: str) -> int:
    """Bytes of an extracted interview, estimated from its duration."""
    extracted = work.completion(video_id, extract)
    return space.needed(0, extracted.media_seconds if extracted else None)
