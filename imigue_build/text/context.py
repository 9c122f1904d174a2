"""Readings of a written token that depend on the tokens next to it, the default first."""

from __future__ import annotations

import re
from typing import Final

from imigue_build.text import numbers, quantities
from imigue_build.text.numbers import Phrases
from imigue_build.text.quantities import CURRENCY, FRACTION, NUMBER, SCALE
from imigue_build.text.sentences import ends_sentence
from imigue_build.text.symbols import COUNTED, CURRENCIES, MEASURED, MONTHS, REGNAL_NAMES, ROMAN, SCALES, UNITS

_AMOUNT: Final = re.compile(rf"[(\"']*(?P<sign>{CURRENCY})(?:{NUMBER}-)?{NUMBER}[.,]?")
_SCALE: Final = re.compile(rf"{SCALE}\W*")
_WHOLE: Final = re.compile(r"\W*\d{1,3}(?:,\d{3})*")
_NO_NAMES: Final = frozenset(("and", "the", "in", "at", "for", "but", "so", "or", "of", "with", "if", "when", "then"))
"""Words before a Roman numeral that are capitalised only at the beginning of a sentence."""
_DECIMALS: Final = MEASURED | {*UNITS} - {"x", "in"}
"""Words after which a comma in a number is a decimal one."""
_INCHES: Final = re.compile(r"in\.")
_GROUP: Final = re.compile(r"\d{3}\W*")


def readings_by_neighbours(token: str, before: str, after: str, written: str, written_before: str) -> Phrases:
    """The readings that depend on the neighbours; empty if they make no difference.

    Args:
        token, before, after: In the form of `text.characters.plain`, without neighbours empty.
        written, written_before: The token and the one before it as written.

    >>> readings_by_neighbours("no.", "am", "1", "No.", "am")
    ('number', 'no')
    """
    bare = re.sub(r"^[^\w.]+|\W+$", "", token)
    found: Phrases = ()
    if re.match(r"\d", after):
        found = _before_number(token, bare, before, after) or _number_sign(written, written_before, after)
    if not found and re.fullmatch(r"[(\"']*" + NUMBER, before):
        found = _after_number(token, bare, before, after)
    return found or _amount(token, bare, before, after) or _roman(written, written_before)


def _amount(token: str, bare: str, before: str, after: str) -> Phrases:
    """The parts of an amount, a time or a range: "$3.5 million", "3.30 pm", "5-10 minutes"."""
    if _AMOUNT.fullmatch(token) and _SCALE.fullmatch(after):
        *lowest, highest = (numbers.decimal(amount) for amount in re.findall(NUMBER, token))
        return tuple(f"{forms[0]} to {form}" for forms in lowest for form in highest) or highest
    if _SCALE.fullmatch(token) and (amount := _AMOUNT.fullmatch(before)):
        scale = SCALES.get(bare, bare)
        return (f"{scale} {CURRENCIES[amount['sign']][1]}", scale)
    if re.fullmatch(CURRENCY, before) and re.fullmatch(NUMBER, bare):
        return quantities.money(before + bare)
    if re.fullmatch(r"[ap]\.?m\b.*", after) and re.fullmatch(r"(?:0?\d|1[0-2])[:.][0-5]\d", bare):
        spoken = quantities.clock(re.sub(r"[:.](?=\d\d$)", ":", bare))
        return tuple(sorted(spoken, key=lambda form: "clock" in form))
    if bare == "am" and re.fullmatch(r"(?:0?\d|1[0-2])(?:[:.][0-5]\d)?", before):
        return ("a m", "am")
    decimal = _SCALE.fullmatch(after) or after.startswith("%") or re.sub(r"\W", "", after) in _DECIMALS
    if decimal and quantities.DECIMAL_COMMA.fullmatch(bare):
        return numbers.decimal(bare.replace(",", "."))
    if re.fullmatch(r"[12]m", bare) and re.fullmatch(r"\d\d\W*", after):
        return (f"{numbers.integer(bare[0])[0]} meter", f"{numbers.integer(bare[0])[0]} meters")
    if re.fullmatch(r"\d+-\d+", bare) and re.sub(r"\W", "", after) in MEASURED:
        first, last = (numbers.integer(side)[0] for side in bare.split("-"))
        return (f"{first} to {last}", f"{first} {last}")
    return ()


def _before_number(token: str, bare: str, before: str, after: str) -> Phrases:
    if bare == "x" and re.fullmatch(r"\d+", before):
        return ("by", "x", "times")
    if re.fullmatch(r"\W*(?:no\.|n\.?°|nr\.?|num\.)|\#", token):
        return ("number", "no") if token.endswith("no.") else ("number",)
    if prefix := re.fullmatch(r"\W*([a-z]+)-no\.", token):
        return (f"{prefix[1]} number", f"{prefix[1]} no")
    if re.fullmatch(r"\W*nos\.", token):
        return ("numbers",)
    if bare in MONTHS and (token.endswith(".") or bare != "mar"):
        return (MONTHS[bare], bare)
    if _WHOLE.fullmatch(token) and _GROUP.fullmatch(after) and not _WHOLE.fullmatch(before):
        return _thousands(numbers.integer(bare), after)
    return ()


def _number_sign(written: str, before: str, after: str) -> Phrases:
    """Capitalised "No" before a number: "the world No 1", but "No 1 knows" at the beginning of a sentence."""
    if not re.fullmatch(r"\W*No", written) or not re.fullmatch(r"\d{1,4}\W*", after):
        return ()
    return ("number", "no") if before and not ends_sentence(before) else ("no", "number")


def _thousands(forms: Phrases, after: str) -> Phrases:
    """A number before a group of three digits, which may be its last digits: "20 500"."""
    if after.startswith("000"):
        return forms  # the group is "thousand"
    in_thousands = tuple(f"{form} thousand" for form in forms)
    return in_thousands if after.startswith("0") else (*forms, *in_thousands)


def _after_number(token: str, bare: str, before: str, after: str) -> Phrases:
    if re.fullmatch(r"000\W*", token) and _WHOLE.fullmatch(before):
        return ("million",) if after.startswith("000") else ("",) if before == "000" else ("thousand",)
    if re.fullmatch(r"0\d\d\W*", token) and _WHOLE.fullmatch(before):
        rest = numbers.integer(str(int(bare)))
        return (*rest, *(f"and {form}" for form in rest))
    if bare == "s" and re.fullmatch(r"\d+\.\d+", before):
        return ("seconds", "s")
    if re.fullmatch(FRACTION, bare) and before.isdigit():
        return quantities.and_fraction(bare)
    if re.fullmatch(CURRENCY, bare or token.strip(".,")):
        return CURRENCIES[bare or token.strip(".,")][::-1]
    if bare in UNITS and (bare not in ("x", "in", "l", "p", "yo") or _INCHES.fullmatch(token)):
        return (
            *(form for form in UNITS[bare] if form != "million"),
            *(form for form in UNITS[bare] if form == "million"),
        )
    return ()


def _roman(written: str, before: str) -> Phrases:
    """A Roman numeral after a capitalised name: "Henry VIII", "World War II"."""
    numeral = re.sub(r"(?:['\u2019]s)?\W*$", "", written)
    name = before.lower().rstrip(".")
    if numeral not in ROMAN or not re.fullmatch(r"[A-Z]\w+\.?", before) or name in _NO_NAMES:
        return ()
    value = ROMAN[numeral]
    letters = (numeral.lower(), " ".join(numeral.lower()))
    spoken = (f"the {numbers.ordinal(str(value))[0]}", numbers.integer(str(value))[0])
    ending = "'s" if re.search("['\u2019]s", written) else ""
    if name in REGNAL_NAMES:
        return tuple(form + ending for form in spoken)
    if name in COUNTED:
        return tuple(form + ending for form in spoken[::-1])
    return tuple(form + ending for form in (*spoken, *letters)) if numeral in ("II", "III") else ()
