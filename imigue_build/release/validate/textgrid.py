"""Rules about TextGrids: long format, whole tiers, and that they hold what the manifest holds.

The files are read twice: by the strict grammar here, which takes the long format alone and every
count and number in it at its word, and by praatio, as a second reader of the kind that users have.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice
from typing import Final, NamedTuple

from imigue_build.core.records import ROLES, Role
from imigue_build.release.schema.layout import SPEECH_LABEL
from imigue_build.release.validate.base import Interview, printed_ms, seconds, shown
from imigue_build.release.validate.manifest import in_time
from imigue_build.release.validate.row import Row, Word

_NUMBER: Final = r"([-+.\deE]+)"
_QUOTED: Final = r'"((?:[^"\n]|"")*)"'
_END: Final = r"[ \t]*\n[ \t]*"
_HEADER = re.compile(
    r'File type = "ooTextFile"\nObject class = "TextGrid"\n\s*'
    rf"xmin = {_NUMBER}{_END}xmax = {_NUMBER}{_END}tiers\? <exists>{_END}size = (\d+){_END}item \[\]:{_END}"
)
_TIER = re.compile(
    rf'item \[(\d+)\]:{_END}class = "IntervalTier"{_END}name = {_QUOTED}{_END}'
    rf"xmin = {_NUMBER}{_END}xmax = {_NUMBER}{_END}intervals: size = (\d+){_END}"
)
_INTERVAL = re.compile(rf"intervals \[(\d+)\]:{_END}xmin = {_NUMBER}{_END}xmax = {_NUMBER}{_END}text = {_QUOTED}{_END}")


class Tier(NamedTuple):
    """An interval tier: its name and (start, end, label) in milliseconds, blanks included."""

    name: str
    intervals: list[tuple[int, int, str]]

    @property
    def labelled(self) -> list[tuple[int, int, str]]:
        return [interval for interval in self.intervals if interval[2]]


class BrokenError(Exception):
    """The text leaves the grammar; its message says where."""


def read_textgrid(
    interview: Interview, path: str, names: tuple[str, ...], duration: int | None
) -> dict[str, Tier] | None:
    """A TextGrid's tiers by name; None where they cannot be told or are not those expected."""
    text = interview.tree.read_text(path, interview.faults)
    if text is None:
        return None
    try:
        tiers, end = parsed(text)
    except BrokenError as error:
        interview.faults.add(path, "textgrid-format", str(error))
        return None
    if duration is not None and abs(end - duration) > 1:
        interview.faults.add(path, "textgrid-span", f"it ends at {seconds(end)}, the recording at {seconds(duration)}")
    if tuple(tier.name for tier in tiers) != names:
        found = ", ".join(tier.name for tier in tiers)
        interview.faults.add(path, "textgrid-tiers", f"its tiers are {shown(found)}, not {', '.join(names)}")
        return None
    whole = [_is_whole(interview, path, tier, end) for tier in tiers]
    if all(whole):
        _check_opens(interview, path, tiers)
    return {tier.name: tier for tier in tiers}


def parsed(text: str) -> tuple[list[Tier], int]:
    """The tiers and the end of a TextGrid in long format.

    Raises:
        BrokenError: If it is not in that format, to the letter.
    """
    header = _HEADER.match(text)
    if not header:
        raise BrokenError("it does not begin as a TextGrid in long format")
    span = _ms(header[1], "xmin"), _ms(header[2], "xmax")
    if span[0] != 0:
        raise BrokenError(f"xmin is {header[1]}, not 0")
    place = header.end()
    tiers = []
    for number in range(1, int(header[3]) + 1):
        head = _TIER.match(text, place)
        if not head or int(head[1]) != number:
            raise BrokenError(f"item [{number}] is not an interval tier in long format ({_line(text, place)})")
        name = head[2].replace('""', '"')
        if (_ms(head[3], name), _ms(head[4], name)) != span:
            raise BrokenError(
                f"the tier {shown(name)} spans {head[3]} to {head[4]}, the file {header[1]} to {header[2]}"
            )
        intervals, place = _intervals(text, head.end(), int(head[5]), name)
        tiers.append(Tier(name, intervals))
    if text[place:].strip():
        raise BrokenError(f"more follows than it announces ({_line(text, place)})")
    return tiers, span[1]


def _intervals(text: str, place: int, size: int, name: str) -> tuple[list[tuple[int, int, str]], int]:
    intervals: list[tuple[int, int, str]] = []
    before, at = "", 0  # the end of the interval before, which mostly is the start of the next
    for match in islice(_INTERVAL.finditer(text, place), size):
        number, first, last, label = match.groups()
        if match.start() != place or int(number) != len(intervals) + 1:
            break
        start = at if first == before else _ms(first, name)
        before, at = last, _ms(last, name)
        intervals.append((start, at, label.replace('""', '"')))
        place = match.end()
    if len(intervals) < size:
        raise BrokenError(
            f"intervals [{len(intervals) + 1}] of {shown(name)} is not in long format ({_line(text, place)})"
        )
    return intervals, place


def _ms(number: str, where: str) -> int:
    ms = printed_ms(number)
    if ms is None:
        raise BrokenError(f"{shown(where)}: {shown(number)} is no time in whole milliseconds")
    return ms


def _line(text: str, place: int) -> str:
    return f"line {text.count(chr(10), 0, place) + 1}"


def _is_whole(interview: Interview, path: str, tier: Tier, end: int) -> bool:
    """Whether the tier covers [0, end] without holes or overlaps; tells where it does not."""
    wrong = []
    before = 0
    for start, stop, label in tier.intervals:
        if start != before:
            wrong.append(f"{'a hole' if start > before else 'an overlap'} at {seconds(min(start, before))}")
        if stop <= start:
            wrong.append(f"{shown(label)} at {seconds(start)} has no length")
        before = stop
    if before != end or not tier.intervals:
        wrong.append(f"its intervals end at {seconds(before)}, not {seconds(end)}")
    for message in wrong:
        interview.faults.add(path, "textgrid-holes", f"{tier.name}: {message}")
    return not wrong


def covers(tier: Tier, end: int) -> bool:
    """Whether the tier's intervals follow one another from 0 to `end`, each of some length."""
    before = 0
    for start, stop, _ in tier.intervals:
        if start != before or stop <= start:
            return False
        before = stop
    return before == end


def _check_opens(interview: Interview, path: str, tiers: list[Tier]) -> None:
    """praatio reads the same tiers with the same number of intervals."""
    from praatio import textgrid

    try:
        grid = textgrid.openTextgrid(str(interview.tree.root / path), True, "error", "error")
        read = [(tier.name, len(tier.entries)) for tier in grid.tiers]
    except Exception as error:  # whatever a reader makes of a damaged file, it could not open it
        interview.faults.add(path, "textgrid-opens", f"praatio cannot read it: {str(error) or type(error).__name__}")
        return
    if read != [(tier.name, len(tier.intervals)) for tier in tiers]:
        interview.faults.add(path, "textgrid-opens", "praatio reads other tiers in it")


def check_words_tiers(interview: Interview, tiers: dict[str, Tier], words: dict[Role, list[Word]]) -> None:
    """A words tier is the role's words with the manifest's times; a phone lies in one of them."""
    path, faults = interview.files.words, interview.faults
    for role in ROLES:
        found = tiers[f"{role} - words"].labelled
        if role in words:
            expected = [(word.start, word.end, word.word) for word in words[role]]
            if found != expected:
                faults.add(path, "tier-words", f"{role}: {_first_difference(found, expected)}")
        starts = [start for start, _, _ in found]
        for start, end, label in tiers[f"{role} - phones"].labelled:
            place = bisect_right(starts, start) - 1
            if place < 0 or end > found[place][1]:
                faults.add(path, "tier-phones", f"{role}: {shown(label)} at {seconds(start)} lies in no word")


def _first_difference(found: list[tuple[int, int, str]], expected: list[tuple[int, int, str]]) -> str:
    for number, (ours, theirs) in enumerate(zip(found, expected, strict=False), 1):
        if ours != theirs:
            (a, b, word), (c, d, other) = ours, theirs
            return (
                f"interval {number} is {shown(word)} at {seconds(a)}-{seconds(b)}, "
                f"the manifest has {shown(other)} at {seconds(c)}-{seconds(d)}"
            )
    return f"the tier has {len(found)} words, the manifest {len(expected)}"


def check_transcript_tiers(interview: Interview, tiers: dict[str, Tier], rows: list[Row]) -> None:
    """The roles' tiers of the segment level hold every word of their rows, in order and in its time."""
    for role in ROLES:
        words = [word for row in in_time(rows) if row.role == role for word in row.words]
        found = [token for _, _, label in tiers[role].labelled for token in label.split(" ")]
        expected = [word.word for word in words]
        if found == expected:
            wrong = _first_outside(tiers[role], words)
        else:
            differs = (n for n, (a, b) in enumerate(zip(found, expected, strict=False), 1) if a != b)
            place = next(differs, min(len(found), len(expected)) + 1)
            wrong = f"{len(found)} words, the manifest has {len(expected)}; they differ from word {place} on"
        if wrong:
            interview.faults.add(interview.files.segments, "tier-transcripts", f"{role}: {wrong}")


def _first_outside(tier: Tier, words: list[Word]) -> str:
    """The first interval of `tier`, whose tokens are `words`, that does not span the times of its words."""
    place = 0
    for start, end, label in tier.labelled:
        count = len(label.split(" "))
        for word in words[place : place + count]:
            if word.start < start or word.end > end:
                return f"{shown(word.word)} at {seconds(word.start)} is not in its interval from {seconds(start)}"
        place += count
    return ""


def check_vad(interview: Interview, tier: Tier) -> None:
    """The vad tier marks speech and nothing else."""
    for start, _, label in tier.labelled:
        if label != SPEECH_LABEL:
            interview.faults.add(
                interview.files.segments,
                "tier-vad",
                f"{shown(label)} at {seconds(start)} is not '{SPEECH_LABEL}'",
            )
