"""Interviews for backends, made of bare audio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imigue_build.backends.base import AudioTask

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples


def tasks(*recordings: Samples) -> list[AudioTask]:
    """One task a recording, with ids `0001`, `0002`, ..."""
    return [AudioTask(f"{number:04d}", audio) for number, audio in enumerate(recordings, 1)]
