"""Durations for people."""

from __future__ import annotations


def duration_text(seconds: float) -> str:
    """A duration in the units that fit it.

    >>> duration_text(8.2), duration_text(724), duration_text(122_760)
    ('8 s', '12 min 4 s', '34.1 h')
    """
    if seconds >= 2 * 3600:
        return f"{seconds / 3600:.1f} h"
    minutes, rest = divmod(int(seconds + 0.5), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
