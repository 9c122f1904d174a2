"""What the tiers of a TextGrid hold: words, texts, phones or turns, by their names and by their content.

Names as MFA (`words`, `Anna - phones`), FAVE (`Anna - word`), WebMAUS (`ORT-MAU`, `KAN-MAU`, `MAU`), SPPAS
(`TokensAlign`), ELAN (`words@Anna`) and a release write them. Tiers of other names hold the text of the speaker that
they are named after, unless their content says otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

from imigue_build.core.errors import AnnotationError, abridged
from imigue_build.core.intervals import Interval, covering, intersect, merge, total
from imigue_build.core.records import Turn
from imigue_build.corpus.annotations.marks import SOUNDING, is_silence, silence_words, spelled
from imigue_build.corpus.annotations.sources import LabelledSpan, Warn
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
    Kind.UNITS: r"kan-mau|kan_mau|kan|kas|mas|syll(?:able)?s?|syllalign|mb|morph(?:eme)?s?|gloss(?:es)?|ge|ps|pos|ipa|"
    r"overlap|vad|silences?|pitch|tones?|tobi|breaks?|phonetic",
    Kind.NOTES: r"notes?|nt|comments?|remarks?|translations?|ft|events?|noises?|laughter|gestures?|topics?|misc",
    Kind.SPEAKERS: r"diari[sz]ation|speakers?|spk|turns?",
    Kind.TEXT: r"sentences?|utterances?|transcripts?|transcriptions?|texts?|trn|ort|ortho|orthography|segments?|ipus?|"
    r"default|ref|chunks?",
}
_PATTERNS: Final = {
    kind: (
        re.compile(names, re.IGNORECASE),
        re.compile(rf"(.+?)(?:\s*[-_:./@]\s*|\s+)(?:{names})", re.IGNORECASE),
        re.compile(rf"(?:{names})\s*[@:]\s*(.+)", re.IGNORECASE),
    )
    for kind, names in _NAMES.items()
}
_SILENT_KINDS: Final = (Kind.PHONES, Kind.UNITS, Kind.SPEAKERS)
"""Kinds that programs write beside the words: their being left out of a transcript goes without saying."""
_VOWELS: Final = (
    "AA",
    "AE",
    "AH",
    "AO",
    "AW",
    "AX",
    "AXR",
    "AX-H",
    "AY",
    "EH",
    "ER",
    "EY",
    "IH",
    "IX",
    "IY",
    "OW",
    "OY",
    "UH",
    "UW",
    "UX",
)
_CONSONANTS: Final = (
    "B",
    "BCL",
    "CH",
    "D",
    "DCL",
    "DH",
    "DX",
    "EL",
    "EM",
    "EN",
    "ENG",
    "F",
    "G",
    "GCL",
    "HH",
    "HV",
    "JH",
    "K",
    "KCL",
    "L",
    "M",
    "N",
    "NG",
    "NX",
    "P",
    "PCL",
    "Q",
    "R",
    "S",
    "SH",
    "T",
    "TCL",
    "TH",
    "V",
    "W",
    "WH",
    "Y",
    "Z",
    "ZH",
)
_ARPABET: Final = frozenset((*_VOWELS, *_CONSONANTS, "EPI", "PAU", "SPN"))
_FEWEST_PHONES: Final = 20
_PHONE_SHARE: Final = 0.9
_PHONE_LETTERS: Final = 2.2
"""Mean length of a label up to which a tier in an alphabet holds phones."""
_FIRST_WITHOUT_ALPHABET: Final = "\u2e80"
_SAME_TIME: Final = 0.5
"""Share of a tier's time within another's from which it can be another form of the same text."""
_OTHER_WORDS: Final = 0.1
"""Share of a text's words that the same text in another tier may lack."""
_MAX_TIERS: Final = 60
"""Tiers of text of one recording."""
_MOST_AT_ONCE: Final = 20
"""Texts of different speakers at one time."""
_WORD_PAUSE: Final = 0.5
"""Seconds between two words of one turn."""


def sort(tiers: Sequence[Tier]) -> list[Sorted]:
    """The tiers with what they hold, in the order given."""
    return [_sorted(tier) for tier in tiers]


def _sorted(tier: Tier) -> Sorted:
    kind, speaker = _by_name(tier.name)
    labels = [interval.text for interval in tier.intervals]
    if kind is Kind.PHONES and sum(" " in label for label in labels) > len(labels) / 2:
        kind, speaker = Kind.TEXT, tier.name
    if tier.points:
        kind = Kind.UNITS if kind in _SILENT_KINDS else Kind.NOTES
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


def _by_name(name: str) -> tuple[Kind, str | None]:
    """The kind of a tier by its name, and the speaker in it; a name that says nothing is a speaker's."""
    for place in range(3):
        for kind, patterns in _PATTERNS.items():
            if place and kind is Kind.TEXT:
                continue  # "Anna text" may as well be a name
            if match := patterns[place].fullmatch(name.strip()):
                return kind, match[1].strip() if place else None
    return Kind.TEXT, name.strip() or None


def _are_phones(labels: Sequence[str]) -> bool:
    spoken = [label for label in labels if not is_silence(label)]
    if len(spoken) < _FEWEST_PHONES or any(" " in label for label in spoken):
        return False
    known = sum(label.rstrip("012") in _ARPABET for label in spoken)
    if known >= _PHONE_SHARE * len(spoken):
        return True
    alphabetic = all(label < _FIRST_WITHOUT_ALPHABET for label in spoken)
    return alphabetic and sum(map(len, spoken)) <= _PHONE_LETTERS * len(spoken)


def text_tiers(tiers: Sequence[Sorted], name: str, warn: Warn) -> list[Sorted]:
    """The tiers of words and of texts that together hold everything that is said, once.

    A text at the time of words, or of the same text, is another form of it and is left out; a warning names what is
    only there. Words without a speaker get the one of the text that is left out.

    Args:
        name: Of the file, for warnings.

    Raises:
        AnnotationError: If there are more tiers of text than one recording has.
    """
    words, texts = _of(tiers, Kind.WORDS), _of(tiers, Kind.TEXT)
    if len(words) + len(texts) > _MAX_TIERS:
        raise AnnotationError(f"{name} has more than {_MAX_TIERS} tiers of text", "give the file of one recording")
    chosen, others = list(words), list[Sorted]()
    held, at_words = _tokens(words), merge(interval for item in words for interval in item.tier.intervals)
    of_words, at_texts = {item.speaker for item in words} - {None}, at_words
    for item in sorted(texts, key=lambda item: item.speaker is None):
        own = _tokens([item])
        is_same = (own - held).total() <= _OTHER_WORDS * own.total() and _shares_time(item, at_texts)
        if is_same or item.speaker in of_words or _shares_time(item, at_words):
            others.append(item)
        else:
            chosen.append(item)
            held.update(own)
            at_texts = merge((*at_texts, *item.tier.intervals))
    for item in others:
        if missing := list((_tokens([item]) - held).elements()):
            listed = abridged(" ".join(missing))
            warn(f"{name}: of the tier {_described(item)}, words that other tiers do not hold are left out: {listed}")
    _warn_of_left_out(tiers, name, warn)
    speakers = sorted(
        (
            Turn(span.start, span.end, item.speaker)
            for item in others
            for span in item.tier.intervals
            if item.speaker is not None
        ),
        key=lambda turn: turn.start,
    )
    return [_with_speakers(item, speakers) for item in tiers if any(item is other for other in chosen)]


def _warn_of_left_out(tiers: Sequence[Sorted], name: str, warn: Warn) -> None:
    for item in tiers:
        by_content = item.kind is Kind.PHONES and _by_name(item.tier.name)[0] is not Kind.PHONES
        if (item.tier.intervals or item.silent) and (by_content or item.kind in (Kind.NOTES, Kind.SOUND)):
            warn(f"{name}: the tier {_described(item)} is left out: it holds {item.kind.value}")
    for item in _of(tiers, Kind.TEXT):
        if item.silent:
            silent = " and ".join(sorted(item.silent))
            warn(f"{name}: in the tier {_described(item)}, labels {silent} are taken for silence")


def turns(tiers: Sequence[Sorted], name: str, warn: Warn) -> list[LabelledSpan]:
    """The turns in tiers: those of a tier of speakers if there is one, else where the tiers of each speaker have text.

    Of a speaker who has words alone, words less than half a second apart are one turn.

    Args:
        name: Of the file, for warnings.
    """
    for item in _of(tiers, Kind.SPEAKERS):
        return [interval._replace(speaker=interval.text) for interval in item.tier.intervals]
    texts = [*_of(tiers, Kind.TEXT), *_of(tiers, Kind.SOUND)]
    named = [item for item in texts if item.speaker is not None]
    found = [
        interval._replace(speaker=item.speaker or item.tier.name)
        for item in named or texts
        for interval in item.tier.intervals
    ]
    with_text = {item.speaker for item in named}
    for item in _of(tiers, Kind.WORDS):
        if item.speaker is not None and item.speaker not in with_text:
            spoken = merge(item.tier.intervals, _WORD_PAUSE)
            found += [LabelledSpan(span.start, span.end, "", item.speaker) for span in spoken]
    used = {Kind.WORDS, *_SILENT_KINDS}
    if left_out := [item for item in tiers if item.kind not in used and item not in (named or texts)]:
        listed = ", ".join(_described(item) for item in left_out)
        warn(f"{name}: tiers that are no speaker's are left out: {abridged(listed)}")
    return found


def _of(tiers: Sequence[Sorted], kind: Kind) -> list[Sorted]:
    return [item for item in tiers if item.kind is kind]


def _described(item: Sorted) -> str:
    count = len(item.tier.intervals)
    return f"{abridged(item.tier.name, 60)!r} ({count} label{'s' * (count != 1)})"


def _shares_time(item: Sorted, others: Sequence[Interval]) -> bool:
    return total(intersect(item.tier.intervals, others)) > _SAME_TIME * total(item.tier.intervals)


def _tokens(tiers: Sequence[Sorted]) -> Counter[str]:
    """The words of tiers, by their letters and digits."""
    texts = (interval.text for item in tiers for interval in item.tier.intervals)
    return Counter(word for text in texts for word in re.findall(r"[^\W_]+", text.casefold()))


def _with_speakers(item: Sorted, turns: Sequence[Turn]) -> Sorted:
    """A tier with its text as it is written elsewhere; one without a speaker, with those of the turns."""
    intervals: list[LabelledSpan] = []
    first = 0
    for interval in sorted(item.tier.intervals, key=lambda interval: interval.start + interval.end):
        speaker = item.speaker
        if speaker is None:
            middle = (interval.start + interval.end) / 2
            while first < len(turns) and turns[first].end <= middle:
                first += 1
            at_once = {turn.speaker for turn in covering(turns[first : first + _MOST_AT_ONCE], middle)}
            speaker = at_once.pop() if len(at_once) == 1 else None
        intervals.append(interval._replace(speaker=speaker, text=spelled(interval.text)))
    return item._replace(tier=item.tier._replace(intervals=tuple(intervals)))
