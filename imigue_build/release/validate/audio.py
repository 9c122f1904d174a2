"""Rules about audio: the format of every WAV, and that each clip equals its part of the recording."""

from __future__ import annotations

import os
import struct
import wave
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from imigue_build.core.times import samples_at
from imigue_build.core.untrusted.files import open_regular
from imigue_build.release.schema.layout import MANIFEST, SAMPLE_RATE, clip_path
from imigue_build.release.validate.base import Faults, Interview, Tree, seconds, unreadable
from imigue_build.release.validate.manifest import in_time
from imigue_build.release.validate.row import Row
from imigue_build.release.validate.rttm import Region, overlapping

_BLOCK: Final = 1 << 19
"""Samples per comparison."""
_TOLERANCE: Final = 2
"""Milliseconds by which two roundings may differ."""
_INVALID_WAV = (wave.Error, EOFError, struct.error, RuntimeError, ValueError)


@contextmanager
def _opened(tree: Tree, path: str, faults: Faults) -> Iterator[wave.Wave_read | None]:
    """A WAV with the release's format; None, and a fault, if it is not one."""
    reader = None
    if tree.has_file(path, faults):
        try:
            reader = wave.open(str(tree.root / path), "rb")  # noqa: SIM115
        except OSError as error:
            unreadable(path, error, faults)
        except _INVALID_WAV as error:
            faults.add(path, "wav-format", f"it is not a PCM WAV: {str(error) or 'it ends in its header'}")
    try:
        sound = reader is not None and _has_valid_format(reader, path, faults)
        if sound and (fault := _header_fault(tree.root / path)):
            faults.add(path, "wav-header", fault)
        yield reader if sound else None
    finally:
        if reader:
            reader.close()


def _has_valid_format(reader: wave.Wave_read, path: str, faults: Faults) -> bool:
    actual = (8 * reader.getsampwidth(), reader.getframerate(), reader.getnchannels())
    if actual != (16, SAMPLE_RATE, 1):
        faults.add(path, "wav-format", "{} bit, {} Hz, {} channels; it must be 16 bit, 44100 Hz, mono".format(*actual))
        return False
    samples = reader.getnframes()
    if not samples:
        faults.add(path, "wav-empty", "it has no samples")
        return False
    try:
        reader.setpos(samples - 1)
        last = reader.readframes(1)
        reader.rewind()
    except _INVALID_WAV:
        last = b""
    if len(last) != 2:
        faults.add(path, "wav-truncated", f"its header states {samples} samples, but the file is shorter")
    return len(last) == 2


def _header_fault(path: Path) -> str:
    """What the header of a WAV of the right format says that is not so; empty where all of it is so."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        stated = struct.unpack("<4xI4x", file.read(12))[0]
        if stated != size - 8:
            return f"its RIFF size is {stated}, the file holds {size - 8} bytes after it"
        names = []
        at = 12
        while at + 8 <= size:
            file.seek(at)
            name, length = struct.unpack("<4sI", file.read(8))
            if name == b"fmt ":
                rate, block, bits = struct.unpack("<8xIHH", file.read(16).ljust(16, b"\0"))
                if (rate, block, bits) != (2 * SAMPLE_RATE, 2, 16):
                    found = f"{rate} bytes a second, {block} a sample and {bits} bits"
                    return f"it states {found}, it has {2 * SAMPLE_RATE}, 2 and 16"
            if name == b"data" and length % 2:
                return f"it states {length} bytes of samples, which are of 2 bytes"
            names.append(name)
            at += 8 + length + length % 2
    if at != size or names.count(b"fmt ") != 1 or names.count(b"data") != 1:
        return "its parts are not one format, one stretch of samples, and nothing after them"
    return ""


def check_recording(interview: Interview) -> int | None:
    """The recording's format; returns its duration in milliseconds, None if it is unknown."""
    with _opened(interview.tree, interview.files.wav, interview.faults) as reader:
        return (reader.getnframes() * 1000 + SAMPLE_RATE // 2) // SAMPLE_RATE if reader else None


def check_clips(interview: Interview, rows: list[Row]) -> None:
    """Every clip's format, and that its samples equal the recording's at the same place."""
    tree, faults = interview.tree, interview.faults
    ignored = Faults()  # check_recording reports them
    with _opened(tree, interview.files.wav, ignored) as recording:
        for row in rows:
            if row.segment_id is None:
                continue
            path = clip_path(interview.video_id, row.role, row.segment_id)
            with _opened(tree, path, faults) as clip:
                if clip and recording:
                    _compare(clip, recording, row, path, faults)


def _compare(clip: wave.Wave_read, recording: wave.Wave_read, row: Row, path: str, faults: Faults) -> None:
    total = recording.getnframes()
    first, last = (min(samples_at(ms, SAMPLE_RATE), total) for ms in (row.start, row.end))
    if clip.getnframes() != last - first:
        faults.add(
            path,
            "clip-samples",
            f"it has {clip.getnframes()} samples, its row ({seconds(row.start)} to {seconds(row.end)}) "
            f"has {last - first}",
        )
        return
    try:
        recording.setpos(first)
        blocks = (min(_BLOCK, last - start) for start in range(first, last, _BLOCK))
        equal = all(clip.readframes(size) == recording.readframes(size) for size in blocks)
    except OSError as error:
        unreadable(path, error, faults)
        return
    if not equal:
        interval = f"{seconds(row.start)} to {seconds(row.end)}"
        faults.add(path, "clip-samples", f"it differs from the recording from {interval}")


def check_cuts(interview: Interview, rows: list[Row], overlap: list[Region] | None) -> None:
    """Clips are not too long, keep the roles apart, and have one speaker and no overlapped speech."""
    clips = in_time(row for row in rows if row.segment_id is not None)
    max_segment = interview.settings.max_segment
    for row in clips:
        if row.end - row.start > max_segment:
            duration = seconds(row.end - row.start)
            _report(interview, row, "clip-length", f"it lasts {duration} s, longer than {seconds(max_segment)}")
    if interview.settings.clip_overlap:
        return
    _check_disjoint(interview, clips)
    if overlap is not None:
        for row in clips:
            _check_overlapped(interview, row, overlap)
        _check_other_speakers(interview, clips, rows, overlap)


def _report(interview: Interview, row: Row, rule: str, message: str) -> None:
    name = clip_path(interview.video_id, row.role, str(row.segment_id))
    interview.faults.add(MANIFEST, rule, f"line {row.line}, {name}: {message}")


def _check_disjoint(interview: Interview, clips: list[Row]) -> None:
    latest: dict[str, Row] = {}
    for row in clips:
        for other in latest.values():
            if other.speaker == row.speaker or row.start >= other.end:
                continue
            rule = "clip-one-speaker" if other.role == row.role else "clips-disjoint"
            _report(interview, row, rule, f"it starts before {other.speaker}'s {other.segment_id} ends")
        if row.speaker not in latest or latest[row.speaker].end < row.end:
            latest[row.speaker] = row


def _check_overlapped(interview: Interview, row: Row, overlap: list[Region]) -> None:
    """No word's midpoint, and no audio between words, is in overlapped speech."""
    for region in overlapping(overlap, row.start, row.end):
        inside = [word for word in row.words if 2 * region.start < word.start + word.end < 2 * region.end]
        if inside:
            _report(interview, row, "clip-overlap", f"'{inside[0].word}' is in overlapped speech")
            return
        uncovered = max(region.start, row.start)
        end = min(region.end, row.end)
        for word in sorted(row.words):
            if word.start > uncovered + _TOLERANCE:
                break
            uncovered = max(uncovered, word.end)
        if uncovered + _TOLERANCE < end:
            _report(interview, row, "clip-overlap", f"it contains overlapped speech from {seconds(uncovered)}")
            return


def _check_other_speakers(interview: Interview, clips: list[Row], rows: list[Row], overlap: list[Region]) -> None:
    """No clip contains a word that another speaker says alone."""
    spoken = sorted(((word.start + word.end) // 2, word) for row in rows for word in row.words)
    middles = [middle for middle, _ in spoken]
    for row in clips:
        for middle, word in spoken[bisect_right(middles, row.start) : bisect_left(middles, row.end)]:
            own = any(row_word.start <= middle <= row_word.end for row_word in row.words)
            if word.speaker != row.speaker and not own and not overlapping(overlap, middle, middle + 1):
                _report(interview, row, "clip-one-speaker", f"it contains '{word.word}' of {word.speaker}")
                break
