"""Cutting an interview into rows: stretches of one speaker, most of them with a clip.

All times here are integer milliseconds, so that what is disjoint stays so in samples. In order:

1. Words get their final times (`word_times`).
2. A word whose middle lies in overlapped speech is left out of the clips (unless the settings
   allow it). Where words of the two roles still intersect, one of them is left out too: the one
   that intersects more words, then the one that is not aligned, then the shorter, then the
   later. The clips of the two roles are therefore disjoint.
3. A row is a run of words of one speaker that are all in a clip or all in none. It ends at a
   pause longer than the settings allow, at a word of the other role or overlapped speech in
   between, and where it would exceed the longest segment: at the last sentence end that fits,
   else at the longest pause in the later half of what fits.
4. The span of a row with a clip is padded, at most to the middle of the gap to the next row of
   either role and to the edge of overlapped speech. A row without a clip spans its words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from imigue_build.config import Export
from imigue_build.core.records import ROLES, Alignment, Diarization, Role, Roles, Span
from imigue_build.core.times import milliseconds
from imigue_build.release.build.word_times import RowWord, role_words
from imigue_build.release.schema.layout import segment_name
from imigue_build.text.sentences import ends_sentence

Spans = Sequence[tuple[int, int]]


class Row(NamedTuple):
    """A stretch of one speaker; `segment_id` is None where it has no clip.

    `overlap` is how much of it is overlapped speech.
    """

    start: int
    end: int
    speaker: str
    role: Role
    segment_id: str | None
    overlap: int
    words: tuple[RowWord, ...]

    @property
    def raw(self) -> str:
        return " ".join(word.word for word in self.words)


class _Run(NamedTuple):
    words: Sequence[RowWord]
    clip: bool

    @property
    def start(self) -> int:
        return self.words[0].start

    @property
    def end(self) -> int:
        return self.words[-1].end


def rows(
    alignment: Alignment,
    diarization: Diarization,
    roles: Roles,
    settings: Export,
    duration: float,
    dropped: Sequence[Span] = (),
) -> list[Row]:
    """All words of an interview exactly once, in rows sorted by start, end and speaker.

    Rows of one role never overlap, clips of the two roles do only with `settings.clip_overlap`,
    and every row lies within [0, duration].

    Args:
        duration: Of the recording, in seconds.
        dropped: What a person's corrections leave out of the clips.

    Raises:
        BackendError: If there are more words than the recording has room for.
    """
    length = int(duration * 1000 + 1e-6)
    overlap = _regions(diarization.overlap, length)
    tiers = [role_words(alignment, roles, role, length) for role in ROLES]
    excluded = _regions([*dropped, *(() if settings.clip_overlap else diarization.overlap)], length)
    clips = _in_clips(tiers, excluded, settings)
    runs = [
        _runs(words, clip, other, excluded, settings)
        for words, clip, other in zip(tiers, clips, reversed(tiers), strict=True)
    ]
    found: list[Row] = []
    for role, own, other in zip(ROLES, runs, reversed(runs), strict=True):
        found += _padded(role, own, other, overlap, excluded, settings, length)
    return sorted(found, key=lambda row: (row.start, row.end, row.speaker))


def _regions(spans: Iterable[Span], length: int) -> list[tuple[int, int]]:
    """The union of spans within the recording, disjoint and sorted."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((milliseconds(span.start), milliseconds(span.end)) for span in spans):
        start, end = max(start, 0), min(end, length)
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _in_clips(tiers: Sequence[Sequence[RowWord]], excluded: Spans, settings: Export) -> list[list[bool]]:
    """For each word of each tier, whether it may be in a clip."""
    starts = [2 * start for start, _ in excluded]

    def is_excluded(word: RowWord) -> bool:
        middle = word.start + word.end
        index = bisect_right(starts, middle) - 1
        return index >= 0 and middle < 2 * excluded[index][1]

    clips = [[not is_excluded(word) for word in words] for words in tiers]
    if settings.clip_overlap:
        return clips
    candidates = [
        [(word, index) for index, word in enumerate(words) if clip[index]]
        for words, clip in zip(tiers, clips, strict=True)
    ]
    pairs = list(_intersecting(candidates[0], candidates[1]))
    met = [[0] * len(words) for words in tiers]
    for pair in pairs:
        for tier, index in enumerate(pair):
            met[tier][index] += 1

    def badness(tier: int, index: int) -> tuple[int, bool, int, int, int]:
        word = tiers[tier][index]
        return met[tier][index], not word.aligned, word.start - word.end, word.start, tier

    for first, second in pairs:
        if clips[0][first] and clips[1][second]:
            worse = 0 if badness(0, first) > badness(1, second) else 1
            clips[worse][(first, second)[worse]] = False
    return clips


def _intersecting(
    first: Sequence[tuple[RowWord, int]], second: Sequence[tuple[RowWord, int]]
) -> Iterable[tuple[int, int]]:
    """Pairs of words of two tiers that share time, in time order."""
    begin = 0
    for word, index in first:
        while begin < len(second) and second[begin][0].end <= word.start:
            begin += 1
        place = begin
        while place < len(second) and second[place][0].start < word.end:
            yield index, second[place][1]
            place += 1


def _runs(
    words: Sequence[RowWord], clip: Sequence[bool], other: Sequence[RowWord], excluded: Spans, settings: Export
) -> list[_Run]:
    pause, longest = milliseconds(settings.pause), _longest(settings)
    middles = [word.start + word.end for word in other]
    region_ends = [end for _, end in excluded]

    def breaks(index: int) -> bool:
        before, after = words[index - 1], words[index]
        if (before.speaker, clip[index - 1]) != (after.speaker, clip[index]):
            return True
        if after.start - before.end > pause:
            return True
        spoken = bisect_right(middles, 2 * before.end)
        if spoken < len(middles) and middles[spoken] < 2 * after.start:
            return True
        region = bisect_right(region_ends, before.end)
        return clip[index] and region < len(excluded) and excluded[region][0] < after.start

    edges = [0, *(index for index in range(1, len(words)) if breaks(index)), len(words)]
    runs: list[_Run] = []
    for start, end in pairwise(edges):
        for part in _split(words[start:end], longest):
            runs.append(_Run(part, clip[start] and part[-1].end - part[0].start <= longest))
    return runs


def _longest(settings: Export) -> int:
    return int(settings.max_segment * 1000 + 1e-6)


def _split(words: Sequence[RowWord], longest: int) -> Iterable[Sequence[RowWord]]:
    """Cuts a run into parts that are no longer than `longest`, but for a single word that is."""
    while words and words[-1].end - words[0].start > longest and len(words) > 1:
        fits = bisect_right(words, words[0].start + longest, key=lambda word: word.end)
        candidates = range(1, max(fits, 1) + 1)
        sentences = [cut for cut in candidates if ends_sentence(words[cut - 1].word)]
        half = words[0].start + longest // 2
        later = [cut for cut in candidates if words[cut - 1].end >= half] or candidates
        pauses = {cut: words[cut].start - words[cut - 1].end for cut in later}
        cut = sentences[-1] if sentences else max(later, key=lambda cut: (pauses[cut], cut))
        yield words[:cut]
        words = words[cut:]
    if words:
        yield words


def _padded(
    role: Role,
    runs: Sequence[_Run],
    other: Sequence[_Run],
    overlap: Spans,
    excluded: Spans,
    settings: Export,
    length: int,
) -> list[Row]:
    clips = sum(run.clip for run in runs)
    found: list[Row] = []
    number = 0
    for index, run in enumerate(runs):
        start, end = run.start, run.end
        segment_id = None
        if run.clip:
            number += 1
            segment_id = segment_name(number, clips)
            neighbours = [(near.start, near.end) for near in runs[max(index - 1, 0) : index + 2] if near is not run]
            start, end = _pad(run, [*neighbours, *_near(other, run)], excluded, settings, length)
        shared = sum(max(min(end, last) - max(start, first), 0) for first, last in overlap)
        found.append(Row(start, end, run.words[0].speaker, role, segment_id, shared, tuple(run.words)))
    return found


def _near(other: Sequence[_Run], run: _Run) -> list[tuple[int, int]]:
    """The last run that starts no later than `run`, and the first that ends no earlier."""
    before = bisect_right(other, run.start, key=lambda candidate: candidate.start) - 1
    after = bisect_left(other, run.end, key=lambda candidate: candidate.end)
    return [(other[at].start, other[at].end) for at in (before, after) if 0 <= at < len(other)]


def _pad(run: _Run, near: Spans, excluded: Spans, settings: Export, length: int) -> tuple[int, int]:
    pad = milliseconds(settings.pad)
    left, right = max(run.start - pad, 0), min(run.end + pad, length)
    for start, end in near:
        if start <= run.start:
            left = max(left, (min(end, run.start) + run.start + 1) // 2)
        if end >= run.end:
            right = min(right, (max(start, run.end) + run.end) // 2)
    for start, end in excluded:
        if start <= run.start:
            left = max(left, min(end, run.start))
        if end >= run.end:
            right = min(right, max(start, run.end))
    room = _longest(settings) - (run.end - run.start)
    before, after = run.start - left, right - run.end
    if before + after > room:
        before = min(before, max(room // 2, room - after))
        after = min(after, room - before)
    return run.start - before, run.end + after
