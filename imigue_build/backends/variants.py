"""The readings of an utterance's tokens as a graph, and which of them a way through it took.

A graph begins in state 0. The alternatives of one token lead from its first state to the next
token's; each is a row of dictionary entries, one a spoken word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Transition = tuple[int, int, float, str]
"""From state, to state, probability, entry."""

Alternatives = Sequence[Sequence[Sequence[str]]]
"""tokens x readings of one x entries of one."""

_EVEN: Final = 1.0  # the sound decides


def transitions(tokens: Alternatives) -> tuple[list[Transition], int]:
    """The graph and its last state; a token that is not spoken takes no part.

    >>> transitions([[["six"]], [["oh"], ["zero"]]])
    ([(0, 1, 1.0, 'six'), (1, 2, 1.0, 'oh'), (1, 2, 1.0, 'zero')], 2)
    """
    found: list[Transition] = []
    here, states = 0, 0
    for readings in tokens:
        spoken = [reading for reading in readings if reading]
        if not spoken:
            continue
        there = states + 1
        states = there
        for reading in spoken:
            place = here
            for entry in reading[:-1]:
                states += 1
                found.append((place, states, _EVEN, entry))
                place = states
            found.append((place, there, _EVEN, reading[-1]))
        here = there
    return found, here


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
