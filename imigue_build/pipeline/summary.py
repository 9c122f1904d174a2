"""Sums up the events of a run."""

from __future__ import annotations

from collections.abc import Callable

from imigue_build.engine.events import Blocked, Dropped, Event, Finished, Note, Reused
from imigue_build.engine.stage import Failed
from imigue_build.pipeline.request import Summary
from imigue_build.store.lease_files import EXPIRES


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
        elif isinstance(event, Dropped):
            self.summary.warnings.append(
                f"{event.video_id}: this run did not renew its lease for {EXPIRES:g} s and another run took the "
                "interview over; what was under way here was dropped"
            )
        elif isinstance(event, Blocked):
            self.summary.failed.setdefault(event.video_id, (event.stage, event.because))

    def say(self, text: str) -> None:
        """Passes a line on that is about no stage."""
        self._emit(Note(text))

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
    """Passes every event on to two."""

    def emit(event: Event) -> None:
        one(event)
        other(event)

    return emit
