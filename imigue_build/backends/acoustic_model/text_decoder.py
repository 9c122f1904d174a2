"""Forced decoding of a known text with pocketsphinx: the times of its words and phones, to a frame of 10 ms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.acoustic_model.model import FRAME, REMEDY
from imigue_build.backends.acoustic_model.reading_graph import build_graph, limit_readings, match_path
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal.boundaries import PhoneSpan
from imigue_build.core.errors import BackendError
from imigue_build.text.characters import bare
from imigue_build.text.lexicon import Lexicon, Phones, unstressed, word_pronunciations
from imigue_build.text.pronounce import is_acronym

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples
    from imigue_build.text.readings import Reading

LAG: Final = (0.0256 - FRAME) / 2
"""Seconds by which a frame's time is late: its window of 25.6 ms is centred after its start."""

_MIN_SAMPLES: Final = 410  # of one frame
_VARIANT: Final = re.compile(r"\(\d+\)$")  # suffix of an entry with several pronunciations
_GRAPH: Final = "readings"
_FILLERS: Final = "<["  # first characters of the names of silence and noise


class TextDecoder:
    """Decodes known texts, sound by sound. The decoder is loaded at first use and keeps no state between them."""

    def __init__(self) -> None:
        self._loaded: Any = None

    def entries(self, sound: Samples, tokens: Sequence[str], lexicon: Lexicon) -> list[tuple[int, str]]:
        """The dictionary entries of the tokens' readings that fit the sound best, each with its token's index.

        Args:
            sound: (samples,), 16 kHz.
            lexicon: The user's pronunciations, which have priority.
        """
        chosen = self._readings(sound, tokens, lexicon)
        return [
            (index, entry)
            for index, (token, reading) in enumerate(zip(tokens, chosen, strict=True))
            for entry in self._entries(token, reading, lexicon)
        ]

    def words(
        self, sound: Samples, entries: Sequence[tuple[int, str]], shift: int, beam: float = 0.0
    ) -> list[PhoneSpan]:
        """The word pass: one span for each entry; empty if the entries do not fit the sound.

        Args:
            beam: Paths less likely than the best one by this factor are given up; with 0 none is.
        """
        self._set_beam(beam)
        try:
            self._decoder.set_align_text(" ".join(entry for _, entry in entries))
        except RuntimeError:  # a failed phone pass discards the added entries
            return []
        if not self._decode(sound):
            return []
        segments = [
            (segment.word, segment.start_frame, segment.end_frame + 1)
            for segment in self._decoder.seg() or ()
            if segment.word[0] not in _FILLERS
        ]
        if [_VARIANT.sub("", name) for name, _, _ in segments] != [entry for _, entry in entries]:
            return []
        return [
            _span(index, "", start, end, shift) for (index, _), (_, start, end) in zip(entries, segments, strict=True)
        ]

    def phones(self, words: Sequence[int], sound: Samples, shift: int) -> list[list[PhoneSpan]]:
        """The phone pass, within the words found by the last word pass: the phones of each entry; empty if it fails.

        Args:
            words: For each entry, the index of its written token.
        """
        try:
            self._decoder.set_alignment()
        except RuntimeError:
            return []
        phones_of_words = list(_phones_of_words(self._decoder.get_alignment())) if self._decode(sound) else []
        if len(phones_of_words) != len(words):
            return []
        return [
            [_span(index, name, start, end, shift) for name, start, end in phones]
            for index, phones in zip(words, phones_of_words, strict=True)
        ]

    def _set_beam(self, beam: float) -> None:
        """Sets the pruning of the searches that are made from now on."""
        for name in ("beam", "pbeam", "wbeam"):
            self._decoder.config[name] = beam

    def _decode(self, sound: Samples) -> bool:
        """Runs the active search over the whole sound; False if it fails."""
        decoder = self._decoder
        if len(sound) < _MIN_SAMPLES:
            return False
        try:
            decoder.reinit_feat()  # resets the cepstral mean, which would come from the last utterance
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
        """The reading of each token that fits the sound best; the default reading if none does.

        The decoder searches a graph of all readings of the utterance once.
        """
        from imigue_build.text.readings import readings_in_context

        options = limit_readings(
            [
                readings[:1] if is_acronym(bare(token)) or lexicon.find(token) else readings  # one entry covers all
                for token, readings in zip(tokens, readings_in_context(tokens), strict=True)
            ]
        )
        if all(len(readings) == 1 for readings in options):
            return [readings[0] for readings in options]
        entries = [
            [tuple(self._entries(token, reading, lexicon)) for reading in readings]
            for token, readings in zip(tokens, options, strict=True)
        ]
        choices = match_path(entries, self._best_path(sound, entries))
        return [readings[choice] for readings, choice in zip(options, choices, strict=True)]

    def _best_path(self, sound: Samples, entries: Sequence[Sequence[Sequence[str]]]) -> list[str]:
        """The entries on the best path through the graph of readings; empty if the search fails."""
        arcs, final = build_graph(entries)
        self._set_beam(0.0)
        try:
            self._decoder.add_fsg(_GRAPH, self._decoder.create_fsg(_GRAPH, 0, final, arcs))
            self._decoder.activate_search(_GRAPH)
        except (RuntimeError, ValueError):
            return []
        segments = self._decoder.seg() if self._decode(sound) else None
        return [_VARIANT.sub("", segment.word) for segment in segments or () if segment.word[0] not in _FILLERS]

    def _entries(self, token: str, reading: Reading, lexicon: Lexicon) -> Iterator[str]:
        """The dictionary entries of one reading of a token, one per spoken word.

        A word that the dictionary lacks gets an entry named after its pronunciations, so that the
        result does not depend on earlier words. A short word in capitals may be a word or an acronym
        ("US"): its entry has both pronunciations, and the decoder chooses. A token of the user's
        lexicon has one entry.
        """
        own = lexicon.find(token)
        if own and reading:
            yield self._entry(own)
            return
        written = bare(token)
        acronym = len(reading) == 1 and is_acronym(written)
        for word in reading:
            if self._decoder.lookup_word(word) and not acronym and not lexicon.find(word):
                yield word
            else:
                whole = written if len(reading) == 1 else word
                yield self._entry(word_pronunciations(word, whole, self._lookup, lexicon))

    def _lookup(self, word: str) -> list[Phones]:
        """The pronunciations of a word in the decoder's dictionary."""
        pronunciations: list[Phones] = []
        name = word
        while (phones := self._decoder.lookup_word(name)) is not None:
            pronunciations.append(tuple(phones.split()))
            name = f"{word}({len(pronunciations) + 1})"
        return pronunciations

    def _entry(self, pronunciations: Sequence[Phones]) -> str:
        """The name of an entry with these pronunciations, which is added if it is new."""
        variants = list(dict.fromkeys(map(unstressed, pronunciations)))
        name = "=" + "=".join(map("_".join, variants))
        if self._decoder.lookup_word(name) is None:
            for number, phones in enumerate(variants, 1):
                entry = name if number == 1 else f"{name}({number})"
                self._decoder.add_word(entry, " ".join(phones), update=number == len(variants))
        return name


def _phones_of_words(alignment: Any) -> Iterator[list[tuple[str, int, int]]]:
    """The phones of each word with their first and end frames, without fillers.

    An entry of an alignment is freed as soon as the next one is read.
    """
    for word in alignment:
        phones = [(phone.name, phone.start, phone.start + phone.duration) for phone in word]
        if word.name[0] not in _FILLERS:
            yield phones


def _span(word: int, phone: str, first: int, end: int, shift: int) -> PhoneSpan:
    """The span from frame `first` to before frame `end` of a sound that starts `shift` samples late."""
    offset = shift / SAMPLE_RATE + LAG
    return PhoneSpan(word, phone, first * FRAME + offset, end * FRAME + offset)


def _load() -> Any:
    """A decoder for alignment.

    The lattice search (`bestpath`) is off because it loses the end of some utterances.
    """
    try:
        from pocketsphinx import Decoder
    except ImportError as error:
        raise BackendError("the package pocketsphinx is not installed", REMEDY) from error
    try:
        return Decoder(lm=None, bestpath=False, silprob=0.5, loglevel="FATAL")
    except RuntimeError as error:
        raise BackendError(f"pocketsphinx cannot load its model ({error})", REMEDY) from error
