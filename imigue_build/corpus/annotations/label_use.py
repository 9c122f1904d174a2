"""Which of the labels that a text seems to have it uses as labels.

A name, a word in capitals, a word before a colon: each is a label only where the text uses it so throughout.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from imigue_build.corpus.annotations.label_forms import Form, Head, Key, Kind, heads_of
from imigue_build.text.marks import without_marks

_USUAL: Final = 0.4
"""Share of the lines that begin with labels from which a name that occurs once is a label as well."""
_ALONE: Final = 0.25
"""Share of the lines that are single names from which they are labels."""
_FIRST: Final = 0.05
"""Share of the lines that may come before the first of them."""
_ALL_CAPITALS: Final = 0.6
"""Share of capital letters from which capitals say nothing."""
_WEAK: Final = {
    Form.BRACKETED: 0.15,
    Form.ANGLED: _USUAL,
    Form.DASHED: _USUAL,
    Form.COLUMN: _USUAL,
    Form.DOTTED: _USUAL,
}
"""Forms that other text has as well, and the share of the lines from which they are labels."""
_QUOTED: Final = re.compile(r'\d{1,9} "([^"]{1,80})"(?: ?\(\d{1,20}\))?')
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


class Part(NamedTuple):
    """A part of a line without its timestamps, what it may begin with, and whether `>>` comes before it."""

    text: str
    heads: tuple[Head, ...]
    announced: bool


def accepted(parts: Sequence[Part]) -> dict[Key, str]:
    """The names of the labels that a text uses, by their keys."""
    heads = [head for part in parts for head in part.heads]
    texts = [part.text for part in parts]
    announced = {head.key for part in parts if part.announced for head in part.heads if head.form is Form.BEFORE}
    counts = Counter(head.key for head in heads)
    first = {head.key: head for head in reversed(heads)}
    in_capitals = _share_of_capitals(texts) > _ALL_CAPITALS
    if in_capitals:
        unsure = {Kind.CAPITALS: Kind.NAME}
        first = {key: head._replace(kind=unsure.get(head.kind, head.kind)) for key, head in first.items()}
    timed = sum(head.form is Form.TIMED for head in heads)
    sure = {key for key, head in first.items() if _is_sure(head, counts[key], timed)}
    if "interviewee" in {key[0] for key in sure}:
        return {key: first[key].label for key in sure if first[key].kind is Kind.GENERIC}
    sure |= {key for key in announced if first[key].kind in (Kind.CAPITALS, Kind.NAME)}
    lower = {word for text in texts for word in _WORD.findall(text) if word.islower()}
    sure |= _names_of_one_word(first, counts, sure, texts, lower)
    sure |= {key for form, least in _WEAK.items() for key in _weak(form, least, first, counts, len(texts), lower)}
    if not in_capitals:
        sure |= _single_names(parts, counts, lower)

    def share(keys: Iterable[Key]) -> float:
        return sum(counts[key] for key in keys) / max(len(texts), 1)

    alone = {key for key in first if key[1] is Form.ALONE}
    names = {key for key in alone if " " in key[0] and not key[0].endswith((".", ",")) and not in_capitals}
    if share({key for key in names if counts[key] >= 2} | alone & sure) >= _USUAL / 2:
        sure |= names
    before = {key: head for key, head in first.items() if key[1] is Form.BEFORE}
    free = {key for key, head in before.items() if head.kind is Kind.FREE and counts[key] >= 2}
    if share(before.keys() & (sure | free)) >= 2 * _USUAL:
        sure |= free
    if share({key for key in before.keys() & sure if before[key].kind is not Kind.GENERIC}) >= _USUAL:
        sure |= {key for key, head in before.items() if head.kind in (Kind.CAPITALS, Kind.NAME) and " " in head.label}
    written = {key[0]: head.label for key, head in first.items()}
    return {key: written[key[0]] for key in sure}


def named_voices(identifiers: Mapping[int, str]) -> dict[int, str]:
    """Who speaks, where the identifiers of cues name it, by their lines.

    Webex writes `1 "Jane Doe" (1234)`; other tools the name alone, which then comes again and again.

    >>> named_voices({2: '1 "Jane Doe" (12)', 6: '2 "Max Muster" (34)'})
    {2: 'Jane Doe', 6: 'Max Muster'}
    """
    quoted = {at: match[1].strip() for at, text in identifiers.items() if (match := _QUOTED.fullmatch(text))}
    counts = Counter(identifiers.values())
    names = {
        at: head.label
        for at, text in identifiers.items()
        if counts[text] >= 2
        for head in heads_of(text.rstrip(":"))
        if head.form is Form.ALONE
    }
    repeated = len(set(names.values())) >= 2 and len(names) >= _USUAL * len(identifiers)
    return quoted | (names if repeated else {})


def _is_sure(head: Head, count: int, timed: int) -> bool:
    """Whether a label is one, whatever other labels the text has.

    Args:
        count: How often it occurs.
        timed: The number of labels with times in the text.
    """
    if head.form is Form.ALONE:
        numbered = any(map(str.isdigit, head.label))
        return head.kind is Kind.GENERIC and (numbered or count >= 2)
    if head.form in _WEAK:
        return head.kind is Kind.GENERIC and count >= 2
    if head.kind is Kind.GENERIC:
        return True
    if head.form is Form.TIMED:
        return timed >= 2 and (count >= 2 or head.kind is not Kind.FREE)
    if head.kind is Kind.CAPITALS:
        return count >= 2 or " " in head.label
    return head.kind is Kind.NAME and count >= 2


def _names_of_one_word(
    first: Mapping[Key, Head], counts: Counter[Key], sure: set[Key], texts: Sequence[str], lower: set[str]
) -> set[Key]:
    """Names of one word (`Rafa:`) that occur repeatedly, beside other labels, and not as a word of the text."""
    found = {
        key
        for key, head in first.items()
        if head.kind is Kind.WORD and key[1] is Form.BEFORE and counts[key] >= 2 and key[0] not in lower
    }
    usual = sum(counts[key] for key in found) >= _USUAL * len(texts)
    return found if sure or len(found) > 1 or usual else set()


def _weak(
    form: Form, least: float, first: Mapping[Key, Head], counts: Counter[Key], parts: int, lower: set[str]
) -> set[Key]:
    """The labels in a form that other text has as well (`[NAME] text`, `NAME - text`), if two speakers have them.

    Args:
        least: The share of the parts of the text that begin with them.
        parts: The number of all parts.
        lower: The text's words in lower case: with one of them, a single word is no name.
    """
    names = {
        key: head
        for key, head in first.items()
        if key[1] is form and head.kind is not Kind.FREE and not (head.kind is Kind.WORD and key[0] in lower)
    }
    names = {key: head for key, head in names.items() if without_marks([f"({head.label})"])[0].strip()}
    repeated = {key for key in names if counts[key] >= 2}
    if len(repeated) < 2 or sum(counts[key] for key in repeated) < least * parts:
        return set()
    return repeated | {key for key, head in names.items() if head.kind < Kind.WORD}


def _single_names(parts: Sequence[Part], counts: Counter[Key], lower: set[str]) -> set[Key]:
    """Names of one word on lines of their own (`Jane`), if speech follows each and the text begins with one."""
    alone = [next((head for head in part.heads if head.form is Form.ALONE), None) for part in parts if part.text]
    keys = [
        head.key if head and head.kind in (Kind.WORD, Kind.CAPITALS) and _is_single(head) else None for head in alone
    ]
    found = {key for key in keys if key and counts[key] >= 2 and key[0] not in lower}
    places = [place for place, key in enumerate(keys) if key in found]
    followed = sum(place + 1 < len(keys) and keys[place + 1] not in found for place in places)
    enough = len(found) >= 2 and len(places) >= _ALONE * len(keys) and places[0] <= max(1, _FIRST * len(keys))
    return found if enough and followed >= len(places) - 1 else set()


def _is_single(head: Head) -> bool:
    return head.kind in (Kind.WORD, Kind.CAPITALS) and head.tokens == 1 and head.label[-1:].isalnum()


def _share_of_capitals(texts: Iterable[str]) -> float:
    letters = [character for text in texts for character in text if character.isupper() or character.islower()]
    return sum(map(str.isupper, letters)) / max(len(letters), 1)
