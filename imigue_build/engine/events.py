"""What a run tells whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass

from imigue_build.engine.stage import Outcome


@dataclass(frozen=True)
class Planned:
    """The work ahead: stage -> how many interviews may run it."""

    stages: dict[str, int]


@dataclass(frozen=True)
class Started:
    video_id: str
    stage: str
    because: str


@dataclass(frozen=True)
class Finished:
    """`seconds` of work on `media_seconds` of recording; `detail` is for the log alone."""

    video_id: str
    stage: str
    outcome: Outcome
    seconds: float
    detail: str = ""


@dataclass(frozen=True)
class Reused:
    """The artifact stands: nothing it depends on changed."""

    video_id: str
    stage: str


@dataclass(frozen=True)
class Blocked:
    """The stage cannot run because an earlier one failed or is missing."""

    video_id: str
    stage: str
    because: str


Event = Planned | Started | Finished | Reused | Blocked
