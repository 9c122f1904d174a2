"""A release as the conversions see it: one interview at a time, so that memory does not grow with the corpus."""

from __future__ import annotations

import os
import re
import wave
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from imigue_build.core.errors import ReleaseError
from imigue_build.core.records import Label, Role, milliseconds
from imigue_build.core.untrusted.files import Kind, open_regular, read_bytes, shown
from imigue_build.corpus import read_labels
from imigue_build.release.reading import REMEDY, read_rows
from imigue_build.release.schema.layout import (
    ID_PATTERN,
    LABELS,
    MANIFEST,
    SAMPLE_RATE,
    SEGMENT_PATTERN,
    SPEAKER_PATTERN,
    clip_path,
    clip_samples,
    interview_files,
)

_LATEST: Final = 10_000_000.0
_WAV_HEADER: Final = 64 << 10
_TOLERANCE: Final = SAMPLE_RATE // 1000
"""Samples; the last clip ends with its recording, which need not end with a millisecond."""
_CLIP: Final = Kind("clip", ReleaseError, REMEDY)
_TOKEN: Final = re.compile("[^\\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
"""A word without spaces and without the characters that XML does not have."""


class Word(msgspec.Struct, frozen=True):
    """A written word; seconds on the recording's clock."""

    word: str
    start: float
    end: float
    aligned: bool
    confidence: float | None


class Row(msgspec.Struct, frozen=True):
    """A row of the manifest; seconds on the recording's clock. `segment_id` is None where there is no clip."""

    video_id: str
    role: Role
    segment_id: str | None
    speaker: str
    start: float
    end: float
    raw: str
    asr: str
    words: tuple[Word, ...]
    language: str
    asr_confidence: float | None = None
    role_confidence: float | None = None
    snr_db: float | None = None
    overlap_s: float = 0.0
    flags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its id in the corpus, e.g. `0440-interviewee-segment_001`; of a row with a clip."""
        return f"{self.video_id}-{self.role}-{self.segment_id}"

    @property
    def clip(self) -> str | None:
        """Its clip's path relative to the release."""
        return clip_path(self.video_id, self.role, self.segment_id) if self.segment_id else None

    @property
    def seconds(self) -> float:
        return between(self.start, self.end)


class Recording(NamedTuple):
    """The WAV of an interview; its path is relative to the release."""

    path: str
    samples: int
    rate: int

    @property
    def seconds(self) -> float:
        return self.samples / self.rate


class Interview(NamedTuple):
    """One interview with all its rows in time order; `subject` and `split` are empty where there is none."""

    release: Path
    rows: tuple[Row, ...]
    label: Label
    subject: str = ""
    split: str = ""

    @property
    def video_id(self) -> str:
        return self.rows[0].video_id

    @property
    def segments(self) -> tuple[Row, ...]:
        """The rows that have a clip."""
        return tuple(row for row in self.rows if row.segment_id)

    def speaker(self, row: Row) -> str:
        """Who speaks, by a name that is the same in all interviews of a subject: `subject_12`, `0440-SPEAKER_00`."""
        if row.role == "interviewee" and self.subject:
            return "subject_" + re.sub("[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):x}_", self.subject)
        return f"{self.video_id}-{row.speaker}"

    def gender(self, row: Row) -> str:
        """`F`, `M` or another label where it is known of who speaks."""
        return self.label.subject_gender if row.role == "interviewee" else ""

    def recording(self) -> Recording:
        """The facts in its WAV's header.

        Raises:
            ReleaseError: If it cannot be read, is cut off, or is of another kind than a release's.
        """
        path = f"{self.video_id}/{interview_files(self.video_id).wav}"
        return Recording(path, _samples(self.release / path), SAMPLE_RATE)

    def sound(self, row: Row) -> bytes:
        """The WAV file of a row's clip.

        Raises:
            ReleaseError: If it cannot be read or is larger than the row is long.
        """
        most = _WAV_HEADER + int(row.seconds * SAMPLE_RATE * 2)
        return read_bytes(self.release / (row.clip or ""), _CLIP._replace(most_bytes=most))

    def check_clips(self) -> None:
        """Looks at the headers of all clips.

        Raises:
            ReleaseError: If one cannot be read, is cut off or of another kind.
        """
        for row in self.segments:
            path = self.release / (row.clip or "")
            first, last = clip_samples(row.start, row.end)
            if abs(_samples(path) - (last - first)) > _TOLERANCE:
                raise ReleaseError(f"{shown(path)} is not as long as its row of the manifest", REMEDY)


def interviews(release: Path) -> Iterator[Interview]:
    """The interviews of a release in the order of their ids; the rows of one are held at a time.

    Raises:
        UsageError: If it is no release.
        ReleaseError: If its manifest cannot be read.
    """
    manifest = release / MANIFEST
    labels = labels_of(release)
    seen: set[str] = set()
    for video_id, own in groupby(read_rows(manifest, Row, _fault), key=lambda row: row.video_id):
        if video_id in seen:
            raise ReleaseError(f"{shown(manifest)}: the rows of {video_id} do not stand together", REMEDY)
        seen.add(video_id)
        yield Interview(release, tuple(own), labels.get(video_id, Label(video_id)))


def labels_of(release: Path) -> dict[str, Label]:
    """The release's labels by video id; empty where it holds none."""
    path = release / LABELS
    return read_labels(path).labels if path.exists() else {}


def between(start: float, end: float) -> float:
    """Seconds from `start` to `end`, in whole milliseconds."""
    return (milliseconds(end) - milliseconds(start)) / 1000


def _fault(row: Row) -> str:
    """What keeps a row from being written in other formats; empty where nothing does."""
    if not ID_PATTERN.fullmatch(row.video_id) or not SPEAKER_PATTERN.fullmatch(row.speaker):
        return f"{row.video_id!r}, {row.speaker!r} are no ids"
    if row.segment_id is not None and not SEGMENT_PATTERN.fullmatch(row.segment_id):
        return f"{row.segment_id!r} is no id of a segment"
    for start, end in ((row.start, row.end), *((word.start, word.end) for word in row.words)):
        if not 0 <= start < end < _LATEST:
            return f"{start} to {end} s is no stretch of time"
    bad = next((word.word for word in row.words if not _TOKEN.fullmatch(word.word)), None)
    return f"{bad!r} is no word" if bad is not None else ""


def _samples(path: Path) -> int:
    """How many samples a WAV of a release holds."""
    try:
        with open_regular(path) as file, wave.open(file, "rb") as sound:
            count, size = sound.getnframes(), os.fstat(file.fileno()).st_size
            kind = (sound.getframerate(), sound.getnchannels(), 8 * sound.getsampwidth())
    except OSError as error:
        raise ReleaseError(f"{shown(path)} cannot be read ({error.strerror})", REMEDY) from None
    except (wave.Error, EOFError) as error:
        raise ReleaseError(f"{shown(path)} is no WAV ({str(error) or 'it ends too soon'})", REMEDY) from None
    if kind != (SAMPLE_RATE, 1, 16):
        raise ReleaseError(f"{shown(path)} is a WAV of {kind[0]} Hz, {kind[1]} channels, {kind[2]} bits", REMEDY)
    if size < 2 * count:
        raise ReleaseError(f"{shown(path)} is cut off", REMEDY)
    if not count:
        raise ReleaseError(f"{shown(path)} holds no sound", REMEDY)
    return count
