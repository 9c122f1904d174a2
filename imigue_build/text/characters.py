"""Written characters in one form: case, digits of all scripts, quotation marks, dashes, invisible characters."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

_SAME: Final = str.maketrans(
    {
        **dict.fromkeys("\u2019\u2018\u201b\u02bc\u02bb\u02b9\ua78c\u00b4`\u2032", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u201c\u201d\u2033", '"'),
        "\u2044": "/",
        "\u00d7": "x",
        "\u2116": "n\u00b0",
        "\u00ba": "\u00b0",  # the ordinal sign is written for the degree sign, and in "nº"
    }
)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_LENGTHENING: Final = re.compile(r"(?<=[^\W\d]):{2,}(?=[^\W\d])")
"""Colons that conversation analysts write for a long sound: "no::body"."""
_ENCLOSING: Final = "\u034f\u20e3"  # grapheme joiner, keycap
_DOTTED: Final = "i\u0307"  # what "İ" is in lower case


def visible(token: str) -> str:
    r"""The token without characters that are not seen: soft hyphens, joiners, spaces of no width, emoji selectors.

    >>> visible("inter\u00adnational\u200b")
    'international'
    """
    return token if token.isascii() else "".join(letter for letter in token if not _is_invisible(letter))


def plain(token: str) -> str:
    r"""The token in lower case, with canonical digits, quotation marks and dashes, without invisible characters.

    >>> plain("\N{FULLWIDTH DIGIT SEVEN}\N{EN DASH}6"), plain("İpek"), plain("ﬁnal")
    ('7-6', 'ipek', 'final')
    """
    written = _ENTITY.sub(lambda entity: html.unescape(entity[0]), _LENGTHENING.sub("", token))
    written = visible(written).translate(_SAME)
    written = unicodedata.normalize("NFKC", "".join(map(_plain_number, written)))
    return visible(written.lower()).replace(_DOTTED, "i").translate(_SAME)


def _is_invisible(letter: str) -> bool:
    return (
        unicodedata.category(letter) == "Cf"
        or "\ufe00" <= letter <= "\ufe0f"
        or "\U000e0100" <= letter <= "\U000e01ef"
        or letter in _ENCLOSING
    )


def _plain_number(letter: str) -> str:
    """Digits of any script as ASCII digits; numerals such as "½" or "②" with spaces around them."""
    if letter.isascii():
        return letter
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if category in ("No", "Nl"):
        same = unicodedata.normalize("NFKC", letter)
        return f" {same if same != letter else _numeral(unicodedata.numeric(letter))} "
    return letter


def _numeral(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.3f}".rstrip("0")


def bare(token: str) -> str:
    """A written token without surrounding punctuation and invisible characters."""
    return re.sub(r"^\W+|\W+$", "", visible(token))
