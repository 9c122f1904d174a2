"""A run from end to end: plan, execute, assemble the release, sum up."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from imigue_build.core.reporting import reporting
from imigue_build.core.system import gpus
from imigue_build.engine.events import Event
from imigue_build.engine.local import LocalExecutor
from imigue_build.engine.plan import REUSED, Interview, PlanItem, plan_interview
from imigue_build.engine.scheduler import RunCoordination, Scheduler
from imigue_build.engine.trace import Trace
from imigue_build.pipeline.assembling import confirm_all, make_site, release_in_turn, release_up_to_date
from imigue_build.pipeline.last_run import last_run, remember, this_run
from imigue_build.pipeline.prepare import Prepared
from imigue_build.pipeline.request import Request, Summary
from imigue_build.pipeline.summary import Watcher, both
from imigue_build.release.build.up_to_date import last_release
from imigue_build.store import space
from imigue_build.store.disk import guarded, write_atomically
from imigue_build.store.leases import Leases
from imigue_build.store.lock import is_marked
from imigue_build.store.workspace import Workspace

Work = list[tuple[Interview, Path | None]]
"""Interviews with their videos; None where there is no video."""


def plan(prepared: Prepared) -> list[PlanItem]:
    """What `execute` would do, item by item; writes nothing."""
    request = prepared.request
    first = request.wanted[0]
    items = [PlanItem(video_id, first, "blocked", why) for video_id, why in prepared.unusable.items()]
    up_to_date = _up_to_date(prepared)
    for name in prepared.chosen:
        if name in up_to_date:
            items += [PlanItem(name, stage, "reuse", REUSED) for stage in request.wanted]
        else:
            interview = prepared.observe(name, remember=False)
            items += plan_interview(prepared.pipeline, interview, request.wanted, request.force)
    return items


def execute(prepared: Prepared, emit: Callable[[Event], None]) -> Summary:
    """Runs the request and assembles the release; every event goes to `emit`.

    Where everything is up to date, nothing is written and no lease is taken.

    Raises:
        StoreError: If WORK cannot be written.
        ReleaseError: If the release cannot be written.
    """
    started = time.monotonic()
    watcher = Watcher(emit)
    summary = watcher.summary
    summary.warnings += prepared.warnings
    summary.failed |= prepared.refused
    if not _nothing_to_do(prepared, summary):
        _execute(prepared, watcher)
    summary.done = [name for name in prepared.chosen if name not in summary.failed]
    summary.wall_seconds = time.monotonic() - started
    return summary


def _execute(prepared: Prepared, watcher: Watcher) -> None:
    request, summary = prepared.request, watcher.summary
    prepared.work.prepare()
    leases = Leases(prepared.work.root, prepared.pipeline.digest)
    work = Workspace(prepared.work.root, leases.run)
    release = request.release if "export" in request.wanted else None
    with leases.joined(prepared.chosen):
        work.recover(leases.runs() - {leases.run})
        remember(work, request)
        site = make_site(release) if release is not None else None
        up_to_date = _up_to_date(prepared)
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


def _up_to_date(prepared: Prepared) -> frozenset[str]:
    """The chosen interviews that are up to date; none with --force and --verify, which check them all."""
    request = prepared.request
    if request.force or request.verify:
        return frozenset()
    return frozenset(prepared.up_to_date(prepared.chosen, request.wanted))


def _nothing_to_do(prepared: Prepared, summary: Summary) -> bool:
    """Whether everything asked for is up to date, also the release; then `summary` is completed."""
    request, work = prepared.request, prepared.work
    chosen = prepared.chosen
    if not chosen or prepared.unusable or request.trace is not None:
        return False
    if work.in_use or last_run(work) != this_run(request):
        return False
    up_to_date = _up_to_date(prepared)
    if len(up_to_date) < len(chosen):
        return False
    if request.release is not None and "export" in request.wanted:
        if is_marked(request.release.resolve()):
            return False
        note = prepared.release or last_release(work, request.release)
        summary.release = release_up_to_date(prepared, note, up_to_date)
        if summary.release is None:
            return False
    summary.reused += len(chosen) * len(request.wanted)
    return True


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
    exports = request.release is not None and any(stage in later for _, stage in run)
    if exports and request.release is not None and not space.same_disk(request.work, request.release):
        needs += [(request.release, size) for size in sizes.values()]
        needs += [(request.release, _size(prepared.work, name, first)) for name in prepared.chosen if name not in sizes]
    if run:
        space.check(needs)


def _size(work: Workspace, video_id: str, extract: str) -> int:
    """Bytes of an extracted interview, estimated from its duration."""
    extracted = work.completion(video_id, extract)
    return space.needed(0, extracted.media_seconds if extracted else None)
