"""The words of an interview in two releases: which are the same, and where they moved.

Words are aligned by the fewest insertions, deletions and substitutions (Levenshtein, by rapidfuzz: an hour of
speech takes a fraction of a second).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final, NamedTuple

from imigue_build.apps.diff.result import Piece, Place, Words
from imigue_build.core.times import milliseconds
from imigue_build.release.reader import Segment, Word

_AROUND: Final = 5
"""Words that are shown on either side of a place that differs."""
_LONGEST: Final = 30
"""Words of a place, after which the next edit begins another one."""


class Said(NamedTuple):
    """A word, and who says it."""

    word: Word
    speaker: str


def said(segments: Sequence[Segment]) -> list[Said]:
    """The words of the segments in the order of their starts, whoever says them."""
    found = [Said(word, segment.speaker) for segment in segments for word in segment.words]
    return sorted(found, key=lambda said: (said.word.start, said.word.end, said.speaker))


def compare(before: Sequence[Said], after: Sequence[Said], speakers: Mapping[str, str], most: int) -> Words:
    """Both sides' words compared.

    Args:
        before: In order.
        after: In order.
        speakers: The first side's speaker -> the second's.
        most: How many places that differ are kept.
    """
    from rapidfuzz.distance import Levenshtein

    edits = list(Levenshtein.opcodes([said.word.word for said in before], [said.word.word for said in after]))
    pairs = [pair for edit in edits if edit.tag == "equal" for pair in _pairs(edit, before, after)]
    replaced = [pair for edit in edits if edit.tag == "replace" for pair in _pairs(edit, before, after)]
    moves = [move for a, b in pairs if (move := _move(a.word, b.word))]
    places = list(_places(edits))
    return Words(
        before=len(before),
        after=len(after),
        substituted=len(replaced),
        respelled=sum(_bare(a.word.word) == _bare(b.word.word) for a, b in replaced),
        inserted=sum(edit.dest_end - edit.dest_start for edit in edits if edit.tag == "insert"),
        deleted=sum(edit.src_end - edit.src_start for edit in edits if edit.tag == "delete"),
        moved=len(moves),
        moved_median_ms=float(median(moves)) if moves else None,
        moved_max_ms=float(max(moves)) if moves else None,
        confidences=sum(a.word.confidence != b.word.confidence for a, b in pairs),
        speakers=sum(speakers.get(a.speaker) != b.speaker for a, b in pairs),
        places=tuple(_place(edits, *place, before, after) for place in places[:most]),
        all_places=len(places),
    )


def _pairs(edit: Any, before: Sequence[Said], after: Sequence[Said]) -> Iterator[tuple[Said, Said]]:
    return zip(before[edit.src_start : edit.src_end], after[edit.dest_start : edit.dest_end], strict=True)


def _move(before: Word, after: Word) -> int:
    """Milliseconds by which the end that moved more has moved."""
    starts, ends = (
        abs(milliseconds(a) - milliseconds(b)) for a, b in ((before.start, after.start), (before.end, after.end))
    )
    return max(starts, ends)


def _bare(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def _places(edits: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The first and the last edit of each place: edits that are few words apart, unless they become too many."""
    first: int | None = None
    last = 0
    for number, edit in enumerate(edits):
        if edit.tag != "equal":
            first, last = number if first is None else first, number
        elif first is not None and (_length(edit) > 2 * _AROUND or edit.src_end - edits[first].src_start > _LONGEST):
            yield first, last
            first = None
    if first is not None:
        yield first, last


def _length(edit: Any) -> int:
    return int(edit.src_end - edit.src_start)


def _place(edits: Sequence[Any], first: int, last: int, before: Sequence[Said], after: Sequence[Said]) -> Place:
    """A place, with the words that are the same just before and after it."""
    lead = min(_AROUND, _length(edits[first - 1])) if first else 0
    tail = min(_AROUND, _length(edits[last + 1])) if last + 1 < len(edits) else 0
    own = edits[first : last + 1]
    old = [(edit.src_start, edit.src_end, edit.tag != "equal") for edit in own]
    new = [(edit.dest_start, edit.dest_end, edit.tag != "equal") for edit in own]
    return Place(
        _begins(before, old[0][0]),
        _begins(after, new[0][0]),
        _pieces(before, old, lead, tail),
        _pieces(after, new, lead, tail),
    )


def _begins(side: Sequence[Said], at: int) -> float | None:
    return side[at].word.start if at < len(side) else None


def _pieces(side: Sequence[Said], spans: Sequence[tuple[int, int, bool]], lead: int, tail: int) -> tuple[Piece, ...]:
    start, end = spans[0][0], spans[-1][1]
    around = [(start - lead, start, False), *spans, (end, end + tail, False)]
    return tuple(
        Piece(" ".join(said.word.word for said in side[left:right]), changed)
        for left, right, changed in around
        if right > left
    )
