"""Decoding of a known text with pocketsphinx and the English model that its wheel carries: where its words and
phones are in a sound, as far as the model's frames of 10 ms tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.acoustic_model.variants import choose, fewer, transitions
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal.boundaries import Stretch
from imigue_build.core.errors import BackendError
from imigue_build.text.lexicon import Lexicon, Phones, unstressed, word_pronunciations
from imigue_build.text.pronounce import is_acronym
from imigue_build.text.readings import Reading, bare, readings_in_context

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

FRAME: Final = 0.010
"""Seconds from one of the model's frames to the next."""
LAG: Final = (0.0256 - FRAME) / 2
"""Seconds by which a frame is late: it sees 25.6 ms and speaks for the middle of them."""
REMEDY: Final = "reinstall it: pip install --force-reinstall pocketsphinx"

_LEAST_SAMPLES: Final = 410  # which make one frame
_VARIANT: Final = re.compile(r"\(\d+\)$")  # of an entry's name, where it has several pronunciations
_GRAPH: Final = "readings"
_FILLERS: Final = "<["  # how the names of silence and noise begin


class TextDecoder:
    """Finds a text in sounds, one by one; the decoder is loaded at first use and remembers none of them."""

    def __init__(self) -> None:
        self._loaded: Any = None

    def spoken(self, sound: Samples, tokens: Sequence[str], lexicon: Lexicon) -> list[tuple[int, str]]:
        """The dictionary entries of written tokens as they are read in a sound, each with its token's index.

        Args:
            sound: (samples,), 16 kHz; it decides between readings.
            lexicon: Of the user's, whose pronunciations win.
        """
        rows = self._readings(sound, tokens, lexicon)
        return [
            (index, entry)
            for index, (token, row) in enumerate(zip(tokens, rows, strict=True))
            for entry in self._entries(token, row, lexicon)
        ]

    def words(self, sound: Samples, spoken: Sequence[tuple[int, str]], shift: int) -> list[Stretch]:
        """The word pass: each entry as a whole; none where they do not fit."""
        try:
            self._decoder.set_align_text(" ".join(entry for _, entry in spoken))
        except RuntimeError:  # a phone pass that died has taken the added entries with it
            return []
        if not self._decode(sound):
            return []
        found = [
            (segment.word, segment.start_frame, segment.end_frame + 1)
            for segment in self._decoder.seg() or ()
            if segment.word[0] not in _FILLERS
        ]
        if [_VARIANT.sub("", name) for name, _, _ in found] != [entry for _, entry in spoken]:
            return []
        return [
            _stretch(index, "", start, end, shift) for (index, _), (_, start, end) in zip(spoken, found, strict=True)
        ]

    def phones(self, words: Sequence[int], sound: Samples, shift: int) -> list[Stretch]:
        """The phone pass, inside the words that the word pass has just found; none where it fails.

        Args:
            words: For each spoken word the index of the written one.
        """
        try:
            self._decoder.set_alignment()
        except RuntimeError:
            return []
        found = list(_spoken(self._decoder.get_alignment())) if self._decode(sound) else []
        if len(found) != len(words):
            return []
        return [
            _stretch(index, name, start, end, shift)
            for index, phones in zip(words, found, strict=True)
            for name, start, end in phones
        ]

    def _decode(self, sound: Samples) -> bool:
        """Whether the search that is set went through the sound to its end."""
        decoder = self._decoder
        if len(sound) < _LEAST_SAMPLES:
            return False
        try:
            decoder.reinit_feat()  # else the last utterance's cepstral mean is taken for this one's
            decoder.start_utt()
            decoder.process_raw(sound.tobytes(), full_utt=True)
            decoder.end_utt()
        except RuntimeError:
            decoder.reinit()
            return False
        return True

    @property
    def _decoder(self) -> Any:
        if self._loaded is None:
            self._loaded = _load()
        return self._loaded

    def _readings(self, sound: Samples, tokens: Sequence[str], lexicon: Lexicon) -> list[Reading]:
        """The reading of each written token that fits the sound best; its default where none does.

        The decoder walks through a graph of all readings of an utterance once, and is asked which words it passed.
        """
        options = fewer(
            [
                ways[:1] if is_acronym(bare(token)) or lexicon.find(token) else ways  # one entry says all
                for token, ways in zip(tokens, readings_in_context(tokens), strict=True)
            ]
        )
        if all(len(ways) == 1 for ways in options):
            return [ways[0] for ways in options]
        entries = [
            [tuple(self._entries(token, way, lexicon)) for way in ways]
            for token, ways in zip(tokens, options, strict=True)
        ]
        chosen = choose(entries, self._walk(sound, entries))
        return [ways[choice] for ways, choice in zip(options, chosen, strict=True)]

    def _walk(self, sound: Samples, entries: Sequence[Sequence[Sequence[str]]]) -> list[str]:
        """The entries on the best way through the graph of alternatives; none where nothing fits."""
        steps, final = transitions(entries)
        try:
            self._decoder.add_fsg(_GRAPH, self._decoder.create_fsg(_GRAPH, 0, final, steps))
            self._decoder.activate_search(_GRAPH)
        except (RuntimeError, ValueError):
            return []
        found = self._decoder.seg() if self._decode(sound) else None
        return [_VARIANT.sub("", segment.word) for segment in found or () if segment.word[0] not in _FILLERS]

    def _entries(self, token: str, spoken: Reading, lexicon: Lexicon) -> Iterator[str]:
        """The dictionary entries of a written token in one of its readings, one a spoken word.

        A word that the dictionary lacks gets an entry named after its pronunciations, so that it
        does not matter which words came before. Short words in capitals may be words or acronyms
        ("US"): they get an entry with both pronunciations, and the decoder chooses. A token of the
        user's lexicon has one entry.
        """
        own = lexicon.find(token)
        if own:
            yield self._entry(own)
            return
        written = bare(token)
        acronym = len(spoken) == 1 and is_acronym(written)
        for word in spoken:
            if self._decoder.lookup_word(word) and not acronym and not lexicon.find(word):
                yield word
            else:
                yield self._entry(
                    word_pronunciations(word, written if len(spoken) == 1 else word, self._lookup, lexicon)
                )

    def _lookup(self, word: str) -> list[Phones]:
        """The pronunciations that the decoder's dictionary has of a word."""
        found: list[Phones] = []
        name = word
        while (phones := self._decoder.lookup_word(name)) is not None:
            found.append(tuple(phones.split()))
            name = f"{word}({len(found) + 1})"
        return found

    def _entry(self, pronunciations: Sequence[Phones]) -> str:
        ways = list(dict.fromkeys(map(unstressed, pronunciations)))
        name = "=" + "=".join(map("_".join, ways))
        if self._decoder.lookup_word(name) is None:
            for number, phones in enumerate(ways, 1):
                entry = name if number == 1 else f"{name}({number})"
                self._decoder.add_word(entry, " ".join(phones), update=number == len(ways))
        return name


def _spoken(alignment: Any) -> Iterator[list[tuple[str, int, int]]]:
    """The phones of each word but the fillers, with their first frames and the ones after their last.

    An entry of an alignment is gone from memory as soon as the next one is asked for.
    """
    for word in alignment:
        phones = [(phone.name, phone.start, phone.start + phone.duration) for phone in word]
        if word.name[0] not in _FILLERS:
            yield phones


def _stretch(word: int, phone: str, first: int, last: int, shift: int) -> Stretch:
    """A stretch from frame `first` up to frame `last` of sound shifted by so many samples."""
    offset = shift / SAMPLE_RATE + LAG
    return Stretch(word, phone, first * FRAME + offset, last * FRAME + offset)


def _load() -> Any:
    """A decoder for alignment.

    Without a lattice search (`bestpath`), which loses the end of some utterances; and without
    pruning, which the small graph of one utterance does not need.
    """
    try:
        from pocketsphinx import Decoder
    except ImportError as error:
        raise BackendError("the package pocketsphinx is not installed", REMEDY) from error
    try:
        return Decoder(lm=None, bestpath=False, beam=0.0, pbeam=0.0, wbeam=0.0, silprob=0.5, loglevel="FATAL")
    except RuntimeError as error:
        raise BackendError(f"pocketsphinx cannot load its model ({error})", REMEDY) from error
