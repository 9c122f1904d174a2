"""A model that is wanted, and what a source of models is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from imigue_build.core.errors import BackendError
from imigue_build.core.records import ModelRef

REMEDY: Final = "run `imigue-build fetch-models --config CONFIG` once, with this run's config and settings"

Progress = Callable[[int, int], None]
"""Takes the bytes that have arrived and how many there will be; 0 of 0 where that is unknown."""


@dataclass(frozen=True)
class Located:
    """A model that is here: its folder or file, what provenance says of it, its size in bytes, and what brought it."""

    path: Path
    ref: ModelRef
    bytes: int = 0
    origin: str = ""


class Source(Protocol):
    """Where models of one kind come from: the hub (`HubModel`), or a place of a tool's own."""

    @property
    def kind(self) -> str:
        """What the models are called in messages and in provenance, such as `encoder`."""
        ...

    def local(self, wanted: Wanted) -> Located:
        """The model whose name is a file or folder of this machine.

        Raises:
            BackendError: If it is not there or no such model.
        """
        ...

    def locate(self, wanted: Wanted) -> Located:
        """The model that was fetched, whole and as it was fetched; uses no network.

        Raises:
            BackendError: If it is not here, or was changed.
        """
        ...

    def pinned(self, wanted: Wanted) -> bool:
        """Whether it is known which revision was fetched."""
        ...

    def verify(self, wanted: Wanted) -> None:
        """Checks what is here without the network, and pins it.

        Raises:
            BackendError: If it is damaged.
        """
        ...

    def fetch(self, wanted: Wanted, progress: Progress, here: bool) -> None:
        """Gets the model onto this machine, and pins it; `here` says whether it can be located already.

        Raises:
            BackendError: If it cannot be had.
        """
        ...

    def by_hand(self, wanted: Wanted) -> str:
        """The command line with which a person can fetch it without this program; empty where there is none."""
        ...

    def terms(self, wanted: Wanted) -> str:
        """The page where its terms must be accepted before it can be fetched; empty where there are none."""
        ...


@dataclass(frozen=True)
class Wanted:
    """A model as a config names it: by its source's name for it, or as a local file or folder."""

    source: Source
    name: str
    revision: str | None = None

    @property
    def kind(self) -> str:
        """The source's."""
        return self.source.kind


def absent(wanted: Wanted, remedy: str) -> BackendError:
    """The error of a model that is not on this machine."""
    at = f" at revision {wanted.revision}" if wanted.revision else ""
    return BackendError(f"the {wanted.kind} model {wanted.name}{at} is not here", remedy)


def check_unchanged(wanted: Wanted, stated: dict[str, str], files: dict[str, str], remedy: str) -> None:
    """Compares the hashes of a model's files with those that are stated for them.

    Raises:
        BackendError: If one differs.
    """
    changed = [name for name, digest in files.items() if stated.get(name, digest) != digest]
    if changed:
        what = f"the {wanted.kind} model {wanted.name} is not what was fetched: {', '.join(changed)}"
        raise BackendError(f"{what} is damaged or changed", remedy)
