"""Common parts of the rules: faults, their collection, and safe access to the files of a release.

The release is not trusted: only regular files below its root are opened, links are never followed, and everything
that cannot be read becomes a fault.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from imigue_build.core.untrusted.files import open_regular
from imigue_build.release.schema.layout import InterviewFiles, interview_files

MAX_MESSAGES: Final = 50
"""Faults reported per rule and file; the others are counted."""
MAX_SECONDS: Final = 10_000_000.0
"""No recording is longer: a later time is a damaged number."""
MAX_BYTES: Final = (1 << 32) + 4096
"""Size of the largest file: no WAV can be larger."""
MAX_TEXT_BYTES: Final = 1 << 28
"""Size of the largest text file that is read into memory, and of the longest row."""
UNDECODABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""Exceptions when a damaged JSON document is decoded."""

_ONCE = ("file-missing", "file-kind", "file-unreadable")
_TIME = re.compile(r"(\d{1,7})(?:\.(\d{1,3})0*)?", re.ASCII)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Fault(msgspec.Struct, frozen=True, order=True):
    """A breach of a rule: the file (relative to the release), the rule's name, what is wrong."""

    path: str
    rule: str
    message: str


class Faults:
    """Collects faults, at most `MAX_MESSAGES` per rule and file."""

    def __init__(self) -> None:
        self._messages: dict[tuple[str, str], list[str]] = {}
        self._count: dict[tuple[str, str], int] = {}

    def add(self, path: str, rule: str, message: str) -> None:
        messages = self._messages.setdefault((path, rule), [])
        self._count[path, rule] = self._count.get((path, rule), 0) + 1
        if len(messages) < MAX_MESSAGES:
            messages.append(message)

    def add_once(self, path: str, rule: str, message: str) -> None:
        """Like `add`, unless the file has a fault of this rule already."""
        if (path, rule) not in self._messages:
            self.add(path, rule, message)

    def absorb(self, other: Faults) -> None:
        for (path, rule), messages in other._messages.items():
            if rule in _ONCE and (path, rule) in self._messages:
                continue
            own = self._messages.setdefault((path, rule), [])
            own.extend(messages[: MAX_MESSAGES - len(own)])
            self._count[path, rule] = self._count.get((path, rule), 0) + other._count[path, rule]

    def listed(self) -> list[Fault]:
        """All faults by path and rule, in the order in which they were found."""
        faults = []
        for (path, rule), messages in sorted(self._messages.items()):
            faults += [Fault(path, rule, message) for message in messages]
            if (more := self._count[path, rule] - len(messages)) > 0:
                faults.append(Fault(path, rule, f"and {more} more"))
        return faults


class Tree(NamedTuple):
    """The content of a release: paths relative to its root, with forward slashes."""

    root: Path
    files: frozenset[str]
    folders: frozenset[str]
    links: frozenset[str]
    others: frozenset[str]

    def has_file(self, path: str, faults: Faults) -> bool:
        """Whether there is a regular file at `path`; adds a fault if not."""
        if path in self.files:
            return True
        if path in self.folders or path in self.others:
            faults.add_once(path, "file-kind", "it must be a regular file")
        elif path not in self.links:
            faults.add_once(path, "file-missing", "it is missing")
        return False

    def read_bytes(self, path: str, faults: Faults) -> bytes | None:
        if not self.has_file(path, faults):
            return None
        try:
            with open_regular(self.root / path) as file:
                data = file.read(MAX_TEXT_BYTES + 1)
            if len(data) > MAX_TEXT_BYTES:
                raise OSError(errno.EFBIG, "it is larger than any text file of a release")
            return data
        except OSError as error:
            unreadable(path, error, faults)
            return None

    def read_text(self, path: str, faults: Faults) -> str | None:
        """The content of a text file, with repaired line ends; None if it cannot be read. Adds faults of its format."""
        data = self.read_bytes(path, faults)
        if data is None:
            return None
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            faults.add(path, "text-utf8", f"byte {error.start} is not UTF-8")
            return None
        if text.startswith("\ufeff"):
            faults.add(path, "text-bom", "it begins with a byte order mark")
            text = text[1:]
        if "\r" in text:
            faults.add(path, "text-newlines", "it has a carriage return; lines must end in a line feed")
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if text and not text.endswith("\n"):
            faults.add(path, "text-final-newline", "its last line does not end")
            text += "\n"
        return text

    def read_lines(self, path: str, faults: Faults) -> list[str] | None:
        """The lines of a text file without their line feeds."""
        text = self.read_text(path, faults)
        return None if text is None else text.split("\n")[:-1]


def unreadable(path: str, error: OSError, faults: Faults) -> None:
    faults.add_once(path, "file-unreadable", f"it cannot be read: {(error.strerror or str(error)).lower()}")


def scan(root: Path) -> Tree:
    """Lists everything below `root`. Links are listed and not followed.

    Raises:
        OSError: If `root` cannot be listed.
    """
    paths: dict[str, set[str]] = {"files": set(), "folders": set(), "links": set(), "others": set()}
    pending = [(root, "")]
    while pending:
        folder, prefix = pending.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            if folder == root:
                raise
            paths["others"].add(prefix.rstrip("/"))
            continue
        for entry in entries:
            path = prefix + os.fsencode(entry.name).decode("utf-8", "backslashreplace")
            kind = _kind(entry)
            paths[kind].add(path)
            if kind == "folders":
                pending.append((Path(entry.path), path + "/"))
    return Tree(root, *(frozenset(paths[kind]) for kind in ("files", "folders", "links", "others")))


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError:
        return "others"
    if stat.S_ISLNK(mode):
        return "links"
    if stat.S_ISDIR(mode):
        return "folders"
    return "files" if stat.S_ISREG(mode) else "others"


class Settings(NamedTuple):
    """How an interview was segmented, by `provenance.json`; the documented defaults if it does not say.

    `max_segment` is in milliseconds; `athlete_by_time` is false if the roles came from another rule or a person.
    `longest` is the speaker who is said to speak longest, where the roles came from names.
    """

    max_segment: int
    clip_overlap: bool
    athlete_by_time: bool
    longest: str | None = None


class Interview(NamedTuple):
    """An interview that is being checked; its faults are added to `faults`."""

    video_id: str
    tree: Tree
    faults: Faults
    settings: Settings

    @property
    def files(self) -> InterviewFiles:
        """The paths of its files, relative to the release."""
        return InterviewFiles(*(f"{self.video_id}/{name}" for name in interview_files(self.video_id)))


def control_in(text: str) -> str:
    """The first character that commands a terminal or that XML does not have, as in `'\\x1b'`; empty without one."""
    found = _CONTROLS.search(text)
    return ascii(found[0]) if found else ""


def whole_ms(seconds: float) -> int | None:
    """Seconds as integer milliseconds; None if they are not whole, negative or implausible."""
    if not 0 <= seconds <= MAX_SECONDS:
        return None
    ms = round(seconds * 1000)
    return ms if abs(seconds * 1000 - ms) < 1e-4 else None


def printed_ms(text: str) -> int | None:
    """A printed time as integer milliseconds; None if it is not a plain number with at most 3 decimals."""
    match = _TIME.fullmatch(text)
    return int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0")) if match else None


def seconds(ms: int) -> str:
    """Milliseconds as seconds with 3 decimals."""
    return f"{ms / 1000:.3f}"


def shown(text: str, max_length: int = 60) -> str:
    """A part of a file as quoted in messages: on one line, not too long."""
    quoted = ascii(text) if not text.isprintable() else f"'{text}'"
    return quoted if len(quoted) <= max_length else quoted[: max_length - 3] + "..."
