"""What speaker labels look like: names, roles and numbers, before a colon, in brackets, beside a time, or alone."""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

_TIME: Final = r"\d{1,3}:\d{1,2}(?::\d{1,2})?(?:[.,]\d{1,6})?"
_RANGE: Final = rf"{_TIME}(?: ?(?:-|\u2013|\u2014|-->|to) ?{_TIME})?"
_BRACKETED: Final = rf"[\[(] ?{_RANGE} ?[\])]"
STAMP: Final = re.compile(rf"{_BRACKETED}:?(?= |$)")
BARE_STAMP: Final = re.compile(rf"{_RANGE}(?: [-|\u2013])?(?= |$)")
CHANGE: Final = re.compile(r">{2,}")
_DASH: Final = re.compile(r"[-\u2013\u2014\u2022] ")
QUESTION: Final = re.compile(r"(?:[Qq]|QUESTION|Question)(?: ?#?\d{1,3})?(?:[.:\uff1a]| [-\u2013\u2014])(?= |$)")
ANSWER: Final = re.compile(r"(?:A|ANSWER|Answer)(?: ?#?\d{1,3})?(?:[.:\uff1a]| [-\u2013\u2014])(?= |$)")
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


class Kind(IntEnum):
    """What a label looks like, the surest kinds first."""

    GENERIC = 0
    CAPITALS = 1
    NAME = 2
    WORD = 3
    FREE = 4


class Form(StrEnum):
    """How a label stands in a line: before a colon or in brackets, with a time beside it, or as the whole line."""

    BEFORE = "before"
    TIMED = "timed"
    ALONE = "alone"


class Head(NamedTuple):
    """The label that a line seems to begin with, and its number of tokens."""

    label: str
    kind: Kind
    tokens: int
    form: Form

    @property
    def key(self) -> tuple[str, Form]:
        return self.label.casefold(), self.form


Key = tuple[str, Form]
"""A label without regard to case, and its form."""


_FORMS: Final = ((_TIMED_LABEL, Form.TIMED), (_BRACKETED_LABEL, Form.BEFORE), (_LABEL, Form.BEFORE))


def spaced(line: str) -> str:
    """A line in which a sure label and `>>` stand apart from the text: `[SPEAKER_00]:so` has two tokens."""
    plain = _BOLD.sub(lambda match: f"{match[1]}{match[2]}{':' if match[3] or match[4] else ''} ", line, count=1)
    if tight := _TIGHT.match(plain):
        plain = f"{plain[: tight.end()]} {plain[tight.end() :]}"
    return CHANGE.sub(lambda match: f" {match[0]} ", plain)


def head_of(text: str) -> Head | None:
    """The label that a part of a line seems to begin with."""
    dash = _DASH.match(text)
    rest = text[dash.end() :] if dash else text
    for pattern, form in _FORMS:
        match = pattern.match(rest)
        if match is None:
            continue
        label = _unbracketed(match[1].strip())
        kind = _kind(label)
        surely = pattern is not _BRACKETED_LABEL or kind is Kind.GENERIC or match[0].endswith(":")
        if kind is not None and surely:
            return Head(label, kind, len(match[0].split()) + (dash is not None), form)
    kind = _kind(rest)
    return None if dash or kind in (None, Kind.WORD, Kind.FREE) else Head(rest, kind, len(rest.split()), Form.ALONE)


def _kind(label: str) -> Kind | None:
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
        return Kind.GENERIC
    names = [token for token in tokens if token.lower() not in _PARTICLES] or tokens
    letters = "".join(character for token in names for character in token if character.isalpha())
    if letters.isupper() and len(letters) > 1:
        return Kind.CAPITALS
    if not all(map(_is_name, names)) or not any(map(str.isalpha, names[0])):
        return Kind.FREE if len(tokens) <= 4 else None
    return Kind.NAME if len(tokens) > 1 else Kind.WORD


def _is_name(token: str) -> bool:
    """Whether a token can be part of a name: it begins with a capital, also after an apostrophe or hyphen."""
    bare = token.strip("()[],.")
    first = next((character for character in bare if character.isalpha()), "")
    return not first or not first.islower() or any(map(str.isupper, bare[1:]))


def _unbracketed(label: str) -> str:
    return label[1:-1].strip() if label[:1] + label[-1:] in ("[]", "()") else label
