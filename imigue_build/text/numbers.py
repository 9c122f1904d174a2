"""Numbers in words, in every way that they are commonly spoken.

Each function gives phrases in lower case with single spaces, the default first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import Final

Phrases = tuple[str, ...]
"""The spoken forms of a written expression, the default first."""

ZERO: Final[Phrases] = ("zero", "love", "oh", "nil")
_MAX_DIGITS: Final = 15  # longer numbers are read digit by digit
_MAX_COMBINATIONS: Final = 512
_GAMES: Final = re.compile(r"(?:6[0-4]|[0-4]6|75|57|76|67){1,5}")  # of one to five sets, without hyphens
_POINTS: Final = re.compile(r"(?:15|30|40)(?:0|15|30|40)")
_ROUND: Final = ("one hundred", "one thousand", "one million", "one billion")  # may begin with "a" instead of "one"


def distinct(phrases: Iterable[str]) -> Phrases:
    """Removes duplicates and surplus spaces, keeping the order."""
    return tuple(dict.fromkeys(" ".join(phrase.split()) for phrase in phrases))


def combine(parts: Sequence[Phrases], limit: int) -> Phrases:
    """The phrases of a sequence of expressions, at most `limit`; those closest to the defaults come first.

    >>> combine([("six",), ("zero", "love")], 8)
    ('six zero', 'six love')
    """
    for per_part in (limit, 4, 2, 1):  # a token such as "0-0-0-0-0-0-0" has too many combinations
        ranked = [list(enumerate(part[:per_part])) for part in parts]
        if prod(map(len, ranked)) <= _MAX_COMBINATIONS:
            break
    combinations = sorted(product(*ranked), key=lambda choice: sum(rank for rank, _ in choice))
    return distinct(" ".join(phrase for _, phrase in choice) for choice in combinations)[:limit]


def digits(text: str) -> str:
    """A number read digit by digit."""
    return " ".join(_words(int(digit)) for digit in text)


def integer(text: str) -> Phrases:
    """A whole number of ASCII digits.

    >>> integer("105")[:3]
    ('one hundred five', 'a hundred five', 'one hundred and five')
    """
    if len(text) > _MAX_DIGITS or (text[0] == "0" and len(text) > 1):
        return distinct([digits(text), digits(text).replace("zero", "oh")])
    value = int(text)
    if value == 0:
        return ZERO
    return distinct([*_cardinals(value), *_in_pairs(value), *_digit_by_digit(text), *_as_score(text)])


def year(text: str) -> Phrases:
    """A four-digit year: read as a year first, then as a number."""
    value = int(text)
    return distinct([_words(value, "year"), *_in_pairs(value), *_cardinals(value), *_digit_by_digit(text)])


def decimal(text: str) -> Phrases:
    """A number with or without thousands separators and decimals.

    >>> decimal("3.5")
    ('three point five', 'three and a half')
    """
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", text):  # points between thousands
        text = text.replace(".", "")
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d{1,2}", text):
        text = text.translate(str.maketrans(".,", ",."))
    whole, _, decimals = re.sub("[,']", "", text).partition(".")
    if not decimals:
        return integer(whole)
    fractions = [digits(decimals), digits(decimals).replace("zero", "oh")]
    if len(decimals) == 2 and decimals[0] != "0":
        fractions.append(_words(int(decimals)))
    wholes: Phrases = ("zero", "", "oh") if whole == "0" else integer(whole)[:4] if whole else ("", "zero")
    phrases = [f"{number} point {fraction}" for number in wholes for fraction in fractions]
    if decimals == "5":
        phrases += [f"{number} and a half" for number in wholes] if whole.strip("0") else ["half", "a half"]
    if len(decimals) == 3 and 0 < len(whole) <= 3 and whole != "0":  # the point may be between thousands
        phrases += _cardinals(int(whole + decimals))
    if _GAMES.fullmatch(whole + decimals):
        phrases += _as_score(whole + decimals)
    return distinct(phrases)


def ordinal(text: str) -> Phrases:
    """An ordinal number, given its digits alone."""
    if len(text) > _MAX_DIGITS:
        return integer(text)
    return distinct([_words(int(text), "ordinal"), *_a_for_one([_words(int(text), "ordinal", keep_and=True)])])


def decade(text: str) -> Phrases:
    """A decade or century, given its digits alone: "90", "1990", "1900"."""
    numbers = year(text)[:1] if len(text) == 4 else (_words(int(text)),)
    return distinct(f"{number[:-1]}ies" if number.endswith("y") else f"{number}s" for number in numbers)


def clock(hours: str, minutes: str, meridiem: str = "") -> Phrases:
    """A time of day; `meridiem` is "am", "pm" or empty."""
    suffix, hour, minute = " ".join(meridiem), _words(int(hours)), int(minutes)
    if minute == 0:
        phrases = [hour, f"{hour} o'clock"] if suffix else [f"{hour} o'clock", hour]
        return distinct(f"{phrase} {suffix}" for phrase in phrases)
    phrases = [f"{hour} {_words(minute)}"]
    if minute < 10:
        zero_forms = [f"{hour} oh {_words(minute)}", f"{hour} zero {_words(minute)}"]
        phrases = [*zero_forms, *phrases, f"{_words(minute)} past {hour}"]
    next_hour = _words(int(hours) % 12 + 1)
    quarters = {15: f"quarter past {hour}", 30: f"half past {hour}", 45: f"quarter to {next_hour}"}
    phrases += [quarters[minute]] if minute in quarters else []
    return distinct(f"{phrase} {suffix}" for phrase in phrases)


def score(first: str, second: str) -> Phrases:
    """A score in games, points or sets; each side has one or two digits.

    >>> score("6", "0")[:3]
    ('six zero', 'six love', 'six oh')
    """
    left, right = (integer(str(int(side))) for side in (first, second))
    phrases = [f"{left[0]} {right[0]}"]
    if first == second:
        phrases += ["love all", "nil all"] if int(first) == 0 else [f"{left[0]} all"]
        phrases += ["deuce"] if first == "40" else []
        phrases += [f"{number} {number}" for number in left]
    phrases += [f"{a} {b}" for a in left for b in right]
    return distinct([*phrases, *(f"{a} to {b}" for a in left for b in right[:2])])


@lru_cache(4096)
def _words(value: int, to: str = "cardinal", *, keep_and: bool = False) -> str:
    """The number in words by num2words."""
    from num2words import num2words

    words = str(num2words(value, to=to)).replace(",", "").replace("-", " ").split()
    return " ".join(word for word in words if word != "and" or keep_and)


def _cardinals(value: int) -> Phrases:
    return distinct([*_a_for_one([_words(value)]), *_a_for_one([_words(value, keep_and=True)])])


def _a_for_one(phrases: Iterable[str]) -> Iterator[str]:
    for phrase in phrases:
        yield phrase
        if phrase.startswith(_ROUND):
            yield phrase.replace("one", "a", 1)


def _in_pairs(value: int) -> Iterator[str]:
    """Read in groups of two digits: "nineteen ninety", "nineteen hundred and ninety", "one oh five"."""
    first, last = divmod(value, 100)
    if not 1 <= first <= 99 or (first % 10 == 0 and last < 10 and first != 20) or not last + first % 10:
        return
    if last >= 10:
        yield f"{_words(first)} {_words(last)}"
    elif last:
        yield f"{_words(first)} oh {_words(last)}"
        yield f"{_words(first)} zero {_words(last)}"
    if first >= 10 and first % 10:
        yield f"{_words(first)} hundred {_words(last) if last else ''}"
        if last:
            yield f"{_words(first)} hundred and {_words(last)}"


def _as_score(text: str) -> Iterator[str]:
    """Digits in a row that may be a tennis score: "64", "6476", "4015"; an ASR may write one without hyphens.

    >>> list(_as_score("60")), list(_as_score("1530")), list(_as_score("65"))
    (['six zero', 'six love'], ['fifteen thirty'], [])
    """
    if _GAMES.fullmatch(text):
        yield digits(text)
        if "0" in text:
            yield digits(text).replace("zero", "love")
    elif _POINTS.fullmatch(text):
        points = [_words(int(point)) for point in re.findall("0|15|30|40", text)]
        yield " ".join(points)
        if "zero" in points:
            yield " ".join(points).replace("zero", "love")


def _digit_by_digit(text: str) -> Iterator[str]:
    if len(text) >= 3:
        yield digits(text)
        if "0" in text:
            yield digits(text).replace("zero", "oh")
