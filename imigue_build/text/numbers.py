"""Numbers in words, in every way that they are commonly spoken.

Each function gives phrases in lower case with single spaces, the default first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import Final

Phrases = tuple[str, ...]
"""The ways to speak one thing, the default first."""

ZERO: Final[Phrases] = ("zero", "love", "oh", "nil")
_MOST_DIGITS: Final = 15  # longer ones are read digit by digit
_MOST_COMBINATIONS: Final = 512
_ROUND: Final = ("one hundred", "one thousand", "one million", "one billion")  # begin with "a" as well


def distinct(phrases: Iterable[str]) -> Phrases:
    """Without repetitions and empty places, in their order."""
    return tuple(dict.fromkeys(" ".join(phrase.split()) for phrase in phrases))


def joined(parts: Sequence[Phrases], most: int) -> Phrases:
    """The phrases of things said one after the other, those first that differ least from the defaults.

    >>> joined([("six",), ("zero", "love")], 8)
    ('six zero', 'six love')
    """
    for kept in (most, 4, 2, 1):  # of a token such as "0-0-0-0-0-0-0" not every combination is looked at
        ranked = [list(enumerate(part[:kept])) for part in parts]
        if prod(map(len, ranked)) <= _MOST_COMBINATIONS:
            break
    chosen = sorted(product(*ranked), key=lambda choice: sum(rank for rank, _ in choice))
    return distinct(" ".join(phrase for _, phrase in choice) for choice in chosen)[:most]


def digits(text: str) -> str:
    """Digit by digit."""
    return " ".join(_words(int(digit)) for digit in text)


def integer(text: str) -> Phrases:
    """A whole number of ASCII digits.

    >>> integer("105")[:3]
    ('one hundred five', 'a hundred five', 'one hundred and five')
    """
    if len(text) > _MOST_DIGITS or (text[0] == "0" and len(text) > 1):
        return distinct([digits(text), digits(text).replace("zero", "oh")])
    value = int(text)
    return ZERO if value == 0 else distinct([*_cardinals(value), *_in_pairs(value), *_one_by_one(text)])


def year(text: str) -> Phrases:
    """A year of four digits: as one, then as any number."""
    value = int(text)
    return distinct([_words(value, "year"), *_in_pairs(value), *_cardinals(value), *_one_by_one(text)])


def decimal(text: str) -> Phrases:
    """A number with or without thousands' commas and decimals.

    >>> decimal("3.5")
    ('three point five', 'three and a half')
    """
    whole, _, decimals = text.replace(",", "").partition(".")
    if not decimals:
        return integer(whole)
    ways = [digits(decimals), digits(decimals).replace("zero", "oh")]
    if len(decimals) == 2 and decimals[0] != "0":
        ways.append(_words(int(decimals)))
    before: Phrases = ("zero", "", "oh") if whole == "0" else integer(whole)[:4] if whole else ("", "zero")
    found = [f"{one} point {way}" for one in before for way in ways]
    if decimals == "5":
        found += [f"{one} and a half" for one in before] if whole.strip("0") else ["half", "a half"]
    return distinct(found)


def ordinal(text: str) -> Phrases:
    """A rank, of the digits alone."""
    if len(text) > _MOST_DIGITS:
        return integer(text)
    return distinct([_words(int(text), "ordinal"), *_a_for_one([_words(int(text), "ordinal", "and")])])


def decade(text: str) -> Phrases:
    """Ten or a hundred years, of the digits alone: "90", "1990", "1900"."""
    ways = year(text)[:1] if len(text) == 4 else (_words(int(text)),)
    return distinct(f"{way[:-1]}ies" if way.endswith("y") else f"{way}s" for way in ways)


def clock(hours: str, minutes: str, half_of_day: str = "") -> Phrases:
    """A time of day; `half_of_day` is "am", "pm" or nothing."""
    after, hour, minute = " ".join(half_of_day), _words(int(hours)), int(minutes)
    if minute == 0:
        ways = [hour, f"{hour} o'clock"] if after else [f"{hour} o'clock", hour]
        return distinct(f"{way} {after}" for way in ways)
    ways = [f"{hour} {_words(minute)}"]
    if minute < 10:
        ways = [f"{hour} oh {_words(minute)}", f"{hour} zero {_words(minute)}", *ways, f"{_words(minute)} past {hour}"]
    following = _words(int(hours) % 12 + 1)
    past = {15: f"quarter past {hour}", 30: f"half past {hour}", 45: f"quarter to {following}"}
    return distinct(f"{way} {after}" for way in [*ways, *([past[minute]] if minute in past else [])])


def score(one: str, other: str) -> Phrases:
    """Games, points or sets of two sides, of one or two digits each.

    >>> score("6", "0")[:3]
    ('six zero', 'six love', 'six oh')
    """
    left, right = (integer(str(int(side))) for side in (one, other))
    found = [f"{left[0]} {right[0]}"]
    if one == other:
        found += ["love all", "nil all"] if int(one) == 0 else [f"{left[0]} all"]
        found += ["deuce"] if one == "40" else []
        found += [f"{way} {way}" for way in left]
    found += [f"{a} {b}" for a in left for b in right]
    return distinct([*found, *(f"{a} to {b}" for a in left for b in right[:2])])


@lru_cache(4096)
def _words(value: int, to: str = "cardinal", keep: str = "") -> str:
    """By num2words; without "and", but where it is to be kept."""
    from num2words import num2words

    words = str(num2words(value, to=to)).replace(",", "").replace("-", " ").split()
    return " ".join(word for word in words if word != "and" or keep)


def _cardinals(value: int) -> Phrases:
    return distinct([*_a_for_one([_words(value)]), *_a_for_one([_words(value, keep="and")])])


def _a_for_one(phrases: Iterable[str]) -> Iterator[str]:
    for phrase in phrases:
        yield phrase
        if phrase.startswith(_ROUND):
            yield phrase.replace("one", "a", 1)


def _in_pairs(value: int) -> Iterator[str]:
    """As "nineteen ninety", "nineteen hundred and ninety", "one oh five"."""
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


def _one_by_one(text: str) -> Iterator[str]:
    if len(text) >= 3:
        yield digits(text)
        if "0" in text:
            yield digits(text).replace("zero", "oh")
