"""Finds ffmpeg, and runs it on untrusted files.

The program is the binary that imageio-ffmpeg's wheel carries (which has no ffprobe: everything here makes do
with ffmpeg), unless a setting names another; the PATH is not searched. It reads local files alone, opens only the
containers of `CONTAINERS`, and is bounded in time and memory.
"""

from __future__ import annotations

import math
import re
import subprocess
from collections import deque
from contextlib import suppress
from functools import cache
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Final, NamedTuple

from imigue_build.core import programs
from imigue_build.core.errors import BackendError, MediaError
from imigue_build.core.extras import folder_of
from imigue_build.core.records import Provenance
from imigue_build.core.secrets import without_tokens
from imigue_build.models.digests import remembered

CONTAINERS: Final = (
    *("mov", "matroska", "avi", "mpegts", "mpeg", "flv", "live_flv", "asf", "ogg", "mxf", "dv", "rm", "nut"),
    *("wav", "w64", "mp3", "flac", "aac", "ac3", "eac3", "caf", "aiff", "amr", "amrnb", "amrwb", "au", "wv"),
)
"""ffmpeg's names of the allowed formats: none of them refers to other files or to the network."""

INPUT_OPTIONS: Final[dict[str, str | int]] = {
    "protocol_whitelist": "file,pipe",
    "format_whitelist": ",".join(CONTAINERS),
    "analyzeduration": "60M",  # audio may start late: search a minute ahead, not 5 seconds
    "probesize": "50M",
    "max_pixels": 100_000_000,  # images are decoded for probing: none may take seconds
    "guess_layout_max": 2,  # more channels without a stated layout are microphones, not surround
    "threads": 1,
}

_OLDEST: Final = 4
_MAX_MEMORY: Final = 1 << 30
_MAX_FILE_SIZE: Final = (1 << 32) + 4096
"""Bytes of the largest WAV with its header."""
_FIRST_LINES: Final = 5000
_LAST_LINES: Final = 400
_CPU_LIMIT_REACHED: Final = "received signal 24"
"""ffmpeg's message when `-timelimit` is used up; the kernel kills it a second later."""
_LOG_LINE: Final = re.compile(r"(?:\[(?P<source>[^\]]*?)(?: @ \w+)?\] )*?\[(?P<level>[a-z]+)\] (?P<text>.*)")


class LogLine(NamedTuple):
    """A log message of ffmpeg: the component that sent it (empty for the program), its level, its text."""

    source: str
    level: str
    text: str


class Run(NamedTuple):
    """A finished ffmpeg process: exit status, standard output, and the first and last log messages."""

    status: int
    output: list[str]
    log: list[LogLine]

    @property
    def errors(self) -> list[str]:
        """The messages of level error and above."""
        return [line.text for line in self.log if line.level in ("error", "fatal", "panic")]


class Tool(NamedTuple):
    """The ffmpeg that is run, and the seconds that one call of it may take."""

    program: Path
    timeout: float


@cache
def find_ffmpeg(chosen: str | None = None, tried: bool = False) -> Path:
    """The ffmpeg that runs: the bundled one, or the program that the setting `extract.ffmpeg` names.

    Args:
        tried: Whether the bundled one is started now, also where it has run before.

    Raises:
        BackendError: If it does not work, or is older than version 4.
    """
    if chosen is None:
        program = bundled()
        if program is None or not (_version(program) if tried else _version_before(program)):
            found = "is missing" if program is None else f"({program}) does not run here"
            remedy = "pip install --force-reinstall imageio-ffmpeg, or name another: --set extract.ffmpeg=PATH"
            raise BackendError(f"the ffmpeg that imageio-ffmpeg brings {found}", remedy)
        return program
    program = Path(chosen)
    version = _version(program)
    if version is None:
        remedy = "name one that works, or leave the setting out: the bundled one is used then"
        raise BackendError(f"extract.ffmpeg: {chosen} is no ffmpeg that runs", remedy)
    major = re.match(r"n?(\d+)\.", version)
    if major is not None and int(major[1]) < _OLDEST:
        what = f"extract.ffmpeg: {chosen} is ffmpeg {version}, and {_OLDEST} or later is needed"
        raise BackendError(what, "name a later one, or leave the setting out: the bundled one is used then")
    return program


def ffmpeg_version(chosen: str | None = None) -> str:
    """The version that the ffmpeg in use states, such as `7.0.2-static`, and whether it is not the bundled one.

    Raises:
        BackendError: As `find_ffmpeg`.
    """
    program = find_ffmpeg(chosen)
    if chosen is None:
        return _version_before(program)
    return f"{_version(program) or 'unknown'} (not the bundled one)"


def provenance(chosen: str | None = None) -> Provenance:
    """The decoder and its version, for completion records.

    Raises:
        BackendError: As `find_ffmpeg`.
    """
    return Provenance(tools={"ffmpeg": ffmpeg_version(chosen)})


def url(path: Path) -> str:
    """A path in the form that ffmpeg accepts whatever characters it contains."""
    return f"file:{path.absolute()}"


def source(path: Path) -> list[str]:
    """The arguments for an input file, with `INPUT_OPTIONS`."""
    return [*(word for name, value in INPUT_OPTIONS.items() for word in (f"-{name}", str(value))), "-i", url(path)]


def run(tool: Tool, arguments: list[str], name: str, keep: str = "", cpu_limit: float | None = None) -> Run:
    """Runs ffmpeg on the file called `name` and waits for it, at most the tool's `timeout`, or `cpu_limit` CPU seconds.

    Of very many messages, the first and last ones are kept, and up to as many that contain `keep`.

    If the caller dies and nothing else ends it, it ends by itself at the CPU limit, by default a multiple of the
    `timeout`.

    Raises:
        MediaError: If it takes longer, or crashes.
        BackendError: If it cannot be started.
    """
    options = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+info"]
    cpu_seconds = math.ceil(4 * tool.timeout) + 60 if cpu_limit is None else math.ceil(cpu_limit)
    command = [str(tool.program), *options, "-timelimit", str(cpu_seconds), *arguments]
    environment = {
        name: value for name, value in without_tokens().items() if name not in ("FFREPORT", "AV_LOG_FORCE_COLOR")
    }
    output, messages = _Lines(), _Lines(keep.encode())
    try:
        status = programs.run(command, environment, tool.timeout, output.add, messages.add, started=_limit)
    except subprocess.TimeoutExpired:
        remedy = "raise extract.timeout, or convert the file to another format first"
        raise MediaError(f"{name} was not read within {tool.timeout:g} s", remedy) from None
    except OSError as error:
        remedy = "see what `imigue-build doctor` says of ffmpeg"
        raise BackendError(f"{command[0]} cannot be started ({error.strerror})", remedy) from None
    log = [_log_line(line) for line in messages.lines]
    if any(_CPU_LIMIT_REACHED in line.text for line in log[-_LAST_LINES:]) or (cpu_limit and status == -SIGKILL):
        remedy = "remove it, or convert it to WAV"
        raise MediaError(f"{name} needs more CPU time to be read than a recording should ({cpu_seconds} s)", remedy)
    if (number := programs.killed_by(status)) in (SIGKILL, SIGTERM):
        what = f"ffmpeg was killed while it read {name} (signal {number})"
        raise MediaError(what, "the machine may be short of memory: run with fewer --jobs")
    if status < 0:
        remedy = "the file may be damaged: convert it to another format"
        raise MediaError(f"ffmpeg {_version(tool.program)} crashed on {name} (signal {-status})", remedy)
    return Run(status, output.lines, log)


class _Lines:
    """Keeps the first and last lines of an output, and those that contain `keep`."""

    def __init__(self, keep: bytes = b"") -> None:
        self._keep = keep
        self._head: list[str] = []
        self._kept: list[str] = []
        self._tail: deque[str] = deque(maxlen=_LAST_LINES)

    def add(self, raw: bytes) -> None:
        """Takes the next line."""
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if len(self._head) < _FIRST_LINES:
            self._head.append(line)
        elif self._keep and self._keep in raw and len(self._kept) < _FIRST_LINES:
            self._kept.append(line)
        else:
            self._tail.append(line)

    @property
    def lines(self) -> list[str]:
        return [*self._head, *self._kept, *self._tail]


def _log_line(line: str) -> LogLine:
    match = _LOG_LINE.fullmatch(line)
    return LogLine(match["source"] or "", match["level"], match["text"]) if match else LogLine("", "", line)


def _limit(pid: int) -> None:
    """Limits a process to `_MAX_MEMORY` bytes (a gap in the timestamps requests as much silence) and to files of
    `_MAX_FILE_SIZE`, and disables core dumps.
    """
    try:
        from resource import RLIMIT_CORE, RLIMIT_DATA, RLIMIT_FSIZE, prlimit
    except ImportError:  # only Linux can limit another process
        return
    for resource, limit in ((RLIMIT_DATA, _MAX_MEMORY), (RLIMIT_FSIZE, _MAX_FILE_SIZE), (RLIMIT_CORE, 0)):
        with suppress(OSError, ValueError):  # the process has ended, or a tighter limit is set
            prlimit(pid, resource, (limit, limit))


def bundled() -> Path | None:
    """imageio-ffmpeg's binary, or None where it is not installed or has none for this machine.

    The package's own search starts what it finds with our whole environment, tokens included.
    """
    folder = folder_of("imageio_ffmpeg")
    return next(iter(sorted(folder.glob("binaries/ffmpeg-*"))), None) if folder is not None else None


@cache
def _version(program: Path) -> str | None:
    """What `program` says its version is, or None where it does not run."""
    lines: list[bytes] = []
    try:
        status = programs.run([str(program), "-version"], without_tokens(), 60, lines.append, lambda _: None)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    found = re.match(rb"ffmpeg version (\S+)", b"".join(lines))
    return found[1].decode("utf-8", "replace") if found and status == 0 else None


def _version_before(program: Path) -> str:
    """What the bundled `program` said its version is, once it ran; empty where it does not run.

    It is one file, without libraries of the system: while that is the same, so is what it says.
    """
    try:
        return remembered("version", [program], lambda: _version(program) or "")
    except OSError:
        return ""
