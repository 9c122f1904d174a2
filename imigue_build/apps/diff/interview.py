"""One interview in two releases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from imigue_build.apps.diff import clips, turns, words
from imigue_build.apps.diff.causes import because
from imigue_build.apps.diff.opened import Release, Row
from imigue_build.apps.diff.result import ASPECTS, Aspect, Clips, Interview, Origin, Words
from imigue_build.release.schema.layout import interview_files

_COMPARED = frozenset({"words", "start", "end", "clip", "segment_id", "speaker", "role", "raw", "asr", "video_id"})
"""Of a row; what else it holds are measures."""


@dataclass(frozen=True)
class Side:
    """An interview in one of the releases: its rows, and their lines."""

    release: Release
    rows: list[Row]
    lines: list[bytes]


def compare(
    video_id: str, before: Side, after: Side, origins: Sequence[Origin], labels: dict[str, tuple[str, str]], most: int
) -> Interview:
    """What of an interview differs, and because of which of the differences that are there for it.

    Args:
        most: How many places with other words are kept.

    Raises:
        ReleaseError: If one of its files is not the one that was summed.
        AnnotationError: If one of its files cannot be read.
    """
    sums = [side.release.by_interview[video_id] for side in (before, after)]
    speech = [_speech(side, video_id) for side in (before, after)]
    mapping = turns.speakers(speech[0].turns, speech[1].turns)
    said = words.compare(words.said(before.rows), words.said(after.rows), mapping, most)
    drops = [side.release.drops.get(video_id, []) for side in (before, after)]
    cut = clips.compare(clips.clips(before.rows, sums[0]), clips.clips(after.rows, sums[1]))
    who = [_interviewee(side.rows) for side in (before, after)]
    others = mapping.get(who[0]) != who[1] if all(who) else who[0] != who[1]
    spoken = turns.compare(speech[0].turns, speech[1].turns, mapping)
    names = interview_files(video_id)
    differing = {path for path in sums[0].keys() | sums[1].keys() if sums[0].get(path) != sums[1].get(path)}
    found: set[Aspect] = set(_of_words(said))
    if f"{video_id}/{names.wav}" in differing:
        found.add("recording")
    if speech[0] != speech[1]:
        found.add("turns")
    if others:
        found.add("roles")
    if _any(cut) or any("/" in path.partition("/")[2] for path in differing):
        found.add("clips")
    if drops[0] != drops[1]:
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
        interviewee=(who[0], who[1]) if others else None,
        clips=cut if "clips" in found else None,
        drops=(len(drops[0]), len(drops[1])) if "drops" in found else None,
        measures=measures,
        labels=labels,
    )


def _speech(side: Side, video_id: str) -> turns.Speech:
    release = side.release
    return turns.read(release.place(video_id, "rttm"), release.place(video_id, "segments"), video_id)


def _interviewee(rows: Sequence[Row]) -> str:
    """The voice, or voices, of the interviewee."""
    return "+".join(sorted({row.speaker for row in rows if row.role == "interviewee"}))


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
