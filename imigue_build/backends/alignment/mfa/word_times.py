"""The words of a transcript with the times that MFA found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal.boundaries import PhoneSpan, refine
from imigue_build.core.records import AlignedWord, Phone

if TYPE_CHECKING:
    from imigue_build.backends.alignment.mfa.results import TimedUtterance
    from imigue_build.backends.base import Samples


def aligned_words(words: Sequence[AlignedWord], timed: TimedUtterance, audio: Samples) -> tuple[AlignedWord, ...]:
    """The words of an utterance with MFA's times, refined by the signal level next to pauses.

    MFA's frames, one every 10 ms, are centred on their times (it computes them without snipping the edges), so its
    boundaries need no correction for the frames' length.

    A written word has the time of its spoken words. A word without spoken words, or with one that MFA took for noise,
    keeps its time, as far as its neighbours leave room.

    Args:
        audio: (samples,), of the whole recording.
    """
    duration = len(audio) / SAMPLE_RATE
    found: dict[int, AlignedWord] = {}
    for index, spans in _phones(timed, audio).items():
        word = words[index]
        if all(phone.phone for phone in spans):
            start, end = spans[0].start, spans[-1].end
            found[index] = AlignedWord(start, end, word.word, word.confidence, word.flags, True, tuple(spans))
    after = duration
    for index in reversed(range(len(words))):
        if index not in found:
            found[index] = _clipped(words[index], 0.0, after)
        after = found[index].start
    before = 0.0
    for index in range(len(words)):
        if not found[index].aligned:
            found[index] = _clipped(found[index], before, duration)
        before = found[index].end
    return tuple(found[index] for index in range(len(words)))


def unaligned_words(words: Sequence[AlignedWord], duration: float) -> tuple[AlignedWord, ...]:
    """Words with their given times, clipped to a recording of this duration."""
    return tuple(_clipped(word, 0.0, duration) for word in words)


def _phones(timed: TimedUtterance, audio: Samples) -> dict[int, list[Phone]]:
    """The phones of each written word, by its index; a spoken word without phones counts as one without a name."""
    labelled = [
        (word.word_index, interval.label if word.phones else "", interval)
        for word in timed.words
        for interval in word.phones or (word.word,)
    ]
    first, last = (max(round(time * SAMPLE_RATE), 0) for time in (timed.start, timed.end))
    sound, offset = audio[first:last], first / SAMPLE_RATE
    duration = len(sound) / SAMPLE_RATE

    def clip(time: float) -> float:
        return min(max(time - offset, 0.0), duration)

    spans = [PhoneSpan(index, "", clip(interval.start), clip(interval.end)) for index, _, interval in labelled]
    phones: dict[int, list[Phone]] = {}
    for (index, label, _), span in zip(labelled, refine(spans, sound), strict=True):
        phones.setdefault(index, []).append(Phone(offset + span.start, offset + span.end, label))
    return phones


def _clipped(word: AlignedWord, lowest: float, highest: float) -> AlignedWord:
    start, end = (min(max(time, lowest), max(highest, lowest)) for time in (word.start, max(word.end, word.start)))
    return AlignedWord(start, end, word.word, word.confidence, word.flags)
