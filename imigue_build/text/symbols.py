"""Symbols, units and abbreviations with their spoken forms; the default comes first."""

from __future__ import annotations

from typing import Final

SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "&": ("and",),
    "+": ("plus",),
    "=": ("equals", "equal", "is"),
    "@": ("at",),
    "%": ("percent",),
    "°": ("degrees",),
}
SCALES: Final = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion", "tn": "trillion"}
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
}
COUNTRIES: Final = {"us": "u s", "au": "australian", "a": "australian", "nz": "new zealand", "c": "canadian"}
"""Prefixes of the dollar sign, as in "US$"."""
UNITS: Final[dict[str, tuple[str, ...]]] = {
    "k": ("thousand", "k"),
    "m": ("million", "meters", "meter", "m"),
    "bn": ("billion",),
    "tn": ("trillion",),
    "x": ("x", "times"),
    "mph": ("miles per hour", "miles an hour", "m p h", "miles"),
    "kph": ("kilometers per hour", "kilometers an hour", "k p h", "kilometers"),
    "km/h": ("kilometers per hour", "kilometers an hour", "kilometers"),
    "kmh": ("kilometers per hour", "kilometers an hour", "kilometers"),
    "km": ("kilometers", "kilometer", "k", "k m"),
    "kg": ("kilograms", "kilos", "kilo", "k g"),
    "cm": ("centimeters", "centimeter", "c m"),
    "mm": ("millimeters", "millimeter"),
    "ft": ("feet", "foot"),
    "lbs": ("pounds",),
    "lb": ("pounds", "pound"),
    "hrs": ("hours",),
    "hr": ("hours", "hour"),
    "mins": ("minutes",),
    "min": ("minutes", "minute"),
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
    "vs": ("versus", "v s"),
    "v": ("v", "versus"),
    "etc": ("et cetera",),
    "pm": ("p m",),
    "kg": ("kilograms", "kilos"),
    "km": ("kilometers", "k"),
    "cm": ("centimeters",),
    "mph": ("miles per hour", "miles an hour", "m p h"),
    "kph": ("kilometers per hour", "kilometers an hour", "k p h"),
}
_NOISE_WORDS: Final = """
    laugh laughs laughed laughing laughter chuckle chuckles chuckling giggle giggles giggling smiles smiling
    applause applauds clap claps clapping cheers cheering music silence pause pauses beep noise crosstalk
    overlapping inaudible indistinct unintelligible unclear cough coughs coughing sneezes sneezing sigh sighs
    sighing sniffs sniffing sobs sobbing gasp gasps groans inhales exhales whispers whispering shrugs nods
    nodding gestures gesturing translator interpreter
"""
NOISES: Final = frozenset(_NOISE_WORDS.split())
"""Words for noises and unintelligible speech; in round brackets they are a transcriber's annotation."""
