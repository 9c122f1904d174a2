"""Pronunciations of hesitations, backchannels and contractions such as "gonna", whose spelling varies."""

from __future__ import annotations

import re
from typing import Final

_PATTERNS: Final = (  # (regular expression for the spelling, phones)
    ("[ue]+h*m+", "AH M"),
    ("u+h+", "AH"),
    ("e+r+m+", "ER M"),
    ("e+r+", "ER"),
    ("e+h+", "EH"),
    ("e+h+m+", "EH M"),
    ("e+u+h+", "AH"),
    ("p+f+t*", "P F"),
    ("h+m+", "HH M"),
    ("m+", "M"),
    ("m+h+m+", "AH M HH AH M"),
    ("a+h+|a{2,}", "AA"),
    ("o+h+", "OW"),
    ("o{2,}h*", "UW"),
    ("a+w+", "AO"),
    ("h+u+h+", "HH AH"),
    ("u+h+u+h+", "AH HH AH"),
    ("(?:ha){2,}h?", "HH AA HH AA"),
    ("(?:he){2,}h?", "HH EH HH EH"),
    ("h+a+h*", "HH AA"),
    ("h+e+h+", "HH EH"),
    ("u+gh+", "AH G"),
    ("s{2,}h+|s+h{2,}|sh", "SH"),
    ("p+s+t+", "P S T"),
    ("ts+k+", "T IH S K"),
    ("ph?e+w+", "F Y UW"),
    ("w+h?o+a+h*", "W OW"),
    ("y+e+a+h+", "Y AE"),
    ("y+e+p+", "Y EH P"),
    ("n+a+h+", "N AA"),
    ("n+o+p+e+", "N OW P"),
    ("gonna", "G AA N AH"),
    ("wanna", "W AA N AH"),
    ("kinda", "K AY N D AH"),
    ("sorta", "S AO R T AH"),
    ("gotta", "G AA T AH"),
    ("hafta", "HH AE F T AH"),
    ("dunno", "D AH N OW"),
    ("lemme", "L EH M IY"),
    ("gimme", "G IH M IY"),
    ("c[ou]z", "K AH Z"),
    ("ya", "Y AH"),
    ("y'?all", "Y AO L"),
)


def disfluency_phones(letters: str) -> list[str]:
    """The phones of a lower-case hesitation, backchannel or contraction; empty for any other word.

    >>> disfluency_phones("hmmmm")
    ['HH', 'M']
    """
    return next((phones.split() for spelling, phones in _PATTERNS if re.fullmatch(spelling, letters)), [])
