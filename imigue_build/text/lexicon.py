"""Pronunciations of words: from the user's lexicon, else from a dictionary, else guessed from the spelling.

Phones are those of the CMU pronouncing dictionary (ARPAbet), with or without stress on the vowels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from imigue_build.core.errors import ConfigError, abridged
from imigue_build.core.untrusted.bounded_csv import TextFile
from imigue_build.core.untrusted.files import Kind
from imigue_build.text.characters import bare, visible
from imigue_build.text.pronounce import guesses, is_acronym, possessive

if TYPE_CHECKING:
    from imigue_build.text.readings import Reading

Phones = tuple[str, ...]
DictionaryLookup = Callable[[str], Sequence[Phones] | None]
"""Gives a dictionary's pronunciations of a lower-case word; nothing if the dictionary lacks it."""

_VOWELS: Final = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
_CONSONANTS: Final = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH"
T = TypeVar("T")
MAX_PRONUNCIATIONS: Final = 48
"""Pronunciations of one token."""
_COLUMNS: Final = ("word", "phones")
_PHONE: Final = re.compile(rf"(?:{'|'.join(_VOWELS.split())})[012]?|{'|'.join(_CONSONANTS.split())}")
_EXPECTED_PHONES: Final = f"use {_VOWELS} (with or without 0, 1 or 2 for stress) and {_CONSONANTS}"
_LEXICON: Final = Kind("the lexicon", ConfigError, "check align.lexicon")
_MAX_ERRORS_SHOWN: Final = 5


@dataclass(frozen=True)
class Lexicon:
    """A user's pronunciations. Case and the Unicode form of accents and apostrophes do not matter.

    `warnings` are about its file.
    """

    entries: Mapping[str, tuple[Phones, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def find(self, token: str) -> tuple[Phones, ...]:
        """The pronunciations of a written token or a spoken word; empty if the lexicon lacks it.

        The token is looked up as written, then without surrounding punctuation, then as a possessive.
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
    """Reads a CSV file with the columns `word` and `phones`.

    A word is a written token, which may be a score; its phones are separated by spaces. Several
    rows of one word are several pronunciations, the likeliest first.

    Raises:
        ConfigError: If the file cannot be read or has invalid rows; the message names their lines.
    """
    file = TextFile(path, _LEXICON)
    entries: dict[str, list[Phones]] = {}
    errors: list[str] = []
    for line, fields in file.table(_COLUMNS):
        word, phones = fields["word"].strip(), tuple(fields["phones"].upper().split())
        if error := _row_error(word, phones):
            errors.append(f"line {line}: {error}")
        else:
            entries.setdefault(_key(word), []).append(phones)
    if errors:
        more = f"; and {len(errors) - _MAX_ERRORS_SHOWN} more" if len(errors) > _MAX_ERRORS_SHOWN else ""
        raise ConfigError(f"{path}, {'; '.join(errors[:_MAX_ERRORS_SHOWN])}{more}", _EXPECTED_PHONES)
    return Lexicon({word: tuple(dict.fromkeys(found)) for word, found in entries.items()}, file.warnings)


def pronunciations(
    token: str, lookup: DictionaryLookup, lexicon: Lexicon = NO_LEXICON, in_context: Sequence[Reading] = ()
) -> list[Phones]:
    """The pronunciations of a written token: every reading, with every pronunciation of its words.

    The likeliest come first. There are at most `MAX_PRONUNCIATIONS`; a token that is not spoken has none.

    Args:
        lookup: A dictionary of spoken words.
        in_context: The token's readings given its neighbours, from `readings_in_context`; by default
            its readings on its own.

    >>> pronunciations("7-0", {"seven": [("S", "EH", "V", "AH", "N")], "love": [("L", "AH", "V")]}.get)[1]
    ('S', 'EH', 'V', 'AH', 'N', 'L', 'AH', 'V')
    """
    own = lexicon.find(token)
    if own:
        return list(own)
    from imigue_build.text.readings import readings

    options = [_reading_pronunciations(words, token, lookup, lexicon) for words in in_context or readings(token)]
    return list(dict.fromkeys(islice((phones for phones in round_robin(options) if phones), MAX_PRONUNCIATIONS)))


def word_pronunciations(
    word: str, written: str, lookup: DictionaryLookup, lexicon: Lexicon = NO_LEXICON
) -> tuple[Phones, ...]:
    """The pronunciations of one spoken word; at least one.

    Args:
        written: The written token if the word is its whole reading, else the word itself.
    """
    own = lexicon.find(word)
    if own:
        return own
    found = tuple(map(tuple, lookup(word) or ()))
    if found and not is_acronym(written):
        return found
    return tuple(dict.fromkeys([*found, *guesses(written)]))


def unstressed(phones: Phones) -> Phones:
    """The phones without stress digits."""
    return tuple(phone.rstrip("012") for phone in phones)


def _reading_pronunciations(
    words: Sequence[str], token: str, lookup: DictionaryLookup, lexicon: Lexicon
) -> Iterator[Phones]:
    single = len(words) == 1
    options = [word_pronunciations(word, bare(token) if single else word, lookup, lexicon) for word in words]
    return (tuple(phone for phones in chosen for phone in phones) for chosen in product(*options))


def round_robin(iterators: Sequence[Iterator[T]]) -> Iterator[T]:
    """The first item of each iterator, then the second of each, and so on."""
    remaining = list(iterators)
    while remaining:
        for iterator in tuple(remaining):
            try:
                yield next(iterator)
            except StopIteration:
                remaining.remove(iterator)


def _row_error(word: str, phones: Phones) -> str:
    """Why a row is invalid; empty if it is valid."""
    name = abridged(word)
    if not word or len(word.split()) > 1:
        return f"{name!r} is not one word"
    if not phones:
        return f"{name!r} has no phones"
    unknown = next((phone for phone in phones if not _PHONE.fullmatch(phone)), None)
    return f"{name!r} has the unknown phone {abridged(unknown)!r}" if unknown else ""


def _key(word: str) -> str:
    return unicodedata.normalize("NFC", visible(word).replace("\u2019", "'")).casefold()
