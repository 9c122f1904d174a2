"""What a run is asked to do, and what it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from imigue_build.config import SECTIONS, Config
from imigue_build.core.records import Record
from imigue_build.release.build.assembled import Assembled

COMMANDS: Final[dict[str, tuple[str, ...]]] = {
    "extract": ("extract",),
    "transcribe": ("transcribe",),
    "diarize": ("diarize",),
    "align": ("speakers", "align"),
    "export": ("export",),
    "run-all": tuple(SECTIONS),
}
"""By command the stages that it runs."""
COMMAND_OF: Final = {stage: command for command, stages in COMMANDS.items() if command != "run-all" for stage in stages}
"""By stage the command that runs it."""


class Typed(Record, frozen=True):
    """What the user typed, now or in earlier runs, to get the settings, and how they are run.

    Attributes:
        recipe: A packaged recipe's name, or the path of a file; empty where the settings came from a program.
        digest: Of that recipe, as it was when it was read.
        settings: Of `--set`.
        jobs: None where the machine decides.
    """

    recipe: str = ""
    digest: str = ""
    settings: tuple[str, ...] = ()
    jobs: int | None = None


UNTYPED: Final = Typed()


@dataclass(frozen=True)
class Request:
    """What the user asked for.

    Attributes:
        release: The folder of the release; used by commands that export.
        overrides: The folder of a person's corrections.
        shard: (number, count): this part of the interviews, counted from 1.
        executor: "local" or "ray".
        ray_address: The cluster's head; None for a cluster of this machine alone.
        trace: The file for a trace of the run.
    """

    videos: Path
    work: Path
    release: Path | None
    config: Config
    command: str = "run-all"
    labels: Path | None = None
    overrides: Path | None = None
    only: tuple[str, ...] = ()
    shard: tuple[int, int] | None = None
    jobs: int = 1
    force: bool = False
    verify: bool = False
    executor: str = "local"
    ray_address: str | None = None
    trace: Path | None = None
    typed: Typed = UNTYPED

    @property
    def wanted(self) -> tuple[str, ...]:
        return COMMANDS[self.command]

    @property
    def target(self) -> Path | None:
        """The release that is to be written; None where the command exports nothing."""
        return self.release if "export" in self.wanted else None


@dataclass
class Summary:
    """What a run did.

    Attributes:
        done: Ids of the interviews that did not fail.
        failed: By interview, or by file that is not a video, the stage and the reason.
        ran: How many artifacts were made.
        reused: How many artifacts were up to date.
        seconds: Working time by stage.
        media_seconds: Length of the recordings that went through a stage.
        busy: By resource the share of the time in which it was in use.
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
        """`media_seconds` by `wall_seconds`."""
        return round(self.media_seconds / self.wall_seconds, 2) if self.wall_seconds else 0.0
