"""Forced alignment with pocketsphinx and the English model that its wheel carries.

A word pass places the words of an utterance and chooses their pronunciations, a phone pass places
the phones in the words. The model looks at the sound every 10 ms, so both are repeated with the
sound shifted by parts of that, and the median taken.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.boundaries import Stretch, refine
from imigue_build.backends.variants import choose, fewer, transitions
from imigue_build.errors import BackendError, ImigueError
from imigue_build.records import AlignedWord, AlignFlag, ModelRef, Phone, Provenance, Utterance
from imigue_build.text.lexicon import Lexicon, Phones, unstressed, word_pronunciations
from imigue_build.text.pronounce import is_acronym
from imigue_build.text.readings import Reading, bare, readings_in_row

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples
    from imigue_build.config import PocketsphinxAlign

_FRAME: Final = 0.010  # seconds from one of the model's frames to the next
_LAG: Final = (0.0256 - _FRAME) / 2  # a frame sees 25.6 ms and speaks for the middle of them
_LEAST_SAMPLES: Final = 410  # which make one frame
_FILLERS: Final = "<["  # how the names of silence and noise begin
_VARIANT: Final = re.compile(r"\(\d+\)$")  # of an entry's name, where it has several pronunciations
_GRAPH: Final = "readings"
_REMEDY: Final = "reinstall it: pip install --force-reinstall pocketsphinx"


class PocketsphinxAligner:
    """Aligns utterance by utterance; the decoder is loaded at first use and remembers none of them."""

    def __init__(self, config: PocketsphinxAlign) -> None:
        self._config = config
        self._loaded: Any = None

    def provenance(self) -> Provenance:
        """Versions of the tools, and the model with one hash over its files.

        Raises:
            BackendError: If pocketsphinx or its model is missing.
        """
        return _provenance()

    def align(self, batch: Sequence[AlignmentTask]) -> list[tuple[Utterance, ...] | ImigueError]:
        """The utterances of each task with exact times, or the error that stopped that task alone."""
        return [self._interview(task) for task in batch]

    def _interview(self, task: AlignmentTask) -> tuple[Utterance, ...] | ImigueError:
        try:
            return tuple(self._utterance(task, utterance) for utterance in task.utterances)
        except ImigueError as error:
            return error
        except Exception as error:  # whatever it is, it is no reason to stop other interviews
            self._loaded = None
            return BackendError(f"pocketsphinx failed ({type(error).__name__}: {error})", "please report it")

    def _utterance(self, task: AlignmentTask, utterance: Utterance) -> Utterance:
        """The utterance with new times; words that cannot be placed keep theirs, inside the recording."""
        audio, words, pad = task.audio, utterance.words, self._config.pad
        duration = len(audio) / SAMPLE_RATE
        if not words:
            return utterance
        first = max(round((min(word.start for word in words) - pad) * SAMPLE_RATE), 0)
        last = max(round((max(word.end for word in words) + pad) * SAMPLE_RATE), 0)
        rows = self._readings(audio[first:last], [word.word for word in words], task.lexicon)
        spoken = [
            (index, entry)
            for index, (word, row) in enumerate(zip(words, rows, strict=True))
            for entry in self._entries(word.word, row, task.lexicon)
        ]
        track = self._track(audio[first:last], spoken)
        heard: dict[int, list[Stretch]] = {}
        for stretch in track:
            heard.setdefault(stretch.word, []).append(stretch)
        new = [_timed(word, heard.get(at, []), first / SAMPLE_RATE, duration) for at, word in enumerate(words)]
        start, end = min(word.start for word in new), max(word.end for word in new)
        flags: tuple[AlignFlag, ...] = () if any(word.aligned for word in new) or not spoken else ("unaligned",)
        return Utterance(start, end, utterance.speaker, tuple(new), flags=flags)

    def _readings(self, sound: Samples, tokens: Sequence[str], lexicon: Lexicon) -> list[Reading]:
        """The reading of each written token that fits the sound best; its default where none does.

        The decoder walks through a graph of all readings of an utterance once, and is asked which words it passed.
        """
        options = fewer(
            [
                ways[:1] if is_acronym(bare(token)) or lexicon.find(token) else ways  # one entry says all
                for token, ways in zip(tokens, readings_in_row(tokens), strict=True)
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

    def _track(self, sound: Samples, spoken: Sequence[tuple[int, str]]) -> list[Stretch]:
        """The phones of dictionary entries in `sound`, seconds from its start; none where they do not fit.

        Args:
            sound: (samples,).
            spoken: Entries in order, each with the index of its word.
        """
        passes = []
        for number in range(self._config.passes if spoken else 0):
            shift = round(number * _FRAME / self._config.passes * SAMPLE_RATE)
            words = self._words(sound[shift:], spoken, shift)
            if not words:
                break
            passes.append(self._phones([index for index, _ in spoken], sound[shift:], shift) or words)
        return refine(_median(passes), sound) if passes else []

    def _words(self, sound: Samples, spoken: Sequence[tuple[int, str]], shift: int) -> list[Stretch]:
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

    def _phones(self, words: Sequence[int], sound: Samples, shift: int) -> list[Stretch]:
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
    offset = shift / SAMPLE_RATE + _LAG
    return Stretch(word, phone, first * _FRAME + offset, last * _FRAME + offset)


def _median(passes: Sequence[list[Stretch]]) -> list[Stretch]:
    """The median of those passes that found what most of them found: the same phones, or words alone."""
    import numpy as np

    kinds = [[(stretch.word, stretch.phone) for stretch in track] for track in passes]
    most = max(kinds, key=kinds.count)
    alike = [track for track, kind in zip(passes, kinds, strict=True) if kind == most]
    times = np.median([[(stretch.start, stretch.end) for stretch in track] for track in alike], axis=0)
    return [
        stretch._replace(start=float(start), end=float(end))
        for stretch, (start, end) in zip(alike[0], times, strict=True)
    ]


def _timed(word: AlignedWord, heard: Sequence[Stretch], begin: float, duration: float) -> AlignedWord:
    """A word with the times of what was heard of it, on the recording's clock."""

    def inside(time: float) -> float:
        return min(max(time, 0.0), duration)

    if not heard:
        return AlignedWord(inside(word.start), inside(word.end), word.word, word.confidence, word.flags)
    spans = [(inside(begin + stretch.start), inside(begin + stretch.end), stretch.phone) for stretch in heard]
    phones = tuple(Phone(start, end, phone) for start, end, phone in spans if phone)
    return AlignedWord(spans[0][0], spans[-1][1], word.word, word.confidence, word.flags, aligned=True, phones=phones)


def _load() -> Any:
    """A decoder for alignment.

    Without a lattice search (`bestpath`), which loses the end of some utterances; and without
    pruning, which the small graph of one utterance does not need.
    """
    try:
        from pocketsphinx import Decoder
    except ImportError as error:
        raise BackendError("the package pocketsphinx is not installed", _REMEDY) from error
    try:
        return Decoder(lm=None, bestpath=False, beam=0.0, pbeam=0.0, wbeam=0.0, silprob=0.5, loglevel="FATAL")
    except RuntimeError as error:
        raise BackendError(f"pocketsphinx cannot load its model ({error})", _REMEDY) from error


@cache
def _provenance() -> Provenance:
    try:
        from pocketsphinx import get_model_path
    except ImportError as error:
        raise BackendError("the package pocketsphinx is not installed", _REMEDY) from error
    folder = Path(get_model_path("en-us"))
    files = sorted([*(folder / "en-us").glob("*"), folder / "cmudict-en-us.dict"])
    digest = hashlib.sha256()
    try:
        for file in files:
            digest.update(f"{file.name} {file.stat().st_size}\n".encode() + file.read_bytes())
    except OSError as error:
        raise BackendError(f"pocketsphinx's model {folder} cannot be read ({error.strerror})", _REMEDY) from error
    release = version("pocketsphinx")
    model = ModelRef("pocketsphinx en-us acoustic and dictionary", release, digest.hexdigest())
    return Provenance({name: version(name) for name in ("num2words", "numpy")} | {"pocketsphinx": release}, (model,))
