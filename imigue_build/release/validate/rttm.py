"""Rules about who speaks when: the RTTM file, the tiers derived from it, and the roles."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import Final, NamedTuple

from imigue_build.release.schema.layout import MANIFEST, PROVENANCE, SPEAKER_PATTERN, overlap_label, speaker_name
from imigue_build.release.validate.base import Interview, printed_ms, seconds, shown
from imigue_build.release.validate.row import Row
from imigue_build.release.validate.spans import TOLERANCE, merged, subtracted, total
from imigue_build.release.validate.textgrid import Tier

_LONGEST_GAP: Final = 250
"""Milliseconds of a turn that a tier may lack in one place: diarizers fill pauses of the turns alone."""
_LONGEST_UNSAID: Final = 1000
"""Milliseconds of speech in one place that may be in nobody's turn: what was heard may be nobody's."""
_PRINTED = re.compile(r"\d+\.\d{3}", re.ASCII)


class Turn(NamedTuple):
    """A diarized turn in milliseconds."""

    start: int
    end: int
    speaker: str


class Region(NamedTuple):
    """An interval in milliseconds, and its speakers."""

    start: int
    end: int
    speakers: frozenset[str]


def overlapping(regions: list[Region], start: int, end: int) -> list[Region]:
    """The regions (disjoint, in time order) that intersect [start, end)."""
    first = bisect_right(regions, start, key=lambda region: region.end)
    last = bisect_left(regions, end, key=lambda region: region.start)
    return regions[first:last]


def read_rttm(interview: Interview, duration: int | None) -> list[Turn] | None:
    """The turns of the interview; None if the file is missing or has an invalid line."""
    path, faults = interview.files.rttm, interview.faults
    lines = interview.tree.read_lines(path, faults)
    if lines is None:
        return None
    turns: list[Turn] = []
    ends: dict[str, int] = {}
    complete = True
    for number, line in enumerate(lines, 1):
        turn, problem = _turn(line, interview.video_id)
        if not turn:
            faults.add(path, "rttm-line", f"line {number}: {problem}: {shown(line)}")
            complete = False
            continue
        if turn.end <= turn.start or (duration is not None and turn.end > duration + 1):
            faults.add(path, "rttm-times", f"line {number}: {_span(turn)} is not an interval within the recording")
        if turns and turn.start < turns[-1].start:
            faults.add(path, "rttm-order", f"line {number} starts before the line above")
        elif turn.start < ends.get(turn.speaker, 0):
            faults.add(path, "rttm-twice", f"line {number}: {turn.speaker} has a turn already at {seconds(turn.start)}")
        ends[turn.speaker] = max(turn.end, ends.get(turn.speaker, 0))
        turns.append(turn)
    if not complete:
        return None
    _check_speakers(interview, turns)
    return turns


def _turn(line: str, video_id: str) -> tuple[Turn | None, str]:
    """The turn of a line, or the problem with the line."""
    fields = line.split(" ")
    if len(fields) != 10 or fields[0] != "SPEAKER" or fields[5:7] + fields[8:] != ["<NA>"] * 4:
        return None, "it is not 'SPEAKER id 1 start duration <NA> <NA> speaker <NA> <NA>'"
    if fields[1] != video_id or fields[2] != "1":
        return None, f"it is not about channel 1 of {video_id}"
    if not SPEAKER_PATTERN.fullmatch(fields[7]):
        return None, "its speaker is not of the form SPEAKER_00"
    start, duration = (printed_ms(text) if _PRINTED.fullmatch(text) else None for text in fields[3:5])
    if start is None or duration is None:
        return None, "its times are not seconds with 3 decimals"
    return Turn(start, start + duration, fields[7]), ""


def _check_speakers(interview: Interview, turns: list[Turn]) -> None:
    """Speakers are numbered by their first turn."""
    first: dict[str, int] = {}
    for turn in turns:
        first[turn.speaker] = min(turn.start, first.get(turn.speaker, turn.start))
    for number, speaker in enumerate(sorted(first, key=lambda name: (first[name], name))):
        if speaker != speaker_name(number):
            interview.faults.add(
                interview.files.rttm,
                "rttm-speakers",
                f"{speaker}, the first to speak at {seconds(first[speaker])}, should be {speaker_name(number)}",
            )
            return


def regions_of(turns: list[Turn]) -> list[Region]:
    """The regions in which several speakers have a turn, in time order."""
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
    """The overlap tier has valid labels and agrees with the turns; returns its regions."""
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


def _difference(tier_regions: list[Region], turn_regions: list[Region]) -> int | None:
    """The first time at which the regions differ for longer than the tolerance."""
    edges = sorted({time for region in (*tier_regions, *turn_regions) for time in region[:2]})
    for start, end in pairwise(edges):
        if end - start > TOLERANCE:
            left, right = (overlapping(regions, start, end) for regions in (tier_regions, turn_regions))
            if [region.speakers for region in left] != [region.speakers for region in right]:
                return start
    return None


def check_diarization(interview: Interview, tier: Tier, turns: list[Turn] | None) -> None:
    """The exclusive turns have speakers of the RTTM, and only where these have a turn."""
    speech = _merged_turns(turns or [])
    for start, end, label in tier.labelled:
        problem = ""
        if not SPEAKER_PATTERN.fullmatch(label):
            problem = f"{shown(label)} is not of the form SPEAKER_00"
        elif turns is not None:
            own = speech.get(label, [])
            index = bisect_right(own, start + TOLERANCE, key=lambda interval: interval[0]) - 1
            if index < 0 or own[index][1] + TOLERANCE < end:
                problem = f"{label} has no such turn in the RTTM"
        if problem:
            interview.faults.add(
                interview.files.segments, "tier-diarization", f"{seconds(start)} to {seconds(end)}: {problem}"
            )


def check_covered(interview: Interview, name: str, tier: Tier, turns: list[Turn] | None) -> None:
    """While anybody has a turn, a tier has a label: the one who speaks, or that it is speech."""
    if turns is None or any(start >= end for start, end, _ in tier.intervals):
        return  # which is a fault already
    last = max((end for _, end, _ in tier.intervals), default=0)
    spoken = merged(sorted((turn.start, min(turn.end, last)) for turn in turns if turn.start < last))
    missing = subtracted(spoken, [(start, end) for start, end, _ in tier.labelled])
    longest = max(missing, key=lambda gap: gap[1] - gap[0], default=(0, 0))
    if longest[1] - longest[0] > _LONGEST_GAP or 2 * total(missing) > total(spoken):
        interview.faults.add(
            interview.files.segments,
            f"tier-{name}",
            f"{seconds(longest[0])} to {seconds(longest[1])} has no label, the RTTM has turns then",
        )


def check_spoken(interview: Interview, tier: Tier, turns: list[Turn] | None) -> None:
    """Where the vad tier has speech, somebody has a turn."""
    if turns is None or any(start >= end for start, end, _ in tier.intervals):
        return
    spoken = merged(sorted((turn.start, turn.end) for turn in turns))
    for start, end in subtracted([(start, end) for start, end, _ in tier.labelled], spoken):
        if end - start > _LONGEST_UNSAID:
            what = f"{seconds(start)} to {seconds(end)} is speech, but the RTTM has no turn then"
            interview.faults.add(interview.files.segments, "tier-vad", what)


def _merged_turns(turns: list[Turn]) -> dict[str, list[tuple[int, int]]]:
    """The speech of each speaker: turns that touch are merged; in time order."""
    speech: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for start, end, speaker in sorted(turns):
        speech[speaker].append((start, end))
    return {speaker: merged(spans) for speaker, spans in speech.items()}


def check_roles(interview: Interview, rows: list[Row], turns: list[Turn] | None) -> None:
    """Every speaker has one role; the interviewee is who speaks longest, unless names or a person said otherwise."""
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
    if spoken:
        _check_athlete(interview, roles, spoken, len(turns))


def _check_athlete(interview: Interview, roles: dict[str, set[str]], spoken: dict[str, int], tolerance: int) -> None:
    """By speaking times in milliseconds, the interviewee or the speaker who is said to talk longest does so."""
    faults, video_id = interview.faults, interview.video_id
    longest = max(spoken.values())
    near = {speaker for speaker, ms in spoken.items() if ms + tolerance >= longest}
    stated = interview.settings.longest
    if stated is not None and stated not in near:
        what = f"{video_id}: {shown(stated)} is said to speak longest; by the RTTM it is {', '.join(sorted(near))}"
        faults.add(PROVENANCE, "athlete", what)
    if not interview.settings.athlete_by_time:
        return
    for speaker in sorted(set(roles) & set(spoken)):
        found = roles[speaker]
        wrong = (found == {"interviewee"} and speaker not in near) or (found == {"interviewer"} and near == {speaker})
        if wrong:
            role = next(iter(found))
            faults.add(
                MANIFEST,
                "athlete",
                f"{video_id}: {speaker} is {role} with {seconds(spoken[speaker])} s of speech; "
                f"the interviewee must be who speaks longest, {seconds(longest)} s",
            )
    athletes = sorted(speaker for speaker, found in roles.items() if "interviewee" in found)
    if len(athletes) > 1 and len(near) > 1:
        faults.add(MANIFEST, "athlete", f"{video_id}: {' and '.join(athletes)} are both interviewee")


def check_overlap_seconds(interview: Interview, rows: list[Row], overlap: list[Region]) -> None:
    """`overlap_s` of a row is the duration that the overlap tier marks in it; null where none can be detected."""
    unknown = [row for row in rows if row.overlap_s is None]
    if unknown and (len(unknown) < len(rows) or overlap):
        interview.faults.add(
            MANIFEST,
            "row-overlap",
            f"line {unknown[0].line}: overlap_s is null, and the interview has overlap elsewhere",
        )
    for row in rows:
        if row.overlap_s is None:
            continue
        regions = overlapping(overlap, row.start, row.end)
        marked = sum(min(region.end, row.end) - max(region.start, row.start) for region in regions)
        if abs(row.overlap_s * 1000 - marked) > TOLERANCE * (len(regions) + 1):
            interview.faults.add(
                MANIFEST,
                "row-overlap",
                f"line {row.line}: overlap_s is {row.overlap_s}, the overlap tier marks {seconds(marked)} s",
            )


def _span(turn: Turn) -> str:
    return f"{seconds(turn.start)} to {seconds(turn.end)}"
