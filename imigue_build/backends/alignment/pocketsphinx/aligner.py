"""Forced alignment with pocketsphinx and the English model in its wheel.

A word pass times the words of an utterance and chooses their pronunciations; a phone pass times the phones
within the words. The model has a frame every 10 ms; between two frames, the likelihoods of the two phones place
a boundary. The word pass may be repeated with the audio shifted by fractions of a frame: then the median is taken, and
the phones of the first pass are fitted to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from imigue_build.backends.acoustic_model.between_frames import placed_between_frames
from imigue_build.backends.acoustic_model.model import FRAME, model_provenance
from imigue_build.backends.acoustic_model.phone_scores import scores
from imigue_build.backends.acoustic_model.text_decoder import TextDecoder
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.pronunciation_fit.gop import CLEAN_SPEECH_FIT, LANGUAGE, is_poor, mean_gop
from imigue_build.backends.signal.boundaries import PhoneSpan, refine
from imigue_build.core.errors import BackendError, ImigueError
from imigue_build.core.records import AlignedWord, AlignFlag, AlignmentQuality, Phone, Provenance, Utterance

if TYPE_CHECKING:
    from imigue_build.backends.alignment.pocketsphinx.settings import PocketsphinxAlign
    from imigue_build.backends.base import Samples

_BEAM: Final = 1e-300
"""Of the first try. Where words are missing in the text, the correct path is far worse than others for a while: a beam
of 1e-120 lost it in 2 of 95 utterances, one of 1e-200 in 1, this in none."""


class PocketsphinxAligner:
    """Aligns utterance by utterance. The decoder is loaded at first use and keeps no state between them."""

    def __init__(self, config: PocketsphinxAlign) -> None:
        self._config = config
        self._decoder = TextDecoder()

    def provenance(self) -> Provenance:
        """Versions of the tools, and the model with a hash over its files.

        Raises:
            BackendError: If pocketsphinx or its model is missing.
        """
        return model_provenance()

    def align(self, batch: Sequence[AlignmentTask]) -> list[tuple[Utterance, ...] | ImigueError]:
        """The aligned utterances of each task, or the error of that task."""
        return [self._interview(task) for task in batch]

    def _interview(self, task: AlignmentTask) -> tuple[Utterance, ...] | ImigueError:
        try:
            return tuple(self._utterance(task, utterance) for utterance in task.utterances)
        except ImigueError as error:
            return error
        except Exception as error:  # an error of one interview must not stop the others
            self._decoder = TextDecoder()
            return BackendError(f"pocketsphinx failed ({type(error).__name__}: {error})", "please report it")

    def _utterance(self, task: AlignmentTask, utterance: Utterance) -> Utterance:
        """The utterance with new times. Words that cannot be aligned keep theirs, within the recording.

        The model is English: of another language no word is aligned.
        """
        words, duration, pad = utterance.words, len(task.audio) / SAMPLE_RATE, self._config.pad
        if not words:
            return utterance
        first = max(round((min(word.start for word in words) - pad) * SAMPLE_RATE), 0)
        last = max(round((max(word.end for word in words) + pad) * SAMPLE_RATE), 0)
        sound = task.audio[first:last]
        english = task.language == LANGUAGE
        entries = self._decoder.entries(sound, [word.word for word in words], task.lexicon) if english else []
        model_spans, fit = self._best_spans(sound, entries)
        refined = refine(model_spans, sound)
        spans_of_word: dict[int, list[PhoneSpan]] = {}
        for span in refined:
            spans_of_word.setdefault(span.word, []).append(span)
        offset = first / SAMPLE_RATE
        aligned = [_aligned(word, spans_of_word.get(i, []), offset, duration) for i, word in enumerate(words)]
        start, end = min(word.start for word in aligned), max(word.end for word in aligned)
        flags: tuple[AlignFlag, ...] = ()
        if not refined and (entries or not english):
            flags = ("unaligned",)
        elif is_poor(fit, len(refined)):
            flags = ("poor_fit",)
        quality = None if fit is None else AlignmentQuality(fit=fit)
        return Utterance(start, end, utterance.speaker, tuple(aligned), quality, flags)

    def _best_spans(self, sound: Samples, entries: Sequence[tuple[int, str]]) -> tuple[list[PhoneSpan], float | None]:
        """The phones of dictionary entries, as by `_phone_spans`, and their pronunciation fit.

        A search with pruning may lose the best path; where the fit is low, it is repeated without.
        """
        spans = self._phone_spans(sound, entries, _BEAM) if entries else []
        if not spans:
            return [], None
        likelihoods = scores(sound)
        fit = mean_gop(spans, likelihoods)
        if fit is not None and fit < CLEAN_SPEECH_FIT and (unpruned := self._phone_spans(sound, entries, 0.0)):
            spans, fit = unpruned, mean_gop(unpruned, likelihoods)
        return placed_between_frames(spans, likelihoods), fit

    def _phone_spans(self, sound: Samples, entries: Sequence[tuple[int, str]], beam: float) -> list[PhoneSpan]:
        """The phones of dictionary entries as timed by the model; empty if the entries do not fit the audio.

        Args:
            sound: (samples,).
            entries: In order, each with the index of its word.
            beam: As of `TextDecoder.words`; a pass that finds nothing is repeated without pruning.
        """
        indices = [index for index, _ in entries]
        passes: list[list[PhoneSpan]] = []
        phones: list[list[PhoneSpan]] = []
        for number in range(self._config.passes):
            shift = round((number + 0.5) * FRAME / self._config.passes * SAMPLE_RATE)
            words = self._decoder.words(sound[shift:], entries, shift, beam)
            if not words and beam:
                words = self._decoder.words(sound[shift:], entries, shift)
            if not words:
                break
            passes.append(words)
            phones = phones or self._decoder.phones(indices, sound[shift:], shift)
        if not passes:
            return []
        words = _median(passes)
        if not phones:
            return words
        return [span for word, heard in zip(words, phones, strict=True) for span in _fitted(heard, word)]


def _median(passes: Sequence[list[PhoneSpan]]) -> list[PhoneSpan]:
    """The words at the median of their times in all passes."""
    import numpy as np

    times = np.median([[(word.start, word.end) for word in words] for words in passes], axis=0)
    return [
        word._replace(start=float(start), end=float(end)) for word, (start, end) in zip(passes[0], times, strict=True)
    ]


def _fitted(phones: Sequence[PhoneSpan], word: PhoneSpan) -> Iterator[PhoneSpan]:
    """The phones of a word, moved and stretched from where one pass heard it to the word's own times."""
    heard = phones[0].start
    rate = (word.end - word.start) / (phones[-1].end - heard)
    for phone in phones:
        start, end = (word.start + (time - heard) * rate for time in (phone.start, phone.end))
        yield phone._replace(start=start, end=end)


def _aligned(word: AlignedWord, spans: Sequence[PhoneSpan], offset: float, duration: float) -> AlignedWord:
    """A word with the times of its spans on the recording's clock; without spans it keeps its times."""

    def clip(time: float) -> float:
        return min(max(time, 0.0), duration)

    if not spans:
        return AlignedWord(clip(word.start), clip(word.end), word.word, word.confidence, word.flags)
    timed = [Phone(clip(offset + span.start), clip(offset + span.end), span.phone) for span in spans]
    phones = tuple(phone for phone in timed if phone.phone)
    return AlignedWord(
        timed[0].start, timed[-1].end, word.word, word.confidence, word.flags, aligned=True, phones=phones
    )
