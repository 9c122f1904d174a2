"""The words that MFA has to know: what they are called in its dictionary, and how they are pronounced.

MFA takes text apart by rules of its own: it lowers case, divides at punctuation, splits clitics and
compounds that its dictionary lacks, merges what stands beside an apostrophe in its output, labels
what is in brackets as noise, and for some languages calls another tokenizer. So it never sees our
words: each gets a name of consonants alone, which every tokenizer leaves as it is, made from
the word and nothing else. The dictionary has those names, and the output is read by them.

A dictionary of all words of a language makes MFA slow to start, so it gets those of its corpus only.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import TextIOWrapper
from itertools import islice, product
from pathlib import Path
from typing import Final, NamedTuple

from imigue_build.core.errors import BackendError
from imigue_build.core.untrusted.files import open_regular
from imigue_build.text.lexicon import MAX_PRONUNCIATIONS, NO_LEXICON, Lexicon, Phones, round_robin
from imigue_build.text.pronounce import is_acronym, pronounce
from imigue_build.text.readings import Reading, bare, readings

_LETTERS: Final = "bcdfghjklmnpqrtv"  # one for each hexadecimal digit
_NAME_LENGTH: Final = 14
_PROBABILITY: Final = re.compile(r"\d+\.\d+|1")
_NEUTRAL: Final = ("1.0", "0.5", "1.0", "1.0")
"""What a word without statistics gets in the columns of a dictionary that has them: its pronunciation's
probability, that of silence after it, and two factors for what is before it."""
_PROBABILITY_COLUMNS: Final = len(_NEUTRAL)
_VARIANT: Final = re.compile(r"(?<=.)\(\d+\)$")
_VOWELS: Final = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())  # noqa: SIM905
_CONSONANTS: Final = frozenset("B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split())  # noqa: SIM905
_NO_PHONES: Final = frozenset(("spn", "sil", "<eps>"))
_MOSTLY: Final = 0.9  # of a dictionary's phones, for it to be one of English in ARPAbet
_FILLER: Final = "xfiller"


class Entry(NamedTuple):
    """What is to be pronounced as one word of MFA's.

    `word` is as it is spoken and `acronym`, where it may be one, as it is written, else "". A token
    with several readings is one entry with all of them in `readings`, and one of the user's
    lexicon has its phones in `own`; the aligner then takes what fits best.
    """

    word: str
    acronym: str = ""
    readings: tuple[Reading, ...] = ()
    own: tuple[Phones, ...] = ()

    @property
    def key(self) -> str:
        """The entry's name in MFA's dictionary, the same wherever and whenever it is used."""
        rows = [" ".join(row) for row in (*self.readings, *self.own)]
        digest = hashlib.sha256("\0".join((self.word, self.acronym, *rows)).encode()).hexdigest()
        return "".join(_LETTERS[int(digit, 16)] for digit in digest[:_NAME_LENGTH])

    @property
    def words(self) -> set[str]:
        """The spoken words whose pronunciations it needs."""
        return {word for reading in self.readings or ((self.word,),) for word in reading} if not self.own else set()


def entries(token: str, lexicon: Lexicon = NO_LEXICON) -> Iterator[Entry]:
    """The entries of a written token: one a spoken word, or one in all where it has several readings.

    There is none for punctuation. A short word in capitals may be read as it is or letter by
    letter; both are offered then.
    """
    if own := lexicon.find(token):
        yield Entry(bare(token), own=tuple(own))
        return
    ways, written = readings(token), bare(token)
    if not ways[0]:
        return
    if len(ways) > 1 and not is_acronym(written):
        yield Entry(written, readings=tuple(filter(None, ways)))
        return
    acronym = written if len(ways[0]) == 1 and is_acronym(written) else ""
    for word in ways[0]:
        yield Entry(word, own=tuple(found)) if (found := lexicon.find(word)) else Entry(word, acronym)


@dataclass(frozen=True)
class Dictionary:
    """The pronunciations of a dictionary of MFA's for some words, and the phones that it uses.

    `lines` holds for a word its pronunciations as they stand in the file, probabilities included;
    `columns` is how many of these most lines have.
    """

    phones: frozenset[str]
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: int = 0

    @cached_property
    def is_arpabet(self) -> bool:
        """Whether its phones are those of the CMU dictionary, with or without stress."""
        plain = {_unstressed(phone) for phone in self.phones}
        return bool(plain) and len(plain & (_VOWELS | _CONSONANTS)) >= _MOSTLY * len(plain)

    def guess(self, word: str) -> str | None:
        """A pronunciation by English spelling rules in its phones; None where it has others."""
        return self.fitted(pronounce(word)) if self.is_arpabet else None

    def fitted(self, phones: Sequence[str]) -> str | None:
        """Phones of ARPAbet, with or without stress, in the dictionary's own; None where it lacks one.

        Where it writes stress and they do not, the first vowel is stressed.
        """
        found: list[str] = []
        stress = "102"
        for phone in phones:
            plain = _unstressed(phone)
            marks = stress if plain in _VOWELS else ""
            known = [one for one in (phone, plain, *(plain + mark for mark in marks)) if one in self.phones]
            if not known:
                return None
            found.append(known[0])
            stress = "012" if plain in _VOWELS else stress
        return " ".join(found)


def read(path: Path, wanted: Collection[Entry]) -> Dictionary:
    """A dictionary file, cut to the words of some entries.

    A line is a word, up to four probabilities, and phones, divided by spaces or tabs.

    Raises:
        BackendError: If the file cannot be read or is no dictionary.
    """
    words = {word for entry in wanted for word in entry.words}
    phones: set[str] = set()
    columns: Counter[int] = Counter()
    lines: dict[str, list[str]] = {}
    try:
        with TextIOWrapper(open_regular(path), encoding="utf-8-sig") as file:
            for line in file:
                fields = line.split()
                if len(fields) < 2:
                    continue
                probabilities = _probabilities(fields[1:])
                sounds = fields[1 + probabilities :]
                phones.update(sounds)
                columns[probabilities] += 1
                word = _VARIANT.sub("", unicodedata.normalize("NFKC", fields[0]).lower())
                if word in words and sounds:
                    lines.setdefault(word, []).append("\t".join([*fields[1 : -len(sounds)], " ".join(sounds)]))
    except (OSError, UnicodeDecodeError) as error:
        raise BackendError(f"MFA's dictionary {path} cannot be read ({error})", "check align.dictionary") from None
    if not phones:
        raise BackendError(f"MFA's dictionary {path} has no pronunciations", "check align.dictionary")
    found = {word: tuple(dict.fromkeys(kept)) for word, kept in lines.items()}
    return Dictionary(frozenset(phones) - _NO_PHONES, found, columns.most_common(1)[0][0])


def unknown(dictionary: Dictionary, wanted: Collection[Entry]) -> list[str]:
    """The words of some entries that a dictionary lacks, sorted."""
    return sorted({word for entry in wanted for word in entry.words} - set(dictionary.lines))


def write(path: Path, dictionary: Dictionary, wanted: Collection[Entry], guessed: Mapping[str, str]) -> None:
    """Writes the dictionary of a corpus.

    What has no pronunciation is left out: MFA places such a word as a noise of unknown kind.

    Args:
        guessed: Pronunciations of unknown words by a G2P model; the spelling rules serve what it lacks.
    """
    rows = [f"{entry.key}\t{line}" for entry in sorted(set(wanted)) for line in _lines(dictionary, entry, guessed)]
    if not rows:  # MFA wants at least one
        rows = [f"{_FILLER}\t{min(dictionary.phones)}"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def read_guesses(path: Path) -> dict[str, str]:
    """The pronunciations that MFA's G2P wrote: the first of each word; none where it wrote no file."""
    guesses: dict[str, str] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = line.split()
            if len(fields) > 1:
                guesses.setdefault(fields[0], " ".join(fields[1:]))
    return guesses


def _lines(dictionary: Dictionary, entry: Entry, guessed: Mapping[str, str]) -> list[str]:
    """The pronunciations of an entry, each as its line without the word."""
    neutral = "".join(f"{probability}\t" for probability in _NEUTRAL[: dictionary.columns])
    if entry.own:
        return [neutral + phones for one in entry.own if (phones := dictionary.fitted(one))]
    if entry.readings:
        ways = ([_sounds(dictionary, word, guessed) for word in reading] for reading in entry.readings)
        rows = round_robin([map(" ".join, product(*row)) for row in ways])
        return [neutral + phones for phones in dict.fromkeys(islice(rows, MAX_PRONUNCIATIONS))]
    found = list(dictionary.lines.get(entry.word, ()))
    if not found and (by_model := guessed.get(entry.word)):
        found.append(neutral + by_model)
    if entry.acronym or not found:
        by_rule = dictionary.guess(entry.acronym or entry.word)
        if by_rule and by_rule not in {_phones(line) for line in found}:
            found.append(neutral + by_rule)
    return found


def _sounds(dictionary: Dictionary, word: str, guessed: Mapping[str, str]) -> list[str]:
    """The pronunciations of a word, phones alone."""
    return [_phones(line) for line in _lines(dictionary, Entry(word), guessed)]


def _phones(line: str) -> str:
    return line.rpartition("\t")[2]


def _probabilities(fields: list[str]) -> int:
    """How many of the fields after the word are probabilities; at least one field is a phone."""
    for number, value in enumerate(fields[:_PROBABILITY_COLUMNS]):
        if not _PROBABILITY.fullmatch(value) or number == len(fields) - 1:
            return number
    return _PROBABILITY_COLUMNS


def _unstressed(phone: str) -> str:
    return phone[:-1] if phone[-1:] in "012" else phone
