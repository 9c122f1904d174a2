"""Each gesture with the words, turns and rows that it overlaps, and where it stands to the interviewee's speech."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from imigue_build.apps.gestures.clock import Gesture
from imigue_build.apps.gestures.speech import STATES, RoleTurn, Speech, Word
from imigue_build.core.intervals import Timed, shared
from imigue_build.core.records import ROLES, Role
from imigue_build.release.reader import Segment

POSITIONS: Final = ("before", "during", "after")

T = TypeVar("T", bound=Timed)


class Nearest(NamedTuple):
    """The word of a role that begins nearest to a gesture's beginning.

    `lag` is the gesture's start minus the word's, in seconds: below 0 the gesture begins first.
    """

    word: Word
    lag: float


class Paired(NamedTuple):
    """A gesture and the speech around it; seconds.

    Attributes:
        state: Of the interviewee as the gesture begins: `speaking`, `listening` or `silent`.
        states: Seconds of the gesture in each state; they add up to its duration.
        position: `during` where the interviewee speaks within it, else `before` or `after` the nearer one of his or her
            turns (`before` where both are as near); None where he or she never speaks.
        rows, turns, words: Those that it overlaps, by start, with the seconds that they share.
        nearest: By role; None where the role says no word.
    """

    gesture: Gesture
    state: str
    states: dict[str, float]
    position: str | None
    rows: tuple[tuple[int, Segment, float], ...]
    turns: tuple[tuple[RoleTurn, float], ...]
    words: tuple[tuple[Word, float], ...]
    nearest: dict[Role, Nearest | None]

    @property
    def turn(self) -> RoleTurn | None:
        """The turn that it shares most time with; the first of several."""
        return max(self.turns, key=lambda one: one[1])[0] if self.turns else None

    @property
    def lag(self) -> float | None:
        """To the interviewee's nearest word."""
        found = self.nearest["interviewee"]
        return found.lag if found else None


class _Sought(Generic[T]):
    """Intervals sorted by start in which overlaps are found without going through all."""

    def __init__(self, items: Sequence[T]) -> None:
        self.items = items
        self.starts = [item.start for item in items]
        self._ends = list(accumulate((item.end for item in items), max))

    def overlapping(self, one: Timed) -> list[tuple[int, T, float]]:
        """Those that share time with `one`: place, item, seconds."""
        first, last = bisect_right(self._ends, one.start), bisect_left(self.starts, one.end)
        near = enumerate(self.items[first:last], first)
        found = ((place, item, round(shared(one, item), 3)) for place, item in near)
        return [met for met in found if met[2] > 0]

    def nearest_start(self, time: float) -> T | None:
        """The one that starts nearest to `time`, the earlier one on a tie."""
        place = bisect_left(self.starts, time)
        near = self.items[max(place - 1, 0) : place + 1]
        return min(near, key=lambda item: abs(item.start - time), default=None)


def pair(gestures: Sequence[Gesture], speech: Speech) -> list[Paired]:
    """The gestures, in the order given, with the speech around each."""
    rows = _Sought([_Row(row.start, row.end, place, row) for place, row in enumerate(speech.rows)])
    turns, words = _Sought(speech.turns), {role: _Sought(own) for role, own in speech.words.items()}
    states = _Sought([_State(span.start, span.end, state) for span, state in speech.states])
    own = _Sought([item for item in states.items if item.state == "speaking"])
    found = []
    for gesture in gestures:
        seconds = dict.fromkeys(STATES, 0.0)
        for _, piece, covered in states.overlapping(gesture):
            seconds[piece.state] = round(seconds[piece.state] + covered, 3)
        onset = states.items[max(bisect_right(states.starts, gesture.start) - 1, 0)]
        said = [(word, covered) for role in ROLES for _, word, covered in words[role].overlapping(gesture)]
        found.append(
            Paired(
                gesture=gesture,
                state=onset.state,
                states=seconds,
                position="during" if seconds["speaking"] > 0 else _beside(gesture, own),
                rows=tuple((item.place, item.row, covered) for _, item, covered in rows.overlapping(gesture)),
                turns=tuple((turn, covered) for _, turn, covered in turns.overlapping(gesture)),
                words=tuple(sorted(said)),
                nearest={role: _nearest(gesture, words[role]) for role in ROLES},
            )
        )
    return found


class _Row(NamedTuple):
    start: float
    end: float
    place: int
    row: Segment


class _State(NamedTuple):
    start: float
    end: float
    state: str


def _beside(gesture: Gesture, own: _Sought[_State]) -> str | None:
    """`before` or `after` the nearer turn of the interviewee, who does not speak within the gesture."""
    place = bisect_left(own.starts, gesture.end)
    to_next = round(own.items[place].start - gesture.end, 3) if place < len(own.items) else None
    since = round(gesture.start - own.items[place - 1].end, 3) if place else None
    if to_next is None:
        return None if since is None else "after"
    return "before" if since is None or to_next <= since else "after"


def _nearest(gesture: Gesture, words: _Sought[Word]) -> Nearest | None:
    word = words.nearest_start(gesture.start)
    return Nearest(word, round(gesture.start - word.start, 3)) if word else None


def line(one: Paired) -> bytes:
    """A line of `gestures.jsonl`, with its newline; times have three decimals."""
    gesture, turn = one.gesture, one.turn
    document: dict[str, Any] = {
        "video_id": gesture.video_id,
        "label_id": gesture.label_id,
        "class": gesture.number,
        "name": gesture.name,
        "start": _seconds(gesture.start),
        "end": _seconds(gesture.end),
        "start_frame": gesture.start_frame,
        "end_frame": gesture.end_frame,
        "state": one.state,
        "seconds": {state: _seconds(seconds) for state, seconds in one.states.items()},
        "position": one.position,
        "role": turn.role if turn else None,
        "turn": turn and _turn(turn),
        "turns": [{**_turn(other), "seconds": _seconds(covered)} for other, covered in one.turns],
        "rows": [
            {
                "row": place,
                "segment_id": row.segment_id,
                "role": row.role,
                "speaker": row.speaker,
                "seconds": _seconds(covered),
            }
            for place, row, covered in one.rows
        ],
        "words": [{**_word(word), "seconds": _seconds(covered)} for word, covered in one.words],
        "nearest_word": {
            role: found and {**_word(found.word), "lag": _seconds(found.lag)} for role, found in one.nearest.items()
        },
        "labels_row": gesture.row,
    }
    return msgspec.json.encode(document) + b"\n"


def _turn(turn: RoleTurn) -> dict[str, Any]:
    return {"speaker": turn.speaker, "role": turn.role, "start": _seconds(turn.start), "end": _seconds(turn.end)}


def _word(word: Word) -> dict[str, Any]:
    return {"word": word.text, "role": word.role, "row": word.row, "index": word.place}


def _seconds(value: float) -> msgspec.Raw:
    return msgspec.Raw(f"{value + 0.0:.3f}".encode())
