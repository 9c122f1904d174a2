"""The protocol of a stage: what it declares, gets and returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from imigue_build.core.records import Provenance, Record

VIDEO = "video"
"""The name of the input that is the video. It and `given` files come from the user; all others are artifacts."""


def is_artifact(name: str) -> bool:
    """Whether an input is an earlier stage's file, `"<stage>/<file>"`."""
    return "/" in name


class Resources(Record, frozen=True):
    """What one worker of a stage needs: processor cores, a share of a GPU in [0, 1], and bytes of memory.

    A GPU worker uses its cores to prepare data; they do not count against `--jobs`.
    """

    cpu: int = 1
    gpu: float = 0.0
    memory: int = 1 << 30


ONE_CORE = Resources()
"""What most stages take."""


class GivenFile(Record, frozen=True):
    """A file of the user's, and the SHA-256 of what a stage takes from it."""

    path: Path
    sha256: str


class Task(Record, frozen=True):
    """One interview for one stage: its inputs by name, and the folder to write the artifact into."""

    video_id: str
    inputs: dict[str, Path]
    out: Path


class Done(Record, frozen=True):
    """The artifact is whole in the task's folder; `media_seconds` of recording were worked on."""

    media_seconds: float
    warnings: tuple[str, ...] = ()


class Failed(Record, frozen=True):
    """This interview cannot get past the stage, and why, with what to do about it."""

    reason: str


Outcome = Done | Failed


class Worker(Protocol):
    """A stage with its models loaded, for as long as there is work."""

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Works on a batch; the outcomes are in the tasks' order. No interview's error is raised."""
        ...


class Stage(Protocol):
    """One step of the pipeline; picklable, so that it travels to the workers' processes.

    `inputs` names what it always reads: `"video"` or `"<earlier stage>/<file>"`. `batch` is how
    many interviews a worker takes together at most, and `batch_seconds` how much sound, where it is more than one;
    they change no result. `made_from` says, of files it writes that depend on no setting and not on every input, on
    which inputs each depends.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def resources(self) -> Resources: ...
    @property
    def batch(self) -> int: ...
    @property
    def batch_seconds(self) -> float: ...
    @property
    def made_from(self) -> Mapping[str, tuple[str, ...]]: ...

    def given(self, video_id: str) -> Mapping[str, GivenFile]:
        """Files of the user's that it reads for an interview besides, by a name without a slash."""
        ...

    def settings(self) -> dict[str, Any]:
        """The settings on which its result depends, JSON-ready."""
        ...

    def provenance(self) -> Provenance:
        """Tools and models that make its result; loads no model.

        Raises:
            BackendError: If one is missing.
        """
        ...

    def open(self) -> Worker:
        """Loads what the stage needs.

        Raises:
            BackendError: If something is missing.
        """
        ...


def earlier_stages(stage: Stage) -> list[str]:
    """The stages whose artifacts a stage reads, in the order of its inputs."""
    names = (name.partition("/")[0] for name in stage.inputs if is_artifact(name))
    return list(dict.fromkeys(names))
