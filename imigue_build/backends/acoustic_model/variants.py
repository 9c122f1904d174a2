"""The readings of an utterance's tokens as a graph, and which of them a way through it took.

A graph begins in state 0. The alternatives of one token lead from its first state to the next
token's; each is a row of dictionary entries, one a spoken word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from imigue_build.text.readings import Reading

Transition = tuple[int, int, float, str]
"""From state, to state, probability, entry."""

Alternatives = Sequence[Sequence[Sequence[str]]]
"""tokens x readings of one x entries of one."""

_EVEN: Final = 1.0  # the sound decides
_MOST_WORDS: Final = 600  # of an utterance


def transitions(tokens: Alternatives) -> tuple[list[Transition], int]:
    """The graph and its last state; a token that is not spoken takes no part.

    >>> transitions([[["six"]], [["oh"], ["zero"]]])
    ([(0, 1, 1.0, 'six'), (1, 2, 1.0, 'oh'), (1, 2, 1.0, 'zero')], 2)
    """
    found: dict[tuple[int, int, str], None] = {}
    here, states = 0, 0
    for readings in tokens:
        spoken = [tuple(reading) for reading in readings if reading]
        if not spoken:
            continue
        there = states = states + 1
        begun: dict[Reading, int] = {(): here}  # what readings have in common at their beginning is one way
        for reading in spoken:
            for length in range(1, len(reading)):
                if reading[:length] not in begun:
                    states += 1
                    begun[reading[:length]] = states
                found[begun[reading[: length - 1]], begun[reading[:length]], reading[length - 1]] = None
            found[begun[reading[:-1]], there, reading[-1]] = None
        here = there
    return [(start, end, _EVEN, entry) for start, end, entry in found], here


def fewer(tokens: Sequence[Sequence[Reading]]) -> list[Sequence[Reading]]:
    """The likeliest readings of each token: all of them, where those of an utterance are not too many to try."""
    for kept in (*range(max(map(len, tokens), default=1), 1, -4), 1):
        found = [readings[:kept] for readings in tokens]
        if sum(len(reading) for readings in found for reading in readings) <= _MOST_WORDS:
            break
    return found


def choose(tokens: Alternatives, walked: Sequence[str]) -> list[int]:
    """For each token the place of the reading that was walked; the defaults where the walk is none of theirs.

    >>> choose([[["six"]], [["oh"], ["zero"]]], ["six", "zero"])
    [0, 1]
    """
    reached: dict[int, tuple[int, ...]] = {0: ()}  # how many entries are used up -> by which readings, the first ones
    for readings in tokens:
        further: dict[int, tuple[int, ...]] = {}
        for used, choices in reached.items():
            for number, reading in enumerate(readings):
                end = used + len(reading)
                if tuple(walked[used:end]) == tuple(reading):
                    further.setdefault(end, (*choices, number))
        reached = further
    return list(reached.get(len(walked), (0,) * len(tokens)))
