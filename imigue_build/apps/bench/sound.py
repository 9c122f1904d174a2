"""Reads utterances of any sample rate and number of channels, mixed to mono; files that are too large are rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.apps.bench.utterances import listed
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.core.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Signal = NDArray[np.float32]  # (samples,), 16 kHz mono, full scale is 1

REVISION: Final = 2
"""Increased with every change of what `read` makes of a file."""
MAX_BYTES: Final = 256 * 2**20
"""Size of the largest file of an utterance."""
MAX_SECONDS: Final = 120.0
"""Longest utterance; pooled features of longer ones mean little."""
MIN_SECONDS: Final = 0.1
"""Shortest utterance: a few windows of 25 ms."""
_SILENT: Final = 10 ** (-80 / 20)
_TRIM: Final = "cut it into utterances, or remove it from the corpus"


def read(path: Path, start: float | None = None, end: float | None = None) -> Signal:
    """An utterance at 16 kHz, (samples,) between -1 and 1, mixed to mono.

    Args:
        path: A WAV, FLAC, Ogg or other file that libsndfile reads.
        start, end: Seconds in the file; None for its start and its end.

    Raises:
        MediaError: If it cannot be read, is truncated, empty, silent, too short or too large.
    """
    import numpy as np

    mixed, rate = _decoded(path, start, end)
    if not np.isfinite(mixed).all():
        raise MediaError(f"{path.name} has samples that are not finite", "write the file again")
    if len(mixed) < MIN_SECONDS * rate:
        raise MediaError(f"{path.name} is too short ({len(mixed) / rate:.3f} s; at least {MIN_SECONDS} s)", _TRIM)
    if float(np.abs(mixed).max()) < _SILENT:
        raise MediaError(f"{path.name} is silent", "remove it from the corpus")
    if rate == SAMPLE_RATE:
        return mixed
    import soxr

    return np.asarray(soxr.resample(mixed, rate, SAMPLE_RATE), np.float32)


class AudioFormat(NamedTuple):
    """Sample rate and number of channels of an audio file."""

    rate: int
    channels: int


def audio_format(path: Path) -> AudioFormat | None:
    """The format of a file by its header; None if it is invalid, which `read` reports."""
    import soundfile

    try:
        found = soundfile.info(path)
    except (soundfile.SoundFileError, OSError, ValueError):
        return None
    return AudioFormat(int(found.samplerate), int(found.channels))


def format_warnings(forms: Mapping[str, AudioFormat]) -> tuple[str, ...]:
    """Warnings about the audio of utterances: other sample rates, several channels."""
    if not forms:
        return ()
    warnings = []
    usual = Counter(form.rate for form in forms.values()).most_common(1)[0][0]
    if others := sorted(f"{name} ({form.rate} Hz)" for name, form in forms.items() if form.rate != usual):
        few = listed(others)
        warnings.append(f"{len(others)} of {len(forms)} files are not at {usual} Hz like most (resampled): {few}")
    if low := sorted(name for name, form in forms.items() if form.rate < SAMPLE_RATE):
        warnings.append(f"{len(low)} of {len(forms)} files are below {SAMPLE_RATE} Hz (resampled): {listed(low)}")
    if several := sorted(name for name, form in forms.items() if form.channels > 1):
        warnings.append(f"{len(several)} of {len(forms)} files have several channels (mixed): {listed(several)}")
    return tuple(warnings)


def _decoded(path: Path, start: float | None, end: float | None) -> tuple[Signal, int]:
    """The samples of a file, mixed to mono, and its rate."""
    import numpy as np
    import soundfile

    require_size(path)
    try:
        with soundfile.SoundFile(path) as file:
            first, last = _bounds(path, file, start, end)
            file.seek(first)
            samples = file.read(last - first, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        reason = " ".join(str(error).split()).rsplit(": ", 1)[-1]
        raise MediaError(f"{path.name} is not a readable audio file ({reason})", "write it again") from error
    if len(samples) != last - first:
        raise MediaError(f"{path.name} is truncated: {len(samples)} of {last - first} samples", "write it again")
    return np.ascontiguousarray(samples.mean(axis=1), np.float32), int(file.samplerate)


def require_size(path: Path) -> None:
    """Checks that a file is regular, not empty, and not too large to be one utterance.

    Raises:
        MediaError: If it is not.
    """
    try:
        size = path.stat().st_size
        regular = path.is_file()
    except OSError as error:
        raise MediaError(f"{path} cannot be read ({error.strerror})", "check the path") from error
    if not regular:
        raise MediaError(f"{path} is not a regular file", "check the path")
    if size == 0:
        raise MediaError(f"{path.name} is empty", "write it again")
    if size > MAX_BYTES:
        what = f"{path.name} has {size / 2**20:.0f} MiB; an utterance has at most {MAX_BYTES // 2**20}"
        raise MediaError(what, _TRIM)


def _bounds(path: Path, file: Any, start: float | None, end: float | None) -> tuple[int, int]:
    """First and end sample of the interval."""
    rate, total = file.samplerate, file.frames
    _require_complete(path, file)
    first = 0 if start is None else round(start * rate)
    last = total if end is None else round(end * rate)
    if not 0 <= first <= last <= total:
        what = f"{path.name}: {start} to {end} s is not within its {total / rate:.2f} s"
        raise MediaError(what, "correct the times")
    if last - first > MAX_SECONDS * rate:
        what = f"{path.name} lasts {(last - first) / rate:.0f} s; an utterance lasts at most {MAX_SECONDS:.0f} s"
        raise MediaError(what, _TRIM)
    return first, last


def _require_complete(path: Path, file: Any) -> None:
    """Checks that a WAV is not shorter than its header states; libsndfile silently reads truncated files."""
    import struct

    if file.format != "WAV":
        return
    size = path.stat().st_size
    with path.open("rb") as raw:
        raw.seek(12)
        while len(head := raw.read(8)) == 8:
            name, length = struct.unpack("<4sI", head)
            if name == b"data":
                if length not in (0, 0xFFFFFFFF) and raw.tell() + length > size:
                    found = f"{size - raw.tell()} of {length} bytes of audio"
                    raise MediaError(f"{path.name} is truncated: {found}", "write it again")
                return
            raw.seek(length + length % 2, 1)
