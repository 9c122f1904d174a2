"""From a release and gesture labels to a folder that holds both on one clock."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from imigue_build.apps.gestures import cospeech, folder
from imigue_build.apps.gestures.clock import time_gestures
from imigue_build.apps.gestures.labels import GestureLabels, Problem, Row, read_gestures
from imigue_build.apps.gestures.pairing import line, pair
from imigue_build.apps.gestures.praat import with_gestures
from imigue_build.apps.gestures.speech import Speech, speech
from imigue_build.apps.gestures.statistics import Video, count_gestures, statistics, table
from imigue_build.apps.gestures.timeline import Timeline
from imigue_build.core import extras
from imigue_build.core.errors import first_few
from imigue_build.core.plurals import counted
from imigue_build.core.untrusted.formula_cells import shielded
from imigue_build.release.reader import InterviewError, Release
from imigue_build.release.schema import textgrid
from imigue_build.store import system
from imigue_build.store.output_directory import OutputDirectory


class Built(NamedTuple):
    """What came of it.

    Attributes:
        gestures: Rows of the labels, those with problems included.
        paired: Those that are in `gestures.jsonl`.
        interviews: Of the release; `labelled` of them have gestures.
    """

    gestures: int
    paired: int
    interviews: int
    labelled: int
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    statistics: dict[str, Any]


def build(
    release: Path, labels: Path, out: Path, seed: int = 0, report: Callable[[int, int], None] = lambda done, of: None
) -> Built:
    """Pairs the gestures in `labels` with the speech of `release` and writes the folder `out`, whole or not at all.

    Raises:
        UsageError: If there is no release, there are no labels, something at `out` would be lost, or the extra
            `tables` is missing.
        ReleaseError: If the release cannot be read.
        StoreError: If the disk fails.
    """
    extras.require("tables", "gestures")
    source = Release.open(release)
    made = OutputDirectory(out, "gestures", {"RELEASE": release, "--labels": labels})
    made.check()
    given = read_gestures(labels)
    with made.writing() as new:
        return _Work(new, source, given, seed).run(report)


class _Work:
    """One run: what is gathered over the interviews."""

    def __init__(self, new: Path, source: Release, given: GestureLabels, seed: int) -> None:
        self.new = new
        self._source, self._given, self._seed = source, given, seed
        self._problems = list(given.problems)
        self._warnings = list(given.warnings)
        self._videos: list[Video] = []
        self._clocks: dict[str, dict[str, Any]] = {}
        released = {name: label.win_or_lose for name, label in source.labels.items() if label.win_or_lose}
        self._outcomes = self._agreed(released)

    def run(self, report: Callable[[int, int], None]) -> Built:
        with open(self.new / folder.GESTURES, "wb") as lines, Timeline(self.new) as timeline:
            for done, interview in enumerate(self._source.interviews(), 1):
                video_id = interview.video_id
                try:
                    spoken = speech(interview)
                except InterviewError as error:
                    self._problems.append(Problem(video_id, 0, f"interview left out: {error}", video_id))
                else:
                    self._interview(spoken, lines, timeline)
                report(done, len(self._source.ids))
        self._unknown()
        problems = sorted(self._problems, key=lambda one: (one.file, one.line))
        found = self._finish(problems)
        labelled, paired = sum(video.total > 0 for video in self._videos), sum(video.total for video in self._videos)
        unlabelled = [video.video_id for video in self._videos if not video.total]
        if unlabelled:
            names = first_few(unlabelled, len(unlabelled), ", ")
            self._warnings.append(f"not labelled, and in no rate: {counted(len(unlabelled), 'interview')} ({names})")
        total = len(self._source.ids)
        return Built(self._given.total, paired, total, labelled, tuple(problems), tuple(self._warnings), found)

    def _interview(self, spoken: Speech, lines: io.BufferedWriter, timeline: Timeline) -> None:
        rows: Sequence[Row] = self._given.rows.get(spoken.video_id, ())
        timed = time_gestures(rows, spoken.duration)
        self._problems += timed.problems
        paired = pair(timed.gestures, spoken)
        lines.writelines(map(line, paired))
        timeline.add(spoken, timed.gestures)
        system.mkdir(self.new / spoken.video_id)
        textgrid.write(self.new / folder.grid(spoken.video_id), with_gestures(spoken.grid, timed.gestures))
        subject = self._given.subjects.get(spoken.video_id, f"video {spoken.video_id}")
        self._videos.append(count_gestures(spoken, paired, self._outcomes.get(spoken.video_id, ""), subject))
        speaking = [span for span, state in spoken.states if state == "speaking"]
        shift = cospeech.estimate(timed.gestures, speaking, spoken.duration, self._seed)
        clock = {**timed.clock, **({"labels_late": shift._asdict()} if shift else {})}
        if clock:
            self._clocks[spoken.video_id] = clock

    def _agreed(self, released: dict[str, str]) -> dict[str, str]:
        """The outcomes: the release's, and where it says nothing, the labels'."""
        given = self._given.outcomes
        if odd := sorted(name for name in released.keys() & given.keys() if released[name] != given[name]):
            names = first_few(odd, len(odd), ", ")
            self._warnings.append(f"the labels' outcome of {names} is not the release's, which counts")
        return {**given, **released}

    def _unknown(self) -> None:
        """Videos that are not in the release: each is reported once, at its first row."""
        for video_id in self._given.rows.keys() - set(self._source.ids):
            rows = self._given.rows[video_id]
            more = f", nor have {len(rows) - 1} more of its gestures a place" if len(rows) > 1 else ""
            self._problems.append(rows[0].problem(f"unknown video: {video_id} is not in the release{more}"))

    def _finish(self, problems: Sequence[Problem]) -> dict[str, Any]:
        """The statistics; they and the tables are written."""
        found = {"format": folder.FORMAT, **statistics(self._videos, self._seed), "clock": self._clocks}
        rows = ((problem.row, problem.video_id, problem.message) for problem in problems)
        files = {
            folder.TABLE: _csv(table(found)),
            folder.PROBLEMS: _csv([("row", "video_id", "message"), *rows]),
            folder.STATISTICS: msgspec.json.format(msgspec.json.encode(found), indent=1).decode() + "\n",
        }
        for name, text in files.items():
            system.write(self.new / name, [text.encode()])
        return found


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(
        [shielded(item) if isinstance(item, str) else "" if item is None else item for item in row] for row in rows
    )
    return text.getvalue()
