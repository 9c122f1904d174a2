"""Turns the segments of a given transcript into a Transcript: every word gets a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imigue_build.backends.signal import silero_vad
from imigue_build.config import Vad
from imigue_build.core.errors import AnnotationError
from imigue_build.core.intervals import Timed, clip
from imigue_build.core.records import Transcript, TranscriptSegment, Word
from imigue_build.corpus.annotations.sources import GivenText, LabelledSpan, TimedSegment
from imigue_build.text.normalise import spoken_words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TOLERANCE: Final = 1.0  # seconds by which a segment may start after the end of the recording
_PAUSE: Final = 1.0  # seconds between two segments of a speaker
VAD: Final = Vad(pad=0.0)


def transcript(
    path: Path, given: GivenText, probabilities: NDArray[np.float32], duration: float, language: str
) -> Transcript:
    """The transcript of segments in any order; words without times share the speech in their segment.

    Args:
        path: The file of the segments, for errors.
        given: From `read_transcript`.
        probabilities: (chunks,) of speech, of `silero_vad`.
        duration: Of the recording, in seconds; times are cut there.
        language: Of the settings; the file's own counts where it names one.

    Raises:
        AnnotationError: If there is no word, or a time is outside the recording.
    """
    segments = given.segments
    check_times(path, segments, duration)
    speech: Sequence[Timed] = ()
    if any(not words or not all(word.timed for word in words) for _, words in segments):
        speech = silero_vad.speech_regions(probabilities, duration, VAD)
    by_speaker: dict[str | None, list[Word]] = {}
    for segment, words in segments:
        for word in words:
            by_speaker.setdefault(word.speaker or segment.speaker, []).extend(
                spread(word, () if word.timed else speech, duration)
            )
        if not words:
            by_speaker.setdefault(segment.speaker, []).extend(spread(segment, speech, duration))
    split = [segment for speaker, own in by_speaker.items() for segment in split_at_pauses(speaker, own)]
    if not split:
        raise AnnotationError(f"{path} holds no words", "give a transcript with text")
    warnings = list(given.warnings)
    if given.language not in (None, language):
        warnings.append(
            f"{path} names the language {given.language}, the setting transcribe.language {language}: the file counts"
        )
    ordered = sorted(split, key=lambda segment: (segment.start, segment.end))
    return Transcript(given.language or language, tuple(ordered), warnings=tuple(warnings))


def check_times(path: Path, segments: Iterable[TimedSegment], duration: float, known: str = "") -> None:
    """Checks that the segments and words lie in the recording, of `duration` seconds.

    Args:
        known: What is wrong with the times of the file, and what to do, if that is known.

    Raises:
        AnnotationError: If one does not.
    """
    for segment, words in segments:
        for span in (segment, *words):
            where = f"{path}: {span.text[:40]!r} from {span.start:.2f} to {span.end:.2f} s"
            if span.end < span.start:
                raise AnnotationError(f"{where} ends before it begins", "correct its times")
            if span.start > duration + _TOLERANCE:
                remedy = known or "give this recording's own transcript, with times in seconds"
                raise AnnotationError(f"{where}, but the recording lasts {duration:.1f} s", remedy)


def spread(span: LabelledSpan, speech: Iterable[Timed], duration: float) -> list[Word]:
    """Distributes the words of a text over the speech within its span; over the whole span if there is none."""
    tokens = span.text.split()
    if not tokens:
        return []
    start, end = min(span.start, duration), min(span.end, duration)
    regions = [(region.start, region.end) for region in clip(speech, start, end)] or [(start, end)]
    weights = [1 + sum(map(len, words)) for words in spoken_words_of(tokens)]
    total = sum(last - first for first, last in regions)
    edges = [total * part / sum(weights) for part in accumulate(weights, initial=0)]
    confidence = None if span.confidence is None else min(span.confidence, 1.0)
    return [
        Word(_time_of(regions, first, later=True), _time_of(regions, last, later=False), token, confidence)
        for token, (first, last) in zip(tokens, pairwise(edges), strict=True)
    ]


def _time_of(regions: Sequence[tuple[float, float]], offset: float, later: bool) -> float:
    """The time after `offset` seconds of speech; at an edge between regions the later or the earlier one."""
    for start, end in regions[:-1]:
        if offset < end - start or (offset == end - start and not later):
            return start + offset
        offset -= end - start
    start, end = regions[-1]
    return min(start + offset, end)


def split_at_pauses(speaker: str | None, words: list[Word]) -> list[TranscriptSegment]:
    """The words of one speaker as segments, split at pauses."""
    words.sort(key=lambda word: (word.start, word.end))
    groups: list[list[Word]] = []
    for word in words:
        if groups and word.start - groups[-1][-1].end <= _PAUSE:
            groups[-1].append(word)
        else:
            groups.append([word])
    return [
        TranscriptSegment(group[0].start, max(word.end for word in group), tuple(group), speaker=speaker)
        for group in groups
    ]
