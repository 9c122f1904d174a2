"""Phone boundaries within correct words, across phone sets.

Labels are mapped to ARPAbet without stress; those of TIMIT as in Lee and Hon (1989), except that a closure and its
release are one stop, and that syllabic consonants (el, em, en, eng), which ARPAbet writes as two phones, match
nothing. Within a word the two sequences are aligned by edit distance: a phone matches the same phone or, at the cost
of an insertion, another phone of its class (vowel, stop, fricative or affricate, nasal, liquid or glide). Phones of
another set match by their own labels if both sides use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from imigue_build.apps.scoring.labels import Word
from imigue_build.core.records import Phone

_SILENT: Final = frozenset(("", "SIL", "SP", "SPN", "NSN", "H#", "PAU", "EPI", "Q", "<EPS>", "+SPN+", "+NSN+"))
_MAPPED: Final = {
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
_TOUCHING: Final = 0.001  # seconds
_NO_MATCH: Final = 2  # the cost of a deletion and an insertion: phones of different classes never match


def boundary_errors(words: Iterable[tuple[Word, Word]]) -> tuple[float, ...] | None:
    """The errors of the starts and ends of matched phones, in milliseconds; None if no phones match."""
    errors = [
        1000 * abs(a - b)
        for reference, found in words
        for first, second in matched(to_arpabet(reference.phones), to_arpabet(found.phones))
        for a, b in ((first.start, second.start), (first.end, second.end))
    ]
    return tuple(errors) or None


def to_arpabet(phones: Iterable[Phone]) -> list[Phone]:
    """The phones in ARPAbet without stress and silence; a closure and its release are one stop."""
    mapped: list[Phone] = []
    closure = ""
    for phone in phones:
        label = phone.phone.strip().upper()
        label = _MAPPED.get(label.rstrip("012") or label, label.rstrip("012") or label)
        if label in _SILENT:
            continue
        if mapped and label in _CLOSURES.get(closure, ()) and phone.start - mapped[-1].end < _TOUCHING:
            mapped[-1] = Phone(mapped[-1].start, phone.end, label)
        else:
            mapped.append(Phone(phone.start, phone.end, _CLOSURES.get(label, (label,))[0]))
        closure = label
    return mapped


def matched(reference: Sequence[Phone], found: Sequence[Phone]) -> Iterator[tuple[Phone, Phone]]:
    """The pairs of the alignment of minimum cost, last first."""
    costs = [[float(i + j) for j in range(len(found) + 1)] for i in range(len(reference) + 1)]
    for i, reference_phone in enumerate(reference, 1):
        for j, found_phone in enumerate(found, 1):
            both = costs[i - 1][j - 1] + _cost(reference_phone.phone, found_phone.phone)
            costs[i][j] = min(both, costs[i - 1][j] + 1, costs[i][j - 1] + 1)
    i, j = len(reference), len(found)
    while i and j:
        cost = _cost(reference[i - 1].phone, found[j - 1].phone)
        if cost < _NO_MATCH and costs[i][j] == costs[i - 1][j - 1] + cost:
            i, j = i - 1, j - 1
            yield reference[i], found[j]
        elif costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1


def _cost(first: str, second: str) -> int:
    if first == second:
        return 0
    return 1 if first in _CLASSES and _CLASSES[first] == _CLASSES.get(second) else _NO_MATCH
