"""Written text into spoken words: lower case, no punctuation but word-internal apostrophes, numbers in words.

The rules read one written token at a time, so that the normalised text is the spoken words of its
tokens in a row and an aligner can give a token the time of its words: the score "7-6(5)" is one
token of the transcript and three words of the recording.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

_FOREIGN: Final = "\u0101"  # stands for any letter or mark beyond ASCII while the rules look at a token
_LETTER: Final = f"[a-z{_FOREIGN}]"
_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_MOST_DIGITS: Final = 15  # longer ones are read digit by digit

_SIGNS: Final = {"&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "°": "degrees"}
_SCALES: Final = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion", "tn": "trillion"}
_FRACTIONS: Final = {
    "1/2": "one half",
    "1/3": "one third",
    "2/3": "two thirds",
    "1/4": "one quarter",
    "3/4": "three quarters",
}
_CURRENCIES: Final = {
    "$": ("dollar", "dollars"),
    "£": ("pound", "pounds"),
    "€": ("euro", "euros"),
    "¥": ("yen", "yen"),
    "₹": ("rupee", "rupees"),
}
_ABBREVIATIONS: Final = {
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "vs": "versus",
    "etc": "et cetera",
}
_PUNCTUATION: Final = str.maketrans(
    {**dict.fromkeys("\u2019\u2018\u00b4`", "'"), **dict.fromkeys("\u2010\u2011\u2212", "-"), "\u2044": "/"}
)


def normalise(raw: str) -> str:
    """The spoken words of a text with single spaces between them; empty where nothing is spoken.

    >>> normalise("I won 6-4, 7-6(5) - that's my 1st final!")
    "i won six four seven six five that's my first final"
    """
    return " ".join(word for token in raw.split() for word in spoken_words(token))


def spoken_words(token: str) -> list[str]:
    """The spoken, lower-case words of one written token; none for a token of punctuation alone.

    A token that holds a letter or a digit of any script gives at least one word.
    """
    written = unicodedata.normalize("NFKC", "".join(map(_plain_number, token.translate(_PUNCTUATION))))
    written = written.lower().translate(_PUNCTUATION)
    outline = "".join(map(_outline, written))
    words: list[str] = []
    for match in _RULES.finditer(outline):
        rule = _READERS[str(match.lastgroup)]
        words.extend(rule(written[match.start() : match.end()]).split())
    return words


def _plain_number(letter: str) -> str:
    """Digits of any script as ASCII digits; numerals such as "½" or "②" apart from what is around them."""
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if category in ("No", "Nl"):
        plain = unicodedata.normalize("NFKC", letter)
        return f" {plain if plain != letter else _numeral(unicodedata.numeric(letter))} "
    return letter


def _numeral(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.3f}".rstrip("0")


def _outline(letter: str) -> str:
    if letter.isascii() or unicodedata.category(letter)[0] not in "LM":
        return letter
    return _FOREIGN


def _number_words(value: int, to: str = "cardinal") -> str:
    from num2words import num2words

    words = str(num2words(value, to=to)).replace(",", "").replace("-", " ").split()
    return " ".join(word for word in words if word != "and")


def _integer(digits: str) -> str:
    if len(digits) > _MOST_DIGITS or (digits[0] == "0" and len(digits) > 1):
        return " ".join(_number_words(int(digit)) for digit in digits)
    return _number_words(int(digits))


def _number(text: str) -> str:
    whole, _, decimals = text.replace(",", "").partition(".")
    words = [_integer(whole)] if whole else []
    if decimals:
        words += ["point", *(_number_words(int(digit)) for digit in decimals)]
    return " ".join(words)


def _money(text: str) -> str:
    symbol = next(letter for letter in text if letter in _CURRENCIES)
    parts = re.fullmatch(r"([\d.,]+)([a-z]*)", text.replace(symbol, ""))
    amount, scale = parts.groups() if parts else ("0", "")
    one, many = _CURRENCIES[symbol]
    if scale:
        return f"{_number(amount)} {_SCALES[scale]} {many}"
    unit = one if amount == "1" else many
    whole, _, cents = amount.partition(".")
    if whole and len(cents) == 2:
        return f"{_number(whole)} {one if whole == '1' else many} {_number_words(int(cents)) if int(cents) else ''}"
    return f"{_number(amount)} {unit}"


def _ordinal(text: str) -> str:
    digits = text[:-2]
    return _number_words(int(digits), "ordinal") if len(digits) <= _MOST_DIGITS else _integer(digits)


def _year(text: str) -> str:
    return _number_words(int(text), "year")


def _decade(text: str) -> str:
    digits = text[:-1]
    words = _year(digits) if len(digits) == 4 else _number_words(int(digits))
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _clock(text: str) -> str:
    hours, minutes = text.split(":")
    if minutes == "00":
        return f"{_number_words(int(hours))} o'clock"
    oh = "oh " if minutes[0] == "0" else ""
    return f"{_number_words(int(hours))} {oh}{_number_words(int(minutes))}"


def _word(text: str) -> str:
    return _ABBREVIATIONS.get(text, text)


_Reader = Callable[[str], str]
_END: Final = f"(?!{_LETTER}|\\d)"
_GRAMMAR: Final[tuple[tuple[str, str, _Reader], ...]] = (
    ("money", rf"[$£€¥₹]{_NUMBER}(?:(?:bn|tn|[kmb]){_END})?|{_NUMBER}[$£€¥₹]", _money),
    ("ordinal", rf"\d+(?:st|nd|rd|th){_END}", _ordinal),
    ("decade", rf"(?<![\d.,])(?:1[1-9]|20)?[1-9]0s{_END}", _decade),
    ("clock", r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])", _clock),
    ("fraction", r"(?<![\d/])(?:[12]/3|[13]/4|1/2)(?![\d/])", _FRACTIONS.__getitem__),
    ("year", r"(?<![\d.,])(?:1[1-9]|20)\d\d(?!\d|[.,]\d)", _year),
    ("minus", r"\A-(?=\.?\d)", lambda _: "minus"),
    ("number", _NUMBER, _number),
    ("rank", rf"\#(?=\d)|(?<!{_LETTER})no\.?(?=\d)", lambda _: "number"),
    ("word", rf"{_LETTER}+(?:'{_LETTER}+)*", _word),
    ("sign", r"[&+=@%°]", _SIGNS.__getitem__),
)
_READERS: Final[dict[str, _Reader]] = {name: reader for name, _, reader in _GRAMMAR}
_RULES: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern, _ in _GRAMMAR))
