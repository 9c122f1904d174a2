"""Cues of SRT, WebVTT and SBV files, and of text in their form: lines of text, each with the cue's times.

Files in use keep to neither format: blank lines are missing or stand inside cues, and headers and comments are
anywhere. So a cue lasts until the next line with times; the number or identifier before those is no text. Every
other line is taken, or listed in `Cues.left_out`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import abridged
from imigue_build.corpus.annotations.label_use import named_voices
from imigue_build.corpus.annotations.sources import line_error
from imigue_build.corpus.annotations.timecodes import with_arrows, with_decimals

_CLOCK: Final = r"(?:(-?\d{1,4}) ?: ?)?(\d{1,2}) ?: ?(\d{1,2})(?: ?[.,:] ?(\d{1,9}))?"
_ARROW: Final = r"(?:--? ?>|[\u2013\u2014]>|\u2192)"
_TIMES: Final = re.compile(rf"(\[)?\s*{_CLOCK}\s*{_ARROW}\s*{_CLOCK}(?:\s*\](.*)|\s.*|)$")
_SBV: Final = re.compile(r"(\d{1,3}):(\d\d):(\d\d)\.(\d{3}),(\d{1,3}):(\d\d):(\d\d)\.(\d{3})$")
_NUMBER_OF_SECONDS: Final = r"\s*(\d{1,6}\.\d{1,9}) ?s?\s*"
_SECONDS: Final = re.compile(rf"\[{_NUMBER_OF_SECONDS}(?:{_ARROW}|-){_NUMBER_OF_SECONDS}\](.*)$")
_LIKE_TIMES: Final = re.compile(r"\[?\s*-?\d[\d:;.,\s]*-->")
_NUMBER: Final = re.compile(r"#?\d{1,9}[.:]?")
_HEADER: Final = re.compile(r"\ufeff?WEBVTT(?:\s|$)")
_BLOCKS: Final = {
    "header": _HEADER,
    "comment": re.compile(r"NOTE(?:\s|$)"),
    "style": re.compile(r"(?:STYLE|REGION)$"),
}
"""Blocks of WebVTT that are no cues, by the line that they begin with."""
_MAP: Final = re.compile(r"X-TIMESTAMP-MAP\s*=", re.IGNORECASE)
_MPEG: Final = re.compile(r"MPEGTS:(\d{1,15})", re.IGNORECASE)
_LOCAL: Final = re.compile(rf"LOCAL:{_CLOCK}", re.IGNORECASE)
_MPEG_HZ: Final = 90_000
_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z-]*\s*[:=]")
_LANGUAGE: Final = re.compile(r"Language\s*[:=]\s*([a-z]{2})(?:[-_]\w+)?$", re.IGNORECASE)
_HALF: Final = 0.5


class Cue(NamedTuple):
    """Lines of text that are shown from `start` to `end`, in seconds; no line is empty.

    `voice` is who speaks, where the cue's identifier names somebody.
    """

    start: float
    end: float
    lines: tuple[str, ...]
    voice: str | None = None


class Cues(NamedTuple):
    """The cues of a file, in its order, and the lines of text that belong to none, comments among them."""

    cues: tuple[Cue, ...]
    left_out: tuple[str, ...] = ()
    language: str | None = None
    """The ISO 639-1 code that a WebVTT header names."""
    frames: int | None = None
    """How many frames a second are assumed, where the times count frames."""


class _Times(NamedTuple):
    start: float
    end: float
    text: str


def has_times(lines: Iterable[str]) -> bool:
    """Whether a text has a line with the times of a cue."""
    return any(pattern.match(line.strip()) for line in with_arrows(list(lines)) for pattern in (_TIMES, _SECONDS, _SBV))


def read_cues(path: Path, lines: Sequence[str]) -> Cues:
    """The cues of a file; of several that are the same, the first.

    Args:
        path: The file of the lines, for errors.

    Raises:
        AnnotationError: If a line looks like a pair of times and is none.
    """
    kept, frames = _plain_times([line.strip() for line in lines])
    times = {at: found for at, line in enumerate(kept) if (found := _times(path, at, line)) is not None}
    identifiers = _identifiers(kept, sorted(times))
    voices = named_voices({at: kept[at] for at in identifiers})
    reader = _Reader(webvtt=any(_HEADER.match(line) for line in kept[:5]))
    voice: str | None = None
    for at, line in enumerate(kept):
        voice = voices.get(at, voice)
        if at in times:
            reader.begin(times[at], voice)
            voice = None
        elif at not in identifiers:
            reader.read(line, after_blank=at == 0 or not kept[at - 1])
    cues = [Cue(start, end, tuple(text), voice) for start, end, text, voice in reader.cues if text]
    return Cues(tuple(dict.fromkeys(cues)), tuple(reader.left_out), reader.language, frames)


def _plain_times(lines: Sequence[str]) -> tuple[list[str], int | None]:
    """The lines with the times of cues in one notation, and how many frames a second are assumed, if any."""
    kept = with_arrows(lines)
    at = [index for index, line in enumerate(kept) if _LIKE_TIMES.match(line)]
    timed, frames = with_decimals([kept[index] for index in at])
    for index, line in zip(at, timed, strict=True):
        kept[index] = line
    return kept, frames


class _Reader:
    """Sorts the lines of a file into cues and what is left out; `block` is the kind of block that it is in."""

    def __init__(self, *, webvtt: bool) -> None:
        self.cues: list[tuple[float, float, list[str], str | None]] = []
        self.left_out: list[str] = []
        self.language: str | None = None
        self._webvtt, self._block = webvtt, ""
        self._before = False
        """Whether the cue ended before the recording begins, which tools that shift times write."""
        self._shift = 0.0
        self._first_offset: float | None = None

    def begin(self, times: _Times, voice: str | None) -> None:
        """A line with the times of a cue, by a voice that was named before it."""
        start, end = max(times.start + self._shift, 0.0), max(times.end + self._shift, 0.0)
        self._before = times.end + self._shift < 0
        if self._before:
            self.left_out += [times.text] if times.text else []
            self._block = "before"
            return
        self.cues.append((start, end, [times.text] if times.text else [], voice))
        self._block = ""

    def read(self, line: str, *, after_blank: bool) -> None:
        """Another line, without the blanks at its ends."""
        if self._webvtt and line and after_blank:
            self._block = next((kind for kind, pattern in _BLOCKS.items() if pattern.match(line)), self._block)
        if not line:
            self._block = "before" if self._before else ""
        elif self._webvtt and _MAP.match(line):
            self._map(line)
        elif self._block == "header":
            self._header(line)
        elif self._block in ("before", "comment") or (not self._block and not self.cues):
            self.left_out.append(line)
        elif not self._block:
            self.cues[-1][2].append(line)

    def _header(self, line: str) -> None:
        if named := _LANGUAGE.match(line):
            self.language = named[1].lower()
        elif not _FIELD.match(line) and not _HEADER.match(line):
            self.left_out.append(line)

    def _map(self, line: str) -> None:
        """The clock of the cues that follow, as a segment of a stream names it; the first segment's is the file's."""
        offset = _offset(line)
        self._first_offset = offset if self._first_offset is None else self._first_offset
        self._shift = offset - self._first_offset


def _times(path: Path, at: int, line: str) -> _Times | None:
    """The times in a line; None if it is another line."""
    if named := _SECONDS.match(line):
        return _Times(float(named[1]), float(named[2]), named[3].strip())
    if sbv := _SBV.match(line):
        return _Times(clock(sbv.groups()[:4]), clock(sbv.groups()[4:]), "")
    match = _TIMES.match(line)
    if match is None:
        if _LIKE_TIMES.match(line):
            raise line_error(path, at + 1, f"{abridged(line)!r} is not a pair of times")
        return None
    parts = match.groups()
    bracketed, text = parts[0], (parts[9] or "").strip()
    return _Times(clock(parts[1:5]), clock(parts[5:9]), text if bracketed else "")


def clock(parts: Sequence[str | None]) -> float:
    """Hours, minutes, seconds and decimals as seconds; hours with a minus sign make all of it negative."""
    hours, minutes, seconds, decimals = parts
    fraction = int(decimals) / 10 ** len(decimals) if decimals else 0.0
    whole = abs(int(hours or 0)) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + fraction
    return -whole if hours and hours.startswith("-") else whole


def _identifiers(lines: Sequence[str], times: Sequence[int]) -> set[int]:
    """The lines that number or name cues: those before the times, if most cues have one.

    A number may have a blank line after it, but no text right before it unless the numbers go on from it.
    """
    numbers: list[int] = []
    names: list[int] = []
    sure = 0
    twice: set[int] = set()
    for before, at in zip([-1, *times], times, strict=False):
        filled = [index for index in range(before + 1, at) if lines[index]]
        if filled and _NUMBER.fullmatch(lines[filled[-1]]):
            numbers.append(filled[-1])
            twice |= {at for at in filled[-2:-1] if lines[at] == lines[filled[-1]] and not lines[at + 1]}
            sure += len(filled) > 1 or before < 0
        elif filled and filled[-1] == at - 1 and (at == 1 or not lines[at - 2]) and (len(filled) > 1 or before < 0):
            names.append(at - 1)
    found: set[int] = set()
    if sure > _HALF * len(numbers) and len(numbers) > _HALF * len(times):
        last = -1
        for index in numbers:
            value = int(lines[index].strip("#.:"))
            if value > last or index == 0 or not lines[index - 1]:
                found.add(index)
                last = value
        found |= twice if len(twice) > _HALF * len(numbers) else set()
    if len(names) > _HALF * len(times) and not any(_HEADER.match(lines[index]) for index in names):
        found.update(names)
    return found


def _offset(line: str) -> float:
    """Seconds from the cues' clock to that of the MPEG stream, in a line `X-TIMESTAMP-MAP`."""
    mpeg, local = _MPEG.search(line), _LOCAL.search(line)
    return (int(mpeg[1]) / _MPEG_HZ if mpeg else 0.0) - (clock(local.groups()) if local else 0.0)
