"""From what MFA placed to the words of the transcript with their times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal.boundaries import PhoneSpan, refine
from imigue_build.core.records import AlignedWord, Phone

if TYPE_CHECKING:
    from imigue_build.backends.alignment.mfa.results import Placed
    from imigue_build.backends.base import Samples


def placed_words(words: Sequence[AlignedWord], placed: Placed, audio: Samples) -> tuple[AlignedWord, ...]:
    """The words of an utterance with MFA's times, corrected by the level of the sound beside pauses.

    MFA's frames, one every 10 ms, are named by their middles (it computes them without snipping the
    edges), so its boundaries need no correction for the frames' length.

    A written word has the time of its spoken ones. One of which nothing is spoken keeps its time, as
    far as its neighbours leave room.

    Args:
        audio: (samples,), of the whole recording.
    """
    duration = len(audio) / SAMPLE_RATE
    found: dict[int, AlignedWord] = {}
    for at, heard in _phones(placed, audio).items():
        word = words[at]
        phones = tuple(heard) if all(phone.phone for phone in heard) else ()
        found[at] = AlignedWord(
            heard[0].start, heard[-1].end, word.word, word.confidence, word.flags, aligned=True, phones=phones
        )
    after = duration
    for at in reversed(range(len(words))):
        if at not in found:
            found[at] = _inside(words[at], 0.0, after)
        after = found[at].start
    before = 0.0
    for at in range(len(words)):
        if not found[at].aligned:
            found[at] = _inside(found[at], before, duration)
        before = found[at].end
    return tuple(found[at] for at in range(len(words)))


def unplaced_words(words: Sequence[AlignedWord], duration: float) -> tuple[AlignedWord, ...]:
    """Words with the times that they have, inside a recording of so many seconds."""
    return tuple(_inside(word, 0.0, duration) for word in words)


def _phones(placed: Placed, audio: Samples) -> dict[int, list[Phone]]:
    """By the index of a written word, its phones; a spoken word of unknown phones counts as one without a name."""
    named = [
        (sound.at, mark.label if sound.phones else "", mark)
        for sound in placed.sounds
        for mark in sound.phones or (sound.word,)
    ]
    first, last = (max(round(time * SAMPLE_RATE), 0) for time in (placed.start, placed.end))
    sound, begin = audio[first:last], first / SAMPLE_RATE
    length = len(sound) / SAMPLE_RATE

    def inside(time: float) -> float:
        return min(max(time - begin, 0.0), length)

    track = refine([PhoneSpan(at, "", inside(mark.start), inside(mark.end)) for at, _, mark in named], sound)
    phones: dict[int, list[Phone]] = {}
    for (at, label, _), stretch in zip(named, track, strict=True):
        phones.setdefault(at, []).append(Phone(begin + stretch.start, begin + stretch.end, label))
    return phones


def _inside(word: AlignedWord, lowest: float, highest: float) -> AlignedWord:
    start, end = (min(max(time, lowest), max(highest, lowest)) for time in (word.start, max(word.end, word.start)))
    return AlignedWord(start, end, word.word, word.confidence, word.flags)
