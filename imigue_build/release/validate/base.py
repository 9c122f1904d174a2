"""What every rule needs: the fault, its collector, and a view of a folder that may be damaged.

Nothing here trusts the release: only plain files below its root are opened, links are never
followed, and whatever cannot be read becomes a fault.
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

LIMIT: Final = 50
"""Most faults told of one rule in one file; the rest is counted."""
LONGEST: Final = 10_000_000.0
"""No recording lasts so many seconds: a later time is a damaged number."""
LARGEST: Final = (1 << 32) + 4096
"""Bytes of the largest file: no WAV can be larger."""
LARGEST_TEXT: Final = 1 << 28
"""Bytes of the largest text that is held in memory, and of the longest row."""
UNDECODABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding a damaged JSON document raises."""

_ONCE = ("file-missing", "file-kind", "file-unreadable")
_TIME = re.compile(r"(\d{1,7})(?:\.(\d{1,3})0*)?", re.ASCII)


class Fault(msgspec.Struct, frozen=True, order=True):
    """One breach of one rule: the file (relative to the release), the rule's name, what is wrong."""

    path: str
    rule: str
    message: str


class Faults:
    """Collects faults, at most `LIMIT` of one rule in one file."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], list[str]] = {}
        self._count: dict[tuple[str, str], int] = {}

    def add(self, path: str, rule: str, message: str) -> None:
        told = self._told.setdefault((path, rule), [])
        self._count[path, rule] = self._count.get((path, rule), 0) + 1
        if len(told) < LIMIT:
            told.append(message)

    def add_once(self, path: str, rule: str, message: str) -> None:
        """As `add`, unless the rule was already told of that file."""
        if (path, rule) not in self._told:
            self.add(path, rule, message)

    def absorb(self, other: Faults) -> None:
        for (path, rule), messages in other._told.items():
            if rule in _ONCE and (path, rule) in self._told:
                continue
            told = self._told.setdefault((path, rule), [])
            told.extend(messages[: LIMIT - len(told)])
            self._count[path, rule] = self._count.get((path, rule), 0) + other._count[path, rule]

    def listed(self) -> list[Fault]:
        """All of them, by path and rule, in the order found."""
        faults = []
        for (path, rule), told in sorted(self._told.items()):
            faults += [Fault(path, rule, message) for message in told]
            if (more := self._count[path, rule] - len(told)) > 0:
                faults.append(Fault(path, rule, f"and {more} more"))
        return faults


class Tree(NamedTuple):
    """What lies in a release: paths relative to its root, with forward slashes."""

    root: Path
    files: frozenset[str]
    folders: frozenset[str]
    links: frozenset[str]
    others: frozenset[str]

    def has_file(self, path: str, faults: Faults) -> bool:
        """Whether a plain file lies at `path`; a fault where it does not."""
        if path in self.files:
            return True
        if path in self.folders or path in self.others:
            faults.add_once(path, "file-kind", "a plain file belongs here")
        elif path not in self.links:
            faults.add_once(path, "file-missing", "it is not there")
        return False

    def read_bytes(self, path: str, faults: Faults) -> bytes | None:
        if not self.has_file(path, faults):
            return None
        try:
            with open_regular(self.root / path) as file:
                data = file.read(LARGEST_TEXT + 1)
            if len(data) > LARGEST_TEXT:
                raise OSError(errno.EFBIG, "it is larger than any text of a release")
            return data
        except OSError as error:
            unreadable(path, error, faults)
            return None

    def read_text(self, path: str, faults: Faults) -> str | None:
        """A text file's content as if it had no fault of form; None where it cannot be read at all."""
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
            faults.add(path, "text-newlines", "it has a carriage return; lines end in a line feed alone")
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if text and not text.endswith("\n"):
            faults.add(path, "text-final-newline", "its last line does not end")
            text += "\n"
        return text

    def read_lines(self, path: str, faults: Faults) -> list[str] | None:
        """A text file's lines without their ends; only a line feed ends a line."""
        text = self.read_text(path, faults)
        return None if text is None else text.split("\n")[:-1]


def unreadable(path: str, error: OSError, faults: Faults) -> None:
    faults.add_once(path, "file-unreadable", f"it cannot be read: {(error.strerror or str(error)).lower()}")


def scan(root: Path) -> Tree:
    """Everything below `root`. Links are listed and not followed.

    Raises:
        OSError: If `root` itself cannot be listed.
    """
    found: dict[str, set[str]] = {"files": set(), "folders": set(), "links": set(), "others": set()}
    waiting = [(root, "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            if folder == root:
                raise
            found["others"].add(prefix.rstrip("/"))
            continue
        for entry in entries:
            path = prefix + os.fsencode(entry.name).decode("utf-8", "backslashreplace")
            kind = _kind(entry)
            found[kind].add(path)
            if kind == "folders":
                waiting.append((Path(entry.path), path + "/"))
    return Tree(root, *(frozenset(found[kind]) for kind in ("files", "folders", "links", "others")))


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
    """How an interview was cut, as `provenance.json` says; the documented values where it says nothing.

    `max_segment` is in milliseconds; `athlete_by_time` is false where its roles came from another
    rule or from a person.
    """

    max_segment: int
    clip_overlap: bool
    athlete_by_time: bool


class Interview(NamedTuple):
    """One interview under examination: its faults go to `faults`."""

    video_id: str
    tree: Tree
    faults: Faults
    settings: Settings

    @property
    def files(self) -> InterviewFiles:
        """Paths of its files, relative to the release."""
        return InterviewFiles(*(f"{self.video_id}/{name}" for name in interview_files(self.video_id)))


def whole_ms(seconds: float) -> int | None:
    """Seconds as integer milliseconds; None where they are not whole, negative or absurd."""
    if not 0 <= seconds <= LONGEST:
        return None
    ms = round(seconds * 1000)
    return ms if abs(seconds * 1000 - ms) < 1e-4 else None


def printed_ms(text: str) -> int | None:
    """A printed time as integer milliseconds; None where it is no plain number of at most 3 decimals."""
    match = _TIME.fullmatch(text)
    return int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0")) if match else None


def seconds(ms: int) -> str:
    """Milliseconds as people read them."""
    return f"{ms / 1000:.3f}"


def shown(text: str, longest: int = 60) -> str:
    """A piece of a file for a message: on one line, not too long."""
    quoted = ascii(text) if not text.isprintable() else f"'{text}'"
    return quoted if len(quoted) <= longest else quoted[: longest - 3] + "..."
