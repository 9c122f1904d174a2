"""Readings: the spoken forms of a written token, the default first.

The rules read one written token at a time, so that an aligner can time the token by its words: the
score "7-6(5)" is one token of a transcript and three words of a recording. Neighbouring tokens matter
only where the token alone is ambiguous: "No." before a number, "$3.5" before "million", and
annotations of several words.

An annotation is added by the transcriber and not spoken; it has one reading, without words:

- anything in square, angle or curly brackets ("[laughter]", "<unk>", "[00:12:33]"), except plain
  numbers, as a match tie-break is written: "[10-8]";
- a word for a noise or for unintelligible speech in round brackets or asterisks: "(laughs)".
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

MAX_READINGS: Final = 24
_UNSPOKEN: Final[tuple[Reading, ...]] = ((),)
_MAX_ANNOTATION_WORDS: Final = 6
_FOREIGN: Final = "\u0101"  # stands for any non-ASCII letter or mark while the rules match a token
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
_ANNOTATION: Final = re.compile(r"\W*(?:\[([^\]]*)\]|<([^>]*)>|\{([^}]*)\})\W*")
_BRACKETED: Final = re.compile(r"\W*(?:\(([^)]*)\)|\*([^*]+)\*)\W*")
_CLOSING: Final = {"[": "]", "<": ">", "{": "}", "(": ")"}


def readings(token: str, before: str = "", after: str = "") -> tuple[Reading, ...]:
    """The possible spoken word sequences of a written token; at least one, at most `MAX_READINGS`.

    The default comes first. It has no words for an annotation or punctuation alone. Any other token
    with a letter or a digit of any script has words in every reading.

    Args:
        before: The preceding written token, if any.
        after: The following written token, if any.

    >>> readings("6-4,")
    (('six', 'four'), ('six', 'to', 'four'))
    >>> readings("[laughter]")
    ((),)
    """
    if is_annotation(token):
        return _UNSPOKEN
    written = _plain(token)
    outline = "".join(map(_outline, written))
    contextual = _contextual(outline, _plain(before), _plain(after))
    if contextual:
        return _split(contextual)
    parts = [_VERBALISERS[str(rule.lastgroup)](written[rule.start() : rule.end()]) for rule in _TOKEN.finditer(outline)]
    found = numbers.combine(parts, MAX_READINGS)
    if len(found) == 1 and len(found[0].split()) == 1 and is_acronym(bare(token)):
        found = tuple(dict.fromkeys((*found, _spelled(found[0]))))
    return _split(found)


def bare(token: str) -> str:
    """A written token without surrounding punctuation."""
    return re.sub(r"^\W+|\W+$", "", token)


def readings_in_context(tokens: Sequence[str]) -> list[tuple[Reading, ...]]:
    """The readings of each written token of a text, given its neighbours."""
    annotated = _annotation_indices(tokens)
    padded = ["", *tokens, ""]
    return [
        _UNSPOKEN if index in annotated else readings(token, padded[index], padded[index + 2])
        for index, token in enumerate(tokens)
    ]


def is_annotation(token: str) -> bool:
    """Whether a token is a transcriber's annotation, which is not spoken."""
    enclosed = _ANNOTATION.fullmatch(token)
    if enclosed:
        inside = next(group for group in enclosed.groups() if group is not None)
        return bool(re.search(r"[^\W\d]|:", inside)) or not re.search(r"\d", inside)
    noise = _BRACKETED.fullmatch(token)
    return noise is not None and _is_noise((noise[1] or noise[2] or "").split())


def _is_noise(words: Sequence[str]) -> bool:
    """Whether words in round brackets describe a noise: the first or last one is a word for it."""
    letters = [re.sub(r"[\W_]", "", word).lower() for word in words]
    return bool(letters) and (letters[0] in NOISES or letters[-1] in NOISES)


def _annotation_indices(tokens: Sequence[str]) -> set[int]:
    """The indices of tokens within an annotation of several words, such as "[speaking Spanish]"."""
    indices: set[int] = set()
    for first, token in enumerate(tokens):
        opening = token.lstrip("\"'")[:1]
        closing = _CLOSING.get(opening)
        if first in indices or closing is None or closing in token:
            continue
        for last in range(first + 1, min(first + _MAX_ANNOTATION_WORDS, len(tokens))):
            if closing in tokens[last]:
                if is_annotation(" ".join(tokens[first : last + 1])):
                    indices.update(range(first, last + 1))
                break
    return indices


def _plain(token: str) -> str:
    """The token in lower case, with canonical digits, quotation marks and dashes."""
    written = unicodedata.normalize("NFKC", "".join(map(_plain_number, token.translate(_PUNCTUATION))))
    return written.lower().translate(_PUNCTUATION)


def _plain_number(letter: str) -> str:
    """Digits of any script as ASCII digits; numerals such as "½" or "②" with spaces around them."""
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


def _contextual(token: str, before: str, after: str) -> Phrases:
    """The readings that depend on the neighbouring tokens; empty if they make no difference."""
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
    match = re.fullmatch(r"([a-z]*)([\d.,]+)([a-z]*)", text.replace(symbol, ""))
    country, amount, scale = match.groups() if match else ("", "0", "")
    singular, plural = (f"{COUNTRIES.get(country, '')} {name}" for name in CURRENCIES[symbol])
    amounts = numbers.decimal(amount)
    if scale:
        return (
            *(f"{number} {SCALES[scale]} {plural}" for number in amounts),
            *(f"{number} {SCALES[scale]}" for number in amounts),
        )
    plain = (*(f"{number} {singular if amount == '1' else plural}" for number in amounts), *amounts)
    whole, _, cents = amount.partition(".")
    if not whole or not cents or len(cents) > 2:
        return plain
    coins = numbers.integer(str(int(cents.ljust(2, "0"))))[0] if int(cents) else ""
    units = f"{numbers.decimal(whole)[0]} {singular if whole == '1' else plural}"
    with_coins = [f"{units} {coins}", f"{units} and {coins} cents", f"{numbers.decimal(whole)[0]} {coins}"]
    return numbers.distinct([*with_coins, *plain] if len(cents) == 2 else [*plain, *with_coins])


def _fraction(text: str) -> Phrases:
    numerator, denominator = (numbers.integer(side)[0] for side in text.split("/"))
    return (
        *FRACTIONS[text],
        f"{numerator} {denominator}",
        f"{numerator} out of {denominator}",
        f"{numerator} over {denominator}",
    )


def _measure(text: str) -> Phrases:
    match = re.fullmatch(rf"({_NUMBER})([a-z/]+)", text)
    amount, unit = match.groups() if match else ("", "")
    forms = UNITS[unit]
    if amount == "1":
        forms = numbers.distinct([re.sub(r"^(\w{3,}?)s\b", r"\1", forms[0]).replace("feet", "foot"), *forms])
    return numbers.combine([numbers.decimal(amount), forms], MAX_READINGS)


def _height(text: str) -> Phrases:
    feet, inches = (numbers.integer(part)[0] for part in text.strip("'\"").split("'"))
    endings = (inches, f"{inches} inches", f"{inches} inch")
    return (*(f"{feet} {foot} {ending}" for ending in endings for foot in ("foot", "feet")), f"{feet} {inches}")


def _clock(text: str) -> Phrases:
    match = re.fullmatch(r"(\d+):(\d+)([ap]m)?", text)
    return numbers.clock(*match.groups("")) if match else ()


def _score(text: str) -> Phrases:
    first, second = text.split("-")
    return numbers.score(first, second)


def _word(text: str) -> Phrases:
    return ABBREVIATIONS.get(text, (text,))


_RULES: Final[tuple[tuple[str, str, Callable[[str], Phrases]], ...]] = (
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
_VERBALISERS: Final = {name: reader for name, _, reader in _RULES}
_TOKEN: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern, _ in _RULES))
