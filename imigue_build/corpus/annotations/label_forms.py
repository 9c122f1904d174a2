"""What speaker labels look like: names, roles and numbers, before a colon, in brackets, beside a time, or alone."""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

TAB: Final = "\u2409"
"""The token for a tab in a line: it parts columns, and is never spoken."""
_CLOCK: Final = r"\d{1,3}(?:[:;]\d{1,2}){1,3}(?:[.,]\d{1,6})?(?: ?[AaPp]\.?[Mm]\b\.?)?"
_LONG: Final = r"(?:\d{1,2} hours? )?\d{1,2} minutes? \d{1,2} seconds?"
_TO: Final = r" ?(?:-{0,2}>|-|\u2013|\u2014|\u2192|to) ?"
_TIME: Final = rf"(?:{_CLOCK}|{_LONG})"
_RANGE: Final = rf"{_TIME}(?:{_TO}{_TIME})?"
_IN_BRACKETS: Final = rf"(?:{_TIME}|\d{{1,2}}\.\d\d\.\d\d|\d{{1,5}}\.\d{{1,6}} ?s?|\d{{1,5}} ?s)"
_BRACKETED: Final = rf"[\[(] ?{_IN_BRACKETS}(?:{_TO}{_IN_BRACKETS})? ?[\])]"
STAMP: Final = re.compile(rf"{_BRACKETED}:?(?: [-|\u2013{TAB}])?(?= |$)")
BARE_STAMP: Final = re.compile(rf"{_RANGE}(?: [-|\u2013{TAB}])?(?= |$)")
COLUMN_STAMP: Final = re.compile(rf"(?:{TAB} )?{_RANGE} {TAB}(?= |$)")
"""A time in a column of its own."""
_INNER_STAMP: Final = re.compile(r"#(?:\d{1,2}:)?\d{1,2}:\d{2}(?:-\d)?#")
"""A time in the text, as f4 writes it: `#00:01:23-4#`."""
CHANGE: Final = re.compile(r">{2,}")
_DASH: Final = re.compile(r"[-\u2013\u2014\u2022*] (?![\w ]{1,32}[-\u2013\u2014]$)")
_Q: Final = "(?:[Qq]|QUESTION|Question)(?: ?#?\\d{1,3})?"
_A: Final = "(?:A|ANSWER|Answer)(?: ?#?\\d{1,3})?"
_ENDS: Final = rf"(?:[.:)>\uff1a]| (?:--|[-\u2013\u2014{TAB}]))"
QUESTION: Final = re.compile(rf"(?:{_Q}{_ENDS}|[\[(]{_Q}[\])][.:]?)(?= |$)")
ANSWER: Final = re.compile(rf"(?:{_A}{_ENDS}|[\[(]{_A}[\])][.:]?)(?= |$)")
PLAIN_QUESTION: Final = re.compile(r"Q(?= |$)")
PLAIN_ANSWER: Final = re.compile(r"A(?= |$)")
_LABEL: Final = re.compile(r"([^:\uff1a]{1,60}?) ?[:\uff1a](?= |$)")
_NAME: Final = rf"[^\[\](){{}}:<>{TAB}]{{1,60}}"
_BRACKETED_LABEL: Final = re.compile(rf"[\[({{]({_NAME})[\])}}](:?)(?= |$)")
_DOTTED_LABEL: Final = re.compile(r"((?:[Mm][Rr][Ss]?\. |[Dd][Rr]\. |[Mm][Ss]\. )?[^:.]{2,60})\.(?= [^\s.])")
_TIMED_LABEL: Final = re.compile(
    rf"([^:{TAB}]{{1,60}}?) ?[,|:@]?(?: [-|\u2013\u2014{TAB}])? (?:{_BRACKETED}:?(?= |$)|{_RANGE}(?::(?= |$)|$))"
)
_LABEL_WITH_TIME: Final = re.compile(rf"[\[(]({_NAME}?),? {_RANGE}[\])]:?(?= |$)")
_ANGLED_LABEL: Final = re.compile(rf"<({_NAME})>:?(?= |$)")
_DASHED_LABEL: Final = re.compile(rf"([^:<>{TAB}]{{1,60}}?)(?: (?:--|[-\u2013\u2014|])| ?>)(?= [^\s>])")
_COLUMN_LABEL: Final = re.compile(rf"([^:{TAB}]{{1,60}}?) {TAB}(?= |$)")
_HEADING: Final = re.compile(r"^\s*#{1,6} ")
_BOLD: Final = re.compile(
    r"^(\s*(?:[-*\u2022] |\[[^\[\]]{1,40}\] |\([^()]{1,40}\) )?)(?:\*\*|__)([^*_]{1,90}(?:_\d+)?:?)(?:\*\*|__)(:?)"
)
_TIGHT_STAMP: Final = re.compile(rf"^{_BRACKETED}(?=[^\s:])")
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
    """How a label is set apart: by a colon, a time, a line of its own, brackets alone, a dash, a tab or a point."""

    BEFORE = "before"
    TIMED = "timed"
    ALONE = "alone"
    BRACKETED = "bracketed"
    ANGLED = "angled"
    DASHED = "dashed"
    COLUMN = "column"
    DOTTED = "dotted"


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


_FORMS: Final = (
    (_TIMED_LABEL, Form.TIMED),
    (_LABEL_WITH_TIME, Form.TIMED),
    (_BRACKETED_LABEL, Form.BRACKETED),
    (_LABEL, Form.BEFORE),
    (_ANGLED_LABEL, Form.ANGLED),
    (_COLUMN_LABEL, Form.COLUMN),
    (_DASHED_LABEL, Form.DASHED),
    (_DOTTED_LABEL, Form.DOTTED),
)


def spaced(line: str) -> str:
    """A line in which a sure label, `>>` and tabs are tokens of their own: `[SPEAKER_00]:so` has two.

    Bold face, headings and the times that f4 writes into the text are taken away.
    """
    plain = _HEADING.sub("", _INNER_STAMP.sub(" ", line.strip().replace("\t", f" {TAB} ")))
    plain = _BOLD.sub(lambda match: f"{match[1]}{match[2]}{match[3]} ", plain, count=1)
    if tight := _TIGHT_STAMP.match(plain) or _TIGHT.match(plain):
        plain = f"{plain[: tight.end()]} {plain[tight.end() :]}"
    return CHANGE.sub(lambda match: f" {match[0]} ", plain)


def heads_of(text: str) -> list[Head]:
    """The labels that a part of a line may begin with, the surest form first."""
    dash = _DASH.match(text)
    rest = text[dash.end() :] if dash else text
    found: list[Head] = []
    for pattern, form in _FORMS:
        if (match := pattern.match(rest)) is None:
            continue
        label = _unbracketed(match[1].strip())
        kind = _kind(label)
        if kind is not None and (form is not Form.DOTTED or label.split()[-1].isupper()):
            sure = form is Form.BRACKETED and (match[2] or kind is Kind.GENERIC)
            found.append(Head(label, kind, len(match[0].split()) + (dash is not None), Form.BEFORE if sure else form))
    kind = _kind(rest)
    if not dash and kind not in (None, Kind.FREE):
        found.append(Head(rest, kind, len(rest.split()), Form.ALONE))
    return found


def dash_tokens(text: str) -> int:
    """The number of tokens of the dash with which a part begins: it is no word."""
    return int(_DASH.match(text) is not None)


def _kind(label: str) -> Kind | None:
    """What a label looks like; None if it cannot be a speaker."""
    tokens = label.split()
    if (
        not 0 < len(tokens) <= _LONGEST
        or any(character in label for character in f'?!;=<`"\u201c\u201d\u2026>{TAB}')
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
    label = label.lstrip("*@").lstrip()
    return label[1:-1].strip() if label[:1] + label[-1:] in ("[]", "()") else label
