"""The files of a release, which may have come from anywhere: opened within its folder, read within bounds."""

from __future__ import annotations

import hashlib
import os
import stat
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Final

from imigue_build.core.errors import ReleaseError
from imigue_build.core.untrusted.files import open_regular, shown
from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.layout import SAMPLE_RATE

REMEDY: Final = "see what `imigue-build validate` says of the release"


class InterviewError(ReleaseError):
    """One interview of a release cannot be read, or a part of it; the others may be read nevertheless.

    Attributes:
        video_id: Of the interview.
        file: Relative to the release.
        line: Of the file, counted from 1; None where it is not known.
    """

    def __init__(self, video_id: str, file: str, why: str, line: int | None = None) -> None:
        self.video_id, self.file, self.line = video_id, file, line
        whose = "" if file.startswith(f"{video_id}/") else f", interview {video_id}"
        place = f"{file}{whose}" if line is None else f"{file}, line {line}{whose}"
        super().__init__(f"{place}: {why}", REMEDY)


class Folder:
    """The folder of a release. Every method names files by their path relative to it, with forward slashes.

    All raise `FormatError` where a file cannot be read, is no regular file, lies outside of the folder, or is a
    symbolic link or lies behind one: names in a release are data, a link may lead anywhere, and a release holds none.
    The folder itself may be a link, as the user names it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real = os.path.realpath(root)
        self._folders = {"": self._real}

    def place(self, path: str) -> Path:
        """Where a file is, whether it is there or not."""
        self._resolved(path)
        return self.root / path

    def _resolved(self, path: str) -> str:
        """Where a path leads, by the real path of the folder."""
        inside = os.path.normpath(os.path.join(self._real, path))
        if ".." in path.split("/") or not inside.startswith(self._real.rstrip(os.sep) + os.sep):
            raise FormatError("it lies outside of the release")
        try:
            real = os.path.realpath(inside)
        except ValueError as error:  # a zero byte
            raise FormatError(f"it cannot be read ({error})") from None
        if real != inside:
            raise FormatError("it is a symbolic link, or lies in a folder that is one: a release holds none")
        return inside

    @contextmanager
    def opened(self, path: str) -> Iterator[BufferedReader]:
        """The file, open for reading."""
        try:
            with open_regular(self.place(path)) as file:
                yield file
        except OSError as error:
            raise FormatError(f"it cannot be read ({error.strerror or error})") from None

    def read(self, path: str, most: int) -> bytes:
        """The content of a file of at most `most` bytes."""
        with self.opened(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                raise FormatError(f"it is larger than {most / 1e6:.2g} MB")
            return file.read(size)

    def lines(self, path: str, longest: int) -> Iterator[tuple[int, bytes]]:
        """The lines of a file with their newlines, counted from 1; each of at most `longest` bytes."""
        with self.opened(path) as file:
            number = 0
            while line := file.readline(longest + 1):
                number += 1
                if len(line) > longest:
                    raise FormatError(f"more than {longest} bytes", number)
                yield number, line

    def size(self, path: str) -> int:
        """The bytes of a file. A folder is resolved once, since a release has hundreds of thousands of files."""
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self._resolved(folder)
        with suppress(OSError, ValueError):
            found = os.lstat(os.path.join(self._folders[folder], name))
            if stat.S_ISREG(found.st_mode):
                return found.st_size
        with self.opened(path) as file:  # a link, or what is no file and is refused
            return os.fstat(file.fileno()).st_size

    def sha256(self, path: str) -> str:
        """The SHA-256 of a file's content, in hexadecimal."""
        with self.opened(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def samples(self, path: str) -> int:
        """How many samples a WAV holds, by its header; it is of the kind that all in a release are."""
        try:
            with self.opened(path) as file, wave.open(file, "rb") as sound:
                count, size = sound.getnframes(), os.fstat(file.fileno()).st_size
                kind = (sound.getframerate(), sound.getnchannels(), 8 * sound.getsampwidth())
        except (wave.Error, EOFError, RuntimeError) as error:  # RuntimeError: a chunk that ends after the file
            raise FormatError(f"it is no WAV ({str(error) or 'it ends too soon'})") from None
        if kind != (SAMPLE_RATE, 1, 16):
            raise FormatError(f"it is a WAV of {kind[0]} Hz, {kind[1]} channels, {kind[2]} bits")
        if size < 2 * count:
            raise FormatError("it is cut off")
        if not count:
            raise FormatError("it holds no sound")
        return count


def release_error(root: Path, file: str, fault: FormatError) -> ReleaseError:
    """The error of a file that the release as a whole needs."""
    place = shown(root / file) if fault.line is None else f"{shown(root / file)}, line {fault.line}"
    return ReleaseError(f"{place}: {fault.why}", REMEDY)
