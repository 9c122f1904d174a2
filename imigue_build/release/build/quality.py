"""The quality of segments, and the filters that drop clips of low quality."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from imigue_build.config import Filters
from imigue_build.core.records import Flag
from imigue_build.release.build.segments import Row
from imigue_build.release.build.sound import Sound
from imigue_build.release.schema.layout import segment_name
from imigue_build.release.schema.rows import DroppedSegment


class Quality(NamedTuple):
    """A segment's measures; None where a measure is not known.

    `aligned` is the share of its words that were aligned, `clipping` of its samples at full
    scale; `snr_db` is in dB, `overlap_s` in seconds, `words_per_second` over the time of its words.
    `alignment` is the mean of the aligner's measures of its utterances, weighted by their words.
    """

    asr_confidence: float | None
    aligned: float
    snr_db: float | None
    clipping: float
    overlap_s: float | None
    words_per_second: float | None
    alignment: dict[str, float] | None
    flags: tuple[Flag, ...]


def measure(row: Row, sound: Sound, noise: float | None, detects_overlap: bool = True) -> Quality:
    """The quality of a row.

    Args:
        noise: The recording's noise power, None where it is not known.
        detects_overlap: Whether the diarizer can.
    """
    known = [word.confidence for word in row.words if word.confidence is not None]
    spoken = row.words[-1].end - row.words[0].start
    return Quality(
        asr_confidence=round(sum(known) / len(known), 4) if known else None,
        aligned=round(sum(word.aligned for word in row.words) / len(row.words), 4),
        snr_db=sound.snr_db(row, noise),
        clipping=sound.clipping(row.start, row.end),
        overlap_s=row.overlap / 1000 if detects_overlap else None,
        words_per_second=round(1000 * len(row.words) / spoken, 2) if spoken > 0 else None,
        alignment=_alignment(row),
        flags=tuple(sorted({flag for word in row.words for flag in word.flags})),
    )


def reasons(quality: Quality, filters: Filters) -> tuple[str, ...]:
    """Why a segment does not pass the filters; empty where it does.

    >>> reasons(Quality(0.4, 1.0, None, 0.0, 0.0, 2.0, None, ()), Filters(min_asr_confidence=0.5))
    ('asr_confidence 0.4 < 0.5',)
    """
    fit = (quality.alignment or {}).get("fit")
    below = (
        ("asr_confidence", quality.asr_confidence, filters.min_asr_confidence),
        ("aligned", quality.aligned, filters.min_aligned),
        ("fit", fit, filters.min_fit),
        ("snr_db", quality.snr_db, filters.min_snr_db),
        ("words_per_second", quality.words_per_second, filters.min_words_per_second),
    )
    above = (
        ("clipping", quality.clipping, filters.max_clipping),
        ("overlap_s", quality.overlap_s, filters.max_overlap_s),
        ("words_per_second", quality.words_per_second, filters.max_words_per_second),
    )
    return (
        *(f"{name} {value:g} < {least:g}" for name, value, least in _known(below) if value < least),
        *(f"{name} {value:g} > {most:g}" for name, value, most in _known(above) if value > most),
        *(f"flag {flag}" for flag in quality.flags if flag in filters.no_flags),
    )


def _known(limits: Iterable[tuple[str, float | None, float | None]]) -> Iterator[tuple[str, float, float]]:
    return ((name, value, limit) for name, value, limit in limits if value is not None and limit is not None)


def filtered(
    video_id: str, rows: Sequence[Row], qualities: Sequence[Quality], filters: Filters
) -> tuple[list[tuple[Row, Quality]], list[DroppedSegment]]:
    """The rows, without the clips of those that do not pass, and what was dropped and why.

    A row without its clip spans its words; clips are numbered anew, so that there are no gaps.
    """
    kept: list[tuple[Row, Quality]] = []
    dropped: list[DroppedSegment] = []
    for row, quality in zip(rows, qualities, strict=True):
        why = reasons(quality, filters) if row.segment_id is not None else ()
        if why:
            span = row.start / 1000, row.end / 1000
            dropped.append(DroppedSegment(video_id, row.role, row.speaker, *span, row.raw, "; ".join(why)))
            row = row._replace(segment_id=None, start=row.words[0].start, end=row.words[-1].end)
        kept.append((row, quality))
    kept.sort(key=lambda pair: (pair[0].start, pair[0].end, pair[0].speaker))
    return _numbered(kept), dropped


def _numbered(rows: Sequence[tuple[Row, Quality]]) -> list[tuple[Row, Quality]]:
    totals: dict[str, int] = {}
    for row, _ in rows:
        totals[row.role] = totals.get(row.role, 0) + (row.segment_id is not None)
    numbers = dict.fromkeys(totals, 0)
    found: list[tuple[Row, Quality]] = []
    for row, quality in rows:
        if row.segment_id is not None:
            numbers[row.role] += 1
            row = row._replace(segment_id=segment_name(numbers[row.role], totals[row.role]))
        found.append((row, quality))
    return found


def _alignment(row: Row) -> dict[str, float] | None:
    found: dict[str, list[float]] = {}
    for word in row.words:
        for name, value in msgspec.structs.asdict(word.quality).items() if word.quality else ():
            if value is not None:
                found.setdefault(name, []).append(value)
    return {name: round(sum(values) / len(values), 4) for name, values in found.items()} or None
