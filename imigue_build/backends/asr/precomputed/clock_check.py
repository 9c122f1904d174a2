"""Compares the times of a given transcript with the sound, and corrects them where that is asked for.

First without words: where the pauses of text and speech match, the times are right (`clock_activity`). Else an ASR
listens, to all of a short recording and to stretches of a long one, and a line is fitted to the words that it shares
with the text (`clock_line`). Where they do not lie on one line it listens to everything, to find the break.

What is reported: an error of more than 0.4 s at the beginning or end of the text, and 0.5 s where segments begin early
and end late, as subtitles do, plus three standard errors; more where the file gives whole seconds or few segments. On
exact segments and words the figure is right within 0.1 s; segments that begin early make it as much too small or large.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from imigue_build.backends.asr.precomputed.clock import Clock, Finding
from imigue_build.backends.asr.precomputed.clock_activity import fits
from imigue_build.backends.asr.precomputed.clock_breaks import breaks, is_broken
from imigue_build.backends.asr.precomputed.clock_line import HIGHEST, LOWEST, Line, best_line
from imigue_build.backends.asr.precomputed.shared_words import Pairs, TextWord, pairs, text_words
from imigue_build.backends.signal.silero_vad import CHUNK_SECONDS
from imigue_build.core.records import Span, Word
from imigue_build.corpus.annotations.sources import LabelledSpan, TimedSegment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Listen = Callable[[Sequence[Span]], list[tuple[Word, ...]]]
"""Gives the words heard in each stretch of a recording, on its clock; none where nothing was heard."""

_SPEECH: Final = 0.5
_ALL: Final = 180.0
"""Seconds; a recording up to this length is listened to as a whole."""
_STRETCH: Final = 30.0
_BETWEEN: Final = 4
"""Stretches between the first and the last."""
_MIN_WORDS: Final = 12
"""Words that have to be shared, and near one line."""
_MIN_PART: Final = 0.2
"""Part of what is heard, or of the text if that is shorter, that has to be shared: all interviews share phrases."""
_HOPEFUL: Final = 6
"""Words near a line in stretches that are reason to listen to everything."""
_MIN_SHARE: Final = 0.5
"""Of the shared words, near a line that is beyond doubt; of passages that are said twice fewer are."""
_MIN_LEAD: Final = 2.0
"""Times as many words as near any other line are near one that is beyond doubt as well."""
_MIN_REACH: Final = 0.3
"""Share of the sound, from the first to the last stretch that was heard, over which the shared words have to reach."""
_TOLERANCE: Final = 0.4
_EARLY_SEGMENTS: Final = 0.5
_EVEN: Final = 0.3
"""Seconds; segments whose starts and ends are wrong by the same amount are not early and late ones."""
_WHOLE_SECONDS: Final = 1.0
"""More tolerance where times are rounded to whole seconds."""
_FEW: Final = 4
"""Words or starts of segments from which an error is not rough."""
_ROUGH: Final = 2.0
_OUTSIDE: Final = 1.0
"""Seconds from the recording from which a corrected segment is not a part of it."""


def find_error(
    segments: Sequence[TimedSegment], probabilities: NDArray[np.float32], listen: Listen, language_shared: bool
) -> Finding | None:
    """What is wrong with the times; None if they are right.

    Args:
        segments: The transcript.
        probabilities: (chunks,) of speech, of `silero_vad`.
        listen: Hears words.
        language_shared: Whether these are of the text's language; if not, only pauses are compared.

    Raises:
        UndecidedError: If text and sound share too little.
    """
    duration = len(probabilities) * CHUNK_SECONDS
    timed = [span for segment, words in segments for span in (_own(words) or [segment])]
    if max(span.start for span in timed) <= duration and fits(timed, probabilities):
        return None
    if not language_shared:
        raise UndecidedError("the text is in another language than its `asr` section")
    if float(probabilities.max(initial=0.0)) < _SPEECH:
        raise UndecidedError("the recording has no speech")
    text = text_words(segments)
    stretches, whole = _stretches(probabilities), [Span(0.0, duration)]
    shared = _shared(text, listen(stretches))
    hopeful = shared.line.words >= _HOPEFUL and not _enough(shared)
    if stretches != whole and (hopeful or is_broken(shared.pairs, shared.line.clock)):
        shared = _shared(text, listen(whole))
    line, found = shared.line, shared.pairs
    start, end = min(span.start for span in timed), max(span.end for span in timed)
    if line.shared >= shared.least and is_broken(found, line.clock):
        if changes := breaks(found, line.clock):
            return Finding(line.clock, start, end, line.shared, changes)
        raise UndecidedError("a part of the text seems to have another shift than the rest")
    if not _enough(shared):
        raise UndecidedError("the text shares too few words with what `asr` hears")
    early, late = _tolerances(line, segments)
    lags = (line.clock.lag(start), line.clock.lag(end))
    if any(lag > early or -lag > late for lag in lags):
        return Finding(line.clock, start, end, line.words)
    return None


class _Shared(NamedTuple):
    """Pairs of equal words, their best line, and how many words have to be on one."""

    pairs: Pairs
    line: Line
    least: float


def _shared(text: Sequence[Sequence[TextWord]], heard: Sequence[Sequence[Word]]) -> _Shared:
    """What text and sound share.

    Raises:
        UndecidedError: If that is next to nothing.
    """
    found = pairs(text, heard)
    line = best_line(found)
    if line is None:
        raise UndecidedError("the text shares no words with what `asr` hears")
    least = _MIN_PART * min(sum(map(len, heard)), sum(map(len, text)))
    return _Shared(found, line, max(_MIN_WORDS, least))


class UndecidedError(Exception):
    """Text and sound do not say whether the times are right; the argument says why."""


def _own(words: Sequence[LabelledSpan]) -> Sequence[LabelledSpan]:
    return words if all(word.timed for word in words) else ()


def _enough(shared: _Shared) -> bool:
    """Whether a line is beyond doubt."""
    line, found = shared.line, shared.pairs
    near = found.sound[abs(found.sound - line.clock.offset - line.clock.rate * found.given) <= _ROUGH]
    if len(near) < _MIN_WORDS:
        return False
    reach = float(near.max() - near.min()) >= _MIN_REACH * float(found.sound.max() - found.sound.min())
    agreed = line.words >= _MIN_SHARE * line.shared or line.words >= _MIN_LEAD * line.rival
    return line.words >= shared.least and agreed and reach and LOWEST <= line.clock.rate <= HIGHEST


def _tolerances(line: Line, segments: Sequence[TimedSegment]) -> tuple[float, float]:
    """Seconds up to which text may be early, and late, without being reported."""
    timed = all(_own(words) for _, words in segments)
    even = timed or (line.lag_of_ends is not None and abs(line.lag_of_ends) < _EVEN)
    more = 3 * max(line.error)
    if all(segment.start == int(segment.start) for segment, _ in segments):
        more += _WHOLE_SECONDS
    if line.exact < _FEW:
        more += max(_ROUGH, 0.3 * median(segment.end - segment.start for segment, _ in segments))
    return (_TOLERANCE if even else _EARLY_SEGMENTS) + more, _TOLERANCE + more


def _stretches(probabilities: NDArray[np.float32]) -> list[Span]:
    """All of a short recording; of a long one the first and the last speech, and the densest of parts between them."""
    import numpy as np

    count, length = len(probabilities), round(_STRETCH / CHUNK_SECONDS)
    speech = np.flatnonzero(probabilities >= _SPEECH)
    if count * CHUNK_SECONDS <= _ALL or len(speech) == 0:
        return [Span(0.0, count * CHUNK_SECONDS)]
    first = min(int(speech[0]), count - length)
    last = max(int(speech[-1]) + 1 - length, 0)
    sums = np.concatenate([[0], np.cumsum(probabilities >= _SPEECH)])
    edges = np.linspace(first + length, last, _BETWEEN + 1).astype(int).tolist()
    between = [
        begin + int(np.argmax(sums[begin + length : end + 1] - sums[begin : end + 1 - length]))
        for begin, end in pairwise(edges)
        if end - begin >= length
    ]
    return [Span(begin * CHUNK_SECONDS, (begin + length) * CHUNK_SECONDS) for begin in sorted({first, *between, last})]


def corrected(segments: Sequence[TimedSegment], clock: Clock, duration: float) -> tuple[list[TimedSegment], int]:
    """The transcript with times of the sound, and how many segments are left out: they lie outside the recording."""
    kept: list[TimedSegment] = []
    for segment, words in segments:
        own = _moved(segment, clock)
        if own.end < -_OUTSIDE or own.start > duration + _OUTSIDE:
            continue
        kept.append((_from_zero(own), [_from_zero(_moved(word, clock)) for word in words]))
    return kept, len(segments) - len(kept)


def _moved(span: LabelledSpan, clock: Clock) -> LabelledSpan:
    return span._replace(start=clock(span.start), end=clock(span.end))


def _from_zero(span: LabelledSpan) -> LabelledSpan:
    return span._replace(start=max(0.0, span.start), end=max(0.0, span.end))
