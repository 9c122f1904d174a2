"""The kinds of a TextGrid's tiers: words, texts, phones and others, by their names and by their content.

Names as MFA (`words`, `Anna - phones`), FAVE (`Anna - word`), WebMAUS (`ORT-MAU`, `KAN-MAU`, `MAU`), SPPAS
(`TokensAlign`), EasyAlign (`ortho`, `phono`), ELAN (`words@Anna`) and a release write them. Tiers of other names hold
the text of the speaker that they are named after, unless their content says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from math import inf
from typing import Final, NamedTuple

from imigue_build.corpus.annotations.marks import SOUNDING, is_silence, silence_words
from imigue_build.corpus.annotations.textgrid import Tier


class Kind(Enum):
    """What the labels of a tier are."""

    WORDS = "words"
    PHONES = "phones"
    TEXT = "texts"
    SOUND = "where somebody speaks"
    SPEAKERS = "speakers"
    UNITS = "syllables and the like"
    NOTES = "notes"


class Sorted(NamedTuple):
    """A tier without its silences, with its kind, and its speaker where its name has one.

    `silent` are words that are taken for labels of silence there.
    """

    kind: Kind
    speaker: str | None
    tier: Tier
    silent: frozenset[str] = frozenset()


_NAMES: Final = {
    Kind.WORDS: r"words?|ort-mau|ort_mau|tokensalign|wrd|wd|tx",
    Kind.PHONES: r"phones?|phonemes?|mau|phonalign|phn|ph",
    Kind.UNITS: r"kan-mau|kan_mau|kan|kas|mas|kas-mau|phono|phntokalign|timegroups?(?:align)?|syll(?:able)?s?|"
    r"syllalign|mb|morph(?:eme)?s?|gloss(?:es)?|ge|ps|pos|ipa|overlap|vad|silences?|pitch|f0|formants?|intensity|prosody|stress|"
    r"tones?|tobi|breaks?|phonetic",
    Kind.NOTES: r"notes?|nt|comments?|remarks?|translations?|ft|events?|noises?|laughter|gestures?|topics?|misc",
    Kind.SPEAKERS: r"diari[sz]ation|speakers?|spk|turns?",
    Kind.TEXT: r"sentences?|utterances?|transcripts?|transcriptions?|texts?|trn|trl|ort|ortho|orthography|toe|tokens|"
    r"segments?|ipus?|default|ref|chunks?",
}
_MAUS: Final = r"(?:ort|kan)[-_]mau|mau"
_AFTER_TEXT: Final = r"\s*[-_:./@]\s*"  # "Anna text" may as well be a name
_AFTER: Final = rf"(?:{_AFTER_TEXT}|\s+)"
_PATTERNS: Final = {
    kind: (
        re.compile(names, re.IGNORECASE),
        re.compile(rf"(.+?){_AFTER_TEXT if kind is Kind.TEXT else _AFTER}(?:{names})", re.IGNORECASE),
        re.compile(rf"(?:(?:{names})\s*[@:]|(?={_MAUS})(?:{names})[-_ ])\s*(.+)", re.IGNORECASE),
    )
    for kind, names in _NAMES.items()
}
BESIDE_WORDS: Final = (Kind.PHONES, Kind.UNITS, Kind.SPEAKERS)
"""Kinds that programs write beside the words: their being left out of a transcript goes without saying."""
_ARPABET: Final = re.compile(
    r"(?:A[AEHOWXY]|AX-H|AXR|B|BCL|CH|D|DCL|DH|DX|E[HLMNRY]|ENG|EPI|F|G|GCL|H[HV]|I[HXY]|JH|K|KCL|L|M|N|NG|NX|O[WY]|P|PAU"
    r"|PCL|Q|R|S|SH|SPN|T|TCL|TH|U[HWX]|V|W|WH|Y|Z|ZH)[012]?"
)
_MOST_BLANKS: Final = {Kind.WORDS: 0, Kind.PHONES: 0, Kind.SPEAKERS: 2}
"""Blanks in a label up to which it can be of that kind."""
_FEWEST_PHONES: Final = 20
_PHONE_SHARE: Final = 0.9
_PHONE_LETTERS: Final = 2.2
"""Mean length of a label up to which a tier in an alphabet holds phones."""
_FIRST_WITHOUT_ALPHABET: Final = "\u2e80"


def sort(tiers: Sequence[Tier]) -> list[Sorted]:
    """The tiers with what they hold, in the order given."""
    return [_sorted(tier) for tier in tiers]


def _sorted(tier: Tier) -> Sorted:
    kind, speaker = by_name(tier.name)
    labels = [interval.text for interval in tier.intervals]
    most_blanks = _MOST_BLANKS.get(kind, inf)
    if sum(label.count(" ") > most_blanks for label in labels) > len(labels) / 2:
        kind, speaker = Kind.TEXT, speaker if kind is Kind.WORDS else tier.name
    if tier.points:
        kind = Kind.UNITS if kind in BESIDE_WORDS else Kind.NOTES
    elif kind is Kind.TEXT and labels and {label.casefold() for label in labels} <= SOUNDING | silence_words(labels):
        kind = Kind.SOUND
    elif kind is Kind.TEXT and _are_phones(labels):
        kind = Kind.PHONES
    silent = frozenset[str]() if kind is Kind.WORDS else silence_words(labels)
    kept = (
        interval
        for interval in tier.intervals
        if not is_silence(interval.text) and interval.text.casefold() not in silent
    )
    return Sorted(kind, speaker, tier._replace(intervals=tuple(kept)), silent)


def by_name(name: str) -> tuple[Kind, str | None]:
    """The kind of a tier by its name, and the speaker in it; a name that says nothing is a speaker's."""
    for place in range(3):
        for kind, patterns in _PATTERNS.items():
            if match := patterns[place].fullmatch(name.strip()):
                return kind, match[1].strip() if place else None
    return Kind.TEXT, name.strip() or None


def _are_phones(labels: Sequence[str]) -> bool:
    spoken = [label for label in labels if not is_silence(label)]
    if len(spoken) < _FEWEST_PHONES or any(" " in label for label in spoken):
        return False
    known = sum(_ARPABET.fullmatch(label) is not None for label in spoken)
    if known >= _PHONE_SHARE * len(spoken):
        return True
    alphabetic = all(label < _FIRST_WITHOUT_ALPHABET for label in spoken)
    return alphabetic and sum(map(len, spoken)) <= _PHONE_LETTERS * len(spoken)
