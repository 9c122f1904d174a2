"""Rules about TextGrids: long format, complete tiers, and agreement with the manifest.

The files are read twice: by the strict grammar here, which accepts the long format only and checks every count and
number, and by praatio, as an independent reader that users have.
"""

from __future__ import annotations

import re
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
    rf"xmin = {_NUMBER}{_END}xmax = {_NUMBER}{_END}tiers\? <exists>{_END}size = (\d{{1,9}}){_END}item \[\]:{_END}"
)
_TIER = re.compile(
    rf'item \[(\d{{1,9}})\]:{_END}class = "IntervalTier"{_END}name = {_QUOTED}{_END}'
    rf"xmin = {_NUMBER}{_END}xmax = {_NUMBER}{_END}intervals: size = (\d{{1,9}}){_END}"
)
_INTERVAL = re.compile(
    rf"intervals \[(\d{{1,9}})\]:{_END}xmin = {_NUMBER}{_END}xmax = {_NUMBER}{_END}text = {_QUOTED}{_END}"
)


class Tier(NamedTuple):
    """An interval tier: its name and (start, end, label) in milliseconds, empty intervals included."""

    name: str
    intervals: list[tuple[int, int, str]]

    @property
    def labelled(self) -> list[tuple[int, int, str]]:
        return [interval for interval in self.intervals if interval[2]]


class GrammarError(Exception):
    """The text violates the grammar; the message says where."""


def read_textgrid(
    interview: Interview, path: str, names: tuple[str, ...], duration: int | None
) -> dict[str, Tier] | None:
    """The tiers of a TextGrid by name; None if it cannot be parsed or has other tiers than expected."""
    text = interview.tree.read_text(path, interview.faults)
    if text is None:
        return None
    try:
        tiers, end = parsed(text)
    except GrammarError as error:
        interview.faults.add(path, "textgrid-format", str(error))
        return None
    if duration is not None and abs(end - duration) > 1:
        interview.faults.add(path, "textgrid-span", f"it ends at {seconds(end)}, the recording at {seconds(duration)}")
    if tuple(tier.name for tier in tiers) != names:
        found = ", ".join(tier.name for tier in tiers)
        interview.faults.add(path, "textgrid-tiers", f"its tiers are {shown(found)}, not {', '.join(names)}")
        return None
    complete = [_is_complete(interview, path, tier, end) for tier in tiers]
    if all(complete):
        _check_praatio(interview, path, tiers)
    return {tier.name: tier for tier in tiers}


def parsed(text: str) -> tuple[list[Tier], int]:
    """The tiers and the end of a TextGrid in long format.

    Raises:
        GrammarError: If it is not exactly in that format.
    """
    header = _HEADER.match(text)
    if not header:
        raise GrammarError("it does not start as a TextGrid in long format")
    span = _ms(header[1], "xmin"), _ms(header[2], "xmax")
    if span[0] != 0:
        raise GrammarError(f"xmin is {header[1]}, not 0")
    position = header.end()
    tiers = []
    for number in range(1, int(header[3]) + 1):
        head = _TIER.match(text, position)
        if not head or int(head[1]) != number:
            raise GrammarError(f"item [{number}] is not an interval tier in long format ({_line(text, position)})")
        name = head[2].replace('""', '"')
        if (_ms(head[3], name), _ms(head[4], name)) != span:
            raise GrammarError(
                f"the tier {shown(name)} spans {head[3]} to {head[4]}, the file {header[1]} to {header[2]}"
            )
        intervals, position = _intervals(text, head.end(), int(head[5]), name)
        tiers.append(Tier(name, intervals))
    if text[position:].strip():
        raise GrammarError(f"there is more text than it states ({_line(text, position)})")
    return tiers, span[1]


def _intervals(text: str, position: int, size: int, name: str) -> tuple[list[tuple[int, int, str]], int]:
    intervals: list[tuple[int, int, str]] = []
    previous, end = "", 0  # the end of the previous interval, usually the start of the next
    for match in islice(_INTERVAL.finditer(text, position), size):
        number, first, last, label = match.groups()
        if match.start() != position or int(number) != len(intervals) + 1:
            break
        start = end if first == previous else _ms(first, name)
        previous, end = last, _ms(last, name)
        intervals.append((start, end, label.replace('""', '"')))
        position = match.end()
    if len(intervals) < size:
        raise GrammarError(
            f"intervals [{len(intervals) + 1}] of {shown(name)} is not in long format ({_line(text, position)})"
        )
    return intervals, position


def _ms(number: str, where: str) -> int:
    ms = printed_ms(number)
    if ms is None:
        raise GrammarError(f"{shown(where)}: {shown(number)} is not a time in whole milliseconds")
    return ms


def _line(text: str, position: int) -> str:
    return f"line {text.count(chr(10), 0, position) + 1}"


def _is_complete(interview: Interview, path: str, tier: Tier, end: int) -> bool:
    """Whether the tier covers [0, end] without gaps or overlaps; adds faults if not."""
    problems = []
    previous = 0
    for start, stop, label in tier.intervals:
        if start != previous:
            problems.append(f"{'a gap' if start > previous else 'an overlap'} at {seconds(min(start, previous))}")
        if stop <= start:
            problems.append(f"{shown(label)} at {seconds(start)} has no duration")
        previous = stop
    if previous != end or not tier.intervals:
        problems.append(f"its intervals end at {seconds(previous)}, not {seconds(end)}")
    for problem in problems:
        interview.faults.add(path, "textgrid-holes", f"{tier.name}: {problem}")
    return not problems


def _check_praatio(interview: Interview, path: str, tiers: list[Tier]) -> None:
    """praatio reads the same tiers with the same numbers of intervals."""
    from praatio import textgrid

    try:
        grid = textgrid.openTextgrid(str(interview.tree.root / path), True, "error", "error")
        read = [(tier.name, len(tier.entries)) for tier in grid.tiers]
    except Exception as error:  # praatio raises many types for damaged files
        interview.faults.add(path, "textgrid-opens", f"praatio cannot read it: {str(error) or type(error).__name__}")
        return
    if read != [(tier.name, len(tier.intervals)) for tier in tiers]:
        interview.faults.add(path, "textgrid-opens", "praatio reads different tiers")


def check_words_tiers(interview: Interview, tiers: dict[str, Tier], words: dict[Role, list[Word]]) -> None:
    """A words tier has the role's words with the manifest's times."""
    path, faults = interview.files.words, interview.faults
    for role in ROLES:
        found = tiers[f"{role} - words"].labelled
        if role in words:
            expected = [(word.start, word.end, word.word) for word in words[role]]
            if found != expected:
                faults.add(path, "tier-words", f"{role}: {_first_difference(found, expected)}")


def _first_difference(tier: list[tuple[int, int, str]], manifest: list[tuple[int, int, str]]) -> str:
    for number, (tier_word, manifest_word) in enumerate(zip(tier, manifest, strict=False), 1):
        if tier_word != manifest_word:
            (a, b, word), (c, d, other) = tier_word, manifest_word
            return (
                f"interval {number} is {shown(word)} at {seconds(a)}-{seconds(b)}, "
                f"the manifest has {shown(other)} at {seconds(c)}-{seconds(d)}"
            )
    return f"the tier has {len(tier)} words, the manifest {len(manifest)}"


def check_transcript_tiers(interview: Interview, tiers: dict[str, Tier], rows: list[Row]) -> None:
    """The segment-level tiers of the roles have every word of their rows, in order and within its interval."""
    for role in ROLES:
        own = [row for row in in_time(rows) if row.role == role]
        found = [token for _, _, label in tiers[role].labelled for token in label.split(" ")]
        expected = [word.word for row in own for word in row.words]
        if found == expected:
            problem = _first_outside(tiers[role], [(word, row) for row in own for word in row.words])
        else:
            differs = (n for n, (a, b) in enumerate(zip(found, expected, strict=False), 1) if a != b)
            position = next(differs, min(len(found), len(expected)) + 1)
            problem = (
                f"{len(found)} words, the manifest has {len(expected)}; the first difference is at word {position}"
            )
        if problem:
            interview.faults.add(interview.files.segments, "tier-transcripts", f"{role}: {problem}")


def _first_outside(tier: Tier, words: list[tuple[Word, Row]]) -> str:
    """The first interval of `tier`, whose tokens are `words`, that does not cover them or is not within their rows."""
    position = 0
    for start, end, label in tier.labelled:
        count = len(label.split(" "))
        for word, _ in words[position : position + count]:
            if word.start < start or word.end > end:
                return f"{shown(word.word)} at {seconds(word.start)} is not in its interval from {seconds(start)}"
        times = [time for word, row in words[position : position + count] for time in (*word[:2], row.start, row.end)]
        first, last = min(times), max(times)
        if start < first or end > last:
            return f"{seconds(start)} to {seconds(end)} is longer than its rows, {seconds(first)} to {seconds(last)}"
        position += count
    return ""


def check_vad(interview: Interview, tier: Tier) -> None:
    """The vad tier has no other label than speech."""
    for start, _, label in tier.labelled:
        if label != SPEECH_LABEL:
            interview.faults.add(
                interview.files.segments,
                "tier-vad",
                f"{shown(label)} at {seconds(start)} is not '{SPEECH_LABEL}'",
            )
