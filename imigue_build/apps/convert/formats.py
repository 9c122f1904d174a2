"""What a format is to the command: a name, what it reads of a release, and how interviews are written into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, TextIO

from imigue_build.apps.convert.source import Interview

Add = Callable[[Interview], None]
"""Writes one interview."""

WHOLE = "all"
"""What files are called whose format wants a split's name, where the corpus is not split."""


class Place(NamedTuple):
    """Where a format writes.

    Attributes:
        root: The folder of the conversion, empty at first.
        split: The split that is written; empty where there is none.
        audio_root: What stands before the paths of sounds: the release's folder, as its users see it.
    """

    root: Path
    split: str
    audio_root: str

    @property
    def folder(self) -> Path:
        """The split's own folder, made if it is missing; `root` where there is no split."""
        folder = self.root / self.split
        folder.mkdir(exist_ok=True)
        return folder

    def sound(self, path: str) -> str:
        """The path of a file of the release as users of the conversion find it."""
        return f"{self.audio_root}/{path}"


class Format(NamedTuple):
    """A format.

    Attributes:
        about: What it is, in a few words.
        opened: Writes the interviews of a split (of all, where `splits_in_a_column`) into a place.
        reads: What of an interview it reads besides the manifest; raises `ImigueError` where it cannot.
        splits_in_a_column: Whether one file holds all splits.
        finish: Is given the root and the names of the splits in the end.
        extra: What must be installed for it, a key of `core.extras.EXTRAS`; empty where nothing.
    """

    about: str
    opened: Callable[[Place], AbstractContextManager[Add]]
    reads: Callable[[Interview], object]
    splits_in_a_column: bool = False
    finish: Callable[[Path, Sequence[str]], None] | None = None
    extra: str = ""


def nothing(interview: Interview) -> None:
    """For formats that read the manifest alone."""


def text_file(path: Path) -> TextIO:
    """A new text file, in UTF-8 with line feeds."""
    return path.open("w", encoding="utf-8", newline="\n")
