"""Detects recordings that are truncated or damaged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.backends.media.ffmpeg.command import Run, Tool, run, source, url
from imigue_build.backends.media.ffmpeg.probe import MediaInfo, reason
from imigue_build.core.errors import MediaError, StoreError
from imigue_build.core.untrusted.files import shown

_MIN_SHARE: Final = 0.9
"""Share of a recording that must be present, unless less than `_MAX_MISSING` seconds are missing."""

_MAX_MISSING: Final = 2.0
_TIME_BASE: Final = re.compile(r"#tb (\d+): (\d+)/(\d+)")
_PACKET: Final = re.compile(r"(\d+), *(-?\d+), *-?\d+, *(\d+),")
_SUBTITLES: Final = re.compile(r"#media_type (\d+): subtitle")
_MAX_SIZE: Final = 0x7FFF0000
"""A larger RIFF size means that the writer did not know it, as when writing to a pipe."""

_NOT_IMPLEMENTED: Final = re.compile("(?:Error during demuxing)?: Not yet implemented in FFmpeg")
"""For example a chained Ogg whose number of channels changes; ffmpeg stops there without an error status."""

_MAX_OVERLAP: Final = 0.5
"""Seconds of audio that may be dropped because timestamps overlap, before there is a warning."""

_CONVERT: Final = "convert it to WAV, or take the recording that it was made from"
_AGAIN: Final = "copy or download it again"


class ClockLeapError(MediaError):
    """Timestamps that leap further than silence can fill."""


class Coverage(NamedTuple):
    """Seconds of decoded audio in an interval of `span` seconds, and the number of errors that ffmpeg reported."""

    seconds: float
    span: float
    errors: int


def check_run(path: Path, done: Run) -> None:
    """Checks how a decode ended.

    Raises:
        StoreError: If the WAVs could not be written.
        MediaError: If the audio could not be decoded, or its timestamps have too large a gap.
    """
    errors = " ".join(done.errors)
    if "No space left on device" in errors:
        remedy = "free some space on that disk, then run the same command again"
        raise StoreError(f"the sound of {shown(path.name)} cannot be written: no space left on the disk", remedy)
    if gap := re.search(r"Failed to compensate for timestamp delta of (-?[\d.]+)", errors):
        message = f"the time stamps of {shown(path.name)} leap by {abs(float(gap[1])) / 60:.0f} minutes or more"
        raise ClockLeapError(message, "convert it, or cut it there")
    if any(_NOT_IMPLEMENTED.match(error.replace(url(path), "")) for error in done.errors):
        message = f"{shown(path.name)} changes its audio format midway, where ffmpeg stops reading"
        raise MediaError(message, "cut it there, or convert it with another program")
    if "before EOF" in errors:
        raise MediaError(f"{shown(path.name)} contains almost no sound", "take a longer recording")
    if done.status:
        because = reason(path, done) or f" (exit status {done.status})"
        raise MediaError(f"{shown(path.name)} could not be decoded{because}", f"{_AGAIN}, or convert it")


def stated_duration(path: Path, info: MediaInfo, length: float) -> float | None:
    """The duration that the file states; None if it does not state one.

    For a truncated WAV or AVI it is computed from the sizes, because ffmpeg's duration is an estimate from what is
    left.
    """
    if info.container in ("wav", "avi"):
        with path.open("rb") as file:
            head = file.read(12)
        stated, actual = int.from_bytes(head[4:8], "little"), path.stat().st_size - 8
        if head[:4] == b"RIFF" and actual < stated < _MAX_SIZE:
            return length * stated / actual
    return info.duration


def check_complete(
    path: Path, info: MediaInfo, number: int, length: float, tool: Tool, warn: Callable[[str], None]
) -> None:
    """Compares the decoded length of stream `number` with the duration that the file states.

    If the audio ends long before the video, the file is not damaged: there is only a warning.
    Raises:
        MediaError: If the file is truncated, or audio that is present cannot be decoded.
    """
    stated = info.duration
    if stated is None or stated - length <= _MAX_MISSING:
        return
    ends_early = f"the sound of {shown(path.name)} ends after {length:.1f} of {stated:.1f} s"
    if not _is_incomplete(length, stated):
        warn(ends_early)
        return
    audio_end, file_end = _last_packets(path, number, info.start, tool)
    if _is_incomplete(file_end, stated):
        raise MediaError(f"{shown(path.name)} is truncated: {length:.1f} of {stated:.1f} s are there", _AGAIN)
    if _is_incomplete(length, audio_end):
        raise _damaged(shown(path.name), length, audio_end)
    warn(ends_early)


def check_damage(name: str, coverage: Coverage, warn: Callable[[str], None]) -> None:
    """Compares the decoded audio of the file or track `name` with the interval that it covers.

    Raises:
        MediaError: If too much of the audio could not be decoded, or was dropped because timestamps overlap.
    """
    if (dropped := coverage.seconds - coverage.span) > _MAX_OVERLAP:
        if _is_incomplete(coverage.span, coverage.seconds):
            message = (
                f"the time stamps of {name} overlap: {coverage.seconds:.1f} s of sound lie in {coverage.span:.1f} s"
            )
            raise MediaError(message, _CONVERT)
        warn(f"time stamps of {name} overlap: {dropped:.1f} of {coverage.seconds:.1f} s of its sound were left out")
    if not coverage.errors or coverage.span - coverage.seconds < 0.01:
        return
    if _is_incomplete(coverage.seconds, coverage.span):
        raise _damaged(name, coverage.seconds, coverage.span)
    warn(f"{name} is damaged in places: {_decoded(coverage.seconds, coverage.span)}, the rest is silence")


def _damaged(name: str, seconds: float, span: float) -> MediaError:
    return MediaError(f"{name} is damaged: {_decoded(seconds, span)}", _AGAIN)


def _decoded(seconds: float, span: float) -> str:
    return f"{seconds:.1f} of {span:.1f} s of its sound could be decoded"


def _is_incomplete(seconds: float, stated: float) -> bool:
    return seconds < _MIN_SHARE * stated and stated - seconds > _MAX_MISSING


def _last_packets(path: Path, number: int, start: float, tool: Tool) -> tuple[float, float]:
    """Seconds from `start` to the end of the last packet: of stream `number`, and of any stream.

    Subtitles end when they disappear, which may be later than everything else.
    """
    streams = ["-map", f"0:{number}", "-map", "0:V?", "-map", "0:a?", "-map", "0:s?"]
    packets = [*streams, "-c", "copy", "-f", "framecrc", "pipe:1"]
    done = run(tool, ["-copyts", *source(path), *packets], shown(path.name))
    bases = {match[1]: int(match[2]) / int(match[3]) for line in done.output if (match := _TIME_BASE.match(line))}
    subtitles = {match[1] for line in done.output if (match := _SUBTITLES.match(line))}
    last = dict.fromkeys(("0", *bases), start)
    for line in done.output:
        if (match := _PACKET.match(line)) and match[1] in bases:
            end = int(match[2]) + int(match[3]) * (match[1] in subtitles)
            last[match[1]] = max(last[match[1]], end * bases[match[1]])
    return last["0"] - start, max(last.values()) - start
