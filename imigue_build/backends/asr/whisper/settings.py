"""Settings that are about Whisper's text, whoever runs it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from imigue_build.config.base import Count, Section


class Guards(Section):
    """What makes a stretch of Whisper's text suspect; it is flagged, never dropped.

    `compression_ratio` is of the text by zlib, `log_probability` the mean of its tokens, and
    `repeats` how often a group of words may follow itself.
    """

    compression_ratio: Annotated[float, Field(gt=0)] = 2.4
    log_probability: Annotated[float, Field(le=0)] = -1.0
    repeats: Count = 3
