"""The settings of turns that are there already, and the files that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from imigue_build.config import Diarize
from imigue_build.config.base import Place


class GivenDiarize(Diarize):
    """Turns that are there already: one file an interview in `folder`, named by its id, or one of all."""

    backend: Literal["given"]
    folder: Annotated[Place, Field(description="the folder of the given turns")]


def find(section: GivenDiarize, video_id: str) -> Path | None:
    """The turns given for an interview; None where there are none."""
    from imigue_build.backends import given_files
    from imigue_build.corpus.annotations import turns

    return given_files.find(section.folder, turns.SUFFIXES, video_id, turns.OF_ALL)
