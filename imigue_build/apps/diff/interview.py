"""One interview in two releases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from imigue_build.apps.diff import clips, turns, words
from imigue_build.apps.diff.causes import because
from imigue_build.apps.diff.result import ASPECTS, Aspect, Clips, Interview, Origin, Words
from imigue_build.apps.diff.side import Side
from imigue_build.release.reader import Segment
from imigue_build.release.schema.layout import interview_files

_COMPARED = frozenset({"words", "start", "end", "clip", "segment_id", "speaker", "role", "raw", "asr", "video_id"})
"""Of a row; what else it holds are measures."""


def compare(
    video_id: str, before: Side, after: Side, origins: Sequence[Origin], labels: dict[str, tuple[str, str]], most: int
) -> Interview:
    """What of an interview differs, and because of which of the differences that are there for it.

    Args:
        video_id: Of the interview.
        before: As the first release has it.
        after: As the second has it.
        origins: The differences in how it was made.
        labels: Its labels that differ: by column both values.
        most: How many places with other words are kept.
    """
    mapping = turns.speakers(before.turns, after.turns)
    said = words.compare(words.said(before.segments), words.said(after.segments), mapping, most)
    cut = clips.compare(clips.clips(before.segments, before.sums), clips.clips(after.segments, after.sums))
    who = [_interviewee(side.segments) for side in (before, after)]
    other_interviewee = mapping.get(who[0]) != who[1] if all(who) else who[0] != who[1]
    spoken = turns.compare(before.turns, after.turns, mapping)
    names = interview_files(video_id)
    differing = {path for path in {**before.sums, **after.sums} if before.sums.get(path) != after.sums.get(path)}
    found: set[Aspect] = set(_of_words(said))
    if f"{video_id}/{names.wav}" in differing:
        found.add("recording")
    if (before.turns, before.tiers) != (after.turns, after.tiers):
        found.add("turns")
    if other_interviewee:
        found.add("roles")
    if _any(cut) or any("/" in path.partition("/")[2] for path in differing):
        found.add("clips")
    if before.dropped != after.dropped:
        found.add("drops")
    if f"{video_id}/{names.words}" in differing and not found & {"words", "times", "speakers", "roles"}:
        found.add("phones")
    measures = _measures(before.lines, after.lines)
    if measures or (differing and not found):
        found.add("measures")
    changed = tuple(aspect for aspect in ASPECTS if aspect in found)
    return Interview(
        changed=changed,
        because=because(changed, origins),
        files=len(differing),
        words=said if found & {"words", "confidence", "times", "speakers"} else None,
        turns=spoken if "turns" in found else None,
        interviewee=(who[0], who[1]) if other_interviewee else None,
        clips=cut if "clips" in found else None,
        drops=(len(before.dropped), len(after.dropped)) if "drops" in found else None,
        measures=measures,
        labels=labels,
    )


def _interviewee(segments: Sequence[Segment]) -> str:
    """The speaker, or speakers, with the role of the interviewee."""
    return "+".join(sorted({segment.speaker for segment in segments if segment.role == "interviewee"}))


def _of_words(found: Words) -> Iterator[Aspect]:
    if found.substituted or found.inserted or found.deleted:
        yield "words"
    if found.confidences:
        yield "confidence"
    if found.moved:
        yield "times"
    if found.speakers:
        yield "speakers"


def _any(cut: Clips) -> bool:
    return any((cut.added, cut.removed, cut.recut, cut.renumbered, cut.other_role, cut.other_content))


def _measures(before: Sequence[bytes], after: Sequence[bytes]) -> tuple[str, ...]:
    """Names of the measures that differ between rows of the same role, ends and text."""
    sides = [{_key(row): row for row in map(msgspec.json.decode, lines)} for lines in (before, after)]
    pairs = [(row, sides[1][key]) for key, row in sides[0].items() if key in sides[1]]
    names = {name for a, b in pairs for name in a.keys() | b.keys() if a.get(name) != b.get(name)}
    return tuple(sorted(names - _COMPARED))


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row.get("role"), row.get("start"), row.get("end"), row.get("raw")
