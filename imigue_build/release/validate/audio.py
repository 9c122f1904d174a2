"""Rules about sound: the form of every WAV, and that a clip is the recording at its own place."""

from __future__ import annotations

import struct
import wave
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from imigue_build.core.records import samples_at
from imigue_build.release.schema.layout import MANIFEST, SAMPLE_RATE, clip_path
from imigue_build.release.validate.base import Faults, Interview, Tree, seconds, unreadable
from imigue_build.release.validate.manifest import in_time
from imigue_build.release.validate.row import Row
from imigue_build.release.validate.rttm import Region, overlapping

_BLOCK: Final = 1 << 19
"""Samples compared at once."""
_TOLERANCE: Final = 2
"""Milliseconds that two roundings may differ by."""
_BROKEN = (wave.Error, EOFError, struct.error, RuntimeError, ValueError)


@contextmanager
def _opened(tree: Tree, path: str, faults: Faults) -> Iterator[wave.Wave_read | None]:
    """A WAV of the release's form; None, and a fault, where it is not one."""
    reader = None
    if tree.has_file(path, faults):
        try:
            reader = wave.open(str(tree.root / path), "rb")  # noqa: SIM115
        except OSError as error:
            unreadable(path, error, faults)
        except _BROKEN as error:
            faults.add(path, "wav-format", f"it is no PCM WAV: {str(error) or 'it ends in its header'}")
    try:
        yield reader if reader and _sound(reader, path, faults) else None
    finally:
        if reader:
            reader.close()


def _sound(reader: wave.Wave_read, path: str, faults: Faults) -> bool:
    found = (8 * reader.getsampwidth(), reader.getframerate(), reader.getnchannels())
    if found != (16, SAMPLE_RATE, 1):
        faults.add(path, "wav-format", "{} bit, {} Hz, {} channels; it must be 16 bit, 44100 Hz, mono".format(*found))
        return False
    samples = reader.getnframes()
    if not samples:
        faults.add(path, "wav-empty", "it holds no sample")
        return False
    try:
        reader.setpos(samples - 1)
        last = reader.readframes(1)
        reader.rewind()
    except _BROKEN:
        last = b""
    if len(last) != 2:
        faults.add(path, "wav-truncated", f"its header promises {samples} samples, the file ends before")
    return len(last) == 2


def check_recording(interview: Interview) -> int | None:
    """The recording's form; returns its duration in milliseconds, None where it cannot be told."""
    with _opened(interview.tree, interview.files.wav, interview.faults) as reader:
        return (reader.getnframes() * 1000 + SAMPLE_RATE // 2) // SAMPLE_RATE if reader else None


def check_clips(interview: Interview, rows: list[Row]) -> None:
    """Every clip's form, and its samples against the recording's at the same place."""
    tree, faults = interview.tree, interview.faults
    silent = Faults()
    with _opened(tree, interview.files.wav, silent) as recording:
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
        blocks = (min(_BLOCK, last - place) for place in range(first, last, _BLOCK))
        same = all(clip.readframes(size) == recording.readframes(size) for size in blocks)
    except OSError as error:
        unreadable(path, error, faults)
        return
    if not same:
        place = f"{seconds(row.start)} to {seconds(row.end)}"
        faults.add(path, "clip-samples", f"it is not the recording's sound from {place}")


def check_cuts(interview: Interview, rows: list[Row], overlap: list[Region] | None) -> None:
    """Clips are not too long, keep the roles apart, and hold one speaker and no overlapped speech."""
    clips = in_time(row for row in rows if row.segment_id is not None)
    longest = interview.settings.max_segment
    for row in clips:
        if row.end - row.start > longest:
            _tell(
                interview,
                row,
                "clip-length",
                f"it lasts {seconds(row.end - row.start)} s, longer than {seconds(longest)}",
            )
    if interview.settings.clip_overlap:
        return
    _check_apart(interview, clips)
    if overlap is not None:
        for row in clips:
            _check_overlapped(interview, row, overlap)
        _check_strangers(interview, clips, rows, overlap)


def _tell(interview: Interview, row: Row, rule: str, message: str) -> None:
    name = clip_path(interview.video_id, row.role, str(row.segment_id))
    interview.faults.add(MANIFEST, rule, f"line {row.line}, {name}: {message}")


def _check_apart(interview: Interview, clips: list[Row]) -> None:
    furthest: dict[str, Row] = {}
    for row in clips:
        for other in furthest.values():
            if other.speaker == row.speaker or row.start >= other.end:
                continue
            rule = "clip-one-speaker" if other.role == row.role else "clips-disjoint"
            _tell(interview, row, rule, f"it begins before {other.speaker}'s {other.segment_id} ends")
        if row.speaker not in furthest or furthest[row.speaker].end < row.end:
            furthest[row.speaker] = row


def _check_overlapped(interview: Interview, row: Row, overlap: list[Region]) -> None:
    """No word's middle, and no sound between words, lies where several speak."""
    for region in overlapping(overlap, row.start, row.end):
        inside = [word for word in row.words if 2 * region.start < word.start + word.end < 2 * region.end]
        if inside:
            _tell(interview, row, "clip-overlap", f"'{inside[0].word}' lies in overlapped speech")
            return
        place = max(region.start, row.start)
        end = min(region.end, row.end)
        for word in sorted(row.words):
            if word.start > place + _TOLERANCE:
                break
            place = max(place, word.end)
        if place + _TOLERANCE < end:
            _tell(interview, row, "clip-overlap", f"overlapped speech from {seconds(place)} lies in it")
            return


def _check_strangers(interview: Interview, clips: list[Row], rows: list[Row], overlap: list[Region]) -> None:
    """No clip holds a word that somebody else says alone."""
    spoken = sorted(((word.start + word.end) // 2, word) for row in rows for word in row.words)
    middles = [middle for middle, _ in spoken]
    for row in clips:
        for middle, word in spoken[bisect_right(middles, row.start) : bisect_left(middles, row.end)]:
            own = any(mine.start <= middle <= mine.end for mine in row.words)
            if word.speaker != row.speaker and not own and not overlapping(overlap, middle, middle + 1):
                _tell(interview, row, "clip-one-speaker", f"{word.speaker} says '{word.word}' in it")
                break
