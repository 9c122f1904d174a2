"""The settings of the embedded forced aligner."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from imigue_build.config import Align


class PocketsphinxAlign(Align):
    """Forced alignment with pocketsphinx; `passes` is how often words are placed, with the sound
    shifted by parts of a frame."""

    backend: Literal["pocketsphinx"]
    passes: Annotated[int, Field(ge=1, le=8)] = 1
