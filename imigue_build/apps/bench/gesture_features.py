"""The features of interviews by their gestures, from the folder that `imigue-build gestures` wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from math import log1p
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import msgspec

from imigue_build.apps.bench.corpus import Corpus, Interview
from imigue_build.apps.bench.utterances import listed
from imigue_build.core.errors import UsageError
from imigue_build.core.plurals import counted
from imigue_build.core.untrusted.files import Kind, read_bytes, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.apps.bench.outcome import Matrix

STATES: Final = ("speaking", "listening", "silent")
CLASSES: Final = (*range(1, 32), 99)
FEATURES: Final = (
    "log(1 + gestures a minute) by state and in all, share of time by state, mean duration, and "
    "log(1 + gestures a minute) of every class"
)
_FORMAT: Final = "imigue-build gestures 1"
_REMEDY: Final = "name the folder that `imigue-build gestures --out` wrote"
_FILES: Final = ("statistics.json", "gestures.jsonl")
_FILE: Final = Kind("the gestures'", UsageError, _REMEDY, 1 << 30)

T = TypeVar("T")
Seconds = Annotated[float, msgspec.Meta(ge=0, lt=1e9)]


class _Gesture(msgspec.Struct):
    video_id: str
    start: Seconds
    end: Seconds
    state: str
    seconds: dict[str, Seconds]
    number: int = msgspec.field(name="class")


class _Video(msgspec.Struct):
    exposure_s: dict[str, Seconds]


class _Statistics(msgspec.Struct):
    format: str
    videos: dict[str, _Video]


class Gestures:
    """The gestures of a corpus by interview; `about` says what was read.

    Raises:
        UsageError: If the folder holds none, or they cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        statistics, lines = (read_bytes(folder / name, _FILE) for name in _FILES)
        found = _decoded(folder / _FILES[0], statistics, _Statistics)
        if found.format != _FORMAT:
            raise UsageError(
                f"{shown(folder)} is of another version of `gestures`", "run `imigue-build gestures` again"
            )
        self._exposure = {name: video.exposure_s for name, video in found.videos.items()}
        self._gestures: dict[str, list[_Gesture]] = {}
        for number, line in enumerate(lines.splitlines(), 1):
            gesture = _decoded(folder / _FILES[1], line, _Gesture, number)
            known = gesture.video_id in self._exposure and gesture.number in CLASSES and gesture.state in STATES
            if not known:
                what = f"{shown(folder / _FILES[1])}, line {number}: not a gesture of {_FILES[0]}"
                raise UsageError(what, "run `imigue-build gestures` again")
            self._gestures.setdefault(gesture.video_id, []).append(gesture)
        digest = hashlib.sha256(statistics + lines).hexdigest()
        self.about: dict[str, Any] = {"name": "gestures", "features": FEATURES, "sha256": digest}

    def of(self, corpus: Corpus) -> Corpus:
        """The corpus without the interviews that have no gesture, and with a warning that says so.

        Raises:
            UsageError: If no interview has any.
        """
        kept = tuple(interview for interview in corpus.interviews if interview.video_id in self._gestures)
        if not kept:
            raise UsageError(f"no interview of {shown(corpus.root)} has gestures", "make them for this release")
        lost = [interview.video_id for interview in corpus.decided if interview.video_id not in self._gestures]
        warning = (f"left out, not labelled: {counted(len(lost), 'interview')} ({listed(lost)})",) if lost else ()
        return corpus._replace(interviews=kept, warnings=(*corpus.warnings, *warning))

    def features(self, video_id: str) -> list[float]:
        """An interview's features, in the order of `FEATURES`."""
        exposure = [self._exposure[video_id].get(state, 0.0) for state in STATES]
        own = self._gestures.get(video_id, [])
        whole = sum(exposure)
        counts = [sum(gesture.state == state for gesture in own) for state in STATES]
        seconds = [sum(gesture.seconds.get(state, 0.0) for gesture in own) for state in STATES]
        rates = [log1p(_share(60 * n, s)) for n, s in zip([*counts, len(own)], [*exposure, whole], strict=True)]
        shares = [_share(n, s) for n, s in zip(seconds, exposure, strict=True)]
        mean = _share(sum(gesture.end - gesture.start for gesture in own), len(own))
        classes = [log1p(_share(60 * sum(gesture.number == number for gesture in own), whole)) for number in CLASSES]
        return [*rates, *shares, mean, *classes]


class Gestured:
    """The view of gestures. Nothing of it is learnt from other interviews."""

    def __init__(self, interviews: Sequence[Interview], gestures: Gestures) -> None:
        import numpy as np

        self._values: NDArray[np.float64] = np.array(
            [gestures.features(interview.video_id) for interview in interviews], float
        )
        self.about: dict[str, Any] = {**gestures.about, "size": self._values.shape[1]}

    def features(self, train: Sequence[int], test: Sequence[int]) -> tuple[Matrix, Matrix]:
        return self._values[list(train)], self._values[list(test)]


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _decoded(path: Path, data: bytes, kind: type[T], number: int = 0) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        line = f", line {number}" if number else ""
        raise UsageError(f"{shown(path)}{line}: {error}", _REMEDY) from error
