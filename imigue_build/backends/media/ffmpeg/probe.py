"""The streams of a media file, parsed from ffmpeg's summary of its input.

ffmpeg prints the same lines for every input in all its versions; the bundled installation has no ffprobe. The
summary does not say when the audio starts, which is taken from the timestamp of the first decoded frame.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.backends.media.ffmpeg.command import Run, Tool, run, source, url
from imigue_build.core.errors import MediaError
from imigue_build.core.untrusted.files import shown

_PROBE_CPU: Final = 4.0
"""CPU seconds for probing a file, plus one for each `_BYTES_PER_CPU_SECOND`."""
_BYTES_PER_CPU_SECOND: Final = 100e6

_INPUT: Final = re.compile(r"Input #0, (?P<container>\S+), from ")
_DURATION: Final = re.compile(r"\s+Duration: (?:(\d+):(\d\d):(\d\d\.\d+)|N/A)(?:, start: (?P<start>-?\d+\.\d+))?")
_AUDIO: Final = re.compile(r"\s+Stream #0:(?P<number>\d+)(?:\[\w+\])?(?:\((?P<language>[^)]*)\))?: Audio: (?P<rest>.*)")
_PROGRESS: Final = re.compile(r"out_time=(\d+):(\d\d):(\d\d\.\d+)")
_ESTIMATED: Final = "Estimating duration from bitrate"
_SECONDARY: Final = re.compile(
    r"\((?:comment|karaoke|visual impaired|hearing impaired|clean effects|descriptions|dependent|non-diegetic)\)"
)
_SECONDARY_LANGUAGES: Final = ("nar", "qad", "enm")
"""Codes that broadcasters give to audio description instead of its language."""
_TITLE: Final = re.compile(r"\s+(?:title|handler_name|name)\s*: (.*)")
_SECONDARY_TITLE: Final = re.compile(
    r"commentary|audio ?description|described video|descriptive|visually impaired|karaoke|"
    r"music (?:and|&) effects|\bM ?& ?E\b",
    re.IGNORECASE,
)
_MAX_PRIMING: Final = 0.15
"""Seconds before timestamp 0 in which a codec's priming may lie, which is not presented."""
_LAYOUTS: Final = {"mono": 1, "stereo": 2, "downmix": 2, "binaural": 2, "quad": 4, "hexagonal": 6, "octagonal": 8}
_MIN_RATE: Final = 4_000
_MAX_RATE: Final = 768_000
_MAX_CHANNELS: Final = 64
"""The most that ffmpeg can mix."""
_UNDECODABLE: Final = ("none", "unknown")
_CONVERT: Final = "convert it to MP4 or WAV"
_AGAIN: Final = "copy or download it again"
_DAMAGED: Final = "copy or download it again, or convert it"
_UNDECODED: Final = f"{_DAMAGED}; an encrypted file must be decrypted first"


class AudioStream(NamedTuple):
    """An audio stream: `layout` is ffmpeg's name of its channels, rates are in Hz and bit/s (0: unknown).

    `language` is the file's tag, `secondary` a commentary, description or the like, `original` what others are dubs
    of, `usable` what ffmpeg can decode.
    """

    number: int
    codec: str
    sample_rate: int
    channels: int
    layout: str
    bit_rate: int
    default: bool
    secondary: bool
    dub: bool
    original: bool
    language: str

    @property
    def usable(self) -> bool:
        """Whether its codec is known, and its format one of sound."""
        return self.codec not in _UNDECODABLE and not oddity(self.sample_rate or _MIN_RATE, self.channels)


class MediaInfo(NamedTuple):
    """The metadata of a file.

    `start` is the timestamp of second 0 of its clock. `duration` is None if the file has none (ffmpeg's estimates
    from the bit rate are ignored).
    """

    container: str
    duration: float | None
    start: float
    streams: tuple[AudioStream, ...]


class FirstFrame(NamedTuple):
    """The first decoded frame: its timestamp in seconds, and the actual sample rate and number of channels."""

    time: float
    sample_rate: int
    channels: int


def probe(path: Path, tool: Tool) -> MediaInfo:
    """The container, duration, start and audio streams of a media file.

    Raises:
        MediaError: If it is missing, empty, not a file, not media, of a format that is not allowed, or without
            audio that can be decoded.
        BackendError: If ffmpeg cannot be started.
    """
    _check_file(path)
    finished = run(tool, source(path), shown(path.name), cpu_limit=_cpu_limit(path))
    summary = [line.text for line in finished.log if not line.source and line.level in ("info", "")]
    container = next((match["container"] for text in summary if (match := _INPUT.match(text))), None)
    if container is None:
        raise _not_media(path, finished, tool)
    timing = next((match for text in summary if (match := _DURATION.match(text))), None)
    streams = _audio_streams(summary)
    if not streams:
        raise MediaError(f"{shown(path.name)} has no sound", "take a recording with an audio stream")
    decodable = [stream for stream in streams if stream.codec not in _UNDECODABLE]
    if not decodable:
        raise MediaError(f"the sound of {shown(path.name)} is in a codec that ffmpeg does not know", _CONVERT)
    if not any(stream.usable for stream in streams):
        odd = oddity(decodable[0].sample_rate or _MIN_RATE, decodable[0].channels)
        raise MediaError(f"the sound of {shown(path.name)} has {odd}", _CONVERT)
    estimated = any(_ESTIMATED in line.text for line in finished.log)
    return MediaInfo(
        container=container,
        duration=None if estimated or timing is None else _seconds(timing),
        start=_start(container, float(timing["start"] or 0)) if timing else 0.0,
        streams=tuple(streams),
    )


def first_frame(path: Path, stream: AudioStream, tool: Tool) -> FirstFrame:
    """The start of a stream's audio by the file's timestamps, without the encoder's priming.

    Raises:
        MediaError: If nothing of it can be decoded.
        BackendError: If ffmpeg cannot be started.
    """
    output = ["-map", f"0:{stream.number}", "-frames:a", "1", "-c:a", "pcm_s16le", "-f", "framecrc", "pipe:1"]
    command = ["-max_error_rate", "1", "-copyts", *source(path), *output]
    done = run(tool, command, shown(path.name), cpu_limit=_cpu_limit(path))
    base = next((base for line in done.output if (base := re.fullmatch(r"#tb 0: (\d+)/(\d+)", line))), None)
    fields = [line.replace(" ", "").split(",") for line in done.output if not line.startswith("#")]
    if base is None or not fields:
        raise undecodable(path, done, stream.codec)
    time, samples, size = (int(field) for field in fields[0][2:5])
    found = FirstFrame(time * int(base[1]) / int(base[2]), int(base[2]), size // (2 * samples))
    if odd := oddity(found.sample_rate, found.channels):
        raise MediaError(f"the sound of {shown(path.name)} has {odd}", _CONVERT)
    return found


def measured(path: Path, stream: AudioStream, limit: float, tool: Tool) -> float:
    """The seconds of audio in a stream by its packets, whatever the file states; counted up to `limit`.

    Nothing is decoded: hours of audio take seconds.

    Raises:
        MediaError: If it takes too long.
        BackendError: If ffmpeg cannot be started.
    """
    packets = ["-map", f"0:{stream.number}", "-c", "copy", "-t", f"{limit:.3f}"]
    output = [*packets, "-f", "null", "-progress", "pipe:1", "-"]
    done = run(tool, [*source(path), *output], shown(path.name))
    times = [match for line in done.output if (match := _PROGRESS.fullmatch(line))]
    return int(times[-1][1]) * 3600 + int(times[-1][2]) * 60 + float(times[-1][3]) if times else 0.0


def oddity(sample_rate: int, channels: int) -> str:
    """A sample rate or number of channels that no recording of speech has; empty if both are plausible."""
    if not _MIN_RATE <= sample_rate <= _MAX_RATE:
        return f"a sample rate of {sample_rate} Hz"
    return f"{channels} channels" if channels > _MAX_CHANNELS else ""


def undecodable(path: Path, done: Run, codec: str) -> MediaError:
    """The error for a file without decodable audio."""
    if any("external track" in line.text for line in done.log):
        return MediaError(f"the sound of {shown(path.name)} is in another file", "save it as a self-contained file")
    of_codec = done._replace(log=[line for line in done.log if codec in line.source])  # without errors of the video
    why = reason(path, of_codec) or reason(path, done)
    return MediaError(f"no sound of {shown(path.name)} ({codec}) could be decoded{why}", _UNDECODED)


def reason(path: Path, done: Run) -> str:
    """The first error message of ffmpeg, usually the cause, in brackets and without paths; empty if there is none."""
    message = next(iter(done.errors), "").replace(url(path), path.name).strip().rstrip(".")
    return f" ({message.removeprefix(f'{shown(path.name)}: ')})" if message else ""


def _check_file(path: Path) -> None:
    """Checks the file without opening it: opening a named pipe would block."""
    try:
        status = path.stat()
    except OSError as error:
        raise MediaError(
            f"{shown(path.name)} cannot be read ({error.strerror})", "check that it is still there"
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise MediaError(f"{shown(path.name)} is not a regular file", "name a media file")
    if status.st_size == 0:
        raise MediaError(f"{shown(path.name)} is empty", _AGAIN)
    if not os.access(path, os.R_OK):
        raise MediaError(f"{shown(path.name)} cannot be read (permission denied)", "check its permissions")


def _not_media(path: Path, done: Run, tool: Tool) -> MediaError:
    """Why ffmpeg did not open the file."""
    messages = " ".join(line.text for line in done.log)
    if "not on whitelist" in messages:
        format_name = _format_name(path, tool)
        return MediaError(f"{shown(path.name)} is of a format that is not allowed ({format_name})", _CONVERT)
    if "low score" in messages:
        return MediaError(f"{shown(path.name)} is not an audio or video file", f"remove it, or {_AGAIN}")
    if "moov atom not found" in messages:
        return MediaError(f"{shown(path.name)} is truncated: its index is missing (no moov atom)", _AGAIN)
    return MediaError(f"{shown(path.name)} cannot be read as audio or video{reason(path, done)}", _DAMAGED)


def _format_name(path: Path, tool: Tool) -> str:
    """ffmpeg's name of a format that is not allowed, which only its debug messages have."""
    done = run(tool, ["-loglevel", "level+debug", *source(path)], shown(path.name), cpu_limit=_cpu_limit(path))
    names = [match[1] for line in done.log if (match := re.match(r"Format (\S+) probed", line.text))]
    return names[-1] if names else "unknown"


def _cpu_limit(path: Path) -> float:
    with suppress(OSError):  # ffmpeg reports a missing file
        return _PROBE_CPU + path.stat().st_size / _BYTES_PER_CPU_SECOND
    return _PROBE_CPU


def _seconds(timing: re.Match[str]) -> float | None:
    hours, minutes, seconds = timing.group(1, 2, 3)
    return None if hours is None else int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _start(container: str, stated: float) -> float:
    """Second 0 of the clock: the earliest timestamp, unless it is that of a codec's priming.

    MPEG streams state no priming: theirs is below 0 where the clock wraps.
    """
    return 0.0 if -_MAX_PRIMING < stated < 0 and not container.startswith("mpeg") else stated


def _audio_streams(summary: list[str]) -> list[AudioStream]:
    """The audio streams; a title, which follows its stream, may say that it is a commentary."""
    streams: list[AudioStream] = []
    in_audio = False
    for text in summary:
        if match := _AUDIO.match(text):
            streams.append(_audio_stream(match))
            in_audio = True
        elif text.lstrip().startswith("Stream #"):
            in_audio = False
        elif in_audio and (title := _TITLE.match(text)) and _SECONDARY_TITLE.search(title[1]):
            streams[-1] = streams[-1]._replace(secondary=True)
    return streams


def _audio_stream(match: re.Match[str]) -> AudioStream:
    """Parses a stream such as `aac (LC) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp, 97 kb/s (default)`."""
    rest = match["rest"]
    fields = rest.split(", ")
    rate = re.search(r", (\d+) Hz(?:, ([^,]+))?", rest)
    layout = ((rate[2] if rate else fields[1] if len(fields) > 1 else "") or "").strip()
    bits = re.search(r", (\d+) kb/s", rest)
    return AudioStream(
        number=int(match["number"]),
        codec=fields[0].split(" ")[0].rstrip(","),
        sample_rate=int(rate[1]) if rate else 0,
        channels=_channels(layout),
        layout=layout,
        bit_rate=1000 * int(bits[1]) if bits else 0,
        default="(default)" in rest,
        secondary=_SECONDARY.search(rest) is not None or match["language"] in _SECONDARY_LANGUAGES,
        dub="(dub)" in rest,
        original="(original)" in rest,
        language=match["language"] or "",
    )


def _channels(layout: str) -> int:
    """Number of channels of a layout: `mono`, `5.1(side)`, `10 channels`; 0 if unknown."""
    name = layout.split("(")[0].strip()
    if count := re.match(r"(\d+) channels", name):
        return int(count[1])
    if re.fullmatch(r"\d+(?:\.\d+)+", name):
        return sum(int(part) for part in name.split("."))
    return _LAYOUTS.get(name, 0)
