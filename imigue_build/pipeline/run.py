"""A run from end to end: plan, execute, assemble the release, sum up."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from imigue_build.engine.events import Event
from imigue_build.engine.plan import REUSED, PlanItem, plan_interview
from imigue_build.pipeline.prepare import Prepared
from imigue_build.pipeline.request import Summary
from imigue_build.pipeline.reuse import nothing_to_do, reusable
from imigue_build.pipeline.summary import Watcher
from imigue_build.stages.common import LOST


def plan(prepared: Prepared) -> list[PlanItem]:
    """What `execute` would do, item by item; writes nothing."""
    request = prepared.request
    first = request.wanted[0]
    items = [PlanItem(video_id, first, "blocked", why) for video_id, why in prepared.unusable.items()]
    up_to_date = reusable(prepared)
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
    if not nothing_to_do(prepared, summary):
        from imigue_build.pipeline.execution import carry_out

        carry_out(prepared, watcher)
    summary.warnings += _lost(prepared, summary.warnings)
    summary.done = [name for name in prepared.chosen if name not in summary.failed]
    summary.wall_seconds = time.monotonic() - started
    return summary


def _lost(prepared: Prepared, warnings: Collection[str]) -> list[str]:
    """A warning for each correction that fits nothing, of which no stage of this run has warned."""
    if prepared.request.overrides is None:
        return []
    from imigue_build.pipeline.override import lost

    found = lost(prepared.work, prepared.request.overrides, prepared.chosen)
    texts = (f"{video_id}: {LOST}: {text}" for video_id, own in found.items() for text in own)
    return [text for text in texts if text not in warnings]
