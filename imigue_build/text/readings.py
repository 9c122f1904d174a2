"""What a written token may stand for in speech: its readings, the default first.

The rules read one written token at a time, so that an aligner can give it the time of its words: the
score "7-6(5)" is one token of a transcript and three words of a recording. From the tokens beside it
comes only what it does not say alone: "No." before a number, "$3.5" before "million", and a
transcriber's mark of several words.

A mark is what a transcriber adds and nobody says; it has one reading, of no words:

- whatever stands in square, angle or curly brackets ("[laughter]", "<unk>", "[00:12:33]"), unless it is
  numbers alone, as a match tie-break is written: "[10-8]";
- round brackets or asterisks around a word for a noise or for what was not understood: "(laughs)".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from imigue_build.text import numbers
from imigue_build.text.numbers import Phrases
from imigue_build.text.pronounce import is_acronym
from imigue_build.text.symbols import ABBREVIATIONS, COUNTRIES, CURRENCIES, FRACTIONS, NOISES, SCALES, SIGNS, UNITS

Reading = tuple[str, ...]
"""Spoken words in lower case."""

MOST_READINGS: Final = 24
_UNSPOKEN: Final[tuple[Reading, ...]] = ((),)
_LONGEST_MARK: Final = 6  # words
_FOREIGN: Final = "\u0101"  # stands for any letter or mark beyond ASCII while the rules look at a token
_LETTER: Final = f"[a-z{_FOREIGN}]"
_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_END: Final = f"(?!{_LETTER}|\\d)"
_PUNCTUATION: Final = str.maketrans(
    {
        **dict.fromkeys("\u2019\u2018\u00b4`\u2032", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u201c\u201d\u2033", '"'),
        "\u2044": "/",
    }
)
_MARK: Final = re.compile(r"\W*(?:\[([^\]]*)\]|<([^>]*)>|\{([^}]*)\})\W*")
_BRACKETED: Final = re.compile(r"\W*(?:\(([^)]*)\)|\*([^*]+)\*)\W*")
_CLOSING: Final = {"[": "]", "<": ">", "{": "}", "(": ")"}


def readings(token: str, before: str = "", after: str = "") -> tuple[Reading, ...]:
    """The spoken word sequences that a written token may stand for; at least one, at most `MOST_READINGS`.

    The default, which comes first, has no words for a mark or for punctuation alone. Any other token
    that holds a letter or a digit of any script has words in every reading.

    Args:
        before: The written token before it, if any.
        after: The one after it.

    >>> readings("6-4,")
    (('six', 'four'), ('six', 'to', 'four'))
    >>> readings("[laughter]")
    ((),)
    """
    if is_mark(token):
        return _UNSPOKEN
    written = _plain(token)
    outline = "".join(map(_outline, written))
    beside = _beside(outline, _plain(before), _plain(after))
    if beside:
        return _split(beside)
    parts = [_READERS[str(rule.lastgroup)](written[rule.start() : rule.end()]) for rule in _RULES.finditer(outline)]
    found = numbers.joined(parts, MOST_READINGS)
    if len(found) == 1 and len(found[0].split()) == 1 and is_acronym(bare(token)):
        found = tuple(dict.fromkeys((*found, _spelled(found[0]))))
    return _split(found)


def bare(token: str) -> str:
    """A written token without the punctuation around it."""
    return re.sub(r"^\W+|\W+$", "", token)


def readings_in_row(tokens: Sequence[str]) -> list[tuple[Reading, ...]]:
    """The readings of each written token of a text, in the light of those around it."""
    marked = _marked(tokens)
    padded = ["", *tokens, ""]
    return [
        _UNSPOKEN if at in marked else readings(token, padded[at], padded[at + 2]) for at, token in enumerate(tokens)
    ]


def is_mark(token: str) -> bool:
    """Whether a token is a transcriber's mark, which nobody says."""
    enclosed = _MARK.fullmatch(token)
    if enclosed:
        inside = next(group for group in enclosed.groups() if group is not None)
        return bool(re.search(r"[^\W\d]|:", inside)) or not re.search(r"\d", inside)
    noise = _BRACKETED.fullmatch(token)
    return noise is not None and _is_noise((noise[1] or noise[2] or "").split())


def _is_noise(words: Sequence[str]) -> bool:
    """Whether words in round brackets describe a noise: they begin or end with its name."""
    named = [re.sub(r"[\W_]", "", word).lower() for word in words]
    return bool(named) and (named[0] in NOISES or named[-1] in NOISES)


def _marked(tokens: Sequence[str]) -> set[int]:
    """The places of tokens that are parts of a mark of several words, such as "[speaking Spanish]"."""
    found: set[int] = set()
    for first, token in enumerate(tokens):
        opening = token.lstrip("\"'")[:1]
        closing = _CLOSING.get(opening)
        if first in found or closing is None or closing in token:
            continue
        for last in range(first + 1, min(first + _LONGEST_MARK, len(tokens))):
            if closing in tokens[last]:
                if is_mark(" ".join(tokens[first : last + 1])):
                    found.update(range(first, last + 1))
                break
    return found


def _plain(token: str) -> str:
    """In lower case, with one form for each kind of digit, quotation mark and dash."""
    written = unicodedata.normalize("NFKC", "".join(map(_plain_number, token.translate(_PUNCTUATION))))
    return written.lower().translate(_PUNCTUATION)


def _plain_number(letter: str) -> str:
    """Digits of any script as ASCII digits; numerals such as "½" or "②" apart from what is around them."""
    if letter.isascii():
        return letter
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


def _spelled(word: str) -> str:
    stem, apostrophe, ending = word.partition("'")
    return " ".join(stem) + apostrophe + ending


def _split(phrases: Phrases) -> tuple[Reading, ...]:
    return tuple(tuple(phrase.split()) for phrase in phrases)


def _beside(token: str, before: str, after: str) -> Phrases:
    """The readings that the token before or after makes; none where it makes no difference."""
    if re.fullmatch(r"\W*nos?\.", token) and re.match(r"\d", after):
        return ("number", "no") if "s" not in token else ("numbers",)
    if _AMOUNT.fullmatch(token) and _SCALE.fullmatch(after):
        return numbers.decimal(re.sub(r"[^\d.,]", "", token).strip(",").rstrip("."))
    if _SCALE.fullmatch(token) and (amount := _AMOUNT.fullmatch(before)):
        scale = re.sub(r"\W", "", token)
        return (f"{scale} {CURRENCIES[amount['sign']][1]}", scale)
    return ()


_SCALE: Final = re.compile(r"(?:thousand|[mbtr]+illion)\W*")
_AMOUNT: Final = re.compile(rf"[(\"']*(?P<sign>[{''.join(CURRENCIES)}]){_NUMBER}[.,]?")


def _money(text: str) -> Phrases:
    symbol = next(letter for letter in text if letter in CURRENCIES)
    parts = re.fullmatch(r"([a-z]*)([\d.,]+)([a-z]*)", text.replace(symbol, ""))
    country, amount, scale = parts.groups() if parts else ("", "0", "")
    one, many = (f"{COUNTRIES.get(country, '')} {name}" for name in CURRENCIES[symbol])
    ways = numbers.decimal(amount)
    if scale:
        return (*(f"{way} {SCALES[scale]} {many}" for way in ways), *(f"{way} {SCALES[scale]}" for way in ways))
    plain = (*(f"{way} {one if amount == '1' else many}" for way in ways), *ways)
    whole, _, cents = amount.partition(".")
    if not whole or not cents or len(cents) > 2:
        return plain
    coins = numbers.integer(str(int(cents.ljust(2, "0"))))[0] if int(cents) else ""
    units = f"{numbers.decimal(whole)[0]} {one if whole == '1' else many}"
    with_coins = [f"{units} {coins}", f"{units} and {coins} cents", f"{numbers.decimal(whole)[0]} {coins}"]
    return numbers.distinct([*with_coins, *plain] if len(cents) == 2 else [*plain, *with_coins])


def _fraction(text: str) -> Phrases:
    over, under = (numbers.integer(side)[0] for side in text.split("/"))
    return (*FRACTIONS[text], f"{over} {under}", f"{over} out of {under}", f"{over} over {under}")


def _measure(text: str) -> Phrases:
    parts = re.fullmatch(rf"({_NUMBER})([a-z/]+)", text)
    amount, unit = parts.groups() if parts else ("", "")
    ways = UNITS[unit]
    if amount == "1":
        ways = numbers.distinct([re.sub(r"^(\w{3,}?)s\b", r"\1", ways[0]).replace("feet", "foot"), *ways])
    return numbers.joined([numbers.decimal(amount), ways], MOST_READINGS)


def _height(text: str) -> Phrases:
    feet, inches = (numbers.integer(part)[0] for part in text.strip("'\"").split("'"))
    tail = (inches, f"{inches} inches", f"{inches} inch")
    return (*(f"{feet} {foot} {end}" for end in tail for foot in ("foot", "feet")), f"{feet} {inches}")


def _clock(text: str) -> Phrases:
    parts = re.fullmatch(r"(\d+):(\d+)([ap]m)?", text)
    return numbers.clock(*parts.groups("")) if parts else ()


def _score(text: str) -> Phrases:
    one, other = text.split("-")
    return numbers.score(one, other)


def _word(text: str) -> Phrases:
    return ABBREVIATIONS.get(text, (text,))


_GRAMMAR: Final[tuple[tuple[str, str, Callable[[str], Phrases]], ...]] = (
    (
        "money",
        rf"(?:(?<!{_LETTER})(?:{'|'.join(COUNTRIES)}))?[$£€¥₹]{_NUMBER}(?:(?:bn|tn|[kmb]){_END})?|{_NUMBER}[$£€¥₹]",
        _money,
    ),
    ("ordinal", rf"\d+(?:st|nd|rd|th){_END}", lambda text: numbers.ordinal(text[:-2])),
    (
        "decade",
        rf"(?<![\d.,])(?:(?:1[1-9]|20)?[1-9]0|(?:1[1-9]|20)00)'?s{_END}",
        lambda text: numbers.decade(text.rstrip("'s")),
    ),
    ("clock", rf"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?:[ap]m{_END}|(?![\d:]))", _clock),
    ("half_of_day", rf"(?<=\d)[ap]m{_END}", lambda text: (" ".join(text),)),
    ("height", r"(?<![\d.,'])\d'\d\d?(?![\d'])\"?", _height),
    ("fraction", r"(?<![\d/])(?:[12]/3|[13]/4|1/2)(?![\d/])", _fraction),
    ("score", r"(?<![\d.,:/-])(?!-)\d\d?-\d\d?(?!\d|[.,:/-]\d)", _score),
    ("year", r"(?<![\d.,])(?:1[1-9]|20)\d\d(?!\d|[.,]\d)", numbers.year),
    ("to", r"(?<=\d)-(?=\d)", lambda _: ("", "to")),
    ("over", r"(?<=\d)/(?=\d)", lambda _: ("", "out of", "over", "of")),
    ("minus", r"\A-(?=\.?\d)", lambda _: ("minus", "negative")),
    ("measure", rf"(?<!{_LETTER}){_NUMBER}(?:{'|'.join(sorted(UNITS, key=len, reverse=True))}){_END}", _measure),
    ("number", _NUMBER, numbers.decimal),
    ("rank", rf"\#(?=\d)|(?<!{_LETTER})no\.?(?=\s*\d)", lambda _: ("number",)),
    ("advantage", rf"(?<!{_LETTER})ad(?=-\d)|(?<=\d-)ad{_END}", lambda _: ("ad", "advantage")),
    ("round", rf"(?<!{_LETTER})r(?=(?:16|32|64|128){_END})", lambda _: ("r", "round of", "the round of")),
    ("word", rf"{_LETTER}+(?:'{_LETTER}+)*", _word),
    ("sign", r"[&+=@%°]", SIGNS.__getitem__),
)
_READERS: Final = {name: reader for name, _, reader in _GRAMMAR}
_RULES: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern, _ in _GRAMMAR))
