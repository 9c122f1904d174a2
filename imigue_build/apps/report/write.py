"""Writing a report: into a new folder, which takes its place when it is complete."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from imigue_build.apps.report.gestures import Gesture, read_gestures
from imigue_build.apps.report.interview import InterviewView
from imigue_build.apps.report.overview import Overview
from imigue_build.apps.report.pages import Neighbours, failed_page, interview_page, overview_page
from imigue_build.apps.report.sound import read
from imigue_build.core.errors import MediaError, UsageError, abridged
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus import overrides
from imigue_build.corpus.discovery import discover
from imigue_build.corpus.overrides import Override
from imigue_build.release.reader import Interview, InterviewError, Release
from imigue_build.release.reader.ranking import Item, ranked
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
    corrections: Path | None = None,
    videos: Path | None = None,
    advance: Callable[[str, int], None] = lambda video_id, count: None,
) -> Written:
    """Writes the report of a release.

    Args:
        root: The release's folder.
        out: The report's folder; by default beside the release, by its name and `-report`.
        gestures: A folder with `gestures.jsonl`.
        only: Ids of the interviews wanted; all by default.
        link_audio: Pages play the release's own recordings instead of copies; then the report cannot be moved.
        corrections: A folder with a person's corrections so far: the pages keep them in the files that they write.
        videos: The folder of the videos, to which the pages link; then the report cannot be moved.
        advance: Called with the id of each interview before it is read, and with their number.

    Raises:
        UsageError: If it is no release, `out` may not be written or replaced, or an id is not known.
        ReleaseError: If the release's manifest or provenance cannot be read.
        AnnotationError: If the gestures or the corrections cannot be read.
        StoreError: If the report cannot be written.
    """
    release = Release.open(root)
    place = out if out is not None else root.resolve().with_name(f"{root.resolve().name}-report")
    given = {"--gestures": gestures, "--overrides": corrections, "--videos": videos}
    output = OutputDirectory(place, "report", {"RELEASE": root} | {name: path for name, path in given.items() if path})
    output.check()
    wanted = _wanted(release, only)
    beside = Beside(
        ranked(release, wanted, {}),  # what cannot be read gets a page that says so
        read_gestures(gestures, wanted) if gestures else {},
        _corrections(corrections, wanted),
        _videos(videos),
    )
    with output.writing() as new:
        overview = _Pages(release, new, place, beside, link_audio).write(wanted, advance)
        queue = [item for item in beside.queue if item.video_id in overview.texts]
        address, name = _address(root, place), root.resolve().name
        (new / _INDEX).write_bytes(overview_page(release.provenance, overview, name, address, queue))
    return Written(place / _INDEX, tuple(sorted(line.video_id for line in overview.lines)), overview.failed)


class Beside(NamedTuple):
    """What the pages show beside the release itself: what to check, worst first, and the rest by interview."""

    queue: Sequence[Item]
    gestures: Mapping[str, Sequence[Gesture]]
    corrections: Mapping[str, Override]
    videos: Mapping[str, Path]


class _Pages:
    """Writes the interviews' pages into the folder `new`, which will be at `place`."""

    def __init__(self, release: Release, new: Path, place: Path, beside: Beside, link_audio: bool) -> None:
        self._release, self._beside, self._link_audio = release, beside, link_audio
        self._folder = new / _PAGES
        self._place = place.resolve() / _PAGES
        make_folder(self._folder)

    def write(self, wanted: Sequence[str], advance: Callable[[str, int], None]) -> Overview:
        """The pages of the interviews `wanted`; an interview that cannot be read gets a page that says why."""
        overview = Overview()
        for before, video_id, after in zip(["", *wanted], wanted, [*wanted[1:], ""], strict=False):
            advance(video_id, len(wanted))
            try:
                view = self._view(self._release.interview(video_id))
                page = interview_page(view, self._neighbours(view.interview, before, after))
            except (MediaError, InterviewError) as error:
                overview.failed[video_id] = str(error)
                (self._folder / f"{video_id}.wav").unlink(missing_ok=True)
                page = failed_page(video_id, str(error))
            else:
                overview.add(view)
            (self._folder / f"{video_id}.html").write_bytes(page)
        return overview

    def _view(self, interview: Interview) -> InterviewView:
        copy = None if self._link_audio else self._folder / f"{interview.video_id}.wav"
        sound = read(interview.file("wav"), copy)
        video_id = interview.video_id
        corrections = self._beside.corrections.get(video_id)
        items = [item for item in self._beside.queue if item.video_id == video_id]
        return InterviewView(interview, sound, self._beside.gestures.get(video_id, ()), corrections, items)

    def _neighbours(self, interview: Interview, before: str, after: str) -> Neighbours:
        video_id = interview.video_id
        video = self._beside.videos.get(video_id)
        return Neighbours(
            sound=_address(interview.file("wav"), self._place) if self._link_audio else f"{video_id}.wav",
            video=_address(video, self._place) if video else "",
            release=_address(self._release.root, self._place),
            before=before,
            after=after,
        )


def _address(path: Path, place: Path) -> str:
    """A path as seen from a page in the folder `place`."""
    return quote(Path(os.path.relpath(path.resolve(), place.resolve())).as_posix())


def _is_film(path: Path) -> bool:
    return not (mimetypes.guess_type(path.name)[0] or "").startswith("audio/")


def _videos(folder: Path | None) -> dict[str, Path]:
    return {video.video_id: video.path for video in discover(folder).videos if _is_film(video.path)} if folder else {}


def _corrections(folder: Path | None, wanted: Sequence[str]) -> dict[str, Override]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise UsageError(f"--overrides {shown(folder)} is not a folder", "name the folder of the corrections")
    paths = ((video_id, overrides.find(folder, video_id)) for video_id in wanted)
    return {video_id: overrides.read(path) for video_id, path in paths if path}


def _wanted(release: Release, only: Collection[str]) -> list[str]:
    unknown = sorted(set(only) - set(release.ids))
    if unknown:
        what = f"--only {abridged(', '.join(unknown))}: not in {shown(release.root)}"
        raise UsageError(what, "its interviews are the folders in it")
    return [video_id for video_id in release.ids if not only or video_id in only]
