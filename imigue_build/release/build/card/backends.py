"""What the card says of the backends that a release was made with; whoever assembles the release knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from imigue_build.release.schema.provenance import Provenance


class BackendFacts(NamedTuple):
    """A backend, for the card.

    Attributes:
        limits: A sentence or two on the errors that it makes.
        measured: Whether the figures in it were measured by imigue-build.
        unfit: Why transcripts are not of research quality, as an end of "They were made by ..."; empty where they are.
        defaults: Its settings that have a default, with it.
        models: Which of its settings name models.
    """

    limits: str = ""
    measured: bool = False
    unfit: str = ""
    defaults: Mapping[str, Any] = {}
    models: tuple[str, ...] = ()


Describe = Callable[[str, str], BackendFacts | None]
"""Takes a stage and the name of its backend; None where nothing is known of it."""


def nothing_known(stage: str, backend: str) -> BackendFacts | None:
    """For whoever knows no backend."""
    return None


def used(provenance: Provenance) -> Iterator[tuple[str, str]]:
    """Stage and backend of every interview; some more than once."""
    sections = [provenance.config, *(video.config for video in provenance.videos.values())]
    for config in sections:
        for stage, settings in config.items():
            if settings and "backend" in settings:
                yield stage, settings["backend"]
