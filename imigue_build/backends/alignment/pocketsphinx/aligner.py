"""Forced alignment with pocketsphinx and the English model that its wheel carries.

A word pass places the words of an utterance and chooses their pronunciations, a phone pass places
the phones in the words. The model looks at the sound every 10 ms, so both are repeated with the
sound shifted by parts of that, and the median taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from imigue_build.backends.acoustic_model.text_decoder import FRAME, REMEDY, TextDecoder
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.pronunciation_fit.fit import LANGUAGE, poor_fit, track_fit
from imigue_build.backends.signal.boundaries import Stretch, refine
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import AlignedWord, AlignFlag, AlignmentQuality, ModelRef, Phone, Provenance, Utterance

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples
    from imigue_build.config import PocketsphinxAlign


class PocketsphinxAligner:
    """Aligns utterance by utterance; the decoder is loaded at first use and remembers none of them."""

    def __init__(self, config: PocketsphinxAlign) -> None:
        self._config = config
        self._decoder = TextDecoder()

    def provenance(self) -> Provenance:
        """Versions of the tools, and the model with one hash over its files.

        Raises:
            BackendError: If pocketsphinx or its model is missing.
        """
        return model_provenance()

    def align(self, batch: Sequence[AlignmentTask]) -> list[tuple[Utterance, ...] | ImigueError]:
        """The utterances of each task with exact times, or the error that stopped that task alone."""
        return [self._interview(task) for task in batch]

    def _interview(self, task: AlignmentTask) -> tuple[Utterance, ...] | ImigueError:
        try:
            return tuple(self._utterance(task, utterance) for utterance in task.utterances)
        except ImigueError as error:
            return error
        except Exception as error:  # whatever it is, it is no reason to stop other interviews
            self._decoder = TextDecoder()
            return BackendError(f"pocketsphinx failed ({type(error).__name__}: {error})", "please report it")

    def _utterance(self, task: AlignmentTask, utterance: Utterance) -> Utterance:
        """The utterance with new times; words that cannot be placed keep theirs, inside the recording."""
        words, duration, pad = utterance.words, len(task.audio) / SAMPLE_RATE, self._config.pad
        if not words:
            return utterance
        first = max(round((min(word.start for word in words) - pad) * SAMPLE_RATE), 0)
        last = max(round((max(word.end for word in words) + pad) * SAMPLE_RATE), 0)
        sound = task.audio[first:last]
        spoken = self._decoder.spoken(sound, [word.word for word in words], task.lexicon)
        found = self._track(sound, spoken)
        track = refine(found, sound)
        heard: dict[int, list[Stretch]] = {}
        for stretch in track:
            heard.setdefault(stretch.word, []).append(stretch)
        new = [_timed(word, heard.get(at, []), first / SAMPLE_RATE, duration) for at, word in enumerate(words)]
        start, end = min(word.start for word in new), max(word.end for word in new)
        fit = track_fit(sound, found) if task.language == LANGUAGE else None
        flags: tuple[AlignFlag, ...] = ()
        if spoken and not track:
            flags = ("unaligned",)
        elif poor_fit(fit, len(track)):
            flags = ("poor_fit",)
        quality = None if fit is None else AlignmentQuality(fit=fit)
        return Utterance(start, end, utterance.speaker, tuple(new), quality, flags)

    def _track(self, sound: Samples, spoken: Sequence[tuple[int, str]]) -> list[Stretch]:
        """The phones of dictionary entries as the model places them in `sound`; none where they do not fit.

        Args:
            sound: (samples,).
            spoken: Entries in order, each with the index of its word.
        """
        passes = []
        for number in range(self._config.passes if spoken else 0):
            shift = round(number * FRAME / self._config.passes * SAMPLE_RATE)
            words = self._decoder.words(sound[shift:], spoken, shift)
            if not words:
                break
            passes.append(self._decoder.phones([index for index, _ in spoken], sound[shift:], shift) or words)
        return _median(passes) if passes else []


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


@cache
def model_provenance() -> Provenance:
    """Versions of the tools, and the model with one hash over its files.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    try:
        from pocketsphinx import get_model_path
    except ImportError as error:
        raise BackendError("the package pocketsphinx is not installed", REMEDY) from error
    folder = Path(get_model_path("en-us"))
    files = sorted([*(folder / "en-us").glob("*"), folder / "cmudict-en-us.dict"])
    digest = hashlib.sha256()
    try:
        for file in files:
            digest.update(f"{file.name} {file.stat().st_size}\n".encode() + file.read_bytes())
    except OSError as error:
        raise BackendError(f"pocketsphinx's model {folder} cannot be read ({error.strerror})", REMEDY) from error
    release = version("pocketsphinx")
    model = ModelRef("pocketsphinx en-us acoustic and dictionary", release, digest.hexdigest())
    return Provenance({name: version(name) for name in ("num2words", "numpy")} | {"pocketsphinx": release}, (model,))
