"""Sums up the events of a run."""

from __future__ import annotations

from collections.abc import Callable

from imigue_build.engine.events import Blocked, Event, Finished, Reused
from imigue_build.engine.stage import Failed
from imigue_build.pipeline.request import Summary


class Watcher:
    """Passes events on to `emit` and sums them up."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self.summary = Summary()
        self._emit = emit
        self._media: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        self._emit(event)
        if isinstance(event, Reused):
            self.summary.reused += 1
        elif isinstance(event, Finished):
            self._finished(event)
        elif isinstance(event, Blocked):
            self.summary.failed.setdefault(event.video_id, (event.stage, event.because))

    def _finished(self, event: Finished) -> None:
        summary = self.summary
        summary.seconds[event.stage] = round(summary.seconds.get(event.stage, 0.0) + event.seconds, 3)
        if isinstance(event.outcome, Failed):
            summary.failed[event.video_id] = (event.stage, event.outcome.reason)
            return
        summary.ran += 1
        summary.warnings += [f"{event.video_id}: {warning}" for warning in event.outcome.warnings]
        longest = max(self._media.get(event.video_id, 0.0), event.outcome.media_seconds)
        summary.media_seconds += longest - self._media.get(event.video_id, 0.0)
        self._media[event.video_id] = longest


def both(one: Callable[[Event], None], other: Callable[[Event], None]) -> Callable[[Event], None]:
    """Tells every event to two."""

    def tell(event: Event) -> None:
        one(event)
        other(event)

    return tell
