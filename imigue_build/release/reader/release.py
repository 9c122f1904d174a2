"""A release on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final

from imigue_build.core.errors import ReleaseError, UsageError, first_few
from imigue_build.core.records import Label
from imigue_build.core.untrusted.files import shown
from imigue_build.corpus.labels import read_labels
from imigue_build.release.reader import manifest
from imigue_build.release.reader.files import Folder, release_error
from imigue_build.release.reader.interview import Interview
from imigue_build.release.schema import provenance, sums
from imigue_build.release.schema.fault import FormatError
from imigue_build.release.schema.layout import DROPPED, LABELS, MANIFEST, PROVENANCE, SUMS, TABLES
from imigue_build.release.schema.provenance import Provenance
from imigue_build.release.schema.rows import LONGEST_LINE, DroppedSegment, parse_dropped

_WHICH: Final = "name the folder that run-all was given as --release, or that was downloaded"
_LARGEST_PROVENANCE: Final = 1 << 26
_LARGEST_SUMS: Final = 1 << 28
_MOST_DROPPED: Final = 1_000_000


class Release:
    """A release, of which no more is read than is asked for. To be opened by `Release.open`.

    Whatever is asked for raises `ReleaseError` where the file that holds it cannot be read.

    Attributes:
        root: Its folder.
        provenance: What it was made from and by.
        ids: Of its interviews, sorted; also of those in which nobody says a word.
    """

    def __init__(self, root: Path, made: Provenance) -> None:
        self.root, self.provenance = root, made
        self.ids = tuple(sorted(made.videos))
        self._folder = Folder(root)

    @classmethod
    def open(cls, path: str | os.PathLike[str], check_sums: bool = False) -> Release:
        """The release in a folder.

        Args:
            path: The folder.
            check_sums: Whether its tables are compared with `SHA256SUMS`, which then has to be there.

        Raises:
            UsageError: If it is no release, or of a format that this program does not know.
            ReleaseError: If its provenance cannot be read, it holds no interview, or a table is not the one summed.
        """
        root = Path(path)
        if not root.is_dir():
            why = "it is not a folder" if root.exists() else "it does not exist"
            raise UsageError(f"{shown(root)} is no release: {why}", _WHICH)
        required = (MANIFEST, PROVENANCE, SUMS) if check_sums else (MANIFEST, PROVENANCE)
        if missing := [name for name in required if not (root / name).exists()]:
            raise UsageError(f"{shown(root)} is no release: it holds no {' and no '.join(missing)}", _WHICH)
        try:
            made = provenance.parse(Folder(root).read(PROVENANCE, _LARGEST_PROVENANCE))
        except provenance.FormatVersionError as fault:
            remedy = "use the version of imigue-build that wrote it, or a later one"
            raise UsageError(f"{shown(root)} cannot be read: {fault.why}", remedy) from None
        except FormatError as fault:
            raise release_error(root, PROVENANCE, fault) from None
        if not made.videos:
            raise ReleaseError(f"{shown(root)} holds no interview", "build the release again")
        release = cls(root, made)
        if check_sums:
            for name in TABLES:
                if name in release.sums or (root / name).exists():
                    release.verify(name)
        return release

    def interviews(self) -> Iterator[Interview]:
        """The interviews in the order of their ids, which is the manifest's.

        To read all that can be read, catch `InterviewError` within the loop, and go on.

        Raises:
            ReleaseError: If it cannot be told which row of the manifest is of which interview.
        """
        return (self.interview(video_id) for video_id in self.ids)

    def interview(self, video_id: str) -> Interview:
        """The interview of an id.

        Raises:
            UsageError: If there is none.
            ReleaseError: As `interviews`.
        """
        if video_id not in self.provenance.videos:
            known = first_few(self.ids, len(self.ids), ", ")
            raise UsageError(f"{shown(self.root)} holds no interview {shown(video_id)}", f"it holds {known}")
        return Interview(self, self._folder, video_id, self._places.get(video_id, manifest.Place()))

    @cached_property
    def _places(self) -> dict[str, manifest.Place]:
        with self._reading(MANIFEST):
            return manifest.places(self._folder, self.provenance.videos)

    @property
    def labels(self) -> Mapping[str, Label]:
        """By id; an interview of which nothing is known may be missing.

        Raises:
            UsageError: If the table cannot be used; all its faults are named.
        """
        return self._labels[0]

    @property
    def label_warnings(self) -> tuple[str, ...]:
        """What a reader of the table of labels should know: which interviews have no outcome."""
        return self._labels[1]

    @cached_property
    def _labels(self) -> tuple[dict[str, Label], tuple[str, ...]]:
        if not (self.root / LABELS).exists():
            return {}, (f"the release holds no {LABELS}: no outcome is known",)
        with self._reading(LABELS):
            path = self._folder.place(LABELS)
        found = read_labels(path)
        return found.labels, tuple(warning.replace(shown(path), LABELS) for warning in found.warnings)

    @cached_property
    def dropped(self) -> Mapping[str, tuple[DroppedSegment, ...]]:
        """What quality filters dropped, by id."""
        found: dict[str, list[DroppedSegment]] = {}
        if not (self.root / DROPPED).exists():
            return {}
        with self._reading(DROPPED):
            for number, line in self._folder.lines(DROPPED, LONGEST_LINE):
                try:
                    row = parse_dropped(line)
                except FormatError as fault:
                    raise FormatError(fault.why, number) from None
                if number > _MOST_DROPPED:
                    raise FormatError(f"more than {_MOST_DROPPED:,} rows", number)
                found.setdefault(row.video_id, []).append(row)
        return {video_id: tuple(rows) for video_id, rows in found.items()}

    @cached_property
    def sums(self) -> Mapping[str, str]:
        """`SHA256SUMS`: by path relative to the release the digest, in hexadecimal, of every other file."""
        with self._reading(SUMS):
            return sums.parse(self._folder.read(SUMS, _LARGEST_SUMS))

    def file(self, path: str) -> Path:
        """Where a file is, by its path relative to the release; what leads out of the release is refused."""
        with self._reading(path):
            return self._folder.place(path)

    def size(self, path: str) -> int:
        """The bytes of a file, by its path relative to the release."""
        with self._reading(path):
            return self._folder.size(path)

    def sha256(self, path: str) -> str:
        """The SHA-256 of a file, in hexadecimal, by its path relative to the release."""
        with self._reading(path):
            return self._folder.sha256(path)

    def verify(self, path: str) -> None:
        """Compares a file with its digest in `SHA256SUMS`.

        Raises:
            ReleaseError: If it cannot be read, is not listed there, or is another file.
        """
        with self._reading(path):
            if path not in self.sums:
                raise FormatError(f"{SUMS} does not list it")
            if self.sha256(path) != self.sums[path]:
                raise FormatError(f"it is not the file that {SUMS} lists")

    @contextmanager
    def _reading(self, file: str) -> Iterator[None]:
        try:
            yield
        except FormatError as fault:
            raise release_error(self.root, file, fault) from None
