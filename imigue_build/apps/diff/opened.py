"""A release opened for comparing: its tables, each held against `SHA256SUMS` when it is read."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec

from imigue_build.core.errors import ReleaseError, UsageError, abridged
from imigue_build.core.records import Role
from imigue_build.core.untrusted.csv_rows import parse
from imigue_build.core.untrusted.files import Kind, open_regular, read_bytes, shown
from imigue_build.corpus.annotations.sources import MAX_TIME, MAX_WORDS
from imigue_build.release.schema.layout import (
    DROPPED,
    FORMAT_VERSION,
    ID_PATTERN,
    LABELS,
    MANIFEST,
    PROVENANCE,
    SUMS,
    interview_files,
)
from imigue_build.release.schema.provenance import MadeBy

Seconds = Annotated[float, msgspec.Meta(ge=0, le=MAX_TIME)]
_SUM: Final = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_LONGEST_ROW: Final = 16 << 20
_LARGEST: Final = 1 << 30
T = TypeVar("T")
_BROKEN: Final = "see what `imigue-build validate` says of the release"


class Word(msgspec.Struct, frozen=True):
    """A word of the manifest; seconds."""

    word: str
    start: Seconds
    end: Seconds
    confidence: float | None = None


class Row(msgspec.Struct, frozen=True):
    """A row of the manifest as far as it is compared; seconds."""

    video_id: str
    role: Role
    speaker: str
    start: Seconds
    end: Seconds
    words: tuple[Word, ...]
    clip: str | None = None
    role_confidence: float | None = None


class Entry(msgspec.Struct, frozen=True):
    """What `provenance.json` says of one interview."""

    sha256: str
    duration_s: Seconds
    config: dict[str, Any] = {}
    tools: dict[str, str] | None = None
    models: list[dict[str, Any]] | None = None
    given: dict[str, str] = {}
    overrides: dict[str, list[dict[str, Any]]] = {}
    stages: dict[str, int] | None = None
    made_by: dict[str, MadeBy] | None = None


class Origins(msgspec.Struct, frozen=True):
    """`provenance.json`; `stages` are the versions of their code, `made_by` names the tools and models of each stage.

    Earlier releases say nothing of either.
    """

    format_version: int
    imigue_build: str
    config: dict[str, Any]
    tools: dict[str, str]
    models: list[dict[str, Any]]
    videos: dict[str, Entry]
    stages: dict[str, int] = {}
    made_by: dict[str, MadeBy] = {}


class _Drop(msgspec.Struct):
    video_id: str


class Release:
    """A release on disk, of which no more is read than is asked for.

    Raises:
        UsageError: If it is none, or of a later format.
        ReleaseError: If its sums or its provenance cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        if not root.is_dir():
            what = "is not a folder" if root.exists() else "does not exist"
            raise UsageError(f"the release {shown(root)} {what}", "give the folder that export or run-all wrote")
        missing = [name for name in (SUMS, PROVENANCE) if not (root / name).exists()]
        if missing:
            what = f"{shown(root)} is no release: it has no {' and no '.join(missing)}"
            raise UsageError(what, "give the folder that export or run-all wrote")
        self.sums = self._sums()
        self.origins = self._origins()

    @property
    def ids(self) -> tuple[str, ...]:
        """Of its interviews, sorted."""
        return tuple(sorted(self.origins.videos))

    @cached_property
    def by_interview(self) -> dict[str, dict[str, str]]:
        """Id -> path -> SHA-256 of the files in its folder; those at the top are under an empty id."""
        found: dict[str, dict[str, str]] = {video_id: {} for video_id in (*self.ids, "")}
        for path, digest in self.sums.items():
            folder, slash, _ = path.partition("/")
            found.setdefault(folder if slash else "", {})[path] = digest
        return found

    def read(self, path: str) -> bytes:
        """The content of a file that the sums list.

        Raises:
            ReleaseError: If it cannot be read or is not the file that was summed.
        """
        data = read_bytes(self.root / path, Kind("the release's", ReleaseError, _BROKEN, _LARGEST))
        self._check(path, hashlib.sha256(data).hexdigest())
        return data

    def check(self, path: str) -> Path:
        """The place of a file, once it is found to be the one that was summed.

        Raises:
            ReleaseError: As `read`.
        """
        try:
            with open_regular(self.root / path) as file:
                self._check(path, hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise self._broken(f"{path} cannot be read ({error.strerror})") from error
        return self.root / path

    def size(self, path: str) -> int:
        """The bytes of a file that the sums list.

        Raises:
            ReleaseError: If it is not there.
        """
        try:
            return (self.root / path).stat().st_size
        except (OSError, ValueError) as error:
            raise self._broken(f"{abridged(path)} cannot be read ({getattr(error, 'strerror', error)})") from error

    def rows(self) -> Iterator[tuple[int, bytes, Row]]:
        """The manifest's rows with their place in the file, in bytes, and their line."""
        digest, at, number = hashlib.sha256(), 0, 0
        try:
            with open_regular(self.root / MANIFEST) as file:
                while line := file.readline(_LONGEST_ROW):
                    number += 1
                    digest.update(line)
                    yield at, line, self._row(line, number)
                    at += len(line)
        except OSError as error:
            raise self._broken(f"{MANIFEST} cannot be read ({error.strerror})") from error
        self._check(MANIFEST, digest.hexdigest())

    def rows_at(self, spans: Iterable[tuple[int, int]]) -> tuple[list[Row], list[bytes]]:
        """The rows at places (first byte, length) that `rows` gave, and their lines.

        Raises:
            ReleaseError: If they hold more words than a recording can.
        """
        with open_regular(self.root / MANIFEST) as file:
            lines: list[bytes] = []
            for at, length in spans:
                file.seek(at)
                lines += file.read(length).splitlines()
        found = [self._row(line, 0) for line in lines]
        if sum(len(row.words) for row in found) > MAX_WORDS:
            raise self._broken(f"{MANIFEST} has more than {MAX_WORDS:,} words of {found[0].video_id}")
        return found, lines

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """Id -> column -> what it says."""
        try:
            found = [row.fields for row in parse(io.StringIO(self.read(LABELS).decode(), newline=""))]
        except ValueError as error:
            raise self._broken(f"{LABELS} is not CSV ({error})") from error
        return {row[0]: dict(zip(found[0][1:], row[1:], strict=False)) for row in found[1:] if row}

    @cached_property
    def drops(self) -> dict[str, list[bytes]]:
        """Id -> the lines of what filters dropped."""
        found: dict[str, list[bytes]] = {}
        for line in self.read(DROPPED).splitlines() if DROPPED in self.sums else ():
            found.setdefault(self._decoded(line, _Drop, DROPPED).video_id, []).append(line)
        return found

    def place(self, video_id: str, file: str) -> Path:
        """The place of one of an interview's files by its field in `InterviewFiles`, checked."""
        return self.check(f"{video_id}/{getattr(interview_files(video_id), file)}")

    def _sums(self) -> dict[str, str]:
        data = read_bytes(self.root / SUMS, Kind("the release's", ReleaseError, _BROKEN, _LARGEST))
        found: dict[str, str] = {}
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            match = _SUM.fullmatch(line)
            if not match or match[2] in found:
                raise self._broken(f"{SUMS}, line {number} is no line of sha256sum, or names a file twice")
            found[match[2]] = match[1]
        return found

    def _origins(self) -> Origins:
        data = self.read(PROVENANCE)
        version = self._decoded(data, dict[str, Any], PROVENANCE).get("format_version")
        if version != FORMAT_VERSION:
            what = f"{shown(self.root)} has format {abridged(version)}, this program knows {FORMAT_VERSION}"
            raise UsageError(what, "use the version of imigue-build that wrote it, or a later one")
        found = self._decoded(data, Origins, PROVENANCE)
        for video_id in found.videos:
            if not ID_PATTERN.fullmatch(video_id):
                raise self._broken(f"{PROVENANCE}: {abridged(repr(video_id))} is no id")
        return found

    def _row(self, line: bytes, number: int) -> Row:
        return self._decoded(line, Row, f"{MANIFEST}, line {number}")

    def _decoded(self, data: bytes, kind: type[T], name: str) -> T:
        try:
            return msgspec.json.decode(data, type=kind)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._broken(f"{name} cannot be read ({abridged(str(error))})") from error

    def _check(self, path: str, digest: str) -> None:
        if path not in self.sums:
            raise self._broken(f"{SUMS} does not list {path}")
        if self.sums[path] != digest:
            raise self._broken(f"{path} is not the file that {SUMS} lists")

    def _broken(self, what: str) -> ReleaseError:
        return ReleaseError(f"the release {shown(self.root)} is damaged: {what}", _BROKEN)
