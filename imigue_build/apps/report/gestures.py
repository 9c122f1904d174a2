"""The micro-gestures of interviews, from the folder that `imigue-build gestures` wrote."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Final

import msgspec

from imigue_build.core.errors import AnnotationError, UsageError, abridged
from imigue_build.core.untrusted.files import Kind, read_bytes, shown

GESTURES: Final = "gestures.jsonl"
_LARGEST: Final = 256 * 2**20
_REMEDY: Final = "name the folder that `imigue-build gestures` wrote"


class Gesture(msgspec.Struct, frozen=True):
    """A micro-gesture: its class by number and name, and its seconds in the recording."""

    video_id: str
    number: int = msgspec.field(name="class")
    name: str
    start: Annotated[float, msgspec.Meta(ge=0, lt=1e7)]
    end: Annotated[float, msgspec.Meta(ge=0, lt=1e7)]


def read_gestures(folder: Path, known: Collection[str]) -> dict[str, list[Gesture]]:
    """The gestures of the interviews `known`, by id and in time order.

    Raises:
        UsageError: If the folder holds none.
        AnnotationError: If a line is not a gesture.
    """
    path = folder / GESTURES
    if not path.is_file():
        raise UsageError(f"--gestures {shown(folder)} holds no {GESTURES}", _REMEDY)
    found: dict[str, list[Gesture]] = {}
    data = read_bytes(path, Kind("gestures", AnnotationError, _REMEDY, _LARGEST))
    for number, line in enumerate(data.splitlines(), 1):
        try:
            gesture = msgspec.json.decode(line, type=Gesture)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise AnnotationError(f"{shown(path)}, line {number}: {abridged(str(error))}", _REMEDY) from None
        if gesture.video_id in known and gesture.start <= gesture.end:
            found.setdefault(gesture.video_id, []).append(gesture)
    return {video_id: sorted(own, key=lambda gesture: (gesture.start, gesture.end)) for video_id, own in found.items()}
