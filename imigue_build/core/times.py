"""Seconds, milliseconds and samples: the one place where times are rounded."""

from __future__ import annotations

import math


def milliseconds(seconds: float) -> int:
    """The nearest whole millisecond (halves up, so that it does not depend on parity)."""
    return math.floor(seconds * 1000 + 0.5)


def samples_at(ms: int, rate: int) -> int:
    """The sample at which a time in integer milliseconds falls; the one place that derives it."""
    return (ms * rate + 500) // 1000
