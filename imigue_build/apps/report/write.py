"""Writing a report: beside its place first, and into it when it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from imigue_build.apps.report.gestures import Gesture, read_gestures
from imigue_build.apps.report.interview import Interview, interview
from imigue_build.apps.report.overview import Overview
from imigue_build.apps.report.pages import failed_page, interview_page, overview_page
from imigue_build.apps.report.read import Release, Row, ids, interviews, open_release, turns
from imigue_build.apps.report.sound import read
from imigue_build.core.errors import AnnotationError, MediaError, ReleaseError, UsageError, abridged
from imigue_build.core.untrusted.files import shown
from imigue_build.release import reader
from imigue_build.release.reader import InterviewError
from imigue_build.release.schema.layout import interview_files
from imigue_build.store.disk import make_folder
from imigue_build.store.output_directory import OutputDirectory

_INDEX: Final = "index.html"
_PAGES: Final = "interviews"


class Written(NamedTuple):
    """A report that was written: its first page, its interviews, and why others have no page."""

    page: Path
    interviews: tuple[str, ...]
    failed: dict[str, str]


def write_report(
    root: Path,
    out: Path | None = None,
    gestures: Path | None = None,
    only: Collection[str] = (),
    link_audio: bool = False,
    advance: Callable[[str, int], None] = lambda video_id, count: None,
) -> Written:
    """Writes the report of a release.

    Args:
        root: The release's folder.
        out: The report's folder; by default beside the release, by its name and `-report`.
        gestures: A folder with `gestures.jsonl`.
        only: Ids of the interviews wanted; all by default.
        link_audio: Pages play the release's own recordings instead of copies; then the folders stay where they are.
        advance: Is told each interview before it is read, and how many there are.

    Raises:
        UsageError: If it is no release, `out` may not be written or replaced, or an id is not known.
        ReleaseError: If the release's manifest or provenance cannot be read.
        AnnotationError: If the gestures cannot be read.
        StoreError: If the report cannot be written.
    """
    release = open_release(root)
    place = out if out is not None else root.resolve().with_name(f"{root.resolve().name}-report")
    made = OutputDirectory(place, "report", {"RELEASE": root} | ({"--gestures": gestures} if gestures else {}))
    made.check()
    wanted = _wanted(release, only)
    found = read_gestures(gestures, wanted) if gestures else {}
    doubts = dict(_doubts(root))
    with made.writing() as new:
        overview = _Pages(release, new, place, found, doubts, link_audio).write(wanted, advance)
        (new / _INDEX).write_bytes(overview_page(release, overview, root.resolve().name))
    return Written(place / _INDEX, tuple(sorted(line.video_id for line in overview.lines)), overview.failed)


def _doubts(root: Path) -> Iterator[tuple[str, str]]:
    """By interview why a person should check it."""
    for found in reader.Release.open(root).interviews():
        try:
            reasons = found.doubts
        except InterviewError:
            continue  # its page says what is wrong
        if reasons:
            yield found.video_id, "; ".join(reasons)


class _Pages:
    """Writes the interviews' pages into the folder `new`, which will be at `place`."""

    def __init__(
        self,
        release: Release,
        new: Path,
        place: Path,
        gestures: dict[str, list[Gesture]],
        doubts: dict[str, str],
        link_audio: bool,
    ) -> None:
        self._release, self._gestures, self._doubts, self._link_audio = release, gestures, doubts, link_audio
        self._folder = new / _PAGES
        self._place = place.resolve() / _PAGES
        make_folder(self._folder)

    def write(self, wanted: Sequence[str], advance: Callable[[str, int], None]) -> Overview:
        """The pages of the interviews `wanted`; what cannot be read fails alone."""
        overview = Overview()
        neighbours = dict(zip(wanted, zip(["", *wanted], [*wanted[1:], ""], strict=False), strict=True))
        for video_id, rows in interviews(self._release):
            if video_id not in neighbours:
                continue
            advance(video_id, len(wanted))
            try:
                one = self._interview(video_id, rows)
            except (MediaError, AnnotationError) as error:
                overview.failed[video_id] = str(error)
                (self._folder / f"{video_id}.wav").unlink(missing_ok=True)
                page = failed_page(video_id, str(error))
            else:
                overview.add(one)
                page = interview_page(one, self._address(video_id), *neighbours[video_id])
            (self._folder / f"{video_id}.html").write_bytes(page)
        return overview

    def _interview(self, video_id: str, rows: Sequence[Row]) -> Interview:
        release = self._release
        sound = read(self._wav(video_id), None if self._link_audio else self._folder / f"{video_id}.wav")
        return interview(
            video_id,
            rows,
            turns(release, video_id),
            sound,
            release.labels.get(video_id),
            self._gestures.get(video_id, ()),
            release.dropped.get(video_id, ()),
            self._doubts.get(video_id, ""),
        )

    def _wav(self, video_id: str) -> Path:
        return self._release.root / video_id / interview_files(video_id).wav

    def _address(self, video_id: str) -> str:
        if not self._link_audio:
            return f"{video_id}.wav"
        return quote(Path(os.path.relpath(self._wav(video_id).resolve(), self._place)).as_posix())


def _wanted(release: Release, only: Collection[str]) -> list[str]:
    known = ids(release)
    unknown = sorted(set(only) - set(known))
    if unknown:
        what = f"--only {abridged(', '.join(unknown))}: not in {shown(release.root)}"
        raise UsageError(what, "its interviews are the folders in it")
    found = [video_id for video_id in known if not only or video_id in only]
    if not found:
        raise ReleaseError(f"{shown(release.root)} holds no interview", "build the release again")
    return found
