"""A run from end to end: plan, execute, assemble the release, sum up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence, Set
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from imigue_build.core.system import gpus
from imigue_build.engine.events import Event
from imigue_build.engine.local import LocalExecutor
from imigue_build.engine.plan import REUSED, Interview, PlanItem, plan_interview
from imigue_build.engine.scheduler import RunCoordination, Scheduler
from imigue_build.engine.trace import Trace
from imigue_build.pipeline.card_facts import describe
from imigue_build.pipeline.last_run import last_run, remember, this_run
from imigue_build.pipeline.prepare import Prepared
from imigue_build.pipeline.request import Request, Summary
from imigue_build.pipeline.summary import Watcher, both
from imigue_build.pipeline.up_to_date import confirm
from imigue_build.release.build.assemble import Assembled, assemble
from imigue_build.release.build.up_to_date import LastRelease, holds, last_release, note_release
from imigue_build.store import space
from imigue_build.store.disk import guarded, write_atomically
from imigue_build.store.leases import RELEASE, LeaseLostError, Leases
from imigue_build.store.workspace import Workspace

_POLL: Final = 1.0
"""Seconds between two checks whether another run has assembled the release."""

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
    with leases.joined(prepared.chosen):
        work.recover(leases.runs() - {leases.run})
        remember(work, request)
        up_to_date = _up_to_date(prepared)
        summary.reused += len(up_to_date) * len(request.wanted)
        interviews: Work = [
            (prepared.observe(name), prepared.videos[name]) for name in prepared.chosen if name not in up_to_date
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
        if request.release is not None and "export" in request.wanted:
            _release_in_turn(prepared, summary, request.release, leases)
        else:
            _confirm(prepared, prepared.chosen)


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
        note = prepared.release or last_release(work, request.release)
        summary.release = _release_up_to_date(prepared, note, up_to_date)
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


def _confirm(prepared: Prepared, ids: Sequence[str]) -> None:
    """Records what is up to date now, for the next run."""
    names = set(prepared.pipeline.by_name)
    for name in sorted(set(ids) - set(prepared.up_to_date(ids, names))):
        confirm(prepared.work, prepared.pipeline, name, prepared.videos.get(name))


def _release_up_to_date(
    prepared: Prepared, note: LastRelease | None, known: Set[str] = frozenset()
) -> Assembled | None:
    """The release, where it is up to date by the note on it; the interviews in `known` were checked already."""
    work, request = prepared.work, prepared.request
    if note is None or request.force or request.verify:
        return None
    others = prepared.up_to_date(set(note.interviews) - known, ["export"])
    unchanged = holds(note, work, prepared.labels, {*known, *others}, work.video_ids())
    return Assembled(False, list(note.interviews)) if unchanged else None


def _run(scheduler: Scheduler, request: Request) -> list[str]:
    """Runs the scheduler by the request's executor; the warnings."""
    if request.executor != "ray":
        LocalExecutor(scheduler, request.jobs, [gpu.device for gpu in gpus()]).run()
        return []
    from imigue_build.engine.ray import RayExecutor

    executor = RayExecutor(scheduler, request.jobs, request.ray_address, shared=[request.videos])
    executor.run()
    return executor.warnings


def _release_in_turn(prepared: Prepared, summary: Summary, release: Path, leases: Leases) -> None:
    """Assembles the release when no other run does; one that was taken for dead over it waits for its turn again."""
    while True:
        while leases.claim(RELEASE) is not None:
            time.sleep(_POLL)
        try:
            return _release(prepared, summary, release, partial(leases.check_held, RELEASE))
        except LeaseLostError:
            leases.lost()


def _release(prepared: Prepared, summary: Summary, release: Path, check_lease: Callable[[], None]) -> None:
    work = prepared.work
    assembled = _release_up_to_date(prepared, last_release(work, release))
    if assembled is None:
        assembled = assemble(work, work.video_ids(), prepared.labels, release, describe, check_lease)
        _confirm(prepared, work.video_ids())
        stages = prepared.pipeline.by_name
        if set(assembled.interviews) == set(prepared.up_to_date(assembled.interviews, stages)):
            note_release(work, release, prepared.labels, assembled.interviews)
    summary.release = assembled
    summary.warnings += [str(assembled.edited)] if assembled.edited else []
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
