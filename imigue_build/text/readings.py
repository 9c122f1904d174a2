"""Readings: the spoken forms of a written token, the default first.

The rules read one written token at a time, so that an aligner can time the token by its words: the
score "7-6(5)" is one token of a transcript and three words of a recording. Neighbouring tokens matter
only where the token alone is ambiguous: "No." before a number, "$3.5" before "million", and marks of
several words.

What a transcriber adds and nobody says (`text.marks`) has one reading, without words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from imigue_build.text import numbers, quantities
from imigue_build.text.characters import bare, plain
from imigue_build.text.context import readings_by_neighbours
from imigue_build.text.marks import without_marks
from imigue_build.text.numbers import Phrases
from imigue_build.text.pronounce import is_acronym
from imigue_build.text.quantities import CURRENCY, FRACTION, NUMBER, SCALE, UNIT
from imigue_build.text.symbols import ABBREVIATIONS, COUNTRIES, PER, SIGNS

Reading = tuple[str, ...]
"""Spoken words in lower case."""

MAX_READINGS: Final = quantities.MAX_PHRASES
_FOREIGN: Final = "\u0101"  # stands for any non-ASCII letter or mark while the rules match a token
_LETTER: Final = f"[a-z{_FOREIGN}]"
_END: Final = f"(?!{_LETTER}|\\d)"


def readings(token: str, before: str = "", after: str = "") -> tuple[Reading, ...]:
    """The possible spoken word sequences of a written token; at least one, at most `MAX_READINGS`.

    The default comes first. It has no words for a mark or punctuation alone. Any other token
    with a letter or a digit of any script has words in every reading.

    Args:
        before: The preceding written token, if any.
        after: The following written token, if any.

    >>> readings("6-4,")
    (('six', 'four'), ('six', 'to', 'four'))
    >>> readings("[laughter]")
    ((),)
    """
    return _readings(without_marks([token])[0].strip(), before, after)


def readings_in_context(tokens: Sequence[str]) -> list[tuple[Reading, ...]]:
    """The readings of each written token of a text, given its neighbours."""
    padded = ["", *(token.strip() for token in without_marks(tokens)), ""]
    return [_readings(padded[index], padded[index - 1], padded[index + 1]) for index in range(1, len(tokens) + 1)]


def _readings(token: str, before: str, after: str) -> tuple[Reading, ...]:
    """The readings of a token without marks."""
    written = plain(token)
    outline = "".join(map(_outline, written))
    contextual = readings_by_neighbours(outline, plain(before), plain(after), token, before)
    if contextual:
        return _split(contextual)
    parts = [_VERBALISERS[str(rule.lastgroup)](written[rule.start() : rule.end()]) for rule in _TOKEN.finditer(outline)]
    found = numbers.combine(parts, MAX_READINGS)
    if len(found) == 1 and len(found[0].split()) == 1 and is_acronym(bare(token)):
        found = tuple(dict.fromkeys((*found, _spelled(found[0]))))
    return _split(found)


def _outline(letter: str) -> str:
    if letter.isascii() or unicodedata.category(letter)[0] not in "LM":
        return letter
    return _FOREIGN


def _spelled(word: str) -> str:
    stem, apostrophe, ending = word.partition("'")
    return " ".join(stem) + apostrophe + ending


def _split(phrases: Phrases) -> tuple[Reading, ...]:
    return tuple(tuple(phrase.split()) for phrase in phrases)


def _score(text: str) -> Phrases:
    first, second = text.split("-")
    return numbers.score(first, second)


def _word(text: str) -> Phrases:
    if all(unicodedata.category(letter)[0] == "M" for letter in text):  # accents without a letter
        return ("",)
    return ABBREVIATIONS.get(text, (text,))


_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_COMMA: Final = r"\d+,\d{1,2}(?!\d|,\d)"
_AFTER_DOMAIN: Final = "|".join(rf"(?<=\.{domain})" for domain in ("com", "org", "net", "edu", "gov"))
_RULES: Final[tuple[tuple[str, str, Callable[[str], Phrases]], ...]] = (
    ("money_range", rf"{CURRENCY}{NUMBER}{SCALE}?-{CURRENCY}?{NUMBER}(?:{SCALE}{_END})?", quantities.money_range),
    (
        "money",
        rf"(?:(?<!{_LETTER})(?:{'|'.join(COUNTRIES)}))?{CURRENCY}(?:{_COMMA}|{NUMBER})(?:-?{SCALE}{_END})?"
        rf"|(?:(?<![\d.,]){_COMMA}|{NUMBER}){CURRENCY}",
        quantities.money,
    ),
    (
        "date",
        rf"(?<![\d./-])(?:{_DAY}/{_DAY}/(?:(?:19|20)\d\d|\d\d)|{_DAY}\.{_DAY}\.(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)"
        r"(?![\d/-])",
        quantities.date,
    ),
    (
        "ordinal",
        rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:st|nd|rd|th){_END}",
        lambda text: numbers.ordinal(text[:-2].replace(",", "")),
    ),
    ("noughties", rf"(?<=')00s{_END}", lambda _: ("two thousands", "noughties", "oh ohs", "zeros")),
    (
        "decade",
        rf"(?<![\d.,])(?:(?:1[1-9]|20)?[1-9]0|(?:1[1-9]|20)00)'?s{_END}",
        lambda text: numbers.decade(text.rstrip("'s")),
    ),
    ("telephone", r"(?<![\d.,-])(?:\+?\d{1,2}-)?(?:\d{3}-)?\d{3}-\d{4}(?![\d-])", quantities.telephone),
    ("race", r"(?<![\d:.,])\d\d?:[0-5]\d(?::[0-5]\d(?:\.\d+)?|\.\d+)(?![\d:])", quantities.race),
    (
        "clock",
        rf"(?<![\d:])(?:[01]?\d|2[0-3])(?::[0-5]\d(?:[ap]m{_END}|(?![\d:]))|\.[0-5]\d[ap]m{_END})",
        quantities.clock,
    ),
    ("half_of_day", rf"(?<=\d)[ap]m{_END}", lambda text: (" ".join(text),)),
    ("height", rf"(?<![\d.,])[12]m\d\d{_END}", quantities.height),
    ("lasting", rf"(?<![\d.,])\d\d?h(?:rs?)?[0-5]\d(?:m(?:ins?)?)?{_END}", quantities.lasting),
    ("seconds", rf"(?<![\d.,])\d+\.\d+s{_END}", quantities.seconds),
    ("year_of_century", r"(?:(?<=')|(?<=[12]\d\d\d-))0\d(?![\d.,:'s-])", lambda text: numbers.integer(text)[::-1]),
    ("games", r"(?<!\d)(?:76|67)(?=\()", lambda text: (numbers.digits(text), *numbers.integer(text))),
    ("feet_and_inches", rf"(?<![\d.,])\dft\d\d?{_END}", lambda text: quantities.feet(text.replace("ft", "'"))),
    ("feet", r"(?<![\d.,'])\d'\d\d?(?:\"|''|(?![\d']))", quantities.feet),
    ("and_fraction", rf"(?<=\d) +(?:{FRACTION})(?![\d/])", quantities.and_fraction),
    ("fraction", rf"(?<![\d/])(?:{FRACTION})(?:(?<=3)rds?|(?<=4)ths?)?(?![\d/])", quantities.fraction),
    ("score", rf"(?<![\d.,:/-])(?!-)\d\d?-\d\d?(?!\d|[.,:/-]\d|%|(?:{UNIT}|[ap]m){_END})", _score),
    ("year", rf"(?<![\d.,'])(?:1[1-9]|20)\d\d(?!\d|[.,']\d|(?:{UNIT}|'?s){_END})", numbers.year),
    (
        "range",
        rf"(?<=\d)-(?={NUMBER}(?:%|(?:{UNIT}|[ap]m){_END}))|(?:(?<=\d[ap]m)|(?<=%))-(?=\d)|(?<=:\d\d)-(?=\d\d?:)",
        lambda _: ("to", ""),
    ),
    ("to", r"(?<=\d)-(?=\d)", lambda _: ("", "to")),
    ("over", r"(?<=\d)/(?=\d)", lambda _: ("", "out of", "over", "of")),
    ("per_unit", rf"(?:(?<=[\d%])|(?<=\dk))/(?:{'|'.join(PER)}){_END}", quantities.per),
    ("per", rf"(?:(?<=[\d%])|(?<=\dk))/(?={_LETTER})", lambda _: ("per", "a", "an", "")),
    ("by", r"(?<=\d)x(?=\d)", lambda _: ("by", "x", "times")),
    ("minus", r"\A-(?=\.?\d)", lambda _: ("minus", "negative")),
    ("measure", rf"(?:(?<!{_LETTER})|(?<=\dx))(?:\d+,\d{{1,2}}|{NUMBER})(?:{UNIT}){_END}", quantities.measure),
    ("plural", rf"(?<![\d.,])(?:\d{{1,3}}|1000|(?:1[1-9]|20)\d\d)'?s{_END}", quantities.plural),
    ("comma_decimal", r"(?<![\d.,])\d+,\d{1,2}(?=%)", lambda text: numbers.decimal(text.replace(",", "."))),
    ("number", NUMBER, numbers.decimal),
    ("rank", rf"\#(?=\s*\d)|(?<!{_LETTER})n(?:o\.?|\.?°|r\.|um\.)-?(?=\s*\d)", lambda _: ("number",)),
    ("tag", rf"\#(?={_LETTER})", lambda _: ("hashtag", "")),
    (
        "advantage",
        rf"(?<!{_LETTER})(?:ad(?=-\d)|a(?=-40))|(?<=\d-)ad{_END}|(?<=40-)a{_END}",
        lambda _: ("ad", "advantage"),
    ),
    ("round", rf"(?<!{_LETTER})r(?=(?:16|32|64|128){_END})", lambda _: ("r", "round of", "the round of")),
    (
        "with",
        rf"(?<!{_LETTER})w/(?:out|o)?(?!{_LETTER}|/)",
        lambda text: ("without", "walkover") if "o" in text else ("with",),
    ),
    ("word", rf"{_LETTER}+(?:'{_LETTER}+)*", _word),
    ("dot", rf"(?<=[\w]{{2}})\.(?=(?:com|org|net|edu|gov|info|tv|io|co\.uk|uk){_END})|(?<=www)\.", lambda _: ("dot",)),
    ("slash", rf"(?:{_AFTER_DOMAIN})/(?=\w)", lambda _: ("slash", "")),
    ("degrees", rf"°[cf]{_END}", SIGNS.__getitem__),
    ("sign", rf"[&+@¢]|(?<!{_LETTER})°(?!{_LETTER})|%(?!{_LETTER})|(?<!{_LETTER})=(?!{_LETTER})", SIGNS.__getitem__),
)
_VERBALISERS: Final = {name: reader for name, _, reader in _RULES}
_TOKEN: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern, _ in _RULES))
