"""A release as the report sees it: interview by interview, so that a large one is never in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec

from imigue_build.core.errors import AnnotationError, ReleaseError, abridged
from imigue_build.core.intervals import Interval, merge
from imigue_build.core.records import Label, Role, Turn
from imigue_build.core.untrusted.files import Kind, read_bytes, shown
from imigue_build.corpus import read_labels
from imigue_build.corpus.annotations.sources import MAX_WORDS
from imigue_build.corpus.annotations.turns import rttm
from imigue_build.release.reader.facts import overlap
from imigue_build.release.reading import REMEDY, check_release, read_rows
from imigue_build.release.schema.layout import DROPPED, ID_PATTERN, LABELS, MANIFEST, PROVENANCE, interview_files

T = TypeVar("T")
Seconds = Annotated[float, msgspec.Meta(ge=0, lt=1e7)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Measure = Annotated[float, msgspec.Meta(gt=-1e6, lt=1e6)]
_MOST_SPEAKERS: Final = 200


class Word(msgspec.Struct, frozen=True):
    """A word of the manifest, seconds; `confidence` in [0, 1] or None."""

    word: str
    start: Seconds
    end: Seconds
    aligned: bool = True
    confidence: Share | None = None


class Row(msgspec.Struct, frozen=True):
    """A segment of the manifest, seconds; without a `segment_id` it has no clip."""

    video_id: str
    role: Role
    segment_id: str | None
    speaker: str
    start: Seconds
    end: Seconds
    words: tuple[Word, ...]
    role_confidence: Share | None = None
    snr_db: Measure | None = None
    words_per_second: Measure | None = None
    flags: tuple[str, ...] = ()


class Dropped(msgspec.Struct, frozen=True):
    """A segment that a filter dropped."""

    video_id: str
    start: Seconds
    end: Seconds
    reason: str


class Provenance(msgspec.Struct, frozen=True):
    """What `provenance.json` says of how the release was made."""

    imigue_build: str = ""
    config: dict[str, Any] = {}
    tools: dict[str, str] = {}
    models: tuple[Any, ...] = ()
    videos: dict[str, Any] = {}


@dataclass(frozen=True)
class Release:
    """A release but for its interviews; `labels` and `dropped` are by video id."""

    root: Path
    labels: Mapping[str, Label]
    dropped: Mapping[str, Sequence[Dropped]]
    provenance: Provenance


def open_release(root: Path) -> Release:
    """What a release says of itself as a whole.

    Raises:
        UsageError: If it is no release.
        ReleaseError: If one of its files cannot be read.
    """
    check_release(root)
    labels = read_labels(root / LABELS).labels if (root / LABELS).is_file() else {}
    kind = Kind("the provenance", ReleaseError, REMEDY)
    data = read_bytes(root / PROVENANCE, kind)
    try:
        provenance = msgspec.json.decode(data, type=Provenance)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ReleaseError(f"{shown(root / PROVENANCE)}: {abridged(str(error))}", REMEDY) from None
    dropped: dict[str, list[Dropped]] = {}
    if (root / DROPPED).is_file():
        for one in read_rows(root / DROPPED, Dropped):
            dropped.setdefault(one.video_id, []).append(one)
    return Release(root, labels, dropped, provenance)


def ids(release: Release) -> list[str]:
    """The interviews of a release, those without a word included, sorted.

    Raises:
        ReleaseError: If the provenance names one that is no id.
    """
    wrong = [name for name in release.provenance.videos if not ID_PATTERN.fullmatch(name)]
    if wrong:
        raise ReleaseError(f"{shown(release.root / PROVENANCE)}: {abridged(wrong[0])!r} is no id", REMEDY)
    return sorted(release.provenance.videos)


def interviews(release: Release) -> Iterator[tuple[str, list[Row]]]:
    """Every interview with its rows in time order; those without a word come last.

    Raises:
        ReleaseError: If the manifest cannot be read, or its rows are not sorted by interview.
    """
    waiting = set(ids(release))
    for video_id, rows in groupby(read_rows(release.root / MANIFEST, Row), key=lambda row: row.video_id):
        if video_id not in waiting:
            what = f"{shown(release.root / MANIFEST)}: the rows of {abridged(video_id)!r} are not in one place, or"
            raise ReleaseError(f"{what} {PROVENANCE} does not name it", REMEDY)
        waiting.remove(video_id)
        yield video_id, _bounded(release, video_id, rows)
    for video_id in sorted(waiting):
        yield video_id, []


def turns(release: Release, video_id: str) -> list[Turn]:
    """The diarized turns of an interview, overlap included, by start.

    Raises:
        AnnotationError: If its RTTM file cannot be read, or is of no interview.
    """
    path = release.root / video_id / interview_files(video_id).rttm
    found = [Turn(one.start, one.end, one.speaker or "") for one in rttm(path, video_id) if one.start < one.end]
    if len(found) > MAX_WORDS or len({one.speaker for one in found}) > _MOST_SPEAKERS:
        raise AnnotationError(f"{shown(path)} holds more turns or speakers than an interview can have", REMEDY)
    return sorted(found, key=lambda one: (one.start, one.end, one.speaker))


def overlaps(found: Sequence[Turn]) -> tuple[Interval, ...]:
    """Where more than one speaker talks."""
    return merge(overlap(found))


def _bounded(release: Release, video_id: str, rows: Iterator[Row]) -> list[Row]:
    found: list[Row] = []
    words = 0
    for row in rows:
        found.append(row)
        words += len(row.words)
        if max(words, len(found)) > MAX_WORDS:
            what = f"{shown(release.root / MANIFEST)}: {video_id} has more than {MAX_WORDS} words"
            raise ReleaseError(what, REMEDY)
    if len({row.speaker for row in found}) > _MOST_SPEAKERS:
        what = f"{shown(release.root / MANIFEST)}: {video_id} has more than {_MOST_SPEAKERS} speakers"
        raise ReleaseError(what, REMEDY)
    return sorted(found, key=lambda row: (row.start, row.end, row.speaker))
