"""The words that a transcript with times and an ASR share, as points: the given time, and the one in the sound."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.core.records import Word
from imigue_build.corpus.annotations.sources import LabelledSpan, TimedSegment
from imigue_build.text.normalise import spoken_words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NGRAM: Final = 3
_MOST_PLACES: Final = 20
"""Places of a trigram in the text up to which it is looked at; one that has more says little of the time."""
_MOST_PAIRS: Final = 100_000
"""Where less was heard, trigrams with more places are looked at, up to about as many pairs."""
_LETTER: Final = 0.055
"""Seconds a letter takes, at a usual pace of speech."""
_NEAR_EDGE: Final = 12
"""Letters from an edge of a segment within which that edge says the time of a word."""
_EDGE_ERROR: Final = 0.2
"""Seconds by which a word's time is uncertain that is timed itself, or near an edge of its segment."""
_INNER_ERROR: Final = 0.25
"""Seconds of uncertainty for each second that a word is from the edges of its segment."""


class TextWord(NamedTuple):
    """A spoken word of the text and its time, in seconds, as far as the file says it.

    `place` is 0 at the start of its segment and 1 at its end; `error` is the uncertainty of the time. `segment` is a
    number of its own for each segment, or for each word that has a time of its own.
    """

    word: str
    time: float
    error: float
    place: float
    segment: int


class Pairs(NamedTuple):
    """(pairs,) each: what a word of the text and an equal one of the sound have; times in seconds.

    `heard` numbers the heard words; a word can be in several pairs.
    """

    given: NDArray[np.float64]
    sound: NDArray[np.float64]
    error: NDArray[np.float64]
    place: NDArray[np.float64]
    segment: NDArray[np.int64]
    heard: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> Pairs:
        """The pairs that are chosen."""
        return Pairs(
            self.given[chosen],
            self.sound[chosen],
            self.error[chosen],
            self.place[chosen],
            self.segment[chosen],
            self.heard[chosen],
        )


def text_words(segments: Sequence[TimedSegment]) -> list[list[TextWord]]:
    """The spoken words of a transcript: a list for each speaker, in the order of their times."""
    by_speaker: dict[str | None, list[tuple[float, LabelledSpan, bool]]] = {}
    for segment, words in segments:
        timed = bool(words) and all(word.timed for word in words)
        for span in words if timed else [segment]:
            by_speaker.setdefault(span.speaker or segment.speaker, []).append((span.start, span, timed))
    found, number = [], 0
    for spans in by_speaker.values():
        spans.sort(key=lambda item: item[0])
        own: list[TextWord] = []
        for _, span, timed in spans:
            number += 1
            own += _timed(span, number) if timed else _spread(span, number)
        found.append(own)
    return found


def _timed(span: LabelledSpan, number: int) -> list[TextWord]:
    said = [word for words in spoken_words_of(span.text.split()) for word in words]
    return [TextWord(word, span.start, _EDGE_ERROR, 0.0, number) for word in said]


def _spread(span: LabelledSpan, number: int) -> list[TextWord]:
    """The words of a segment: by the pace of speech near its edges, by their share of its letters between them."""
    said = [word for words in spoken_words_of(span.text.split()) for word in words]
    letters = list(accumulate((len(word) + 1 for word in said), initial=0))
    found = []
    for word, before in zip(said, letters, strict=False):
        rest = letters[-1] - before
        if before <= _NEAR_EDGE:
            time, error, place = span.start + before * _LETTER, _EDGE_ERROR, 0.0
        elif rest <= _NEAR_EDGE:
            time, error, place = span.end - rest * _LETTER, _EDGE_ERROR, 1.0
        else:
            place = before / letters[-1]
            time = span.start + place * (span.end - span.start)
            error = _EDGE_ERROR + _INNER_ERROR * min(time - span.start, span.end - time)
        found.append(TextWord(word, time, error, place, number))
    return found


def pairs(text: Sequence[Sequence[TextWord]], heard: Sequence[Sequence[Word]]) -> Pairs:
    """All pairs of equal words that are in equal trigrams.

    Args:
        text: From `text_words`.
        heard: The words of each stretch that was listened to, on the sound's clock.
    """
    import numpy as np

    places: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for chain, own in enumerate(text):
        for at in range(len(own) - _NGRAM + 1):
            places.setdefault(tuple(item.word for item in own[at : at + _NGRAM]), []).append((chain, at))
    most = max(_MOST_PLACES, _MOST_PAIRS // max(1, sum(map(len, heard))))
    found: dict[tuple[int, int, int], float] = {}
    number = 0
    for words in heard:
        spoken = spoken_words_of([word.word for word in words])
        said = [(one, word.start) for word, ones in zip(words, spoken, strict=True) for one in ones]
        for at in range(len(said) - _NGRAM + 1):
            occurrences = places.get(tuple(one for one, _ in said[at : at + _NGRAM]), [])
            for chain, place in occurrences if len(occurrences) <= most else []:
                for i in range(_NGRAM):
                    found[chain, place + i, number + at + i] = said[at + i][1]
        number += len(said)
    rows = [(text[chain][at], heard_at, time) for (chain, at, heard_at), time in sorted(found.items())]
    return Pairs(
        np.array([word.time for word, _, _ in rows], float),
        np.array([time for _, _, time in rows], float),
        np.array([word.error for word, _, _ in rows], float),
        np.array([word.place for word, _, _ in rows], float),
        np.array([word.segment for word, _, _ in rows], np.int64),
        np.array([number for _, number, _ in rows], np.int64),
    )


def points(found: Pairs) -> Pairs:
    """One pair for each segment's start, end and middle: medians, for the words of a segment are wrong together."""
    import numpy as np

    groups: dict[tuple[int, int], list[int]] = {}
    for index, (segment, place) in enumerate(zip(found.segment.tolist(), found.place.tolist(), strict=True)):
        groups.setdefault((segment, 0 if place == 0 else 2 if place == 1 else 1), []).append(index)
    chosen = []
    for members in groups.values():
        lags = [float(found.sound[index] - found.given[index]) for index in members]
        middle = median(lags)
        chosen.append(min(zip(members, lags, strict=True), key=lambda item: (abs(item[1] - middle), item[0]))[0])
    mask = np.zeros(len(found.given), dtype=bool)
    mask[chosen] = True
    return found.where(mask)
