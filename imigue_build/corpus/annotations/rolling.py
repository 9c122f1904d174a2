"""What lies across cues: lines that captions show twice or three times as they roll, and marks cut in two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from imigue_build.corpus.annotations.cue_lines import Line
from imigue_build.corpus.annotations.cues import Cue
from imigue_build.text.marks import without_marks

_NEAR: Final = 0.5
"""Seconds between two cues of which the second can repeat the first."""
_ROLLING: Final = 1 / 3
"""Share of the cues that repeat lines from which captions roll."""
_MIN_REPEATED: Final = 3
_MAX_REPEATED: Final = 50
"""Words that a cue repeats from the end of the one before, where they are not a whole line or cue."""
_MAX_LINES: Final = 10
"""Lines that a cue repeats."""
_MAX_MARK: Final = 10
"""Words of a mark in either of two cues."""
_BRACKETS: Final = {"(": ")", "[": "]", "{": "}", "<": ">", "*": "*"}
Shown = tuple[Cue, list[Line]]
"""A cue and its lines without markup."""


def without_repetitions(shown: Sequence[Shown]) -> tuple[list[Shown], int]:
    """The cues with the lines that appear in them first, and the number of lines left out, if captions roll."""
    timed = any(time is not None for _, lines in shown for line in lines for time in line.times)
    spoken = [item for item in shown if item[1]]
    near = [(a, b) for a, b in pairwise(spoken) if b[0].start - a[0].end <= _NEAR]
    repeated = [(_repeated(a[1], b), sum(len(line.tokens) for line in b[1])) for a, b in near]
    rolls = sum(0 < tokens < total for tokens, total in repeated)
    again = sum(tokens > 0 for tokens, _ in repeated)
    if not rolls or again < _ROLLING * len(near) or (again < 2 and not timed):
        return list(spoken), 0
    kept: list[Shown] = []
    left_out = 0
    for before, item in zip([None, *spoken], spoken, strict=False):
        close = before is not None and item[0].start - before[0].end <= _NEAR
        count = _repeated(before[1], item) if before is not None and close else 0
        left_out += count > 0
        kept.append((item[0], list(_from(item[1], count))))
    return kept, left_out


def _repeated(before: Sequence[Line], item: Shown) -> int:
    """The number of tokens at the beginning of a cue that the cue before it has shown."""
    cue, lines = item
    old = [(line.voice, *line.tokens) for line in before]
    new: list[tuple[str | None, ...]] = []
    for line in lines:
        if any(time is not None and time > cue.start for time in line.times):
            break
        new.append((line.voice, *line.tokens))
    for count in range(min(len(old), len(new), _MAX_LINES), 0, -1):
        if old[-count:] == new[:count]:
            return sum(len(line.tokens) for line in lines[:count])
    if any(line.voice for line in (*before, *lines)):
        return 0
    old_tokens, new_tokens = ([token for _, *tokens in side for token in tokens] for side in (old, new))
    if old_tokens == new_tokens[: len(old_tokens)]:
        return len(old_tokens)
    for count in range(min(len(old_tokens), len(new_tokens), _MAX_REPEATED), _MIN_REPEATED - 1, -1):
        if old_tokens[-count:] == new_tokens[:count]:
            return count
    return 0


def _from(lines: Iterable[Line], count: int) -> Iterator[Line]:
    """The lines without their first tokens."""
    for line in lines:
        if count < len(line.tokens):
            yield line._replace(tokens=line.tokens[count:], times=line.times[count:])
        count = max(count - len(line.tokens), 0)


def with_whole_marks(shown: Sequence[Shown]) -> list[Shown]:
    """The cues; a mark such as `(clears` / `throat)` that begins in one and ends in the next is the first one's."""
    found = [(cue, list(own)) for cue, own in shown]
    for (_, before), (_, after) in pairwise(found):
        if before and after and (count := _rest_of_mark(before[-1].tokens, after[0].tokens)):
            last, first = before[-1], after[0]
            times = (None,) * count
            before[-1] = last._replace(tokens=last.tokens + first.tokens[:count], times=last.times + times)
            after[:1] = list(_from(after[:1], count))
    return [(cue, own) for cue, own in found if own]


def _rest_of_mark(before: Sequence[str], after: Sequence[str]) -> int:
    """The number of tokens with which a line ends the mark that the line before it begins; 0 where there is none."""
    for begin in range(len(before) - 1, max(len(before) - _MAX_MARK, 0) - 1, -1):
        if (token := before[begin])[:1] in _BRACKETS and _BRACKETS[token[:1]] not in " ".join(before[begin:]):
            closing = _BRACKETS[token[:1]]
            rest = next((at + 1 for at, word in enumerate(after[:_MAX_MARK]) if word.rstrip(".,").endswith(closing)), 0)
            whole = [*before[begin:], *after[:rest]]
            return rest if not any(said.strip(" .,") for said in without_marks(whole)) else 0
    return 0
