"""Readers of transcripts with times: JSON, TextGrid, ELAN, STM, CTM, tables, SRT, WebVTT and SBV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from imigue_build.corpus.annotations import captions, json_forms, plain, tables, tier_files, tiers
from imigue_build.corpus.annotations.labelled import with_speakers
from imigue_build.corpus.annotations.marks import is_silence
from imigue_build.corpus.annotations.sources import GivenText, LabelledSpan, TimedSegment, Warn, bounded, log_warning
from imigue_build.corpus.annotations.stm import ctm, stm
from imigue_build.corpus.annotations.tier_kinds import Kind

SUFFIXES: Final = (".json", *tier_files.SUFFIXES, ".stm", ".ctm", *tables.SUFFIXES, *captions.SUFFIXES)
OF_ALL: Final = ("words.ctm", "words.stm", "words.csv", "words.tsv", "ctm")
"""Names of files of all interviews (`ctm` is Kaldi's), where none is named by the interview."""
_IN_TEXT: Final = (".json", *tier_files.SUFFIXES, *tables.SUFFIXES)
"""Formats whose texts may name who speaks; cues are read with their labels."""


_NOBODY: Final = frozenset({"", "?", "unknown", "none", "null", "nan", "n/a", "<na>"})
"""What programs write where they know no speaker."""


def read_segments(path: Path, video_id: str) -> list[TimedSegment]:
    """The segments of a transcript; see `read_transcript`. Warnings are logged."""
    found = read_transcript(path, video_id)
    for warning in found.warnings:
        log_warning(warning)
    return found.segments


def read_transcript(path: Path, video_id: str) -> GivenText:
    """The segments of a transcript, in the file's order, each with its words.

    A segment has no words if the file times whole segments only. A file of words alone gives
    segments of one word. `speaker` is None if the file names none.

    Raises:
        AnnotationError: If the file cannot be read or describes another recording.
    """
    found = _read(path, video_id)
    if path.suffix.lower() in _IN_TEXT:
        found = found._replace(segments=with_speakers(found.segments))
    spoken = list(_without_silences(found.segments))
    for spans in ([segment for segment, _ in spoken], [word for _, words in spoken for word in words]):
        bounded(path, spans)
    return found._replace(segments=spoken)


def _known(span: LabelledSpan) -> LabelledSpan:
    """The span, without the speaker where the file has a placeholder."""
    nobody = span.speaker is not None and span.speaker.strip().casefold() in _NOBODY
    return span._replace(speaker=None) if nobody else span


def _without_silences(segments: Iterable[TimedSegment]) -> Iterator[TimedSegment]:
    """The segments without words that are an aligner's labels of silence."""
    for segment, words in segments:
        spoken = [word for word in words if not is_silence(word.text)]
        if spoken or not words:
            yield _known(segment), [_known(word) for word in spoken]


def _read(path: Path, video_id: str) -> GivenText:
    suffix, warnings = path.suffix.lower(), list[str]()
    if suffix == ".json":
        return json_forms.read(path)
    if suffix in (*captions.SUFFIXES, plain.SUFFIX):
        return captions.read(path)
    if suffix in tier_files.SUFFIXES:
        found = _tiers(path, warnings.append)
    elif suffix == ".stm":
        found = [(segment, []) for segment in stm(path, video_id, warnings.append)]
    elif suffix in tables.SUFFIXES:
        found = tables.table(path, video_id, warnings.append)
    else:
        found = [(word, [word]) for word in ctm(path, video_id, warnings.append)]
    return GivenText(found, warnings=tuple(dict.fromkeys(warnings)))


def _tiers(path: Path, warn: Warn) -> list[TimedSegment]:
    found = tiers.text_tiers(tier_files.sorted_tiers(path), path.name, warn)
    return [
        (interval, [interval] if item.kind is Kind.WORDS else []) for item in found for interval in item.tier.intervals
    ]
