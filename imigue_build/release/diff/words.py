"""The words of an interview in two releases: which are the same, and where they moved.

Words are aligned by the fewest insertions, deletions and substitutions (Levenshtein, by rapidfuzz: an hour of
speech takes a fraction of a second).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final, NamedTuple

from imigue_build.records import milliseconds
from imigue_build.release.diff.opened import Row
from imigue_build.release.diff.opened import Word as Word
from imigue_build.release.diff.result import Piece, Place, Words

_AROUND: Final = 5
"""Words that are shown on either side of a place that differs."""


class Said(NamedTuple):
    """A word, and who says it."""

    word: Word
    speaker: str


def said(rows: Sequence[Row]) -> list[Said]:
    """The words of the rows in the order of their starts, whoever says them."""
    found = [Said(word, row.speaker) for row in rows for word in row.words]
    return sorted(found, key=lambda one: (one.word.start, one.word.end, one.speaker))


def compare(before: Sequence[Said], after: Sequence[Said], speakers: Mapping[str, str], most: int) -> Words:
    """Both sides' words compared.

    Args:
        before: In order.
        after: In order.
        speakers: The first side's speaker -> the second's.
        most: How many places that differ are kept.
    """
    from rapidfuzz.distance import Levenshtein

    edits = list(Levenshtein.opcodes([one.word.word for one in before], [one.word.word for one in after]))
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
        places=tuple(_place(group, before, after) for group in places[:most]),
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


def _places(edits: Sequence[Any]) -> Iterator[list[Any]]:
    """Edits that are few words apart, with the equal stretches between them."""
    group: list[Any] = []
    for number, edit in enumerate(edits):
        long = edit.tag == "equal" and edit.src_end - edit.src_start > 2 * _AROUND
        last = number == len(edits) - 1
        if edit.tag != "equal" or (group and not long and not last):
            group.append(edit)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _place(group: Sequence[Any], before: Sequence[Said], after: Sequence[Said]) -> Place:
    while group[-1].tag == "equal":
        group = group[:-1]
    first, last = group[0], group[-1]
    lead = min(_AROUND, first.src_start, first.dest_start)
    tail = min(_AROUND, len(before) - last.src_end, len(after) - last.dest_end)
    sides: list[tuple[Piece, ...]] = []
    for side, start, end in ((before, "src_start", "src_end"), (after, "dest_start", "dest_end")):
        spans = [
            (getattr(first, start) - lead, getattr(first, start), False),
            *((getattr(edit, start), getattr(edit, end), edit.tag != "equal") for edit in group),
            (getattr(last, end), getattr(last, end) + tail, False),
        ]
        sides.append(
            tuple(
                Piece(" ".join(one.word.word for one in side[left:right]), changed)
                for left, right, changed in spans
                if right > left
            )
        )
    starts = [
        one[at].word.start if at < len(one) else None
        for one, at in ((before, first.src_start), (after, first.dest_start))
    ]
    return Place(starts[0], starts[1], sides[0], sides[1])
