"""Rules about who speaks when: the RTTM file, the tiers that derive from it, and the roles."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import Final, NamedTuple

from imigue_build.release.schema.layout import MANIFEST, SPEAKER_PATTERN, overlap_label, speaker_name
from imigue_build.release.validate.base import Interview, printed_ms, seconds, shown
from imigue_build.release.validate.row import Row
from imigue_build.release.validate.textgrid import Tier

TOLERANCE: Final = 2
"""Milliseconds that two roundings of one boundary may differ by."""
_PRINTED = re.compile(r"\d+\.\d{3}", re.ASCII)


class Turn(NamedTuple):
    """A diarized turn in milliseconds."""

    start: int
    end: int
    speaker: str


class Region(NamedTuple):
    """A stretch of time in milliseconds, and who speaks in it."""

    start: int
    end: int
    speakers: frozenset[str]


def overlapping(regions: list[Region], start: int, end: int) -> list[Region]:
    """Those of `regions` (disjoint, in time order) that share time with [start, end)."""
    first = bisect_right(regions, start, key=lambda region: region.end)
    last = bisect_left(regions, end, key=lambda region: region.start)
    return regions[first:last]


def read_rttm(interview: Interview, duration: int | None) -> list[Turn] | None:
    """The interview's turns; None where the file is missing or a line of it has not its form."""
    path, faults = interview.files.rttm, interview.faults
    lines = interview.tree.read_lines(path, faults)
    if lines is None:
        return None
    turns: list[Turn] = []
    whole = True
    for number, line in enumerate(lines, 1):
        turn, wrong = _turn(line, interview.video_id)
        if not turn:
            faults.add(path, "rttm-line", f"line {number}: {wrong}: {shown(line)}")
            whole = False
            continue
        if turn.end <= turn.start or (duration is not None and turn.end > duration + 1):
            faults.add(path, "rttm-times", f"line {number}: {_span(turn)} is no stretch of the recording")
        if turns and turn.start < turns[-1].start:
            faults.add(path, "rttm-order", f"line {number} begins before the line above it")
        turns.append(turn)
    if not whole:
        return None
    _check_speakers(interview, turns)
    return turns


def _turn(line: str, video_id: str) -> tuple[Turn | None, str]:
    """A line's turn, or what is wrong with the line."""
    fields = line.split(" ")
    if len(fields) != 10 or fields[0] != "SPEAKER" or fields[5:7] + fields[8:] != ["<NA>"] * 4:
        return None, "it is not 'SPEAKER id 1 start duration <NA> <NA> speaker <NA> <NA>'"
    if fields[1] != video_id or fields[2] != "1":
        return None, f"it is not about channel 1 of {video_id}"
    if not SPEAKER_PATTERN.fullmatch(fields[7]):
        return None, "its speaker is not of the form SPEAKER_00"
    start, length = (printed_ms(text) if _PRINTED.fullmatch(text) else None for text in fields[3:5])
    if start is None or length is None:
        return None, "its times are not seconds with 3 decimals"
    return Turn(start, start + length, fields[7]), ""


def _check_speakers(interview: Interview, turns: list[Turn]) -> None:
    """Speakers are numbered by first appearance."""
    first: dict[str, int] = {}
    for turn in turns:
        first[turn.speaker] = min(turn.start, first.get(turn.speaker, turn.start))
    for number, speaker in enumerate(sorted(first, key=lambda one: (first[one], one))):
        if speaker != speaker_name(number):
            interview.faults.add(
                interview.files.rttm,
                "rttm-speakers",
                f"{speaker}, the first to speak at {seconds(first[speaker])}, should be {speaker_name(number)}",
            )
            return


def regions_of(turns: list[Turn]) -> list[Region]:
    """The stretches in which more than one speaker has a turn, in time order."""
    edges: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for turn in turns:
        edges[turn.start].append((turn.speaker, 1))
        edges[turn.end].append((turn.speaker, -1))
    regions: list[Region] = []
    active: dict[str, int] = defaultdict(int)
    since = 0
    for time in sorted(edges):
        speakers = frozenset(speaker for speaker, count in active.items() if count > 0)
        if len(speakers) > 1:
            if regions and regions[-1].end == since and regions[-1].speakers == speakers:
                since = regions.pop().start
            regions.append(Region(since, time, speakers))
        for speaker, change in edges[time]:
            active[speaker] += change
        since = time
    return regions


def check_overlap(interview: Interview, tier: Tier, turns: list[Turn] | None) -> list[Region] | None:
    """The overlap tier's labels, and that it marks what the turns say; returns its regions."""
    path, faults = interview.files.segments, interview.faults
    regions = []
    for start, end, label in tier.labelled:
        speakers = label.split("+")
        if len(set(speakers)) < 2 or label != overlap_label(tuple(set(speakers))):
            faults.add(path, "tier-overlap", f"{seconds(start)}: {shown(label)} is not like SPEAKER_00+SPEAKER_01")
            return None
        regions.append(Region(start, end, frozenset(speakers)))
    if turns is not None and (place := _difference(regions, regions_of(turns))) is not None:
        faults.add(path, "tier-overlap", f"at {seconds(place)} the tier and the turns of the RTTM differ")
    return regions


def _difference(ours: list[Region], theirs: list[Region]) -> int | None:
    """The first time at which two lists of regions differ for longer than the tolerance."""
    edges = sorted({time for region in (*ours, *theirs) for time in region[:2]})
    for start, end in pairwise(edges):
        if end - start > TOLERANCE:
            left, right = (overlapping(regions, start, end) for regions in (ours, theirs))
            if [one.speakers for one in left] != [one.speakers for one in right]:
                return start
    return None


def check_diarization(interview: Interview, tier: Tier, turns: list[Turn] | None) -> None:
    """The exclusive view names speakers of the RTTM, and only where they have a turn."""
    spoken = _stretches(turns or [])
    for start, end, label in tier.labelled:
        wrong = ""
        if not SPEAKER_PATTERN.fullmatch(label):
            wrong = f"{shown(label)} is not of the form SPEAKER_00"
        elif turns is not None:
            mine = spoken.get(label, [])
            place = bisect_right(mine, start + TOLERANCE, key=lambda stretch: stretch[0]) - 1
            if place < 0 or mine[place][1] + TOLERANCE < end:
                wrong = f"{label} has no such turn in the RTTM"
        if wrong:
            interview.faults.add(
                interview.files.segments, "tier-diarization", f"{seconds(start)} to {seconds(end)}: {wrong}"
            )


def _stretches(turns: list[Turn]) -> dict[str, list[tuple[int, int]]]:
    """When each speaker talks: turns that touch are joined; in time order."""
    stretches: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for start, end, speaker in sorted(turns):
        mine = stretches[speaker]
        if mine and start <= mine[-1][1] + TOLERANCE:
            mine[-1] = mine[-1][0], max(mine[-1][1], end)
        else:
            mine.append((start, end))
    return stretches


def check_roles(interview: Interview, rows: list[Row], turns: list[Turn] | None) -> None:
    """One role a speaker; the interviewee is whoever speaks longest; nobody else is."""
    faults, video_id = interview.faults, interview.video_id
    roles: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        roles[row.speaker].add(row.role)
    for speaker in sorted(speaker for speaker, found in roles.items() if len(found) > 1):
        faults.add(MANIFEST, "speaker-role", f"{video_id}: {speaker} is both interviewee and interviewer")
    if turns is None:
        return
    spoken: dict[str, int] = defaultdict(int)
    for turn in turns:
        spoken[turn.speaker] += turn.end - turn.start
    for speaker in sorted(set(filter(SPEAKER_PATTERN.fullmatch, roles)) - set(spoken)):
        faults.add(MANIFEST, "speaker-unknown", f"{video_id}: {speaker} has no turn in the RTTM")
    if not interview.settings.athlete_by_time or not spoken:
        return
    longest = max(spoken.values())
    near = {speaker for speaker, ms in spoken.items() if ms + len(turns) >= longest}
    for speaker in sorted(set(roles) & set(spoken)):
        found = roles[speaker]
        wrong = (found == {"interviewee"} and speaker not in near) or (found == {"interviewer"} and near == {speaker})
        if wrong:
            role = next(iter(found))
            faults.add(
                MANIFEST,
                "athlete",
                f"{video_id}: {speaker} is {role} with {seconds(spoken[speaker])} s of speech; "
                f"who speaks longest, {seconds(longest)} s, is the interviewee",
            )
    athletes = sorted(speaker for speaker, found in roles.items() if "interviewee" in found)
    if len(athletes) > 1 and len(near) > 1:
        faults.add(MANIFEST, "athlete", f"{video_id}: {' and '.join(athletes)} are both interviewee")


def check_overlap_seconds(interview: Interview, rows: list[Row], overlap: list[Region]) -> None:
    """`overlap_s` of a row is how much of it the overlap tier marks."""
    for row in rows:
        regions = overlapping(overlap, row.start, row.end)
        marked = sum(min(one.end, row.end) - max(one.start, row.start) for one in regions)
        if abs(row.overlap_s * 1000 - marked) > TOLERANCE * (len(regions) + 1):
            interview.faults.add(
                MANIFEST,
                "row-overlap",
                f"line {row.line}: overlap_s is {row.overlap_s}, the overlap tier marks {seconds(marked)} s of it",
            )


def _span(turn: Turn) -> str:
    return f"{seconds(turn.start)} to {seconds(turn.end)}"
