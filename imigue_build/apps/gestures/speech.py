"""A release's interviews as gestures meet them: words, turns, who speaks when, read one interview at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import msgspec

from imigue_build.core.errors import AnnotationError, ImigueError, ReleaseError
from imigue_build.core.intervals import Interval, clip, concurrent, gaps, subtract
from imigue_build.core.records import Overlap, Role, Turn
from imigue_build.core.untrusted.files import Kind, read_bytes, shown
from imigue_build.corpus import read_labels
from imigue_build.corpus.annotations.turns import rttm
from imigue_build.release.reading import REMEDY, check_release, read_rows
from imigue_build.release.schema.layout import ID_PATTERN, LABELS, MANIFEST, SPEECH_LABEL, interview_files
from imigue_build.release.validate.textgrid import BrokenError, parsed

STATES: Final = ("speaking", "listening", "silent")
"""What the interviewee does at any moment: speaks, also while others do; listens to others; or nobody speaks."""
_TEXTGRID: Final = Kind("the TextGrid", AnnotationError, REMEDY, 1 << 28)

Seconds = Annotated[float, msgspec.Meta(ge=0, lt=1e7)]


class RowWord(msgspec.Struct, gc=False):
    """A word of a manifest row."""

    word: str
    start: Seconds
    end: Seconds
    confidence: float | None = None


class ManifestRow(msgspec.Struct, gc=False):
    """A row of the manifest, as far as it is of use here."""

    video_id: str
    role: Role
    speaker: str
    start: Seconds
    end: Seconds
    words: list[RowWord]
    segment_id: str | None = None
    raw: str = ""
    asr_confidence: float | None = None


class Word(NamedTuple):
    """A word with its place: the row's number among the interview's manifest rows, and its own in the row, from 0."""

    start: float
    end: float
    text: str
    role: Role
    row: int
    place: int


class RoleTurn(NamedTuple):
    """A diarized turn and the role of its speaker."""

    start: float
    end: float
    speaker: str
    role: Role


class Speech(NamedTuple):
    """One interview; seconds.

    Attributes:
        textgrid: The segment-level TextGrid, as it lies in the release.
        words: By role, by start.
        turns: Every diarized turn, by start; they may overlap.
        states: Cover [0, duration] without holes, by start: when the interviewee does what.
    """

    video_id: str
    duration: float
    textgrid: str
    rows: tuple[ManifestRow, ...]
    words: dict[Role, list[Word]]
    turns: tuple[RoleTurn, ...]
    overlap: tuple[Overlap, ...]
    vad: tuple[Interval, ...]
    states: tuple[tuple[Interval, str], ...]


def _fault(row: ManifestRow) -> str:
    return "" if ID_PATTERN.fullmatch(row.video_id) else "its video_id is no id"


class Broken(NamedTuple):
    """An interview that cannot be read, and why."""

    video_id: str
    reason: str


class Release:
    """A release on disk; `ids` are sorted.

    Raises:
        UsageError: If it is no release.
        ReleaseError: If its folder cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        check_release(root)
        try:
            self.ids = sorted(path.name for path in root.iterdir() if _is_interview(path))
        except OSError as error:
            raise ReleaseError(f"{shown(root)} cannot be read ({error.strerror})", "check the folder") from error
        if not self.ids:
            raise ReleaseError(f"{shown(root)} holds no interview", "build the release again")

    def outcomes(self) -> dict[str, str]:
        """Video id -> `Win` or `Lose`, where the release's table says so.

        Raises:
            UsageError: If the table cannot be used.
        """
        path = self.root / LABELS
        if not path.is_file():
            return {}
        return {name: label.win_or_lose for name, label in read_labels(path).labels.items() if label.win_or_lose}

    def interviews(self) -> Iterator[Speech | Broken]:
        """The interviews by id, one at a time in memory; one that cannot be read is told, and the next ones go on.

        Raises:
            ReleaseError: If the manifest cannot be read or is not sorted by interview.
        """
        waiting = iter([*self.ids, None])
        expected = next(waiting)
        rows = read_rows(self.root / MANIFEST, ManifestRow, _fault)
        for video_id, own in groupby(rows, key=lambda row: row.video_id):
            while expected is not None and expected < video_id:
                yield self._interview(expected, ())
                expected = next(waiting)
            if expected != video_id:
                reason = "has no folder with an RTTM file, or its rows are not together"
                raise ReleaseError(f"{shown(self.root / MANIFEST)}: {video_id} {reason}", REMEDY)
            yield self._interview(video_id, tuple(own))
            expected = next(waiting)
        while expected is not None:
            yield self._interview(expected, ())
            expected = next(waiting)

    def _interview(self, video_id: str, rows: tuple[ManifestRow, ...]) -> Speech | Broken:
        folder, files = self.root / video_id, interview_files(video_id)
        try:
            text = read_bytes(folder / files.segments, _TEXTGRID).decode("utf-8")
            tiers, end = parsed(text)
            diarized = rttm(folder / files.rttm, video_id)
        except (BrokenError, ValueError) as error:  # no UTF-8, or a count of thousands of digits
            return Broken(video_id, f"{files.segments} is no TextGrid of a release: {error}")
        except ImigueError as error:
            return Broken(video_id, str(error).replace(f"{self.root}{'/'}", ""))
        labelled = {tier.name: tier.labelled for tier in tiers}
        vad = tuple(Interval(s / 1000, e / 1000) for s, e, text in labelled.get("vad", []) if text == SPEECH_LABEL)
        turns = tuple(Turn(one.start, one.end, one.speaker or "") for one in diarized)
        return speech_of(video_id, end / 1000, text, rows, turns, vad)


def _is_interview(path: Path) -> bool:
    return bool(ID_PATTERN.fullmatch(path.name)) and (path / interview_files(path.name).rttm).is_file()


def speech_of(
    video_id: str,
    duration: float,
    textgrid: str,
    rows: tuple[ManifestRow, ...],
    diarized: tuple[Turn, ...],
    vad: tuple[Interval, ...],
) -> Speech:
    """An interview of manifest rows, diarized turns and speech regions; who has no word is an interviewer."""
    roles: dict[str, Role] = {row.speaker: row.role for row in rows}
    words: dict[Role, list[Word]] = {"interviewee": [], "interviewer": []}
    for place, row in enumerate(rows):
        words[row.role] += [
            Word(one.start, one.end, one.word, row.role, place, index) for index, one in enumerate(row.words)
        ]
    for own in words.values():
        own.sort()
    turns = tuple(
        RoleTurn(turn.start, turn.end, turn.speaker, roles.get(turn.speaker, "interviewer"))
        for turn in sorted(diarized, key=lambda one: (one.start, one.end, one.speaker))
    )
    return Speech(video_id, duration, textgrid, rows, words, turns, _overlap(diarized), vad, _states(turns, duration))


def _overlap(turns: tuple[Turn, ...]) -> tuple[Overlap, ...]:
    """Where several speak."""
    found = []
    for span, talking in concurrent(turns):
        speakers = tuple(sorted({turn.speaker for turn in talking}))
        if len(speakers) > 1:
            found.append(Overlap(round(span.start, 3), round(span.end, 3), speakers))
    return tuple(found)


def _states(turns: tuple[RoleTurn, ...], duration: float) -> tuple[tuple[Interval, str], ...]:
    speaking = clip((one for one in turns if one.role == "interviewee"), 0.0, duration)
    listening = subtract(clip((one for one in turns if one.role == "interviewer"), 0.0, duration), speaking)
    silent = gaps(turns, 0.0, duration)
    parts = zip(STATES, (speaking, listening, silent), strict=True)
    return tuple(sorted((span, state) for state, spans in parts for span in spans))
