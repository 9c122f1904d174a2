"""Finding the videos of a corpus and giving each its id.

The id of a video is its file name without the suffix; an id of digits alone is padded to four,
as the corpus writes it (`440.mp4` is `0440`). What cannot be taken is a problem of that file and
stops no other.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import UsageError
from imigue_build.core.untrusted.files import kind_of, shown, written_bytes

MEDIA_SUFFIXES: Final = frozenset(
    f".{suffix}"
    for suffix in (
        *("3g2", "3gp", "asf", "avi", "dv", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf"),
        *("ogv", "qt", "rm", "ts", "vob", "webm", "wmv"),
        *("aac", "ac3", "aif", "aiff", "amr", "au", "caf", "flac", "m4a", "m4b", "mka", "mp2", "mp3", "oga", "ogg"),
        *("opus", "w64", "wav", "wma", "wv"),
    )
)
"""Suffixes of the files that a folder is searched for; ffmpeg decides by content what they are."""

_LARGE: Final = 1 << 28
"""Bytes of a file from which on it is checked for holes."""

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DIGITS: Final = re.compile(r"[0-9]+")
_TAKEN: Final = {"staging", "leases", "checked"}
_ID_REMEDY: Final = "rename it to at most 64 letters, digits, '-' and '_' that begin with a letter or digit"


class Video(NamedTuple):
    """One recording to work on."""

    video_id: str
    path: Path


class Problem(NamedTuple):
    """Why one file (or folder) of the corpus is not taken, and what to do about it.

    `name` is the id that the file has, or its path below the folder where it has none of its own.
    """

    name: str
    path: Path
    what: str
    remedy: str

    @property
    def message(self) -> str:
        return f"{self.what}: {self.remedy}"


class Corpus(NamedTuple):
    """The videos sorted by id, and the problems sorted by path."""

    videos: tuple[Video, ...]
    problems: tuple[Problem, ...]


def padded(stem: str) -> str:
    """The id of a file's stem (or a label file's cell): digits alone are padded to four."""
    return stem.zfill(4) if _DIGITS.fullmatch(stem) else stem


def is_video_id(text: str) -> bool:
    """Whether `text` is an id that may name folders and files, as those of WORK's own do not."""
    return _ID.fullmatch(text) is not None and text.casefold() not in _TAKEN


def discover(videos: Path) -> Corpus:
    """The videos at `videos`: a folder, searched recursively by suffix, or one file of any suffix.

    Hidden files and folders are passed over, linked folders inside the folder as well (their
    files are found where they are). No content is read here.

    Raises:
        UsageError: If there is no such folder or file, or no media in it.
    """
    try:
        mode = videos.stat().st_mode
    except OSError as error:
        raise UsageError(
            f"no videos at {shown(videos)} ({error.strerror})", "name an existing folder or file"
        ) from None
    folder = stat.S_ISDIR(mode)
    if not folder and (kind := kind_of(mode)):
        raise UsageError(f"{shown(videos)} is {kind}", "name a folder or a video file")
    if not os.access(videos, os.R_OK | os.X_OK if folder else os.R_OK):
        raise UsageError(f"{shown(videos)} cannot be read", "check its permissions")
    if not folder and (hollow := _hollow(videos)):
        raise UsageError(f"{shown(videos)} {hollow[0]}", hollow[1])
    search = _Search(videos if folder else videos.parent)
    media = search.media() if folder else [videos]
    return search.corpus(media)


class _Search:
    """A search through a folder, and what it found that cannot be taken: path -> (what, remedy)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = folder.resolve()
        self._refused: dict[Path, tuple[str, str]] = {}

    def media(self) -> list[Path]:
        """The media files that can be taken.

        Raises:
            UsageError: If the folder holds no file with one of `MEDIA_SUFFIXES`.
        """
        media: list[Path] = []
        others: Counter[str] = Counter()
        for path in self._walk():
            if path.suffix.lower() not in MEDIA_SUFFIXES:
                others[path.suffix.lower() or "without suffix"] += 1
            elif not self._refuse(path):
                media.append(path)
        if not media and not self._refused:
            raise UsageError(
                f"no audio or video file in {shown(self._folder)} ({_seen(others)})",
                f"name the folder that holds the recordings; searched for {' '.join(sorted(MEDIA_SUFFIXES))}",
            )
        return media

    def corpus(self, media: list[Path]) -> Corpus:
        """The media files by id, and the problems.

        Ids that differ in case alone count as one: their folders would be one on some file systems.
        """
        by_id: dict[str, list[Video]] = defaultdict(list)
        for path in media:
            name = padded(path.stem)
            if is_video_id(name):
                by_id[name.casefold()].append(Video(name, path))
            else:
                self._refused[path] = (f"{self._below(path)}: '{shown(name)}' cannot be an id", _ID_REMEDY)
        for same in (videos for videos in by_id.values() if len(videos) > 1):
            paths = " and ".join(self._below(video.path) for video in same)
            for video in same:
                what = f"{paths} have one id, {video.video_id}"
                self._refused[video.path] = (what, "rename all but one, or move them away")
        videos = tuple(sorted(same[0] for same in by_id.values() if len(same) == 1))
        taken = {video.video_id for video in videos}
        problems = (Problem(self._name(path, taken), path, *why) for path, why in sorted(self._refused.items()))
        return Corpus(videos, tuple(problems))

    def _walk(self) -> Iterator[Path]:
        """Every file that is not hidden; folders that cannot be entered are refused."""

        def unreadable(error: OSError) -> None:
            path = Path(os.fsdecode(error.filename))
            self._refused[path] = (f"{self._below(path)} cannot be read", "check its permissions")

        for parent, folders, names in os.walk(self._folder, onerror=unreadable):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for path in (Path(parent, name) for name in folders):
                if path.is_symlink() and self._leads_outside(path):
                    self._refuse(path)
            yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))

    def _refuse(self, path: Path) -> bool:
        """Whether something keeps `path` from being taken; if so, what and why is kept."""
        if why := self._obstacle(path):
            self._refused[path] = (f"{self._below(path)} {why[0]}", why[1])
        return why is not None

    def _obstacle(self, path: Path) -> tuple[str, str] | None:
        try:
            found = path.lstat()
            linked = stat.S_ISLNK(found.st_mode)
            found = path.stat() if linked else found
        except OSError:
            if path.is_symlink():
                return "is a link that leads nowhere", "mend it or remove it"
            return "cannot be read", "check its permissions"
        if linked and self._leads_outside(path):  # nothing else in a folder that was walked into can
            remedy = "copy or hard-link what it leads to into the folder"
            return f"is a link that leads out of {shown(self._folder)}", remedy
        if kind := kind_of(found.st_mode):
            return f"is {kind}", "move it out of the folder"
        if not os.access(path, os.R_OK):
            return "cannot be read", "check its permissions"
        return _hollow(path) if found.st_size > _LARGE else None

    def _leads_outside(self, path: Path) -> bool:
        return not path.resolve().is_relative_to(self._root)

    def _below(self, path: Path) -> str:
        return shown(path.relative_to(self._folder)) if path.is_relative_to(self._folder) else shown(path)

    def _name(self, path: Path, taken: set[str]) -> str:
        name = padded(path.stem)
        own = path.suffix.lower() in MEDIA_SUFFIXES and is_video_id(name) and name not in taken
        return name if own else self._below(path)


def _hollow(path: Path) -> tuple[str, str] | None:
    """What is wrong with a large file most of which was never written, and the remedy; it would be hashed for hours."""
    try:
        size = path.stat().st_size
        written = written_bytes(path) if size > _LARGE else size
    except OSError as error:
        return f"cannot be read ({error.strerror})", "check the file"
    if written >= size / 2:
        return None
    return f"is incomplete: {written / 1e9:.1f} of its {size / 1e9:.1f} GB were written", "download or copy it again"


def _seen(others: Counter[str]) -> str:
    if not others:
        return "it is empty"
    kinds = ", ".join(f"{count} {shown(suffix)}" for suffix, count in others.most_common(5))
    return f"files seen: {kinds}{', ...' if len(others) > 5 else ''}"
