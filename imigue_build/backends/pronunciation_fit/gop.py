"""Goodness of pronunciation (GOP): whether an utterance's text matches its audio, whichever backend aligned it.

Each phone of the text is compared with the phone that is likeliest in the same interval. The pronunciation fit is the
mean over the text's phones of the difference of their log-likelihoods per frame (natural logarithm): 0 if every phone
is the likeliest one, else negative. Phones have equal weight, whatever their length: a wrong text is aligned with many
phones of minimal length.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from imigue_build.backends.acoustic_model.model import FRAME
from imigue_build.backends.acoustic_model.phone_scores import phones, scores
from imigue_build.backends.acoustic_model.text_decoder import LAG, TextDecoder
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal.boundaries import PhoneSpan
from imigue_build.core.records import AlignmentQuality
from imigue_build.text.lexicon import NO_LEXICON, Lexicon

if TYPE_CHECKING:
    from imigue_build.backends.acoustic_model.phone_scores import Scores
    from imigue_build.backends.base import AlignmentTask, Samples
    from imigue_build.core.records import AlignedWord, AlignFlag, Utterance

LANGUAGE: Final = "en"
"""The ISO 639-1 code of the only language that can be scored."""
MIN_PHONES: Final = 12
"""Texts with fewer phones (usually one or two words) are never called poor: overlapping speech or noise can make a
correct text score as low as a wrong one."""
POOR_FIT: Final = -3.25
"""A text with a lower pronunciation fit is called poor.

Measured on read interviews (with and without overlapping speech) and a telephone conversation, texts of 12 phones
and more. Correct texts: median -0.8 and never below -2.5 as recorded (219 texts); 3 of 870 are below -3.25, most of
them with added noise or a second voice at 5 dB SNR, reverberation, telephone bandwidth, or segment edges moved by up
to 0.3 s. Texts of other utterances, of as many words: median -5; 98 % are detected as recorded, 79 % with that noise
and reverberation. With half of the words replaced, 58 % are detected.
"""
CLEAN_SPEECH_FIT: Final = -2.5
"""No correct text of 12 phones or more scored lower in clean speech."""

_PADDING: Final = 0.1  # seconds of audio before and after the words


class ScoringTask(NamedTuple):
    """Audio, (samples,) at 16 kHz, and the text to compare with it."""

    sound: Samples
    tokens: tuple[str, ...]
    lexicon: Lexicon = NO_LEXICON


class PronunciationFit(NamedTuple):
    """`value` is None if the utterance cannot be scored; `poor` says whether the text hardly matches the audio."""

    value: float | None
    poor: bool


NOT_SCORED: Final = PronunciationFit(None, poor=False)


def score_utterance(
    audio: Samples, utterance: Utterance, language: str = LANGUAGE, lexicon: Lexicon = NO_LEXICON
) -> PronunciationFit:
    """The pronunciation fit of an aligned utterance.

    It covers the words from the first to the last aligned one, or all words if none is aligned.

    Args:
        audio: (samples,) of the whole recording, 16 kHz.
        utterance: With word times on the recording's clock.
        language: ISO 639-1 code; only English is scored.
        lexicon: The user's pronunciations.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    task = scoring_task(audio, utterance, language, lexicon)
    return score(task) if task else NOT_SCORED


def scoring_task(
    audio: Samples, utterance: Utterance, language: str = LANGUAGE, lexicon: Lexicon = NO_LEXICON
) -> ScoringTask | None:
    """The input of `score` for an utterance; None if it cannot be scored. Arguments as in `score_utterance`."""
    words = _trim_unaligned(utterance.words)
    if not words or language != LANGUAGE:
        return None
    first = max(round((min(word.start for word in words) - _PADDING) * SAMPLE_RATE), 0)
    last = max(round((max(word.end for word in words) + _PADDING) * SAMPLE_RATE), 0)
    return ScoringTask(audio[first:last], tuple(word.word for word in words), lexicon)


def score(task: ScoringTask) -> PronunciationFit:
    """The pronunciation fit of a text. It depends on the argument alone.

    The value is None if nothing is spoken, or if the audio is too short for the text.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    phone_spans = _align(task)
    value = mean_gop(phone_spans, scores(task.sound)) if phone_spans else None
    return PronunciationFit(value, is_poor(value, len(phone_spans)))


def with_pronunciation_fit(
    task: AlignmentTask, utterance: Utterance, known: PronunciationFit | None = None
) -> Utterance:
    """An aligned utterance with its pronunciation fit, flagged `poor_fit` if the fit is poor.

    If the aligner flagged it already, the flag stays if the fit is lower than that of any correct text in clean
    speech, and is removed otherwise. `known` is the fit, if it has been computed.
    """
    if not any(word.aligned for word in utterance.words):
        return utterance
    value, poor = known or score_utterance(task.audio, utterance, task.language, task.lexicon)
    if "poor_fit" in utterance.flags:
        poor = poor or value is None or value < CLEAN_SPEECH_FIT
    flags: tuple[AlignFlag, ...] = tuple(flag for flag in utterance.flags if flag != "poor_fit")
    flags += ("poor_fit",) if poor else ()
    quality = replace(utterance.quality or AlignmentQuality(), fit=value)
    return replace(utterance, flags=flags, quality=quality)


def mean_gop(phone_spans: Sequence[PhoneSpan], log_likelihood: Scores) -> float | None:
    """The mean goodness of pronunciation of aligned phones; None if there are none.

    Args:
        phone_spans: Phones named and timed as by `TextDecoder`, in seconds from the start of the sound.
        log_likelihood: (frames, phones) of the sound, from `phone_scores.scores`.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    columns = {name: index for index, name in enumerate(phones())}
    known = [span for span in phone_spans if span.phone in columns]
    if not known:
        return None
    differences = []
    for span in known:
        first = min(max(round((span.start - LAG) / FRAME), 0), len(log_likelihood) - 1)
        last = max(round((span.end - LAG) / FRAME), first + 1)
        mean = log_likelihood[first:last].mean(axis=0)
        differences.append(float(mean[columns[span.phone]] - mean.max()))
    return sum(differences) / len(differences)


def is_poor(value: float | None, phones: int) -> bool:
    """Whether a text of this many phones hardly matches its audio; False if it was not scored."""
    return value is not None and phones >= MIN_PHONES and value < POOR_FIT


def _trim_unaligned(words: Sequence[AlignedWord]) -> Sequence[AlignedWord]:
    aligned = [index for index, word in enumerate(words) if word.aligned]
    return words[aligned[0] : aligned[-1] + 1] if aligned else words


def _align(task: ScoringTask) -> list[PhoneSpan]:
    """The phones of the text in the audio; empty if nothing is spoken or the text does not fit."""
    decoder = _decoder()
    entries = decoder.entries(task.sound, task.tokens, task.lexicon)
    if not entries or not decoder.words(task.sound, entries, 0):
        return []
    return list(chain.from_iterable(decoder.phones([index for index, _ in entries], task.sound, 0)))


@cache
def _decoder() -> TextDecoder:
    return TextDecoder()
