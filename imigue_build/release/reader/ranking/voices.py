"""Who speaks when in an interview, asked time by time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from imigue_build.core.intervals import Interval, Timed, distance, nearest, shared, subtract
from imigue_build.core.records import Overlap, Turn
from imigue_build.release.reader.interview import Interview

_WITHIN: Final = 0.3
"""Of the way into a turn: how far a moment is from its edges."""


class Voices:
    """The turns of an interview.

    Raises:
        InterviewError: From every method, if the files with the turns cannot be read.
    """

    def __init__(self, interview: Interview) -> None:
        self._interview = interview
        self._exclusive = _Sorted(interview.exclusive)
        self._overlap = _Sorted(interview.overlap)

    def at(self, time: float) -> str | None:
        """Who speaks at a time in seconds, of several the one whom the diarizer hears best; None for nobody."""
        turn = self._exclusive.at(time)
        return turn.speaker if isinstance(turn, Turn) else None

    def overlapped(self, time: float) -> bool:
        """Whether several speak."""
        return self._overlap.at(time) is not None

    def other(self, span: Timed, speaker: str) -> str | None:
        """Who else speaks longest in a span."""
        seconds: dict[str, float] = {}
        for turn in self._interview.turns:
            if turn.speaker != speaker and shared(turn, span) > 0:
                seconds[turn.speaker] = seconds.get(turn.speaker, 0.0) + shared(turn, span)
        return max(seconds, key=lambda name: (seconds[name], name), default=None)

    @cached_property
    def seconds(self) -> dict[str, float]:
        """How long each speaks in all."""
        found: dict[str, float] = {}
        for turn in self._interview.turns:
            found[turn.speaker] = found.get(turn.speaker, 0.0) + turn.end - turn.start
        return found

    def moment(self, speaker: str) -> float | None:
        """A time at which this speaker speaks and nobody else does; None where there is none."""
        if speaker not in self._moments:
            own = [turn for turn in self._interview.turns if turn.speaker == speaker]
            alone = subtract(own, self._interview.overlap)
            held = [turn for turn in self._interview.exclusive if turn.speaker == speaker]
            spans: Sequence[Interval | Turn] = alone or held
            longest = max(spans, key=lambda span: span.end - span.start, default=None)
            self._moments[speaker] = round((longest.start + longest.end) / 2, 2) if longest else None
        return self._moments[speaker]

    def nearest(self, time: float) -> float | None:
        """A time at which somebody speaks, as near as may be to one at which nobody does."""
        turn = nearest(self._interview.exclusive, time)
        if turn is None or distance(turn, time) == 0:
            return time if turn is not None else None
        inside = min(_WITHIN, (turn.end - turn.start) / 2)
        return round(turn.start + inside if time < turn.start else turn.end - inside, 2)

    @cached_property
    def _moments(self) -> dict[str, float | None]:
        return {}


class _Sorted:
    """Intervals of which none overlaps another, found by time."""

    def __init__(self, spans: Sequence[Turn | Overlap]) -> None:
        self._spans = sorted(spans, key=lambda span: span.start)
        self._starts = [span.start for span in self._spans]

    def at(self, time: float) -> Turn | Overlap | None:
        index = bisect_right(self._starts, time) - 1
        return self._spans[index] if index >= 0 and time < self._spans[index].end else None
