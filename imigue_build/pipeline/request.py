"""What is asked of a run, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from imigue_build.config import Config
from imigue_build.release.build.assemble import Assembled

COMMANDS: Final[dict[str, tuple[str, ...]]] = {
    "extract": ("extract",),
    "transcribe": ("transcribe",),
    "diarize": ("diarize", "roles"),
    "align": ("align",),
    "export": ("export",),
    "run-all": ("extract", "transcribe", "diarize", "roles", "align", "export"),
}
"""Which of the engine's stages a command runs."""


@dataclass(frozen=True)
class Request:
    """What the user asked for.

    `release` is None where the command exports nothing. `shard` is (which, of how many) parts of the
    interviews, counted from 1. `executor` is "local" or "ray", `ray_address` the cluster's head, None for one of
    this machine alone. `trace` is the file for a trace of the run.
    """

    videos: Path
    work: Path
    release: Path | None
    config: Config
    command: str = "run-all"
    labels: Path | None = None
    only: tuple[str, ...] = ()
    shard: tuple[int, int] | None = None
    jobs: int = 1
    force: bool = False
    verify: bool = False
    executor: str = "local"
    ray_address: str | None = None
    trace: Path | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        return COMMANDS[self.command]


@dataclass
class Summary:
    """What a run did.

    `failed` maps an interview, or the file that is none, to its stage and reason; `busy` a resource to the share
    of the time in which it was at work.
    """

    done: list[str] = field(default_factory=list)
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    ran: int = 0
    reused: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    media_seconds: float = 0.0
    wall_seconds: float = 0.0
    release: Assembled | None = None
    busy: dict[str, float] = field(default_factory=dict)
    bottleneck: str = ""

    @property
    def x_realtime(self) -> float:
        """Seconds of recording that went through a stage, by seconds of waiting."""
        return round(self.media_seconds / self.wall_seconds, 2) if self.wall_seconds else 0.0
