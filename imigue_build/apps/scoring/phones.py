"""Phone boundaries within words that are right, across phone sets.

Labels are folded into ARPAbet without stress marks; the sixty-one of TIMIT as Lee and Hon (1989)
do, but that a closure and its release are one stop, from the one's start to the other's end, and
that syllabic consonants (el, em, en, eng), which ARPAbet writes as two phones, match nothing.
Within a word the two sequences are aligned by edit distance: a phone may stand for the same phone
or, at the cost of an insertion, for another of its class (vowel, stop, fricative or affricate,
nasal, liquid or glide). Phones of one other set on both sides match by their own labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from imigue_build.apps.scoring.labels import Word
from imigue_build.core.records import Phone

_SILENT: Final = frozenset(("", "SIL", "SP", "SPN", "NSN", "H#", "PAU", "EPI", "Q", "<EPS>", "+SPN+", "+NSN+"))
_FOLDED: Final = {
    "AX": "AH",
    "AX-H": "AH",
    "AXR": "ER",
    "DX": "T",
    "HV": "HH",
    "IX": "IH",
    "NX": "N",
    "UX": "UW",
}
_CLOSURES: Final = {
    "BCL": ("B",),
    "DCL": ("D", "JH"),
    "GCL": ("G",),
    "KCL": ("K",),
    "PCL": ("P",),
    "TCL": ("T", "CH"),
}
_CLASSES: Final = {
    phone: name
    for name, phones in {
        "vowel": "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW",
        "stop": "B D G K P T",
        "fricative": "CH DH F HH JH S SH TH V Z ZH",
        "nasal": "M N NG",
        "glide": "L R W Y",
    }.items()
    for phone in phones.split()
}
_TOUCHING: Final = 0.001
_APART: Final = 2  # as much as a deletion and an insertion: phones of two classes never match


def boundary_errors(words: Iterable[tuple[Word, Word]]) -> tuple[float, ...] | None:
    """How far off the starts and ends of the phones that match are, in milliseconds; None where none does."""
    errors = [
        1000 * abs(a - b)
        for truth, found in words
        for one, other in matched(folded(truth.phones), folded(found.phones))
        for a, b in ((one.start, other.start), (one.end, other.end))
    ]
    return tuple(errors) or None


def folded(phones: Iterable[Phone]) -> list[Phone]:
    """The phones in ARPAbet without stress, without silences, stops whole."""
    found: list[Phone] = []
    closure = ""
    for phone in phones:
        label = phone.phone.strip().upper()
        label = _FOLDED.get(label.rstrip("012") or label, label.rstrip("012") or label)
        if label in _SILENT:
            continue
        if found and label in _CLOSURES.get(closure, ()) and phone.start - found[-1].end < _TOUCHING:
            found[-1] = Phone(found[-1].start, phone.end, label)
        else:
            found.append(Phone(phone.start, phone.end, _CLOSURES.get(label, (label,))[0]))
        closure = label
    return found


def matched(reference: Sequence[Phone], found: Sequence[Phone]) -> Iterator[tuple[Phone, Phone]]:
    """The pairs of the cheapest alignment, last first."""
    costs = [[float(i + j) for j in range(len(found) + 1)] for i in range(len(reference) + 1)]
    for i, one in enumerate(reference, 1):
        for j, other in enumerate(found, 1):
            both = costs[i - 1][j - 1] + _cost(one.phone, other.phone)
            costs[i][j] = min(both, costs[i - 1][j] + 1, costs[i][j - 1] + 1)
    i, j = len(reference), len(found)
    while i and j:
        cost = _cost(reference[i - 1].phone, found[j - 1].phone)
        if cost < _APART and costs[i][j] == costs[i - 1][j - 1] + cost:
            i, j = i - 1, j - 1
            yield reference[i], found[j]
        elif costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1


def _cost(one: str, other: str) -> int:
    if one == other:
        return 0
    return 1 if one in _CLASSES and _CLASSES[one] == _CLASSES.get(other) else _APART
