"""Times in notations of video editors and label tracks, written as other files have them.

Editors count frames (`00:00:03:12`); Audacity's label tracks and scripts write columns of seconds (`0.50\t3.10\tSo?`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_TIMECODE: Final = re.compile(r"(?<![\d:.,;])(\d{1,2}:\d{2}:\d{2})[:;](\d{2})(?![\d:.,;])")
_RATES: Final = (25, 30, 60)
"""Frames a second; the lowest counts that no time exceeds."""
_HUNDREDTHS: Final = 100
_SECONDS: Final = r"(\d{1,6}\.\d{1,9}) ?s?"
_COLUMNS: Final = re.compile(rf"\s*{_SECONDS}(?:\s+|\s*-\s*){_SECONDS}(?:\s*\|\s*|:?\s+)(\S.*)$")
_USUAL: Final = 0.8
"""Share of the lines that begin with two numbers from which these are times."""


def with_decimals(texts: Sequence[str]) -> tuple[list[str], int | None]:
    """The texts with frames as decimals of a second, and how many frames a second are assumed; None without frames.

    >>> with_decimals(["00:00:03:12", "00:00:05;20"])
    (['00:00:03.480', '00:00:05.800'], 25)
    """
    frames = [int(match[2]) for text in texts for match in _TIMECODE.finditer(text)]
    if not frames:
        return list(texts), None
    rate = next((rate for rate in _RATES if rate > max(frames)), _HUNDREDTHS)

    def decimal(match: re.Match[str]) -> str:
        return f"{match[1]}.{int(match[2]) * 1000 // rate:03d}"

    return [_TIMECODE.sub(decimal, text) for text in texts], rate


def with_arrows(lines: Sequence[str]) -> list[str]:
    r"""The lines with `[0.50 --> 3.10]` for two columns of seconds, where nearly all lines begin with them.

    >>> with_arrows(["0.50\t3.10\tSo?", "3.60\t5.50\tWell."])
    ['[0.50 --> 3.10] So?', '[3.60 --> 5.50] Well.']
    """
    matches = [_COLUMNS.match(line) for line in lines]
    times = [(float(match[1]), float(match[2])) for match in matches if match]
    usual = len(times) >= max(2, _USUAL * sum(map(bool, map(str.strip, lines))))
    if not usual or any(end < start for start, end in times):
        return list(lines)
    return [
        f"[{match[1]} --> {match[2]}] {match[3]}" if match else line for match, line in zip(matches, lines, strict=True)
    ]
