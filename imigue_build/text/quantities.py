"""Amounts with a currency, a unit or a fraction, and times of day, in every way that they are commonly spoken.

The arguments are in the form of `text.characters.plain`; each function gives phrases, the default first.
"""

from __future__ import annotations

import re
from typing import Final

from imigue_build.text import numbers
from imigue_build.text.numbers import Phrases
from imigue_build.text.symbols import COUNTRIES, CURRENCIES, FRACTIONS, MONTHS, PER, SCALES, UNITS

NUMBER: Final = (
    r"(?:\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:'\d{3})+(?!\d)|\d{1,3}(?:\.\d{3}){2,}(?![\d.])|\d+(?:\.\d+)?"
    r"|(?<![\w.])\.\d+)"
)
CURRENCY: Final = f"[{''.join(CURRENCIES)}]"
SCALE: Final = r"(?:thousand|[mbtr]+illion|bn|mn|tn|[kmb])"
FRACTION: Final = "|".join(FRACTIONS)
UNIT: Final = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
MONTH_NAMES: Final = tuple(dict.fromkeys((*list(MONTHS.values())[:4], "may", *list(MONTHS.values())[4:])))
DECIMAL_COMMA: Final = re.compile(r"\d+,\d{1,2}")
MAX_PHRASES: Final = 24


def money(text: str) -> Phrases:
    """An amount with a currency: "$5", "us$3.5m", "5€", "$10-million"."""
    symbol = next(letter for letter in text if letter in CURRENCIES)
    match = re.fullmatch(r"([a-z]*)([\d.,']+)-?([a-z]*)", text.replace(symbol, "").replace(" ", ""))
    country, amount, scale = match.groups() if match else ("", "0", "")
    if DECIMAL_COMMA.fullmatch(amount):
        amount = amount.replace(",", ".")
    singular, plural = (f"{COUNTRIES.get(country, '')} {name}" for name in CURRENCIES[symbol])
    amounts = numbers.decimal(amount)
    if scale:
        name = SCALES.get(scale, scale)
        return (*(f"{number} {name} {plural}" for number in amounts), *(f"{number} {name}" for number in amounts))
    plain = (*(f"{number} {singular if amount == '1' else plural}" for number in amounts), *amounts)
    whole, _, cents = amount.partition(".")
    if not whole.strip("0") and len(cents) == 2 and symbol in "$€":
        return (f"{numbers.integer(str(int(cents)))[0]} cents", *plain)
    if not whole or not cents or len(cents) > 2:
        return plain
    coins = numbers.integer(str(int(cents.ljust(2, "0"))))[0] if int(cents) else ""
    units = f"{numbers.decimal(whole)[0]} {singular if whole == '1' else plural}"
    with_coins = [f"{units} {coins}", f"{units} and {coins} cents", f"{numbers.decimal(whole)[0]} {coins}"]
    return numbers.distinct([*with_coins, *plain] if len(cents) == 2 else [*plain, *with_coins])


def money_range(text: str) -> Phrases:
    """Two amounts of one currency: "$5-10m"."""
    first, last = text[1:].split("-")
    amount = re.sub("[a-z]", "", first)
    scale = SCALES.get(first.removeprefix(amount), first.removeprefix(amount))
    last_forms = money(text[0] + last.lstrip(text[0]))
    return tuple(f"{numbers.decimal(amount)[0]} {scale} {to} {form}" for to in ("to", "") for form in last_forms)


def fraction(text: str) -> Phrases:
    """A fraction such as "3/4"."""
    text = text.rstrip("rdth")
    numerator, denominator = (numbers.integer(side)[0] for side in text.split("/"))
    return (
        *FRACTIONS[text],
        f"{numerator} {denominator}",
        f"{numerator} out of {denominator}",
        f"{numerator} over {denominator}",
    )


def and_fraction(text: str) -> Phrases:
    """A fraction after a whole number, as in "2 1/2"."""
    forms = FRACTIONS[text.strip()]
    articles = [f"a {form.removeprefix('one ')}" if form.startswith("one ") else form for form in forms]
    return numbers.distinct([*(f"and {form}" for form in articles), *forms])


def measure(text: str) -> Phrases:
    """A number with its unit: "200km/h". What "m" means, a million or metres, depends on the number."""
    match = re.fullmatch(r"([\d.,']+?)([a-z/]+)", text)
    amount, unit = match.groups() if match else ("", "")
    if DECIMAL_COMMA.fullmatch(amount):
        amount = amount.replace(",", ".")
    if unit == "m" and re.fullmatch(r"\d{1,2}\.\d00", amount):  # a distance: the point is between thousands
        amount = amount.replace(".", ",")
    forms = UNITS[unit]
    if unit == "m" and re.fullmatch(r"\d{1,3}(?:[,']\d{3})+|\d{3,}|\d\.\d\d", amount):
        forms = ("meters", "meter", "million", "m")
    if unit == "g" and amount in "23456":  # generations of telephones
        forms = ("g", "grams")
    if amount == "1":
        forms = numbers.distinct(
            [re.sub(r"^(inch(?=es)|\w{3,}?(?=s))e?s\b", r"\1", forms[0]).replace("feet", "foot"), *forms]
        )
    found = numbers.combine([numbers.decimal(amount), forms], MAX_PHRASES)
    if unit == "m" and (height := re.fullmatch(r"([12])\.(\d\d)", amount)):
        metres, centimetres = (numbers.integer(str(int(part)))[0] for part in height.groups())
        heights = (f"{metres} meter {centimetres}", f"{metres} {centimetres}", f"{metres} meters {centimetres}")
        return numbers.distinct([*heights, *found])[:MAX_PHRASES]
    return found


def height(text: str) -> Phrases:
    """A height in metres, with their letter in place of the point: "1m80"."""
    metres, centimetres = (numbers.integer(str(int(part)))[0] for part in text.split("m"))
    return f"{metres} meter {centimetres}", f"{metres} {centimetres}", f"{metres} meters {centimetres}"


def lasting(text: str) -> Phrases:
    """How long something lasts: "2h30", "2h05m"."""
    hours, minutes, unit = re.split(r"h(?:rs?)?(\d\d)", text)
    name = "hour" if hours == "1" else "hours"
    hour, minute = numbers.integer(hours)[0], numbers.integer(str(int(minutes)))[0]
    forms = (f"{hour} {name} {minute}", f"{hour} {name} {minute} minutes", f"{hour} {name} and {minute} minutes")
    return (forms[1], forms[0], forms[2]) if unit else forms


def race(text: str) -> Phrases:
    """A time of a race: "2:03:59", "3:43.13"."""
    whole, point, rest = text.partition(".")
    first, *others = whole.split(":")
    spoken = [numbers.integer(first)[0], *(numbers.integer(part)[-1] for part in others)]
    if point:
        ends = (numbers.digits(rest), numbers.integer(rest)[0] if rest[0] != "0" else numbers.digits(rest))
        return numbers.distinct(
            [f"{' '.join(spoken)} point {end}" for end in ends] + [" ".join([*spoken, end]) for end in ends]
        )
    named = [f"{part} {name}" for part, name in zip(spoken, ("hours", "minutes", "seconds"), strict=False)]
    return numbers.distinct([" ".join(spoken), " ".join(named)])


def seconds(text: str) -> Phrases:
    """A time of a race: "9.58s"."""
    forms = numbers.decimal(text.rstrip("s"))
    return (*(f"{form} seconds" for form in forms), *forms)


def date(text: str) -> Phrases:
    """A date: "2024-05-12", "12/05/2024" (the month first, as Americans write it) or "12.5.2024" (the day first)."""
    first, second, third = re.split(r"[-./]", text)
    if len(first) == 4:
        year, month, day = first, second, third
    elif "." in text or int(first) > len(MONTH_NAMES):
        day, month, year = first, second, third
    else:
        month, day, year = first, second, third
    readings = [(day, month), (month, day)] if len(first) < 4 else [(day, month)]
    spoken = []
    for number, name in readings:
        if 1 <= int(name) <= len(MONTH_NAMES) and 1 <= int(number) <= 31:
            named, ordinal = MONTH_NAMES[int(name) - 1], numbers.ordinal(str(int(number)))[0]
            spoken += [f"{named} {ordinal}", f"the {ordinal} of {named}"]
    spoken.append(" ".join(numbers.integer(part)[-1] for part in (first, second) if len(part) < 4))
    years = numbers.year(year) if len(year) == 4 else numbers.integer(year)
    return numbers.combine([numbers.distinct(spoken), years[:2]], MAX_PHRASES)


def feet(text: str) -> Phrases:
    """A height in feet and inches, 6'1", or a time in minutes and seconds, 3'26"."""
    whole, inches = (numbers.integer(part)[0] for part in text.rstrip("'\"").split("'"))
    if int(text.rstrip("'\"").partition("'")[2]) > 11:
        return (f"{whole} {inches}", *(f"{whole} {name} {inches} seconds" for name in ("minutes", "minute")))
    endings = (inches, f"{inches} inches", f"{inches} inch")
    return (*(f"{whole} {foot} {ending}" for ending in endings for foot in ("foot", "feet")), f"{whole} {inches}")


def clock(text: str) -> Phrases:
    """A time of day: "7:30", "7:30pm", "3.30pm"."""
    match = re.fullmatch(r"(\d+)[:.](\d+)([ap]m)?", text)
    return numbers.clock(*match.groups("")) if match else ()


def per(text: str) -> Phrases:
    """What an amount is for: "/hr"."""
    name = PER[text.lstrip("/")]
    return (f"per {name}", f"{'an' if name == 'hour' else 'a'} {name}")


def plural(text: str) -> Phrases:
    """Several of one number, or what belongs to it: "6s", "747's", "100s"."""
    number = text.rstrip("'s")
    forms = numbers.year(number) if len(number) == 4 and number[0] in "12" else numbers.integer(number)
    if forms[0] in ("one hundred", "one thousand"):
        forms = (forms[0].removeprefix("one "), *forms)
    spoken = [re.sub("y$", "ie", re.sub("(?<=x)$", "e", form)) + "s" for form in forms]
    return numbers.distinct([*spoken, *(f"{form} s" for form in forms)])


def telephone(text: str) -> Phrases:
    """Digits that are read one by one."""
    read = numbers.digits(re.sub(r"\D", "", text))
    return numbers.distinct([read, read.replace("zero", "oh")])
