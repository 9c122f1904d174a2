"""Rules about the phones tiers: a phone lies within a word, is none of the marks for silence, and no tier is empty.

Which phones there are, the aligner's model says; an aligner may have none.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Final

from imigue_build.core.records import ROLES
from imigue_build.release.validate.base import Interview, seconds, shown
from imigue_build.release.validate.manifest import words_of
from imigue_build.release.validate.row import Row, Word
from imigue_build.release.validate.textgrid import Tier

_LONGEST: Final = 8
"""Characters of a phone: an affricate with its diacritics, its length and a tone."""
_NO_PHONES: Final = frozenset(("sil", "sp", "spn", "nsn", "<eps>", "<s>", "</s>", "<sil>", "+spn+", "+nsn+", "<unk>"))
"""Marks for silence, noise and what is not known."""
_ARPABET: Final = re.compile(
    "(?:A[AEHOWXY]|AXR|B|CH|D[HX]?|E[HLMNRY]|F|G|HH|I[HXY]|JH|K|L|M|N[GX]?|O[WY]|P|Q|R|SH?|TH?|U[HWX]|V|WH?|Y|ZH?)[012]?"
)
_NEARLY_ALL: Final = 0.8
_LEAST: Final = 5
"""Words from which on a role can be judged."""
_SHORTEST: Final = 50
"""Milliseconds of a word in which its phones have room, also where it was cut."""
_EDGE: Final = 30
"""Milliseconds by which a word may be longer than its phones, before and after them."""


def check_phones(interview: Interview, tiers: dict[str, Tier], rows: list[Row]) -> None:
    """Every phone is within a word and is one; where there are phones at all, most aligned words have some."""
    path, faults = interview.files.words, interview.faults
    labelled = {role: tiers[f"{role} - phones"].labelled for role in ROLES}
    arpabet = _is_arpabet([label for phones in labelled.values() for _, _, label in phones])
    for role in ROLES:
        words = tiers[f"{role} - words"].labelled
        starts = [start for start, _, _ in words]
        for start, end, label in labelled[role]:
            index = bisect_right(starts, start) - 1
            if index < 0 or end > words[index][1]:
                faults.add(path, "tier-phones", f"{role}: {shown(label)} at {seconds(start)} is not within a word")
            if not _is_phone(label, arpabet):
                faults.add(path, "tier-phones", f"{role}: {shown(label)} at {seconds(start)} is no phone")
        own = rows if any(labelled.values()) else [row for row in rows if row.by_phones]
        aligned = [word for word in words_of(own, role) if word.aligned and word.end - word.start >= _SHORTEST]
        lacking = sum(not _filled(word, labelled[role]) for word in aligned)
        if len(aligned) >= _LEAST and lacking > (1 - _NEARLY_ALL) * len(aligned):
            faults.add(path, "tier-phones", f"{role}: {lacking} of {len(aligned)} aligned words lack phones")


def _filled(word: Word, phones: list[tuple[int, int, str]]) -> bool:
    """Whether phones, which are in time order, begin and end with a word."""
    first = bisect_left(phones, word.start, key=lambda phone: phone[0])
    last = bisect_left(phones, word.end, key=lambda phone: phone[0]) - 1
    return first <= last and phones[first][0] - word.start <= _EDGE and word.end - phones[last][1] <= _EDGE


def _is_phone(label: str, arpabet: bool) -> bool:
    """Whether a label can be that of a phone."""
    if arpabet:
        return _ARPABET.fullmatch(label) is not None
    return len(label) <= _LONGEST and label.casefold() not in _NO_PHONES and not any(map(str.isspace, label))


def _is_arpabet(labels: list[str]) -> bool:
    """Whether labels are of the ARPAbet, as those of English models mostly are."""
    known = sum(_ARPABET.fullmatch(label) is not None for label in labels)
    return known >= _NEARLY_ALL * len(labels)
