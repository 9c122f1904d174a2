"""How words sound: a user's own pronunciations, a dictionary's, or guesses from the spelling, in this order.

Phones are those of the CMU pronouncing dictionary (ARPAbet), with or without stress on the vowels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from typing import Final, TypeVar

from imigue_build.core.errors import ConfigError, abridged
from imigue_build.core.untrusted.bounded_csv import TextFile
from imigue_build.core.untrusted.files import Kind
from imigue_build.text.pronounce import guesses, is_acronym, possessive
from imigue_build.text.readings import Reading, bare, readings

Phones = tuple[str, ...]
Known = Callable[[str], Sequence[Phones]]
"""What a dictionary has for a lower-case word; nothing where it lacks it."""

_VOWELS: Final = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
_CONSONANTS: Final = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH"
T = TypeVar("T")
MOST_PRONUNCIATIONS: Final = 48
_COLUMNS: Final = ("word", "phones")
_PHONE: Final = re.compile(rf"(?:{'|'.join(_VOWELS.split())})[012]?|{'|'.join(_CONSONANTS.split())}")
_ALLOWED: Final = f"use {_VOWELS} (with or without 0, 1 or 2 for stress) and {_CONSONANTS}"
_LEXICON: Final = Kind("the lexicon", ConfigError, "check align.lexicon")
_SHOWN: Final = 5


@dataclass(frozen=True)
class Lexicon:
    """A user's own pronunciations; case and the form of accents and apostrophes do not matter.

    `warnings` are about its file.
    """

    entries: Mapping[str, tuple[Phones, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def find(self, token: str) -> tuple[Phones, ...]:
        """The pronunciations of a written token or a spoken word; none where there is none.

        It is looked for as it is written, then without the punctuation around it, then as the
        possessive of a word.
        """
        if not self.entries:
            return ()
        for written in (token, bare(token)):
            if found := self.entries.get(_key(written)):
                return found
        stem = re.sub("'s?$", "", _key(bare(token)))
        return tuple(possessive(phones) for phones in self.entries.get(stem, ()))


NO_LEXICON: Final = Lexicon()


def read_lexicon(path: Path) -> Lexicon:
    """The pronunciations in a CSV file with the columns `word` and `phones`.

    A word is a written token, which may be a score; its phones have spaces between them. Several
    rows of one word are several pronunciations, the likeliest first.

    Raises:
        ConfigError: If it cannot be read; with the lines of its faults.
    """
    file = TextFile(path, _LEXICON)
    entries: dict[str, list[Phones]] = {}
    faults: list[str] = []
    for line, fields in file.table(_COLUMNS):
        word, phones = fields["word"].strip(), tuple(fields["phones"].upper().split())
        if fault := _fault(word, phones):
            faults.append(f"line {line}: {fault}")
        else:
            entries.setdefault(_key(word), []).append(phones)
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise ConfigError(f"{path}, {'; '.join(faults[:_SHOWN])}{more}", _ALLOWED)
    return Lexicon({word: tuple(dict.fromkeys(found)) for word, found in entries.items()}, file.warnings)


def pronunciations(
    token: str, known: Known, lexicon: Lexicon = NO_LEXICON, among: Sequence[Reading] = ()
) -> list[Phones]:
    """The ways in which a written token may sound: each of its readings, in each pronunciation of its words.

    The likeliest are first; there are at most `MOST_PRONUNCIATIONS`, and none for what is not spoken.

    Args:
        known: A dictionary; it is asked for spoken words.
        among: Its readings in the light of the tokens around it, from `readings_in_row`; its own where left out.

    >>> pronunciations("7-0", {"seven": [("S", "EH", "V", "AH", "N")], "love": [("L", "AH", "V")]}.get)[1]
    ('S', 'EH', 'V', 'AH', 'N', 'L', 'AH', 'V')
    """
    own = lexicon.find(token)
    if own:
        return list(own)
    ways = (_reading(words, token, known, lexicon) for words in among or readings(token))
    rounds = in_turn(list(ways))
    return list(dict.fromkeys(islice((phones for phones in rounds if phones), MOST_PRONUNCIATIONS)))


def word_pronunciations(word: str, written: str, known: Known, lexicon: Lexicon = NO_LEXICON) -> tuple[Phones, ...]:
    """The ways in which one spoken word may sound; at least one.

    Args:
        written: The token that it is all of, or the word again.
    """
    own = lexicon.find(word)
    if own:
        return own
    found = tuple(map(tuple, known(word) or ()))
    if found and not is_acronym(written):
        return found
    return tuple(dict.fromkeys([*found, *guesses(written)]))


def unstressed(phones: Phones) -> Phones:
    """The phones without stress digits."""
    return tuple(phone.rstrip("012") for phone in phones)


def _reading(words: Sequence[str], token: str, known: Known, lexicon: Lexicon) -> Iterator[Phones]:
    alone = len(words) == 1
    ways = [word_pronunciations(word, bare(token) if alone else word, known, lexicon) for word in words]
    return (tuple(phone for phones in chosen for phone in phones) for chosen in product(*ways))


def in_turn(ways: Sequence[Iterator[T]]) -> Iterator[T]:
    """One of each, then a second of each that has one, and so on."""
    left = list(ways)
    while left:
        for way in tuple(left):
            try:
                yield next(way)
            except StopIteration:
                left.remove(way)


def _fault(word: str, phones: Phones) -> str:
    """What is wrong with a pronunciation; empty where nothing is."""
    name = abridged(word)
    if not word or len(word.split()) > 1:
        return f"{name!r} is not one word"
    if not phones:
        return f"{name!r} has no phones"
    wrong = [phone for phone in phones if not _PHONE.fullmatch(phone)]
    return f"{name!r} has the unknown phone {abridged(wrong[0])!r}" if wrong else ""


def _key(word: str) -> str:
    return unicodedata.normalize("NFC", word.replace("\u2019", "'")).casefold()
