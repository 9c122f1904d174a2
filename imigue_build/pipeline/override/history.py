"""What the files of corrections were before each command, so that the last one can be taken back."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from imigue_build.core.errors import AnnotationError, UsageError
from imigue_build.core.untrusted.files import Kind, read_bytes
from imigue_build.store.disk import write_atomically

FOLDER: Final = ".before"
"""In the folder of corrections; runs pass over it, as over every name that begins with a dot."""
_MOST: Final = 50
_FILE: Final = Kind("earlier corrections", AnnotationError, "remove the file")


class _Before(msgspec.Struct, frozen=True):
    """The SHA-256 of a file after a command, and its text before it; empty where there was none."""

    after: str
    before: str


def remember(folder: Path, video_id: str, before: str, after: str) -> None:
    """Notes what a command has changed.

    Raises:
        OSError: If it cannot be written.
    """
    kept = [*_read(folder, video_id), _Before(_digest(after), before)][-_MOST:]
    place = _place(folder, video_id)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(place, msgspec.json.encode(kept) + b"\n")


def before_last(folder: Path, video_id: str, text: str) -> str:
    """The text of the file before the last command changed it.

    Args:
        text: What is in the file now.

    Raises:
        UsageError: If no command changed it, or somebody else did since.
    """
    kept = _read(folder, video_id)
    if not kept:
        raise UsageError(f"no command is known that has corrected {video_id}", "name a number that --list gives")
    if kept[-1].after != _digest(text):
        what = f"the corrections of {video_id} were changed by hand since the last command"
        raise UsageError(what, "name what to take away by a number that --list gives")
    return kept[-1].before


def forget_last(folder: Path, video_id: str) -> None:
    """Takes back the note of the last command, which was undone.

    Raises:
        OSError: If it cannot be written.
    """
    write_atomically(_place(folder, video_id), msgspec.json.encode(_read(folder, video_id)[:-1]) + b"\n")


def _read(folder: Path, video_id: str) -> list[_Before]:
    try:
        return msgspec.json.decode(read_bytes(_place(folder, video_id), _FILE), type=list[_Before])
    except (AnnotationError, msgspec.MsgspecError, ValueError, RecursionError):
        return []


def _place(folder: Path, video_id: str) -> Path:
    return folder / FOLDER / f"{video_id}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
