"""The pronunciation dictionary of a corpus: the names of words in it, and their pronunciations.

MFA tokenises text by rules of its own: it lowers case, splits at punctuation, clitics and unknown compounds,
merges words next to apostrophes in its output, treats bracketed words as noise, and uses other tokenisers for some
languages. So it never sees the written words: each gets a name of consonants alone, which every tokeniser
leaves unchanged, derived from the word only. The dictionary has those names, and the output is read by them.

MFA starts slowly with the dictionary of a whole language, so it gets the words of its corpus only.
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
from imigue_build.text.characters import bare
from imigue_build.text.lexicon import MAX_PRONUNCIATIONS, NO_LEXICON, Lexicon, Phones, round_robin
from imigue_build.text.pronounce import is_acronym, pronounce
from imigue_build.text.readings import Reading, readings

_LETTERS: Final = "bcdfghjklmnpqrtv"  # one for each hexadecimal digit
_NAME_LENGTH: Final = 14
_PROBABILITY: Final = re.compile(r"\d+\.\d+|1")
_NEUTRAL_PROBABILITIES: Final = ("1.0", "0.5", "1.0", "1.0")
"""For a word without statistics, in a dictionary with probability columns: the probability of its pronunciation,
of silence after it, and two correction factors for what precedes it."""
_PROBABILITY_COLUMNS: Final = len(_NEUTRAL_PROBABILITIES)
_VARIANT: Final = re.compile(r"(?<=.)\(\d+\)$")
_VOWELS: Final = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())  # noqa: SIM905
_CONSONANTS: Final = frozenset("B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split())  # noqa: SIM905
NO_PHONES: Final = frozenset(("spn", "sil", "<eps>"))
_MIN_ARPABET: Final = 0.9  # of a dictionary's phones, for it to count as an ARPAbet dictionary
_FILLER: Final = "xfiller"


class Entry(NamedTuple):
    """One word in MFA's dictionary.

    `word` is the spoken form and `acronym` the written form if it may be an acronym, else "". A token with several
    readings is one entry with all of them in `readings`; a token of the user's lexicon has its phones in `own`. The
    aligner chooses the best match.
    """

    word: str
    acronym: str = ""
    readings: tuple[Reading, ...] = ()
    own: tuple[Phones, ...] = ()

    @property
    def key(self) -> str:
        """The entry's name in MFA's dictionary, which depends on the entry alone."""
        parts = [" ".join(part) for part in (*self.readings, *self.own)]
        digest = hashlib.sha256("\0".join((self.word, self.acronym, *parts)).encode()).hexdigest()
        return "".join(_LETTERS[int(digit, 16)] for digit in digest[:_NAME_LENGTH])

    @property
    def words(self) -> set[str]:
        """The spoken words whose pronunciations are needed."""
        return {word for reading in self.readings or ((self.word,),) for word in reading} if not self.own else set()


def entries(token: str, lexicon: Lexicon = NO_LEXICON, in_context: Sequence[Reading] = ()) -> Iterator[Entry]:
    """The entries of a written token: one per spoken word, or a single one if it has several readings.

    Punctuation and marks have none. A short word in capitals may be read as a word or letter by letter; its entry
    has both.

    Args:
        in_context: The token's readings given its neighbours; by default its readings on its own.
    """
    options, written = in_context or readings(token), bare(token)
    if not options[0]:
        return
    if own := lexicon.find(token):
        yield Entry(bare(token), own=tuple(own))
        return
    if len(options) > 1 and not is_acronym(written):
        yield Entry(written, readings=tuple(filter(None, options)))
        return
    acronym = written if len(options[0]) == 1 and is_acronym(written) else ""
    for word in options[0]:
        yield Entry(word, own=tuple(own)) if (own := lexicon.find(word)) else Entry(word, acronym)


@dataclass(frozen=True)
class Dictionary:
    """The pronunciations of some words in an MFA dictionary, and the phones that can be used: its own, or the model's.

    `lines` has the pronunciations of a word as written in the file, with probabilities; `columns` is the number of
    probabilities in most lines; `counts` says how often each pronunciation, phones only, is in the whole file.
    """

    phones: frozenset[str]
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: int = 0
    counts: Mapping[str, int] = field(default_factory=dict, repr=False)

    @cached_property
    def is_arpabet(self) -> bool:
        """Whether the phones are those of the CMU dictionary, with or without stress."""
        plain = {_unstressed(phone) for phone in self.phones}
        return bool(plain) and len(plain & (_VOWELS | _CONSONANTS)) >= _MIN_ARPABET * len(plain)

    def guess(self, word: str) -> str | None:
        """A pronunciation by English spelling rules in the dictionary's phones; None if it is not ARPAbet."""
        return self.convert(pronounce(word)) if self.is_arpabet else None

    def usable(self, word: str) -> list[str]:
        """The pronunciations of a word, with probabilities; phones that cannot be used are converted."""
        split = (line.rpartition("\t") for line in self.lines.get(word, ()))
        converted = ((before + tab, self.convert(phones.split())) for before, tab, phones in split)
        return list(dict.fromkeys(before + phones for before, phones in converted if phones is not None))

    def convert(self, phones: Sequence[str]) -> str | None:
        """ARPAbet phones, with or without stress, in the dictionary's phone set; None if it lacks one.

        If the dictionary marks stress and the phones do not, the first vowel is stressed.
        """
        found: list[str] = []
        stress = "102"
        for phone in phones:
            plain = _unstressed(phone)
            marks = stress if plain in _VOWELS else ""
            candidates = (phone, plain, *(plain + mark for mark in marks))
            known = next((candidate for candidate in candidates if candidate in self.phones), None)
            if known is None:
                return None
            found.append(known)
            stress = "012" if plain in _VOWELS else stress
        return " ".join(found)


def read(path: Path, wanted: Collection[Entry]) -> Dictionary:
    """Reads a dictionary file, limited to the words of some entries.

    A line is a word, up to four probabilities, and phones, separated by spaces or tabs.

    Raises:
        BackendError: If the file cannot be read or is not a dictionary.
    """
    words = {word for entry in wanted for word in entry.words}
    counts: Counter[str] = Counter()
    columns: Counter[int] = Counter()
    lines: dict[str, list[str]] = {}
    try:
        with TextIOWrapper(open_regular(path), encoding="utf-8-sig") as file:
            for line in file:
                fields = line.split()
                if len(fields) < 2:
                    continue
                probabilities = _probabilities(fields[1:])
                sounds = " ".join(fields[1 + probabilities :])
                counts[sounds] += 1
                columns[probabilities] += 1
                word = _VARIANT.sub("", unicodedata.normalize("NFKC", fields[0]).lower())
                if word in words:
                    lines.setdefault(word, []).append("\t".join([*fields[1 : 1 + probabilities], sounds]))
    except (OSError, UnicodeDecodeError) as error:
        raise BackendError(f"MFA's dictionary {path} cannot be read ({error})", "check align.dictionary") from None
    if not counts:
        raise BackendError(f"MFA's dictionary {path} has no pronunciations", "check align.dictionary")
    phones = frozenset(phone for sounds in counts for phone in sounds.split()) - NO_PHONES
    pronunciations = {word: tuple(dict.fromkeys(lines_of_word)) for word, lines_of_word in lines.items()}
    return Dictionary(phones, pronunciations, columns.most_common(1)[0][0], counts)


def unknown(dictionary: Dictionary, wanted: Collection[Entry]) -> list[str]:
    """The words of some entries that a dictionary lacks, sorted."""
    return sorted(word for word in {word for entry in wanted for word in entry.words} if not dictionary.usable(word))


def write(path: Path, dictionary: Dictionary, wanted: Collection[Entry], guessed: Mapping[str, str]) -> frozenset[str]:
    """Writes the dictionary of a corpus, and returns the keys of the entries that are in it.

    Words without a pronunciation are left out: MFA takes them for unknown noise.

    Args:
        guessed: Pronunciations of unknown words by a G2P model; spelling rules cover what it lacks.
    """
    lines = {entry.key: _lines(dictionary, entry, guessed) for entry in sorted(set(wanted))}
    rows = [f"{key}\t{line}" for key, lines_of_entry in lines.items() for line in lines_of_entry]
    if not rows:  # MFA needs at least one
        rows = [f"{_FILLER}\t{min(dictionary.phones)}"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return frozenset(key for key, lines_of_entry in lines.items() if lines_of_entry)


def read_guesses(path: Path) -> dict[str, str]:
    """The first pronunciation of each word that MFA's G2P wrote; empty if there is no file."""
    guesses: dict[str, str] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = line.split()
            if len(fields) > 1:
                guesses.setdefault(fields[0], " ".join(fields[1:]))
    return guesses


def _lines(dictionary: Dictionary, entry: Entry, guessed: Mapping[str, str]) -> list[str]:
    """The pronunciations of an entry, each as its line without the word."""
    neutral = "".join(f"{probability}\t" for probability in _NEUTRAL_PROBABILITIES[: dictionary.columns])
    if entry.own:
        return [neutral + phones for own in entry.own if (phones := dictionary.convert(own))]
    if entry.readings:
        options = ([_phone_strings(dictionary, word, guessed) for word in reading] for reading in entry.readings)
        combined = round_robin([map(" ".join, product(*words)) for words in options])
        return [neutral + phones for phones in dict.fromkeys(islice(combined, MAX_PRONUNCIATIONS))]
    lines = dictionary.usable(entry.word)
    if not lines and (by_model := dictionary.convert(guessed.get(entry.word, "").split())):
        lines.append(neutral + by_model)
    if entry.acronym or not lines:
        by_rule = dictionary.guess(entry.acronym or entry.word)
        if by_rule and by_rule not in {_phones(line) for line in lines}:
            lines.append(neutral + by_rule)
    return lines


def _phone_strings(dictionary: Dictionary, word: str, guessed: Mapping[str, str]) -> list[str]:
    """The pronunciations of a word, phones only."""
    return [_phones(line) for line in _lines(dictionary, Entry(word), guessed)]


def _phones(line: str) -> str:
    return line.rpartition("\t")[2]


def _probabilities(fields: list[str]) -> int:
    """The number of probabilities after the word; at least one field is a phone."""
    for number, value in enumerate(fields[:_PROBABILITY_COLUMNS]):
        if not _PROBABILITY.fullmatch(value) or number == len(fields) - 1:
            return number
    return _PROBABILITY_COLUMNS


def _unstressed(phone: str) -> str:
    return phone[:-1] if phone[-1:] in "012" else phone
