"""Texts without blanks between a label and what is said: `Jane:So?`, `0:05so`, and numbers of lines.

A word may hold a colon as well, so the lines of a text are changed only where many of them begin alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_USUAL: Final = 0.2
"""Share of the lines from which what they begin with is a label or a time."""
_NUMBERED: Final = 0.9
"""Share of the lines that go on from the one before from which lines are numbered."""
_FEWEST_NUMBERED: Final = 3
_NAME: Final = r"[^\W\d_a-z][\w.'\u2019-]*(?: [\w.'\u2019&-]+){0,4}"
_LABEL: Final = re.compile(rf"^(\s*(?:>>+ ?|[-*\u2022] )?)({_NAME})(:|\u2014)(?=[^\W\d_]|[\"'\u201c\u00bf\u00a1(\[])")
_TIMED: Final = re.compile(r"^(\s*[^\W\d_][^()\[\]:]{0,58}[^\s()\[\]:])(?=[(\[](?:\d{1,2}:)?\d{1,2}:\d\d[)\]])")
"""A name with a time in brackets right after it: `Jane(0:05)`."""
_TIME: Final = re.compile(r"^\s*\d{1,2}:\d\d(?::\d\d)?(?=[^\W\d_])")
_WIDE: Final = re.compile("^([^\uff1a]{1,30}\uff1a)(?=\\S)")
"""A colon of full width, after which Chinese and Japanese have no blank."""
_NUMBER: Final = re.compile(r"^\s*(\d{1,4})[.):]?(?:\s+|$)")


def separated(lines: Sequence[str]) -> list[str]:
    """The lines with a blank between labels or times and the text that follows without one.

    >>> separated(["Jane:So?", "Max:Well.", "Jane:And?", "Max:re:so"])
    ['Jane: So?', 'Max: Well.', 'Jane: And?', 'Max: re:so']
    """
    filled = max(sum(map(bool, map(str.strip, lines))), 1)
    matches = [_LABEL.match(line) for line in lines]
    counts = Counter(match[2] for match in matches if match)
    names = {name for name, count in counts.items() if count >= 2}
    if len(names) < 2 or sum(counts[name] for name in names) < _USUAL * filled:
        names = set()
    names_timed = sum(_TIMED.match(line) is not None for line in lines) >= max(2, _USUAL * filled)
    timed = sum(_TIME.match(line) is not None for line in lines) >= 2 * _USUAL * filled
    found: list[str] = []
    for line, match in zip(lines, matches, strict=True):
        if match and match[2] in names:
            found.append(f"{match[1]}{match[2]}{':' if match[3] == ':' else ' -'} {line[match.end() :]}")
        elif names_timed and _TIMED.match(line):
            found.append(_TIMED.sub(r"\1 ", line))
        elif timed and (time := _TIME.match(line)):
            found.append(f"{time[0]} {line[time.end() :]}")
        else:
            found.append(_WIDE.sub(r"\1 ", line))
    return found


def without_numbers(lines: Sequence[str]) -> list[str]:
    """The lines without their numbers, where all are numbered, as those of depositions are."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    values = [int(match[1]) if (match := _NUMBER.match(lines[at])) else None for at in filled]
    going_on = sum(a is not None and b is not None and b in (a + 1, 1) for a, b in pairwise(values))
    plain = [_NUMBER.sub("", line) for line in lines]
    written = sum(map(bool, map(str.strip, plain)))
    enough = len(filled) >= _FEWEST_NUMBERED and 2 * written >= len(filled)
    if not enough or values[0] is None or going_on < _NUMBERED * (len(filled) - 1):
        return list(lines)
    return plain
