"""Telling a whole recording from one that was cut off or damaged on its way."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.backends.media.ffmpeg.command import Run, run, source, url
from imigue_build.backends.media.ffmpeg.probe import Facts, reason
from imigue_build.core.errors import MediaError, StoreError
from imigue_build.core.untrusted.files import shown

_ENOUGH: Final = 0.9
"""Share of a recording that must be there, unless less than `_TOLERATED` seconds are missing."""

_TOLERATED: Final = 2.0
_TIME_BASE: Final = re.compile(r"#tb (\d+): (\d+)/(\d+)")
_PACKET: Final = re.compile(r"(\d+), *(-?\d+), *-?\d+, *(\d+),")
_TEXT: Final = re.compile(r"#media_type (\d+): subtitle")
_LARGEST_SIZE: Final = 0x7FFF0000
"""A RIFF size above it (or none) means that the writer, into a pipe, did not know it."""

_GIVEN_UP: Final = re.compile("(?:Error during demuxing)?: Not yet implemented in FFmpeg")
"""As of a chained Ogg the number of whose channels changes; ffmpeg ends there as if all were well."""

_OVERLAP: Final = 0.5
"""Seconds of sound that time stamps may leave no place for before a word is said about it."""

_CONVERT: Final = "convert it to WAV, or take the recording that it was made from"
_AGAIN: Final = "copy or download it again"


class Heard(NamedTuple):
    """How many seconds of sound the decoder gave for a stretch of `span` seconds, and how many faults it named."""

    seconds: float
    span: float
    faults: int


def check_run(path: Path, done: Run) -> None:
    """Looks at how a decode ended.

    Raises:
        StoreError: If the WAVs could not be written.
        MediaError: If the sound could not be decoded, or its time stamps leap further than can be filled.
    """
    faults = " ".join(done.faults)
    if "No space left on device" in faults:
        remedy = "free some space on that disk, then run the same command again"
        raise StoreError(f"the sound of {shown(path.name)} cannot be written: no space left on the disk", remedy)
    if leap := re.search(r"Failed to compensate for timestamp delta of (-?[\d.]+)", faults):
        what = f"the time stamps of {shown(path.name)} leap by {abs(float(leap[1])) / 60:.0f} minutes or more"
        raise MediaError(what, "convert it, or cut it there")
    if any(_GIVEN_UP.match(fault.replace(url(path), "")) for fault in done.faults):
        what = f"{shown(path.name)} changes its form in the middle, and ffmpeg reads no further"
        raise MediaError(what, "cut it there, or convert it with another program")
    if "before EOF" in faults:
        raise MediaError(f"{shown(path.name)} holds next to no sound", "take a longer recording")
    if done.status:
        because = reason(path, done) or f" (exit status {done.status})"
        raise MediaError(f"{shown(path.name)} could not be decoded{because}", f"{_AGAIN}, or convert it")


def stated_duration(path: Path, facts: Facts, length: float) -> float | None:
    """Seconds that the file says it lasts; None where it does not say.

    A WAV or AVI that was cut off is measured by its bytes, as ffmpeg then estimates its duration
    from what is left.
    """
    if facts.container in ("wav", "avi"):
        with path.open("rb") as file:
            head = file.read(12)
        stated, found = int.from_bytes(head[4:8], "little"), path.stat().st_size - 8
        if head[:4] == b"RIFF" and found < stated < _LARGEST_SIZE:
            return length * stated / found
    return facts.duration


def check_whole(
    path: Path, facts: Facts, number: int, length: float, timeout: float, warn: Callable[[str], None]
) -> None:
    """Compares what was decoded of stream `number` with what the file says it holds.

    Sound that ends long before the picture is no fault of the file: then `warn` is told.

    Raises:
        MediaError: If the file was cut off, or its sound is there and cannot be decoded.
    """
    stated = facts.duration
    if stated is None or stated - length <= _TOLERATED:
        return
    if not _lacking(length, stated):
        warn(f"the sound of {shown(path.name)} ends after {length:.1f} of {stated:.1f} s")
        return
    sound, anything = _reach(path, number, facts.start, timeout)
    if _lacking(anything, stated):
        raise MediaError(f"{shown(path.name)} is truncated: {length:.1f} of {stated:.1f} s are there", _AGAIN)
    if _lacking(length, sound):
        raise _damaged(path, length, sound)
    warn(f"the sound of {shown(path.name)} ends after {length:.1f} of {stated:.1f} s")


def check_damage(path: Path, heard: Heard, warn: Callable[[str], None]) -> None:
    """Compares what the decoder gave with the stretch of time that it covers.

    Raises:
        MediaError: If too little of the sound could be decoded, or has a place of its own by its time stamps.
    """
    name = shown(path.name)
    if (lost := heard.seconds - heard.span) > _OVERLAP:
        if _lacking(heard.span, heard.seconds):
            what = f"the time stamps of {name} overlap: {heard.seconds:.1f} s of sound lie in {heard.span:.1f} s"
            raise MediaError(what, _CONVERT)
        warn(f"time stamps of {name} overlap: {lost:.1f} of {heard.seconds:.1f} s of its sound were left out")
    if not heard.faults or heard.span - heard.seconds < 0.01:
        return
    if _lacking(heard.seconds, heard.span):
        raise _damaged(path, heard.seconds, heard.span)
    found = f"{heard.seconds:.1f} of {heard.span:.1f} s of its sound could be decoded"
    warn(f"{shown(path.name)} is damaged in places: {found}, silence stands for the rest")


def _damaged(path: Path, seconds: float, span: float) -> MediaError:
    found = f"{seconds:.1f} of {span:.1f} s of its sound could be decoded"
    return MediaError(f"{shown(path.name)} is damaged: {found}", _AGAIN)


def _lacking(seconds: float, stated: float) -> bool:
    return seconds < _ENOUGH * stated and stated - seconds > _TOLERATED


def _reach(path: Path, number: int, start: float, timeout: float) -> tuple[float, float]:
    """Seconds from `start` to the last packet that the file still holds: of stream `number`, of any.

    A line of subtitles reaches as far as it is shown, which may be beyond all else.
    """
    packets = ["-map", f"0:{number}", "-map", "0:V?", "-map", "0:s?", "-c", "copy", "-f", "framecrc", "pipe:1"]
    done = run(["-copyts", *source(path), *packets], shown(path.name), timeout)
    bases = {found[1]: int(found[2]) / int(found[3]) for line in done.output if (found := _TIME_BASE.match(line))}
    texts = {found[1] for line in done.output if (found := _TEXT.match(line))}
    last = dict.fromkeys(("0", *bases), start)
    for line in done.output:
        if (found := _PACKET.match(line)) and found[1] in bases:
            end = int(found[2]) + int(found[3]) * (found[1] in texts)
            last[found[1]] = max(last[found[1]], end * bases[found[1]])
    return last["0"] - start, max(last.values()) - start
