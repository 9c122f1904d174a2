"""The clock of a transcript against the sound's: sound = offset + rate * given, in seconds; and how to say it."""

from __future__ import annotations

from typing import Final, NamedTuple

_FRAME_RATES: Final = (
    (24000 / 1001, 25.0, "23.976 against 25"),
    (24.0, 25.0, "24 against 25"),
    (24000 / 1001, 24.0, "23.976 against 24 or 29.97 against 30"),
    (25.0, 24000 / 1001, "25 against 23.976"),
    (25.0, 24.0, "25 against 24"),
    (24.0, 24000 / 1001, "24 against 23.976 or 30 against 29.97"),
)
"""Frame rates that are mistaken for each other: frames counted at the second and shown at the first, in words."""
NAMED: Final = tuple(counted / shown for shown, counted, _ in _FRAME_RATES)
"""The rates of clocks that such mistakes make."""
ALIKE: Final = 0.2
"""Seconds; two rates that differ by less over the text cannot be distinguished."""
_SAID: Final = 0.02
"""Seconds; less is no error that is worth a figure."""


class Clock(NamedTuple):
    """A line from the given times to those of the sound, in seconds."""

    offset: float
    rate: float

    def __call__(self, given: float) -> float:
        """The time in the sound of a given time."""
        return self.offset + self.rate * given

    def lag(self, given: float) -> float:
        """By how much the sound comes after a given time; negative where the text is late."""
        return self(given) - given


class Break(NamedTuple):
    """Where the shift changes, on the sound's clock: the text is late by `before` and then by `after`, in seconds."""

    time: float
    before: float
    after: float


class Finding(NamedTuple):
    """What a comparison found: a wrong clock, or breaks in it; `words` is how many text and ASR share on it.

    `start` and `end` are the given times between which the text lies.
    """

    clock: Clock
    start: float
    end: float
    words: int
    breaks: tuple[Break, ...] = ()

    def __str__(self) -> str:
        if self.breaks:
            changes = "; ".join(
                f"the shift changes from {one.before:.1f} to {one.after:.1f} s at {one.time:.0f} s"
                for one in self.breaks
            )
            return f"does not keep the sound's time: {changes} (seconds late; from {self.words} shared words)"
        return f"{_said(self.clock, self.start, self.end)} (from {self.words} shared words)"


def _said(clock: Clock, start: float, end: float) -> str:
    if clock.rate == 1.0:
        return f"is {_late(clock.lag(start))} against the sound"
    alike = [abs(rate - clock.rate) * (end - start) < ALIKE for rate in NAMED]
    names = [name for (*_, name), same in zip(_FRAME_RATES, alike, strict=True) if same]
    reason = f" (as {' or '.join(names)} frames a second)" if names and clock.rate in NAMED else ""
    at = f"{_late(clock.lag(start))} at its beginning and {_late(clock.lag(end))} at its end"
    return f"runs at {1 / clock.rate:.4f} of the sound's rate{reason}: {at}"


def _late(lag: float) -> str:
    if abs(lag) < _SAID:
        return "right"
    return f"{abs(lag):.2f} s {'early' if lag > 0 else 'late'}"
