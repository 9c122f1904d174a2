"""From the segments of a given transcript to a Transcript: every word with a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imigue_build.backends.base import SAMPLE_RATE
from imigue_build.backends.signal import silero_vad
from imigue_build.config import Vad
from imigue_build.core.errors import AnnotationError
from imigue_build.core.intervals import Timed, clip
from imigue_build.core.records import Transcript, TranscriptSegment, Word
from imigue_build.corpus.annotations.sources import LabelledSpan
from imigue_build.corpus.annotations.transcripts import TimedSegment
from imigue_build.text.normalise import spoken_words

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

_LEEWAY: Final = 1.0
_PAUSE: Final = 1.0
VAD: Final = Vad(pad=0.0)


def transcript(path: Path, segments: Sequence[TimedSegment], audio: Samples, language: str) -> Transcript:
    """The transcript of segments in any order; words without times share their segment's speech.

    Args:
        path: Where the segments are from, for errors.
        segments: As `read_segments` gives them.
        audio: (samples,) 16 kHz, the whole recording; times are cut to it.

    Raises:
        AnnotationError: If there is no word, or a time lies outside the recording.
    """
    duration = len(audio) / SAMPLE_RATE
    for segment, words in segments:
        for one in (segment, *words):
            _check(path, one, duration)
    speech: Sequence[Timed] = ()
    if any(not words for _, words in segments):
        speech = silero_vad.speech_regions(silero_vad.speech_probabilities(audio), duration, VAD)
    placed: dict[str | None, list[Word]] = {}
    for segment, words in segments:
        for word in words:
            placed.setdefault(word.speaker or segment.speaker, []).extend(spread(word, (), duration))
        if not words:
            placed.setdefault(segment.speaker, []).extend(spread(segment, speech, duration))
    found = [segment for speaker, own in placed.items() for segment in segments_of(speaker, own)]
    if not found:
        raise AnnotationError(f"{path} holds no words", "give a transcript with text")
    return Transcript(language, tuple(sorted(found, key=lambda one: (one.start, one.end))))


def _check(path: Path, one: LabelledSpan, duration: float) -> None:
    where = f"{path}: {one.text[:40]!r} from {one.start:.2f} to {one.end:.2f} s"
    if one.end < one.start:
        raise AnnotationError(f"{where} ends before it begins", "correct its times")
    if one.start > duration + _LEEWAY:
        what = f"{where}, but the recording lasts {duration:.1f} s"
        raise AnnotationError(what, "give this recording's own transcript, with times in seconds")


def spread(one: LabelledSpan, speech: Iterable[Timed], duration: float) -> list[Word]:
    """The words of a text over the speech within its span; all of the span where no speech was found."""
    tokens = one.text.split()
    if not tokens:
        return []
    start, end = min(one.start, duration), min(one.end, duration)
    regions = [(region.start, region.end) for region in clip(speech, start, end)] or [(start, end)]
    weights = [1 + sum(map(len, spoken_words(token))) for token in tokens]
    whole = sum(last - first for first, last in regions)
    edges = [whole * part / sum(weights) for part in accumulate(weights, initial=0)]
    known = None if one.confidence is None else min(one.confidence, 1.0)
    return [
        Word(_at(regions, first, later=True), _at(regions, last, later=False), token, known)
        for token, (first, last) in zip(tokens, pairwise(edges), strict=True)
    ]


def _at(regions: Sequence[tuple[float, float]], offset: float, later: bool) -> float:
    """The time at so many seconds of speech; on an edge between regions the later or the earlier one."""
    for start, end in regions[:-1]:
        if offset < end - start or (offset == end - start and not later):
            return start + offset
        offset -= end - start
    start, end = regions[-1]
    return min(start + offset, end)


def segments_of(speaker: str | None, words: list[Word]) -> list[TranscriptSegment]:
    """The words of one speaker, cut at pauses."""
    words.sort(key=lambda word: (word.start, word.end))
    groups: list[list[Word]] = []
    for word in words:
        if groups and word.start - groups[-1][-1].end <= _PAUSE:
            groups[-1].append(word)
        else:
            groups.append([word])
    return [
        TranscriptSegment(group[0].start, max(w.end for w in group), tuple(group), speaker=speaker) for group in groups
    ]
