"""The label file: one row a video, from the release's `labels.csv` or iMiGUE's micro-gesture table.

The micro-gesture table has one row a gesture and repeats what is known of the video on each
(`video_id,label_id,start_time,...,subject_gender,subject_nationality,win_or_lose`); one row a
video is derived from it. A table of either kind may have a column with the player's name. All faults of a file are
reported together, each with its line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import UsageError, abridged, first_few
from imigue_build.core.plurals import counted
from imigue_build.core.records import Label
from imigue_build.core.untrusted.bounded_csv import Fault, TextFile, column_name, misfit, plain
from imigue_build.core.untrusted.csv_rows import Row
from imigue_build.core.untrusted.files import Kind, shown
from imigue_build.core.untrusted.formula_cells import restored
from imigue_build.corpus.discovery import Corpus, is_video_id, padded

COLUMNS: Final = ("video_id", "subject_gender", "subject_nationality", "win_or_lose")
_FACTS: Final = COLUMNS[1:]
_PLAYER: Final = ("player", "player_name", "player name", "subject_name", "athlete", "athlete_name", "name", "subject")
"""Names of a column with the name of who is interviewed; the first that the table has counts."""
_GESTURE_COLUMNS: Final = frozenset({"label_id", "class", "start_time", "start_frame"})
"""A table with any of these has one row a gesture, so that a video may have many rows."""

_OUTCOMES: Final = {"win": "Win", "lose": "Lose", "": ""}
_LABELS: Final = Kind("labels", UsageError, "name a readable CSV file")


class Players(NamedTuple):
    """The names of who is interviewed, by video id, and the file that has them; no release says them."""

    path: Path
    names: dict[str, str]


class Labels(NamedTuple):
    """The rows of a label file by video id, warnings about it, and the players' names where it has them."""

    labels: dict[str, Label]
    warnings: tuple[str, ...]
    players: Players | None = None


class _Video(NamedTuple):
    """What a row says of its video: the row's line, the cells by column in normal form, and the player's name."""

    line: int
    fields: dict[str, str]
    player: str


def read_labels(path: Path) -> Labels:
    """The labels in `path`, a CSV table with the columns `COLUMNS` in any order.

    Raises:
        UsageError: If the file cannot be read, is no such table, or has faults; all of them are
            named, each with its line.
    """
    file = TextFile(path, _LABELS)
    rows = list(file.rows())
    if not rows:
        raise UsageError(f"{shown(path)} is empty", f"a label file begins with the line {','.join(COLUMNS)}")
    places = file.places(rows[0], COLUMNS)
    columns = [column_name(field) for field in rows[0].fields]
    player = next((columns.index(name) for name in _PLAYER if name in columns), None)
    faults: list[Fault] = []
    videos = [video for row in rows[1:] if (video := _video(row, rows[0], places, player, faults))]
    gestures = _GESTURE_COLUMNS & set(columns)
    labels = _derived(videos, faults) if gestures else _unique(videos, faults)
    if faults:
        raise file.faulty(faults)
    if not labels:
        raise UsageError(f"{shown(path)} has a header and no row", "give it one row a video")
    warnings = file.warnings
    if undecided := sorted(name for name, label in labels.items() if not label.win_or_lose):
        warnings += (f"{shown(path)} gives no outcome for {_listed('video', undecided)}",)
    names, unlike = _players(videos)
    if unlike:
        warnings += (f"{shown(path)} gives several names of the player for {_listed('video', unlike)}: none is taken",)
    return Labels(dict(sorted(labels.items())), warnings, Players(path, names) if names else None)


def match(corpus: Corpus, labels: Labels) -> tuple[str, ...]:
    """Warnings: the videos that have no row, and the rows that have no video."""
    videos = {video.video_id for video in corpus.videos}
    refused = {padded(problem.path.stem) for problem in corpus.problems}
    unlabelled = sorted(videos - labels.labels.keys())
    idle = sorted(labels.labels.keys() - videos - refused)
    warnings = []
    if unlabelled:
        warnings.append(f"no label for {_listed('video', unlabelled)}: the label fields stay empty")
    if idle:
        warnings.append(f"no video for {_listed('label', idle)}: not in the release")
    return tuple(warnings)


def _listed(noun: str, ids: list[str]) -> str:
    return f"{counted(len(ids), noun)} ({first_few(ids, len(ids), ', ')})"


def _players(videos: list[_Video]) -> tuple[dict[str, str], list[str]]:
    """The players' names by video id, and the videos whose rows have several."""
    found: dict[str, set[str]] = {}
    for video in videos:
        if video.player:
            found.setdefault(video.fields["video_id"], set()).add(video.player)
    names = {video_id: min(names) for video_id, names in sorted(found.items()) if len(names) == 1}
    return names, sorted(found.keys() - names.keys())


def _video(row: Row, header: Row, places: dict[str, int], player: int | None, faults: list[Fault]) -> _Video | None:
    """A row with its id and outcome in normal form; its faults are added to `faults`."""
    if fault := misfit(row, header):
        faults.append(fault)
        return None
    cells = {column: restored(plain(row.fields[place])) for column, place in places.items()}
    identifier = padded(cells["video_id"])
    outcome = _OUTCOMES.get(cells["win_or_lose"].casefold())
    if not is_video_id(identifier):
        wrong = f"video_id '{_quoted(identifier)}' is no id; use at most 64 letters, digits, '-' and '_'"
        faults.append(Fault(row.line, wrong))
    if outcome is None:
        faults.append(Fault(row.line, f"win_or_lose is '{_quoted(cells['win_or_lose'])}'; write Win or Lose"))
    if outcome is None or not is_video_id(identifier):
        return None
    name = abridged(restored(plain(row.fields[player]))) if player is not None else ""
    return _Video(row.line, {**cells, "video_id": identifier, "win_or_lose": outcome}, name)


def _unique(videos: list[_Video], faults: list[Fault]) -> dict[str, Label]:
    """One label a row; a second row of a video is a fault."""
    first: dict[str, _Video] = {}
    for video in videos:
        known = first.setdefault(video.fields["video_id"], video)
        if known is not video:
            wrong = f"video_id {video.fields['video_id']} is on line {known.line} too; keep one"
            faults.append(Fault(video.line, wrong))
    return {name: Label(**video.fields) for name, video in first.items()}


def _derived(videos: list[_Video], faults: list[Fault]) -> dict[str, Label]:
    """One label a video from rows that repeat it; rows that contradict the video's first are faults."""
    first: dict[str, _Video] = {}
    blamed: set[tuple[str, str]] = set()
    for video in videos:
        name = video.fields["video_id"]
        known = first.setdefault(name, video)
        for fact in _FACTS:
            if video.fields[fact] != known.fields[fact] and (name, fact) not in blamed:
                blamed.add((name, fact))
                values = f"'{_quoted(video.fields[fact])}', on line {known.line} '{_quoted(known.fields[fact])}'"
                faults.append(Fault(video.line, f"{fact} of video {name} is {values}; make them agree"))
    return {name: Label(**video.fields) for name, video in first.items()}


def _quoted(value: str) -> str:
    return abridged(shown(abridged(value)))
