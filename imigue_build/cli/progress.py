"""What a run shows while it works: bars and the time that is left on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

from imigue_build.cli import terminal
from imigue_build.cli.terminal import escape
from imigue_build.core.durations import duration_text
from imigue_build.core.plurals import counted
from imigue_build.engine.events import Blocked, Dropped, Event, Finished, Note, Planned, Reused, Started
from imigue_build.engine.forecast import Forecast
from imigue_build.engine.stage import Failed

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from imigue_build.cli.bars import Bars

_log = logging.getLogger("imigue_build.run")
_FIRST: Final = 10.0
"""Seconds until the first line where there is no terminal; later ones come less often."""
_SHARE: Final = 0.05
_SELDOM: Final = 300.0
_NAMED: Final = 4
"""Interviews under way that are named."""


class Display:
    """Takes the events of a run. Use within `showing`."""

    def __init__(
        self, console: Console, quiet: bool, verbose: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.live = terminal.live(console) and not quiet
        self.quiet = quiet
        self._clock = clock
        self._began = clock()
        self._verbose = verbose
        self._forecast = Forecast()
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._busy: dict[str, dict[str, float]] = {}
        self._media: dict[str, float] = {}
        self._since: dict[str, float] = {}
        self._told = self._began
        self._line: tuple[float, str] = (-1.0, "")
        self._console = console
        self.bars: Bars | None = None
        if self.live:
            from imigue_build.cli.bars import Bars

            self.bars = Bars(self.state, console)

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._forecast.note(event, self._clock())
        if isinstance(event, Planned):
            self._planned(event)
        elif isinstance(event, Started):
            self._busy.setdefault(event.stage, {})[event.video_id] = self._clock()
            self._since.setdefault(event.stage, self._clock())
            self._note(f"{event.video_id} {event.stage}: started ({event.because})", shown=self._verbose)
            self._refresh(event.stage)
        elif isinstance(event, Finished):
            self._finished(event)
        elif isinstance(event, Reused):
            self._settle(event.stage)
            self._note(f"{event.video_id} {event.stage}: reused", shown=self._verbose)
        elif isinstance(event, Blocked):
            self._settle(event.stage)
            self._note(f"{event.video_id} {event.stage}: not run, {event.because}", shown=self._verbose)
        elif isinstance(event, Dropped):
            for busy in self._busy.values():
                busy.pop(event.video_id, None)
            self._note(f"{event.video_id}: taken over by another run; what was under way here is dropped", shown=True)
        elif isinstance(event, Note):
            self._note(event.text, shown=not self.quiet)

    def _planned(self, event: Planned) -> None:
        if self.bars is not None:
            for stage, count in event.stages.items():
                self._tasks[stage] = self.bars.add_task(stage, total=count, speed="", items="")

    def state(self) -> str:
        """The time that went by, how much is done, and the time that is left; computed once a second."""
        now = self._clock()
        if now - self._line[0] >= 1.0 or not self._line[1]:
            with self._lock:
                share, left = self._forecast.share(now), self._forecast.left(now)
                done, count = self._forecast.interviews
            parts = [duration_text(now - self._began)]
            parts += [f"{share:.0%} done"] if share is not None and count else []
            parts += [about(left)] if left is not None and done < count else []
            parts += [f"{done:,} of {counted(count, 'interview')}"] if count else []
            self._line = (now, ", ".join(parts))
        return self._line[1]

    def tell(self) -> None:
        """Prints a line on how far the run is, where it is time for one and no bars show it."""
        now = self._clock()
        pause = min(max(_FIRST, _SHARE * (now - self._began)), _SELDOM)
        if self.live or self.quiet or now - self._told < pause:
            return
        self._told = now
        with self._lock:
            running = self._forecast.running
        under_way = ", ".join(f"{video_id} {stage}" for video_id, stage in running[:_NAMED])
        more = f" and {len(running) - _NAMED} more" if len(running) > _NAMED else ""
        self._print(escape(self.state() + (f"; {under_way}{more}" if under_way else "")))

    def _finished(self, event: Finished) -> None:
        self._busy.get(event.stage, {}).pop(event.video_id, None)
        if isinstance(event.outcome, Failed):
            text = f"{event.video_id} {event.stage}: FAILED: {event.outcome.reason}"
            _log.error("%s%s", text, f"\n{event.detail}" if event.detail else "")
            self._print(f"[red]{escape(text)}[/red]")
        else:
            self._media[event.stage] = self._media.get(event.stage, 0.0) + event.outcome.media_seconds
            self._note(f"{event.video_id} {event.stage}: done in {event.seconds:.1f} s", shown=self._verbose)
        self._settle(event.stage)

    def _settle(self, stage: str) -> None:
        self._line = (-1.0, "")
        if self.bars is not None and stage in self._tasks:
            self.bars.advance(self._tasks[stage])
            self._refresh(stage)

    def _refresh(self, stage: str) -> None:
        elapsed = self._clock() - self._since.get(stage, self._clock())
        media = self._media.get(stage, 0.0)
        speed = f"{media / elapsed:.1f}x" if media and elapsed > 1 else ""
        names = sorted(self._busy.get(stage, {}))
        items = " ".join(names[:_NAMED]) + (f" +{len(names) - _NAMED}" if len(names) > _NAMED else "")
        if self.bars is not None and stage in self._tasks:
            self.bars.update(self._tasks[stage], speed=speed, items=items)

    def _note(self, text: str, shown: bool) -> None:
        _log.info(text)
        if shown:
            self._print(escape(text))

    def _print(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)


def about(seconds: float) -> str:
    """A forecast in words, no more exact than it is.

    >>> about(4), about(47), about(610), about(9_000)
    ('a few seconds left', 'about 50 s left', 'about 10 min left', 'about 2.5 h left')
    """
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds, -1):.0f} s left"
    if seconds < 2 * 3600:
        return f"about {seconds / 60:.0f} min left"
    return f"about {seconds / 3600:.1f} h left"


@contextmanager
def showing(display: Display) -> Iterator[Display]:
    """Shows how far the run is while inside: also while nothing happens for long."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(1.0):
            display.tell()

    teller = threading.Thread(target=tell, daemon=True)
    if not display.live and not display.quiet:
        teller.start()
    try:
        with display.bars or nullcontext():
            yield display
    finally:
        ended.set()
        if teller.is_alive():
            teller.join()
