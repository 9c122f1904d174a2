"""Symbols, units and abbreviations with their spoken forms; the default comes first."""

from __future__ import annotations

from typing import Final

SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "&": ("and",),
    "+": ("plus",),
    "=": ("equals", "equal", "is"),
    "@": ("at",),
    "%": ("percent",),
    "°": ("degrees", "degree"),
    "°c": ("degrees celsius", "degrees c", "degrees", "celsius"),
    "°f": ("degrees fahrenheit", "degrees f", "degrees", "fahrenheit"),
    "¢": ("cents", "cent"),
}
SCALES: Final = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion", "tn": "trillion"}
FRACTIONS: Final = {
    "1/2": ("one half", "half", "a half"),
    "1/3": ("one third", "a third"),
    "2/3": ("two thirds",),
    "1/4": ("one quarter", "a quarter", "one fourth", "a fourth"),
    "3/4": ("three quarters", "three fourths"),
}
CURRENCIES: Final = {
    "$": ("dollar", "dollars"),
    "£": ("pound", "pounds"),
    "€": ("euro", "euros"),
    "¥": ("yen", "yen"),
    "₹": ("rupee", "rupees"),
    "₽": ("ruble", "rubles"),
    "₩": ("won", "won"),
    "₺": ("lira", "lira"),
    "₴": ("hryvnia", "hryvnias"),
    "₱": ("peso", "pesos"),
    "₪": ("shekel", "shekels"),
}
COUNTRIES: Final = {
    "us": "u s",
    "au": "australian",
    "a": "australian",
    "nz": "new zealand",
    "ca": "canadian",
    "c": "canadian",
    "hk": "hong kong",
    "s": "singapore",
}
"""Prefixes of the dollar sign, as in "US$"."""
UNITS: Final[dict[str, tuple[str, ...]]] = {
    "k": ("thousand", "k"),
    "m": ("million", "meters", "meter", "m"),
    "mn": ("million",),
    "bn": ("billion",),
    "tn": ("trillion",),
    "mh": ("meters hurdles", "meter hurdles"),
    "x": ("x", "times"),
    "mph": ("miles per hour", "miles an hour", "m p h", "miles"),
    "kph": ("kilometers per hour", "kilometers an hour", "k p h", "kilometers"),
    "km/h": ("kilometers per hour", "kilometers an hour", "kilometers"),
    "kmh": ("kilometers per hour", "kilometers an hour", "kilometers"),
    "m/s": ("meters per second", "meters a second"),
    "km": ("kilometers", "kilometer", "k", "k m"),
    "mi": ("miles", "mile"),
    "in": ("inches", "inch", "in"),
    "yd": ("yards", "yard"),
    "yds": ("yards",),
    "kg": ("kilograms", "kilos", "kilo", "k g"),
    "kgs": ("kilograms", "kilos"),
    "cm": ("centimeters", "centimeter", "c m"),
    "mm": ("millimeters", "millimeter"),
    "ft": ("feet", "foot"),
    "mg": ("milligrams", "m g"),
    "g": ("grams", "gram", "g"),
    "l": ("liters", "liter", "l"),
    "ml": ("milliliters", "m l"),
    "bpm": ("beats per minute", "b p m"),
    "pt": ("points", "point"),
    "pts": ("points",),
    "yo": ("year old", "years old"),
    "eur": ("euros", "euro"),
    "usd": ("dollars", "dollar", "u s dollars"),
    "gbp": ("pounds", "pound"),
    "hz": ("hertz",),
    "khz": ("kilohertz",),
    "mb": ("megabytes", "megabyte", "m b"),
    "gb": ("gigabytes", "gigabyte", "gigs", "g b"),
    "lbs": ("pounds",),
    "lb": ("pounds", "pound"),
    "h": ("hours", "hour", "h"),
    "hrs": ("hours",),
    "hr": ("hours", "hour"),
    "mins": ("minutes",),
    "min": ("minutes", "minute"),
    "yrs": ("years",),
    "yr": ("years", "year"),
    "wks": ("weeks",),
    "wk": ("weeks", "week"),
    "p": ("p", "pence", "penny"),
    "secs": ("seconds",),
    "sec": ("seconds", "second"),
}
"""Units written directly after a number; the plural form comes first."""

ABBREVIATIONS: Final[dict[str, tuple[str, ...]]] = {
    "mr": ("mister",),
    "mrs": ("missus",),
    "dr": ("doctor", "drive"),
    "st": ("saint", "street", "s t"),
    "jr": ("junior", "j r"),
    "sr": ("senior",),
    "prof": ("professor", "prof"),
    "mt": ("mount", "m t"),
    "sgt": ("sergeant",),
    "capt": ("captain",),
    "lt": ("lieutenant",),
    "approx": ("approximately", "approx"),
    "dept": ("department",),
    "vs": ("versus", "v s"),
    "v": ("v", "versus"),
    "etc": ("et cetera",),
    "pm": ("p m",),
    "www": ("w w w",),
    "https": ("h t t p s",),
    "http": ("h t t p",),
    "kg": ("kilograms", "kilos"),
    "km": ("kilometers", "k"),
    "cm": ("centimeters",),
    "mph": ("miles per hour", "miles an hour", "m p h"),
    "kph": ("kilometers per hour", "kilometers an hour", "k p h"),
}
PER: Final = {
    "hr": "hour",
    "h": "hour",
    "min": "minute",
    "sec": "second",
    "s": "second",
    "wk": "week",
    "mo": "month",
    "yr": "year",
}
"""Abbreviations after a slash: "$5/hr"."""
MONTHS: Final = {
    "jan": "january",
    "feb": "february",
    "mar": "march",
    "apr": "april",
    "jun": "june",
    "jul": "july",
    "aug": "august",
    "sep": "september",
    "sept": "september",
    "oct": "october",
    "nov": "november",
    "dec": "december",
}
_NUMERALS: Final = "II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX"
ROMAN: Final = {numeral: value for value, numeral in enumerate(_NUMERALS.split(), 2)}
"""Roman numerals of more than one, in capitals."""
_REGNAL: Final = """
    henry louis elizabeth charles george edward richard james william philip paul leo pius benedict nicholas alexander
    ferdinand carlos felipe napoleon gustav harald frederick catherine
"""
REGNAL_NAMES: Final = frozenset(_REGNAL.split())
"""Names of kings, queens and popes; a Roman numeral after one is read as an ordinal."""
_COUNTED: Final = "war bowl part rocky type phase chapter act volume vol division group"
COUNTED: Final = frozenset(_COUNTED.split())
"""Words after which a Roman numeral is read as a number."""
_MEASURED: Final = """
    seconds minutes hours days weeks months years times percent people miles meters kilometers dollars euros pounds
    points matches balls
"""
MEASURED: Final = frozenset(_MEASURED.split())
"""Words before which a range is read with "to": "5-10 minutes"."""
