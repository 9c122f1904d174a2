"""Where the shift of a transcript changes: something was cut out of the recording, or put into it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.asr.precomputed.clock import Break, Clock

if TYPE_CHECKING:
    from imigue_build.backends.asr.precomputed.shared_words import Pairs

_BLOCK: Final = 20.0
"""Seconds of sound whose words have one shift."""
_MIN_WORDS: Final = 6
"""Words of a block that have to agree on its shift."""
_MIN_BLOCKS: Final = 2
"""Blocks on each side of a change of a shift, if a line is to be worse."""
_MIN_GROUP: Final = 15
"""Words in a row that have to agree on a shift; fewer may be a sentence that is said twice."""
_MAX_ERROR: Final = 1.0
"""Seconds of uncertainty up to which a word's given time says something."""
_NEAR: Final = 1.0
"""Seconds; shifts that differ by less are one."""
_FINE: Final = 0.25
"""Seconds between the shifts that are tried."""
_ON_LINE: Final = 1.5
_MUCH_NEARER: Final = 0.5
_FEW: Final = 0.3
"""Share of a block's words below which the common line is not its own."""


class _Block(NamedTuple):
    """The words of a stretch of sound: from and to when, by how much the sound comes after the line."""

    start: float
    end: float
    lag: float
    words: int
    on_line: int


def is_broken(found: Pairs, clock: Clock) -> bool:
    """Whether the words of a whole block agree on another shift than the line's, or two shifts suit them better."""
    blocks = _blocks(found, clock)
    if any(abs(block.lag) > _ON_LINE and block.on_line < _FEW * block.words for block in blocks):
        return True
    return clock.rate != 1.0 and _two_shifts(_blocks(found, _level(clock, found)), sum(abs(one.lag) for one in blocks))


def _level(clock: Clock, found: Pairs) -> Clock:
    """The clock at rate 1 that meets another in the middle of the words."""
    return Clock(clock.lag(median(found.given.tolist())), 1.0)


def _two_shifts(blocks: Sequence[_Block], on_line: float) -> bool:
    """Whether one shift before and another after some time are much nearer to the blocks than a line, in seconds."""
    lags = [block.lag for block in blocks]
    sides = [(lags[:cut], lags[cut:]) for cut in range(_MIN_BLOCKS, len(lags) - _MIN_BLOCKS + 1)]
    apart = [sum(abs(lag - median(side)) for side in both for lag in side) for both in sides]
    return bool(apart) and min(apart) < _MUCH_NEARER * on_line


def breaks(found: Pairs, clock: Clock) -> tuple[Break, ...]:
    """The changes of the shift, where at least two blocks on both sides agree on theirs.

    Shifts are those against the given times; at another rate than 1, if the words have that between the breaks.
    """
    level = _level(clock, found)
    if sum(len(group) for group in _groups(found, level)) >= sum(len(group) for group in _groups(found, clock)):
        clock = level
    groups = _groups(found, clock)
    changes = []
    for before, after in pairwise(groups):
        time = (before[-1].end + after[0].start) / 2
        if after[0].start - _lag(after) < before[-1].end - _lag(before) - _BLOCK:
            return ()  # the text would go far back: a passage of it that is said twice
        base = clock.lag((time - clock.offset) / clock.rate)
        changes.append(Break(time, -(base + _lag(before)), -(base + _lag(after))))
    return tuple(changes)


def _groups(found: Pairs, clock: Clock) -> list[list[_Block]]:
    """Blocks in a row with one shift; too few of them are left out."""
    groups: list[list[_Block]] = []
    for block in _blocks(found, clock):
        if groups and abs(block.lag - _lag(groups[-1])) < _NEAR:
            groups[-1].append(block)
        else:
            groups.append([block])
    kept: list[list[_Block]] = []
    for group in (group for group in groups if sum(block.words for block in group) >= _MIN_GROUP):
        if kept and abs(_lag(group) - _lag(kept[-1])) < _NEAR:
            kept[-1] += group
        else:
            kept.append(group)
    return kept


def _lag(group: Sequence[_Block]) -> float:
    return median(block.lag for block in group)


def _blocks(found: Pairs, clock: Clock) -> list[_Block]:
    """The blocks in which enough words agree on a shift; of equal ones the shift nearest to the line's."""
    members: dict[int, list[tuple[float, float, int]]] = {}
    found = found.where(found.error <= _MAX_ERROR)
    columns = (found.given.tolist(), found.sound.tolist(), found.heard.tolist())
    for given, sound, heard in zip(*columns, strict=True):
        members.setdefault(int(sound // _BLOCK), []).append((sound - clock(given), sound, heard))
    blocks = []
    for _, words in sorted(members.items()):
        shifts = sorted({round(lag / _FINE) * _FINE for lag, _, _ in words})
        around = [[word for word in words if abs(word[0] - shift) <= _NEAR] for shift in shifts]
        best = max(around, key=_agreement)
        agreeing = len({word[2] for word in best})
        if agreeing >= _MIN_WORDS:
            times = [word[1] for word in best]
            on_line = len({word[2] for word in words if abs(word[0]) <= _ON_LINE})
            blocks.append(_Block(min(times), max(times), median(word[0] for word in best), agreeing, on_line))
    return blocks


def _agreement(near: Sequence[tuple[float, float, int]]) -> tuple[int, float]:
    """How many heard words agree, and how near to the line they are."""
    return len({heard for _, _, heard in near}), -sum(abs(lag) for lag, _, _ in near) / max(len(near), 1)
