"""Segments whose text names who speaks: `Jane Doe: So?` becomes a segment of Jane Doe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from imigue_build.corpus.annotations.label_forms import spaced
from imigue_build.corpus.annotations.sources import LabelledSpan, TimedSegment
from imigue_build.corpus.annotations.speaker_labels import Said, speakers_of


def with_speakers(segments: Sequence[TimedSegment]) -> list[TimedSegment]:
    """The segments with the speakers that their texts name, without the labels.

    Segments stay as they are where the file tells speakers apart in another way, and where they are single words.
    """
    tokens = sum(len(span.text.split()) for segment, words in segments for span in words or [segment])
    if (
        tokens < 2 * len(segments)
        or len({span.speaker for segment, words in segments for span in (segment, *words)}) != 1
    ):
        return list(segments)
    lines = [
        " ".join(token for word in words for token in word.text.split()) if words else spaced(segment.text)
        for segment, words in segments
    ]
    said = speakers_of(lines)
    if all(" ".join(piece.words) == line for line, row in zip(lines, said, strict=True) for piece in row):
        return list(segments)
    return [new for given, row in zip(segments, said, strict=True) for new in _named(given, row)]


def divided(span: LabelledSpan, parts: Iterable[tuple[str | None, str]]) -> Iterator[LabelledSpan]:
    """The texts of speakers, who share the time of a span by the number of letters."""
    texts = list(parts)
    letters = sum(len(text) + 1 for _, text in texts)
    start, done = span.start, 0
    for speaker, text in texts:
        done += len(text) + 1
        end = span.end if done == letters else span.start + (span.end - span.start) * done / letters
        yield span._replace(start=start, end=end, text=text, speaker=speaker)
        start = end


def _named(given: TimedSegment, row: Sequence[Said]) -> Iterator[TimedSegment]:
    segment, words = given
    if not words:
        parts = ((piece.speaker or segment.speaker, " ".join(piece.words)) for piece in row)
        yield from ((span, []) for span in divided(segment, parts))
        return
    owners = [word for word in words for _ in word.text.split()]
    spoken = [
        (owners[place], piece.speaker or segment.speaker, token)
        for piece in row
        for token, place in zip(piece.words, piece.places, strict=True)
    ]
    named = [
        word._replace(text=" ".join(token for *_, token in tokens), speaker=speaker)
        for (word, speaker), tokens in groupby(spoken, key=lambda item: item[:2])
    ]
    if named:
        yield segment, named
