"""Speaker labels written in a text: `Jane Doe:`, `[SPEAKER_00]:`, `Q.`, `>> NAME:`, `Jane Doe  0:05`.

What looks like a label is one only if the whole text uses labels so: a word with a colon that occurs once is text.
Where both an interviewer and an interviewee are labelled, so is everybody, by role or number.
A speaker talks until the next label. Labels and the timestamps beside them are not spoken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

_TIME: Final = r"\d{1,3}:\d{1,2}(?::\d{1,2})?(?:[.,]\d{1,6})?"
_RANGE: Final = rf"{_TIME}(?: ?(?:-|\u2013|\u2014|-->|to) ?{_TIME})?"
_BRACKETED: Final = rf"[\[(] ?{_RANGE} ?[\])]"
_STAMP: Final = re.compile(rf"{_BRACKETED}:?(?= |$)")
_BARE_STAMP: Final = re.compile(rf"{_RANGE}(?: [-|\u2013])?(?= |$)")
_CHANGE: Final = re.compile(r">{2,}")
_DASH: Final = re.compile(r"[-\u2013\u2014\u2022] ")
_QUESTION: Final = re.compile(r"(?:[Qq]|QUESTION|Question)(?: ?#?\d{1,3})?(?:[.:\uff1a]| [-\u2013\u2014])(?= |$)")
_ANSWER: Final = re.compile(r"(?:A|ANSWER|Answer)(?: ?#?\d{1,3})?(?:[.:\uff1a]| [-\u2013\u2014])(?= |$)")
_LABEL: Final = re.compile(r"([^:\uff1a]{1,60}?) ?[:\uff1a](?= |$)")
_BRACKETED_LABEL: Final = re.compile(r"[\[(]([^\[\]():]{1,60})[\])]:?(?= |$)")
_TIMED_LABEL: Final = re.compile(rf"([^:]{{1,60}}?)[,|:]?(?: [-|\u2013\u2014])? (?:{_BRACKETED}:?(?= |$)|{_RANGE}:?$)")
_BOLD: Final = re.compile(r"^(\s*)(?:\*\*|__)([^*_:]{1,60}(?:_\d+)?)(:?)(?:\*\*|__)(:?)")
_TIGHT: Final = re.compile(
    r"^\s*(?:>>\s*)?(?:\[[^\[\]:]{1,60}\]|\(?(?:SPEAKER|Speaker|speaker|spk)[ _]?\w{1,3}\)?):(?=[^\s:/])"
)
_ROLES: Final = "interviewer|interviewee|moderator|moderadora?|reporter|journalist|journaliste|entrevistadora?"
_NUMBERED: Final = (
    f"{_ROLES}|speaker|spk|s|voice|participant|respondent|player|host|guest|person|sprecher(?:in)?|locuteur|hablante"
    "|orador|falante|relatore"
)
_GENERIC: Final = re.compile(
    rf"(?:the )?(?:(?:unknown|unidentified|male|female) )?(?:{_ROLES}|(?:{_NUMBERED})[ _#-]*\d{{1,3}}|speaker [a-z])"
    r"|(?:unknown|unidentified|male|female) (?:speaker|voice)(?: \d{1,3})?",
    re.IGNORECASE,
)
_PARTICLES: Final = frozenset(
    {*("van", "de", "der", "den", "von", "zu", "zum", "zur", "della", "del", "di", "da", "das", "do", "dos", "du")}
    | {*("des", "la", "le", "las", "los", "el", "al", "bin", "ibn", "bint", "ben", "y", "e", "i", "und", "and")}
    | {*("af", "av", "ter", "ten", "te", "'t")}
)
_LONGEST: Final = 6
"""Words of a name."""
_USUAL: Final = 0.4
"""Share of the lines that begin with labels from which a name that occurs once is a label as well."""
_ALL_CAPITALS: Final = 0.6
"""Share of capital letters from which capitals say nothing."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
ANSWER: Final = "A"


class _Kind(IntEnum):
    """What a label looks like, the surest kinds first."""

    GENERIC = 0
    CAPITALS = 1
    NAME = 2
    WORD = 3
    FREE = 4


class _Head(NamedTuple):
    """The label that a line seems to begin with, and its number of tokens; `timed` with a time beside it."""

    label: str
    kind: _Kind
    tokens: int
    timed: bool = False

    @property
    def key(self) -> tuple[str, bool]:
        return self.label.casefold(), self.timed


_Key = tuple[str, bool]
"""A label without regard to case, and whether it has a time beside it."""


class Said(NamedTuple):
    """Consecutive words of a line by one speaker (None: not named), with their places among the line's tokens."""

    speaker: str | None
    words: tuple[str, ...]
    places: tuple[int, ...]


def spaced(line: str) -> str:
    """A line in which a sure label and `>>` stand apart from the text: `[SPEAKER_00]:so` has two tokens."""
    plain = _BOLD.sub(lambda match: f"{match[1]}{match[2]}{':' if match[3] or match[4] else ''} ", line, count=1)
    if tight := _TIGHT.match(plain):
        plain = f"{plain[: tight.end()]} {plain[tight.end() :]}"
    return _CHANGE.sub(lambda match: f" {match[0]} ", plain)


def speakers_of(lines: Sequence[str]) -> list[list[Said]]:
    """Who says what in each line of a text: the words without labels, `>>` and timestamps.

    A speaker is carried on to the lines after the label; `>>` without a name, and a question, end that.

    >>> speakers_of(["Speaker 1: So?", "Well.", "Speaker 2: Yes: yes."])[1:]
    [[Said(speaker='Speaker 1', words=('Well.',), places=(0,))], [Said(speaker='Speaker 2', words=('Yes:', 'yes.'), \
places=(2, 3))]]
    """
    return _Labels(lines).read(lines)


class _Labels:
    """The labels that a text uses."""

    def __init__(self, lines: Iterable[str]) -> None:
        parts = [part for line in lines for part in _parts(line.split())]
        texts = [" ".join(part) for _, part in parts]
        stamped = sum(_BARE_STAMP.match(text) is not None for text in texts)
        self._bare = stamped >= 2 and stamped >= _USUAL / 2 * len(texts)
        self._answers = any(map(_QUESTION.match, map(self._unstamped, texts)))
        heads = [(place, _head(self._unstamped(" ".join(part)))) for place, part in parts]
        known = [(place, head) for place, head in heads if head is not None]
        announced = {head.key for place, head in known if place < 0}
        self._accepted = _accepted([head for _, head in known], announced, texts)

    def read(self, lines: Iterable[str]) -> list[list[Said]]:
        speaker: str | None = None
        found: list[list[Said]] = []
        for line in lines:
            row: list[Said] = []
            for first, part in _parts(line.split()):
                skipped, named, known = self._label(" ".join(part))
                if known or first < 0:
                    speaker = named
                start = abs(first) - 1 + skipped
                if words := part[skipped:]:
                    row.append(Said(speaker, tuple(words), tuple(range(start, start + len(words)))))
            found.append(row)
        return found

    def _label(self, text: str) -> tuple[int, str | None, bool]:
        """The number of tokens of a part that are not spoken, its speaker, and whether it has a label."""
        rest = self._unstamped(text)
        stamps = len(text.split()) - len(rest.split())
        if match := _QUESTION.match(rest):
            return stamps + _after(rest, len(match[0].split())), None, True
        if self._answers and (match := _ANSWER.match(rest)):
            return stamps + _after(rest, len(match[0].split())), ANSWER, True
        head = _head(rest)
        if head is not None and (name := self._accepted.get(head.key)):
            return stamps + _after(rest, head.tokens), name, True
        return stamps, None, False

    def _unstamped(self, text: str) -> str:
        while match := _STAMP.match(text) or (_BARE_STAMP.match(text) if self._bare else None):
            text = text[match.end() :].lstrip()
        return text


def _parts(tokens: Sequence[str]) -> list[tuple[int, list[str]]]:
    """The parts of a line between `>>`, each with the place of its first token plus 1; negative after a `>>`."""
    parts: list[tuple[int, list[str]]] = []
    sign, begun = 1, 0
    for place, token in enumerate([*tokens, ">>"]):
        if _CHANGE.fullmatch(token):
            if begun < place:
                parts.append((sign * (begun + 1), list(tokens[begun:place])))
            sign, begun = -1, place + 1
    return parts


def _after(text: str, count: int) -> int:
    """The tokens up to the speech: a label's and those of a timestamp right after it."""
    rest = " ".join(text.split()[count:])
    stamp = _STAMP.match(rest)
    return count + (len(stamp[0].split()) if stamp else 0)


def _head(text: str) -> _Head | None:
    """The label that a part of a line seems to begin with."""
    dash = _DASH.match(text)
    rest = text[dash.end() :] if dash else text
    for pattern, timed in ((_TIMED_LABEL, True), (_BRACKETED_LABEL, False), (_LABEL, False)):
        match = pattern.match(rest)
        if match is None:
            continue
        label = _unbracketed(match[1].strip())
        kind = _kind(label)
        surely = pattern is not _BRACKETED_LABEL or kind is _Kind.GENERIC or match[0].endswith(":")
        if kind is not None and surely:
            return _Head(label, kind, len(match[0].split()) + (dash is not None), timed)
    return None


def _kind(label: str) -> _Kind | None:
    """What a label looks like; None if it cannot be a speaker."""
    tokens = label.split()
    if (
        not 0 < len(tokens) <= _LONGEST
        or any(character in label for character in '?!;"\u201c\u201d\u2026>')
        or not (any(character.isalpha() for character in label))
    ):
        return None
    if any(token.endswith(".") and len(token) > 5 for token in tokens):
        return None
    if _GENERIC.fullmatch(label) and (label[0].isupper() or any(character.isdigit() for character in label)):
        return _Kind.GENERIC
    names = [token for token in tokens if token.lower() not in _PARTICLES] or tokens
    letters = "".join(character for token in names for character in token if character.isalpha())
    if letters.isupper() and len(letters) > 1:
        return _Kind.CAPITALS
    if not all(map(_is_name, names)):
        return _Kind.FREE if len(tokens) <= 4 else None
    return _Kind.NAME if len(tokens) > 1 else _Kind.WORD


def _is_name(token: str) -> bool:
    """Whether a token can be part of a name: it begins with a capital, also after an apostrophe or hyphen."""
    bare = token.strip("()[],.")
    first = next((character for character in bare if character.isalpha()), "")
    return not first or not first.islower() or any(map(str.isupper, bare[1:]))


def _unbracketed(label: str) -> str:
    return label[1:-1].strip() if label[:1] + label[-1:] in ("[]", "()") else label


def _accepted(heads: Sequence[_Head], announced: set[_Key], texts: Sequence[str]) -> dict[_Key, str]:
    """The names of the labels that a text uses.

    Args:
        heads: What the parts of the text seem to begin with.
        announced: Those that stand after `>>`.
        texts: All parts of the text.
    """
    counts = Counter(head.key for head in heads)
    first = {head.key: head for head in reversed(heads)}
    if _share_of_capitals(texts) > _ALL_CAPITALS:
        unsure = {_Kind.CAPITALS: _Kind.NAME}
        first = {key: head._replace(kind=unsure.get(head.kind, head.kind)) for key, head in first.items()}
    timed = sum(head.timed for head in heads)
    sure = {key for key, head in first.items() if _is_sure(head, counts[key], timed)}
    if {"interviewer", "interviewee"} <= {key[0] for key in sure}:
        return {key: head.label for key, head in first.items() if head.kind is _Kind.GENERIC}
    sure |= {key for key in announced if first[key].kind in (_Kind.CAPITALS, _Kind.NAME)}
    sure |= _names_of_one_word(first, counts, sure, texts)

    def share(keys: Iterable[_Key]) -> float:
        return sum(counts[key] for key in keys if not key[1]) / max(len(texts), 1)

    free = {key for key, head in first.items() if head.kind is _Kind.FREE and not key[1] and counts[key] >= 2}
    if share(sure | free) >= 2 * _USUAL:
        sure |= free
    if share(sure) >= _USUAL:
        sure |= {key for key, head in first.items() if head.kind in (_Kind.CAPITALS, _Kind.NAME) and " " in head.label}
    names = {key[0]: head.label for key, head in first.items()}
    return {key: names[key[0]] for key in sure}


def _is_sure(head: _Head, count: int, timed: int) -> bool:
    """Whether a label is one, whatever other labels the text has.

    Args:
        count: How often it occurs.
        timed: The number of labels with times in the text.
    """
    if head.kind is _Kind.GENERIC:
        return True
    if head.timed:
        return timed >= 2 and (count >= 2 or head.kind is not _Kind.FREE)
    if head.kind is _Kind.CAPITALS:
        return count >= 2 or " " in head.label
    return head.kind is _Kind.NAME and count >= 2


def _names_of_one_word(
    first: Mapping[_Key, _Head], counts: Counter[_Key], sure: set[_Key], texts: Sequence[str]
) -> set[_Key]:
    """Names of one word (`Rafa:`) that occur repeatedly, beside other labels, and not as a word of the text."""
    lower = {word for text in texts for word in _WORD.findall(text) if word.islower()}
    found = {
        key
        for key, head in first.items()
        if head.kind is _Kind.WORD and not key[1] and counts[key] >= 2 and key[0] not in lower
    }
    usual = sum(counts[key] for key in found) >= _USUAL * len(texts)
    return found if sure or len(found) > 1 or usual else set()


def _share_of_capitals(texts: Iterable[str]) -> float:
    letters = [character for text in texts for character in text if character.isupper() or character.islower()]
    return sum(map(str.isupper, letters)) / max(len(letters), 1)
