"""Whether an utterance's text was said in its stretch of sound, whichever backend aligned it.

Each phone of the text is held against the phone that sounds most like the stretch where it is placed: `fit` is the
mean over the text's phones of the difference of their log-likelihoods a frame (natural logarithm). It is 0 where every
phone is the likeliest one, and below 0 otherwise. Phones count alike, whatever their length: a wrong text is squeezed
into its sound with many phones as short as can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from imigue_build.backends.acoustic_model.phone_scores import phones, scores
from imigue_build.backends.acoustic_model.text_decoder import FRAME, LAG, TextDecoder
from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal.boundaries import Stretch
from imigue_build.core.records import AlignmentQuality
from imigue_build.text.lexicon import NO_LEXICON, Lexicon

if TYPE_CHECKING:
    from imigue_build.backends.base import AlignmentTask, Samples
    from imigue_build.core.records import AlignedWord, AlignFlag, Utterance

LANGUAGE: Final = "en"
"""The ISO 639-1 code of the one language that can be judged."""
LEAST_PHONES: Final = 12
"""Texts with fewer phones (one or two words, as a rule) are never called poor: an overlapping voice or noise can make
a true one as bad as any wrong one."""
LEAST_FIT: Final = -3.25
"""The fit below which a text is called poor.

Measured on read interviews (with and without overlapping voices) and a telephone conversation, texts of 12 phones
and more. The true text: median -0.8 and never below -2.5 as recorded (219 texts); below -3.25 are 3 of 870 in all,
most of which had noise or another voice 5 dB below, a reverberant room, a telephone, or a stretch up to 0.3 s too
long added. The text of another utterance, of as many words: median -5; .98 are found as recorded, .79 in that noise
and room. Half of the words replaced: .58 are found.
"""
CLEAR_FIT: Final = -2.5
"""No true text of 12 phones or more fitted worse in clear sound."""

_PAD: Final = 0.1  # seconds of sound before and after the words


class Spoken(NamedTuple):
    """A stretch of sound, (samples,) at 16 kHz, and the text to be held against it."""

    sound: Samples
    tokens: tuple[str, ...]
    lexicon: Lexicon


def judge(
    audio: Samples, utterance: Utterance, language: str = LANGUAGE, lexicon: Lexicon = NO_LEXICON
) -> tuple[float | None, bool]:
    """The fit of an aligned utterance, and whether it is poor.

    The sound is looked at from the first aligned word to the last, the text is that of the words there; all words
    where none is aligned.

    Args:
        audio: (samples,) of the whole recording, 16 kHz.
        utterance: With words on the recording's clock.
        language: ISO 639-1 code; other languages than English are not judged.
        lexicon: Of the user's pronunciations.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    heard = spoken(audio, utterance, language, lexicon)
    return verdict(heard) if heard else (None, False)


def spoken(
    audio: Samples, utterance: Utterance, language: str = LANGUAGE, lexicon: Lexicon = NO_LEXICON
) -> Spoken | None:
    """What there is to judge of an utterance; None where nothing can be. Arguments as of `judge`."""
    words = _placed(utterance.words)
    if not words or language != LANGUAGE:
        return None
    first = max(round((min(word.start for word in words) - _PAD) * SAMPLE_RATE), 0)
    last = max(round((max(word.end for word in words) + _PAD) * SAMPLE_RATE), 0)
    return Spoken(audio[first:last], tuple(word.word for word in words), lexicon)


def verdict(heard: Spoken) -> tuple[float | None, bool]:
    """The fit of what was said, and whether it is poor; it depends on the argument alone.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    track = _track(heard.sound, heard.tokens, heard.lexicon)
    value = track_fit(heard.sound, track)
    return value, poor_fit(value, len(track))


def checked(task: AlignmentTask, utterance: Utterance, judged: tuple[float | None, bool] | None = None) -> Utterance:
    """An utterance that another aligner has placed, with its fit, flagged where that is poor.

    Where the aligner itself found its text suspect, a fit that is worse than any true text's in
    clear sound is enough; where the fit is good, its suspicion is dropped. `judged` is the verdict, where it is known.
    """
    if not any(word.aligned for word in utterance.words):
        return utterance
    value, poor = judged or judge(task.audio, utterance, task.language, task.lexicon)
    suspected = "poor_fit" in utterance.flags
    poor = poor or (suspected and (value is None or value < CLEAR_FIT))
    flags: tuple[AlignFlag, ...] = tuple(flag for flag in utterance.flags if flag != "poor_fit")
    flags += ("poor_fit",) if poor else ()
    quality = replace(utterance.quality or AlignmentQuality(), fit=value)
    return replace(utterance, flags=flags, quality=quality)


def fit(sound: Samples, tokens: Sequence[str]) -> float | None:
    """How well English tokens fit a stretch of sound; None where that cannot be said.

    It cannot be said where nothing is spoken, or where the sound is too short for the text. The result depends on
    the arguments alone.

    Args:
        sound: (samples,), 16 kHz, from about 0.1 s before the words to as much after them.
        tokens: Written tokens, as a transcript has them.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    return track_fit(sound, _track(sound, tokens))


def track_fit(sound: Samples, track: Sequence[Stretch]) -> float | None:
    """The fit of phones that are already placed; None where there are none.

    Args:
        sound: (samples,), 16 kHz.
        track: Phones as `TextDecoder` names and places them, seconds from the start of `sound`.

    Raises:
        BackendError: If pocketsphinx or its model is missing.
    """
    column = {name: index for index, name in enumerate(phones())}
    known = [stretch for stretch in track if stretch.phone in column]
    if not known:
        return None
    likelihood = scores(sound)
    lost = []
    for stretch in known:
        first = min(max(round((stretch.start - LAG) / FRAME), 0), len(likelihood) - 1)
        last = max(round((stretch.end - LAG) / FRAME), first + 1)
        mean = likelihood[first:last].mean(axis=0)
        lost.append(float(mean[column[stretch.phone]] - mean.max()))
    return sum(lost) / len(lost)


def poor_fit(value: float | None, phones: int) -> bool:
    """Whether a fit is so bad that the text was hardly said there; never where there is no fit.

    Args:
        value: As `fit` gives it.
        phones: How many phones the text has.
    """
    return value is not None and phones >= LEAST_PHONES and value < LEAST_FIT


def _placed(words: Sequence[AlignedWord]) -> Sequence[AlignedWord]:
    aligned = [index for index, word in enumerate(words) if word.aligned]
    return words[aligned[0] : aligned[-1] + 1] if aligned else words


def _track(sound: Samples, tokens: Sequence[str], lexicon: Lexicon = NO_LEXICON) -> list[Stretch]:
    """The phones of the tokens in the sound; none where nothing is spoken or it does not fit."""
    decoder = _decoder()
    spoken = decoder.spoken(sound, tokens, lexicon)
    if not spoken or not decoder.words(sound, spoken, 0):
        return []
    return decoder.phones([index for index, _ in spoken], sound, 0)


@cache
def _decoder() -> TextDecoder:
    return TextDecoder()
