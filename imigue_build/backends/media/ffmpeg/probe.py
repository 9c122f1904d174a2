"""What a media file holds, as ffmpeg's own summary of its input tells it.

ffmpeg prints the same few lines on every input in all its versions, which is what an installation
without ffprobe has to offer. Where the sound begins is taken from the time stamp of the first
decoded frame instead, as the summary does not say it.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.backends.media.ffmpeg.command import Run, run, source, url
from imigue_build.core.errors import MediaError
from imigue_build.core.untrusted.files import shown

PROBE_TIMEOUT: Final = 600.0
"""Seconds that a look at a file may take; one without any sound packet is read to its end."""

_LOOK: Final = 4.0
"""Seconds of a processor that a look at a file may take, and one more for each `_READ` bytes of it."""
_READ: Final = 100e6

_INPUT: Final = re.compile(r"Input #0, (?P<container>\S+), from ")
_DURATION: Final = re.compile(r"\s+Duration: (?:(\d+):(\d\d):(\d\d\.\d+)|N/A)(?:, start: (?P<start>-?\d+\.\d+))?")
_AUDIO: Final = re.compile(r"\s+Stream #0:(?P<number>\d+)(?:\[\w+\])?(?:\([^)]*\))?: Audio: (?P<rest>.*)")
_PROGRESS: Final = re.compile(r"out_time=(\d+):(\d\d):(\d\d\.\d+)")
_ESTIMATED: Final = "Estimating duration from bitrate"
_SECONDARY: Final = re.compile(r"\((?:comment|dub|karaoke|visual impaired|hearing impaired|descriptions)\)")
_LAYOUTS: Final = {"mono": 1, "stereo": 2, "downmix": 2, "binaural": 2, "quad": 4, "hexagonal": 6, "octagonal": 8}
_LEAST_RATE: Final = 4_000
_HIGHEST_RATE: Final = 768_000
_MOST_CHANNELS: Final = 64
"""As many as ffmpeg can be told how to mix."""
_UNDECODABLE: Final = ("none", "unknown")
_CONVERT: Final = "convert it to MP4 or WAV"
_AGAIN: Final = "copy or download it again"
_DAMAGED: Final = "copy or download it again, or convert it"
_UNDECODED: Final = f"{_DAMAGED}; one that is encrypted must be decrypted first"


class AudioStream(NamedTuple):
    """One sound track: `layout` is ffmpeg's name of its channels, rates are in Hz and bit/s (0: unknown)."""

    number: int
    codec: str
    sample_rate: int
    channels: int
    layout: str
    bit_rate: int
    default: bool
    secondary: bool


class Facts(NamedTuple):
    """What a file states of itself.

    `start` is the time stamp of second 0 of its clock. `duration` is None where the file states
    none (ffmpeg's estimates from the bit rate are not taken).
    """

    container: str
    duration: float | None
    start: float
    streams: tuple[AudioStream, ...]

    @property
    def best(self) -> AudioStream:
        """The stream to decode: the one that the file marks as default, not a commentary, dub or
        description; then of the most channels, the highest rate, the most bits, the lowest number.
        """
        return max(
            self.streams,
            key=lambda s: (not s.secondary, s.default, s.channels, s.sample_rate, s.bit_rate, -s.number),
        )


class FirstSound(NamedTuple):
    """The first frame that the decoder gives: its time stamp in seconds, and the true rate and channels."""

    time: float
    sample_rate: int
    channels: int


def probe(path: Path, timeout: float = PROBE_TIMEOUT) -> Facts:
    """The container, duration, start and sound tracks of the media file at `path`.

    Raises:
        MediaError: If it is missing, empty, no file, no media, of a format that is not opened,
            or without sound that can be decoded.
        BackendError: If there is no ffmpeg.
    """
    _check_file(path)
    done = run(source(path), shown(path.name), timeout, work=_work(path))
    summary = [line.text for line in done.log if not line.source and line.level in ("info", "")]
    container = next((found["container"] for text in summary if (found := _INPUT.match(text))), None)
    if container is None:
        raise _not_media(path, done, timeout)
    timing = next((found for text in summary if (found := _DURATION.match(text))), None)
    streams = [_audio_stream(found) for text in summary if (found := _AUDIO.match(text))]
    if not streams:
        raise MediaError(f"{shown(path.name)} has no sound", "take a recording with an audio stream")
    decodable = [stream for stream in streams if stream.codec not in _UNDECODABLE]
    if not decodable:
        raise MediaError(f"the sound of {shown(path.name)} is in a codec that ffmpeg does not know", _CONVERT)
    sane = tuple(stream for stream in decodable if not oddity(stream.sample_rate or _LEAST_RATE, stream.channels))
    if not sane:
        odd = oddity(decodable[0].sample_rate or _LEAST_RATE, decodable[0].channels)
        raise MediaError(f"the sound of {shown(path.name)} has {odd}", _CONVERT)
    estimated = any(_ESTIMATED in line.text for line in done.log)
    return Facts(
        container=container,
        duration=None if estimated or timing is None else _seconds(timing),
        # what precedes time stamp 0 is a codec's run-up and is not presented
        start=max(0.0, float(timing["start"] or 0)) if timing else 0.0,
        streams=sane,
    )


def first_sound(path: Path, stream: AudioStream, timeout: float = PROBE_TIMEOUT) -> FirstSound:
    """When the sound of `stream` begins by the file's own time stamps, without the encoder's run-up.

    Raises:
        MediaError: If nothing of it can be decoded.
        BackendError: If there is no ffmpeg.
    """
    output = ["-map", f"0:{stream.number}", "-frames:a", "1", "-c:a", "pcm_s16le", "-f", "framecrc", "pipe:1"]
    command = ["-max_error_rate", "1", "-copyts", *source(path), *output]
    done = run(command, shown(path.name), timeout, work=_work(path))
    base = next((re.fullmatch(r"#tb 0: (\d+)/(\d+)", line) for line in done.output if line.startswith("#tb")), None)
    frame = next((line.split(",") for line in done.output if not line.startswith("#")), None)
    if base is None or frame is None:
        raise undecodable(path, done, stream.codec)
    _, _, time, samples, size = (int(field) for field in frame[:5])
    first = FirstSound(time * int(base[1]) / int(base[2]), int(base[2]), size // (2 * samples))
    if odd := oddity(first.sample_rate, first.channels):
        raise MediaError(f"the sound of {shown(path.name)} has {odd}", _CONVERT)
    return first


def measured(path: Path, stream: AudioStream, most: float, timeout: float = PROBE_TIMEOUT) -> float:
    """Seconds of sound that `stream` holds by its packets, whatever the file states; counted up to `most`.

    Nothing is decoded: hours take seconds.

    Raises:
        MediaError: If it takes too long.
        BackendError: If there is no ffmpeg.
    """
    output = ["-map", f"0:{stream.number}", "-c", "copy", "-t", f"{most:.3f}", "-f", "null", "-progress", "pipe:1", "-"]
    done = run([*source(path), *output], shown(path.name), timeout)
    times = [found for line in done.output if (found := _PROGRESS.fullmatch(line))]
    return int(times[-1][1]) * 3600 + int(times[-1][2]) * 60 + float(times[-1][3]) if times else 0.0


def oddity(sample_rate: int, channels: int) -> str:
    """What no recording of speech has: a sample rate or a number of channels out of all proportion; or nothing."""
    if not _LEAST_RATE <= sample_rate <= _HIGHEST_RATE:
        return f"a sample rate of {sample_rate} Hz"
    return f"{channels} channels" if channels > _MOST_CHANNELS else ""


def undecodable(path: Path, done: Run, codec: str) -> MediaError:
    """The error of a file none of whose sound could be decoded."""
    if any("external track" in line.text for line in done.log):
        return MediaError(f"the sound of {shown(path.name)} lies in another file", "save it as a self-contained file")
    own = done._replace(log=[line for line in done.log if codec in line.source])  # not what the picture lacks
    why = reason(path, own) or reason(path, done)
    return MediaError(f"no sound of {shown(path.name)} ({codec}) could be decoded{why}", _UNDECODED)


def reason(path: Path, done: Run) -> str:
    """The first fault that ffmpeg names, which is the telling one, in brackets and without paths; or nothing."""
    fault = next(iter(done.faults), "").replace(url(path), path.name).strip().rstrip(".")
    return f" ({fault.removeprefix(f'{shown(path.name)}: ')})" if fault else ""


def _check_file(path: Path) -> None:
    """Looks at the file without opening it: opening a named pipe would wait for ever."""
    try:
        status = path.stat()
    except OSError as error:
        raise MediaError(
            f"{shown(path.name)} cannot be read ({error.strerror})", "check that it is still there"
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise MediaError(f"{shown(path.name)} is no file", "name a media file")
    if status.st_size == 0:
        raise MediaError(f"{shown(path.name)} is empty", _AGAIN)
    if not os.access(path, os.R_OK):
        raise MediaError(f"{shown(path.name)} cannot be read (permission denied)", "check its permissions")


def _not_media(path: Path, done: Run, timeout: float) -> MediaError:
    """Why ffmpeg did not open the file."""
    messages = " ".join(line.text for line in done.log)
    if "not on whitelist" in messages:
        kind = _kind(path, timeout)
        return MediaError(f"{shown(path.name)} is of a format that is not opened here ({kind})", _CONVERT)
    if "low score" in messages:
        return MediaError(f"{shown(path.name)} is no audio or video file", f"take it out, or {_AGAIN}")
    if "moov atom not found" in messages:
        return MediaError(f"{shown(path.name)} is truncated: its index is missing (no moov atom)", _AGAIN)
    return MediaError(f"{shown(path.name)} cannot be read as audio or video{reason(path, done)}", _DAMAGED)


def _kind(path: Path, timeout: float) -> str:
    """ffmpeg's name of a format that is not opened; it tells it in its debugging messages alone."""
    done = run(["-loglevel", "level+debug", *source(path)], shown(path.name), timeout, work=_work(path))
    found = [match[1] for line in done.log if (match := re.match(r"Format (\S+) probed", line.text))]
    return found[-1] if found else "unknown"


def _work(path: Path) -> float:
    with suppress(OSError):  # ffmpeg will say that it is gone
        return _LOOK + path.stat().st_size / _READ
    return _LOOK


def _seconds(timing: re.Match[str]) -> float | None:
    hours, minutes, seconds = timing.group(1, 2, 3)
    return None if hours is None else int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _audio_stream(found: re.Match[str]) -> AudioStream:
    """A stream from a description such as `aac (LC) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp, 97 kb/s (default)`."""
    rest = found["rest"]
    fields = rest.split(", ")
    rate = re.search(r", (\d+) Hz(?:, ([^,]+))?", rest)
    layout = ((rate[2] if rate else fields[1] if len(fields) > 1 else "") or "").strip()
    bits = re.search(r", (\d+) kb/s", rest)
    return AudioStream(
        number=int(found["number"]),
        codec=fields[0].split(" ")[0].rstrip(","),
        sample_rate=int(rate[1]) if rate else 0,
        channels=_channels(layout),
        layout=layout,
        bit_rate=1000 * int(bits[1]) if bits else 0,
        default="(default)" in rest,
        secondary=_SECONDARY.search(rest) is not None,
    )


def _channels(layout: str) -> int:
    """Channels of a layout: `mono`, `5.1(side)`, `10 channels`; 0 where its name does not tell."""
    name = layout.split("(")[0].strip()
    if count := re.match(r"(\d+) channels", name):
        return int(count[1])
    if re.fullmatch(r"\d+(?:\.\d+)+", name):
        return sum(int(part) for part in name.split("."))
    return _LAYOUTS.get(name, 0)
