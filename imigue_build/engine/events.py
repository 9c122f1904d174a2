"""What a run reports to whoever watches it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from imigue_build.core.records import Record
from imigue_build.engine.stage import Outcome


class Length(NamedTuple):
    """How long an interview is: seconds of sound, None while they are not known; and the bytes of its video."""

    seconds: float | None = None
    size: int = 0


class Planned(Record, frozen=True):
    """The work ahead.

    Attributes:
        stages: Stage -> how many interviews may run it, in the pipeline's order.
        lengths: By interview.
        earlier: Stage -> those whose artifacts it reads.
        before: Stage -> seconds of sound, and the seconds that it took for them when the artifacts were made that are
            there.
    """

    stages: dict[str, int]
    lengths: Mapping[str, Length] = {}
    earlier: Mapping[str, tuple[str, ...]] = {}
    before: Mapping[str, tuple[float, float]] = {}


class Started(Record, frozen=True):
    video_id: str
    stage: str
    because: str


class Span(NamedTuple):
    """When and where a job ran, in seconds of the system's clock.

    It was ready to run at `queued`; `loaded` is when models were loaded, where it was the first to need them.
    """

    worker: str
    queued: float
    started: float
    ended: float
    loaded: tuple[float, float] | None = None


class Finished(Record, frozen=True):
    """`seconds` of work; `detail` is for the log alone; `span` is None where nothing was started for it here."""

    video_id: str
    stage: str
    outcome: Outcome
    seconds: float
    detail: str = ""
    span: Span | None = None


class Reused(Record, frozen=True):
    """The artifact is up to date: nothing it depends on changed."""

    video_id: str
    stage: str


class Blocked(Record, frozen=True):
    """The stage cannot run because an earlier one failed or is missing."""

    video_id: str
    stage: str
    because: str


class Dropped(Record, frozen=True):
    """Another run took this one for dead and took the interview over; what was under way here does not count."""

    video_id: str


class Note(Record, frozen=True):
    """What a run does besides its stages, in words."""

    text: str


Event = Planned | Started | Finished | Reused | Blocked | Dropped | Note
