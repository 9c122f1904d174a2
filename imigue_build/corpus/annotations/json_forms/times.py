"""Times as tools write them: under many names, in seconds, milliseconds or ticks, as numbers, clocks or durations."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from imigue_build.corpus.annotations.sources import MAX_TIME

_CLOCK: Final = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,2}):)?(\d{1,12}(?:[.,]\d{1,12})?)s?", re.ASCII)
"""`1.3`, `1.300s`, `02:03.5` or `00:02:03,500`."""
_DURATION: Final = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,9}(?:\.\d{1,12})?)S)?", re.ASCII)
"""`PT2M3.5S`, by ISO 8601."""

_ROUNDING: Final = 0.1
"""Seconds by which a time may be negative: tools that subtract padding make such errors."""


class _Names(NamedTuple):
    """Names of fields for the start, end and duration of a row, and their units in a second."""

    starts: tuple[str, ...]
    ends: tuple[str, ...]
    durations: tuple[str, ...]
    unit: float


_NAMES: Final = (
    _Names(
        ("start", "start_time", "startTime", "start_seconds", "begin", "time_begin", "from", "ts", "timeOffset"),
        ("end", "end_time", "endTime", "end_seconds", "time_end", "to", "end_ts"),
        ("duration", "dur"),
        1,
    ),
    _Names(
        (
            "startMs",
            "start_ms",
            "startMillis",
            "startTimeMs",
            "start_time_ms",
            "BeginOffsetMillis",
            "offsetMilliseconds",
        ),
        ("endMs", "end_ms", "endMillis", "endTimeMs", "end_time_ms", "EndOffsetMillis"),
        ("durationMs", "duration_ms", "durationMillis", "durationMilliseconds"),
        1000,
    ),
    _Names(("offsetInTicks", "Offset"), (), ("durationInTicks", "Duration"), 1e7),
    _Names(("offset",), (), ("duration",), 1),
)


def seconds(value: object, unit: float = 1.0) -> float | None:
    """A time as tools write it: a number, a text, or an object of seconds and nanos; None where it is not usable.

    Args:
        unit: Units in a second, for numbers.

    >>> seconds("00:02:03,500"), seconds("PT2M3.5S"), seconds({"seconds": "2", "nanos": 500000000}), seconds("soon")
    (123.5, 123.5, 2.5, None)
    """
    if isinstance(value, dict) and value.keys() <= {"seconds", "nanos"}:  # zeros are left out
        whole, rest = seconds(value.get("seconds", 0)), seconds(value.get("nanos", 0))
        value = None if whole is None or rest is None else whole + rest / 1e9
    if isinstance(value, str):
        written = value.strip()
        if match := _CLOCK.fullmatch(written):
            value = int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + float(match[3].replace(",", "."))
        elif (match := _DURATION.fullmatch(written)) and any(match.groups()):
            return int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + float(match[3] or 0)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return max(0.0, value / unit) if -_ROUNDING * unit < value < MAX_TIME * unit else None


def span(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Start and end of a row, under the names that the tools have for them.

    >>> span({"start": 1, "end": 2.5}), span({"offsetInTicks": 1e7, "durationInTicks": 5e6}), span({"startMs": 500})
    ((1.0, 2.5), (1.0, 1.5), (0.5, None))
    """
    found: tuple[float | None, float | None] = (None, None)
    for names in _NAMES:
        start, end, duration = (_first(row, keys, names.unit) for keys in names[:3])
        if end is None and start is not None and duration is not None:
            end = start + duration
        if start is not None and end is not None:
            return start, end
        if found == (None, None):
            found = start, end
    return found


def untimed(start: float | None, end: float | None) -> bool:
    """Whether a pair of times is missing, reversed or empty."""
    return start is None or end is None or not start < end or math.isnan(end - start)


def _first(row: Mapping[str, Any], keys: tuple[str, ...], unit: float) -> float | None:
    found = (seconds(row[key], unit) for key in keys if row.get(key) is not None)
    return next((value for value in found if value is not None), None)
