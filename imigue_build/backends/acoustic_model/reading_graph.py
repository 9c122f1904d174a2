"""A finite-state graph of the possible readings of an utterance's tokens, and the readings on a path through it.

The graph starts in state 0. The readings of a token lead from the token's start state to the start state of
the next token; a reading is a sequence of dictionary entries, one per spoken word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from imigue_build.text.readings import Reading

Transition = tuple[int, int, float, str]
"""Start state, end state, probability, entry."""

Alternatives = Sequence[Sequence[Sequence[str]]]
"""(tokens, readings of the token, entries of the reading)."""

_PROBABILITY: Final = 1.0  # the same for all readings: the audio decides
_MAX_WORDS: Final = 600  # in all readings of an utterance


def build_graph(tokens: Alternatives) -> tuple[list[Transition], int]:
    """The transitions of the graph and its final state; tokens that are not spoken are left out.

    >>> build_graph([[["six"]], [["oh"], ["zero"]]])
    ([(0, 1, 1.0, 'six'), (1, 2, 1.0, 'oh'), (1, 2, 1.0, 'zero')], 2)
    """
    arcs: dict[tuple[int, int, str], None] = {}
    start, states = 0, 0
    for readings in tokens:
        spoken = [tuple(reading) for reading in readings if reading]
        if not spoken:
            continue
        end = states = states + 1
        prefixes: dict[Reading, int] = {(): start}  # readings with a common prefix share its states
        for reading in spoken:
            for length in range(1, len(reading)):
                if reading[:length] not in prefixes:
                    states += 1
                    prefixes[reading[:length]] = states
                arcs[prefixes[reading[: length - 1]], prefixes[reading[:length]], reading[length - 1]] = None
            arcs[prefixes[reading[:-1]], end, reading[-1]] = None
        start = end
    return [(first, last, _PROBABILITY, entry) for first, last, entry in arcs], start


def limit_readings(tokens: Sequence[Sequence[Reading]]) -> list[Sequence[Reading]]:
    """The readings of each token, cut to the likeliest ones if the utterance has too many words in all."""
    for limit in (*range(max(map(len, tokens), default=1), 1, -4), 1):
        limited = [readings[:limit] for readings in tokens]
        if sum(len(reading) for readings in limited for reading in readings) <= _MAX_WORDS:
            break
    return limited


def match_path(tokens: Alternatives, path: Sequence[str]) -> list[int]:
    """The index of each token's reading on a path through the graph; 0 for all tokens if no readings match it.

    >>> match_path([[["six"]], [["oh"], ["zero"]]], ["six", "zero"])
    [0, 1]
    """
    choices_by_position: dict[int, tuple[int, ...]] = {0: ()}  # entries consumed -> the first choices that do so
    for readings in tokens:
        extended: dict[int, tuple[int, ...]] = {}
        for start, choices in choices_by_position.items():
            for index, reading in enumerate(readings):
                end = start + len(reading)
                if tuple(path[start:end]) == tuple(reading):
                    extended.setdefault(end, (*choices, index))
        choices_by_position = extended
    return list(choices_by_position.get(len(path), (0,) * len(tokens)))
