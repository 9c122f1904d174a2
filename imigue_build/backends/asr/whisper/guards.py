"""Flags words of Whisper's text that are suspect: repetitions, and hallucinated text where nobody speaks.

Flagged words are kept. The measures are those of Whisper's own decoder, which batched decoding omits.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby
from math import exp
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.core.intervals import Timed, merge
from imigue_build.core.records import TranscriptSegment, Word

if TYPE_CHECKING:
    from imigue_build.backends.asr.whisper.settings import Guards
    from imigue_build.core.records import AsrFlag

_MAX_GROUP: Final = 40  # words; longer sentences are hardly repeated in speech
_TOLERANCE: Final = 0.2  # seconds; the accuracy of Whisper's word times
_EDGES: Final = " \t\n.,;:!?…\"'“”‘’()[]-–—"  # noqa: RUF001 - the punctuation that Whisper writes


class Passage(NamedTuple):
    """A stretch of Whisper's text: the text, the mean log probability of its tokens where known, and its words."""

    text: str
    log_probability: float | None
    words: Sequence[Word]


def flagged_segments(
    passages: Sequence[Passage], speech: Iterable[Timed], guards: Guards
) -> tuple[TranscriptSegment, ...]:
    """The passages of a recording, in order, as segments whose suspect words are flagged.

    Args:
        passages: Each with at least one word.
        speech: Where a detector hears speech.
        guards: The thresholds.
    """
    words = [word for passage in passages for word in passage.words]
    repetitions = repeated([word.word for word in words], guards.repeats)
    outside = outside_speech(words, speech)
    segments, first = [], 0
    for passage in passages:
        flags_of_text = text_flags(passage.text, passage.log_probability, guards)
        flagged = []
        for index, word in enumerate(passage.words, first):
            repetition: tuple[AsrFlag, ...] = ("repetition",) if index in repetitions else ()
            no_speech: tuple[AsrFlag, ...] = ("no_speech",) if outside[index] else ()
            flagged.append(
                Word(word.start, word.end, word.word, word.confidence, repetition + flags_of_text + no_speech)
            )
        first += len(flagged)
        confidence = None if passage.log_probability is None else min(exp(passage.log_probability), 1.0)
        end = max(word.end for word in flagged)
        segments.append(TranscriptSegment(flagged[0].start, end, tuple(flagged), confidence))
    return tuple(segments)


def compression_ratio(text: str) -> float:
    """Size of a text over its size after zlib compression; 0 for no text. Above 2.4 it is mostly repetitive."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def text_flags(text: str, log_probability: float | None, guards: Guards) -> tuple[AsrFlag, ...]:
    """The flags of a chunk's text as a whole.

    Args:
        text: Whisper's text of the chunk.
        log_probability: Mean log probability of its tokens (natural logarithm), if known.
        guards: The thresholds.
    """
    flags: list[AsrFlag] = []
    if compression_ratio(text) > guards.compression_ratio:
        flags.append("compression")
    if log_probability is not None and log_probability < guards.log_probability:
        flags.append("low_log_probability")
    return tuple(flags)


def repeated(words: Sequence[str], repeats: int) -> set[int]:
    """The indices of words in a group that is repeated more than `repeats` times in a row.

    Case and punctuation around words are ignored.

        >>> sorted(repeated("so thank you thank you Thank you. bye".split(), 1))
        [1, 2, 3, 4, 5, 6]
    """
    plain = [word.strip(_EDGES).casefold() for word in words]
    found: set[int] = set()
    for size in range(1, min(_MAX_GROUP, len(plain) // 2) + 1):
        matches = ((index, plain[index] == plain[index + size]) for index in range(len(plain) - size))
        for is_equal, run in groupby(matches, key=lambda match: match[1]):
            indices = [index for index, _ in run] if is_equal else []
            if len(indices) // size > repeats:
                found.update(range(indices[0], indices[-1] + size + 1))
    return found


def outside_speech(words: Iterable[Timed], speech: Iterable[Timed]) -> list[bool]:
    """For each word, whether it is entirely outside the speech regions, with a tolerance."""
    regions = merge(speech)
    starts = [region.start for region in regions]
    # of the regions that start before a word ends, the last one ends latest
    last = [(word, bisect_right(starts, word.end + _TOLERANCE) - 1) for word in words]
    return [index < 0 or regions[index].end + _TOLERANCE < word.start for word, index in last]
